/// Makes frames of bytes, however they come: several in one piece, or one in many.
///
/// It looks at each byte once, and keeps no more than a frame.
public struct FrameParser: Sendable {
    public enum Element: Hashable, Sendable {
        case frame(Frame)
        /// An end of line between frames.
        case heartbeat
    }

    private enum Stage: Hashable {
        case between
        case headers(Frame)
        /// - Parameter length: of the body; nil: up to the first NUL.
        case body(Frame, length: Int?)
    }

    /// Decides escapes and line ends. Nil, before it is agreed on: as 1.2.
    public var version: Version?

    private let limits: FrameLimits
    private var stage = Stage.between
    private var buffer: [UInt8] = []
    /// What lies before it has become elements.
    private var position = 0
    /// No line's or body's end lies before it.
    private var searched = 0
    /// Bytes of the frame under way that lie before `position`.
    private var frameBytes = 0

    public init(limits: FrameLimits = FrameLimits()) { self.limits = limits }

    public mutating func append(_ bytes: some Collection<UInt8>) {
        if position > 0 {
            buffer.removeSubrange(..<position)
            searched -= position
            position = 0
        }
        buffer += bytes
    }

    /// The next element; nil until more bytes come.
    ///
    /// - Throws: at what is no frame; there is nothing to be had any more then.
    public mutating func next() throws(FrameError) -> Element? {
        while true {
            switch stage {
            case .between:
                guard let first = peek(0) else { return nil }
                if first == Byte.lineFeed {
                    advance(1)
                    return .heartbeat
                }
                if first == Byte.carriageReturn, endsLinesWithCarriageReturn {
                    guard let second = peek(1) else { return nil }
                    guard second == Byte.lineFeed else { throw .unknownCommand }
                    advance(2)
                    return .heartbeat
                }
                frameBytes = 0
                guard let line = try nextLine() else { return nil }
                guard let command = Frame.Command(rawValue: try HeaderText.text(line)) else { throw .unknownCommand }
                stage = .headers(Frame(command))
            case .headers(let frame):
                guard let line = try nextLine() else { return nil }
                stage =
                    line.isEmpty ? .body(frame, length: try length(of: frame)) : .headers(try adding(line, to: frame))
            case .body(let frame, let length):
                guard let body = try nextBody(length) else { return nil }
                guard body.isEmpty || frame.command.mayHaveBody else { throw .unexpectedBody }
                stage = .between
                return .frame(Frame(frame.command, frame.headers, body: Array(body)))
            }
        }
    }

    // MARK: Lines

    private var endsLinesWithCarriageReturn: Bool { version == nil || version == .v1_2 }

    /// The next line without its end.
    private mutating func nextLine() throws(FrameError) -> ArraySlice<UInt8>? {
        let end = buffer[searched...].firstIndex { $0 == Byte.lineFeed || $0 == 0 }
        guard (end ?? buffer.count) - position <= limits.maximumLineBytes else { throw .lineTooLong }
        searched = end ?? buffer.count
        guard let end else { return nil }
        guard buffer[end] != 0 else { throw .endInHeaders }
        var line = buffer[position..<end]
        advance(end + 1 - position)
        if endsLinesWithCarriageReturn, line.last == Byte.carriageReturn { line.removeLast() }
        guard frameBytes <= limits.maximumFrameBytes else { throw .frameTooLarge }
        return line
    }

    private func adding(_ line: ArraySlice<UInt8>, to frame: Frame) throws(FrameError) -> Frame {
        guard frame.headers.count < limits.maximumHeaders else { throw .tooManyHeaders }
        guard let colon = line.firstIndex(of: Byte.colon), colon > line.startIndex else { throw .badHeader }
        let version: Version = frame.command.escapesHeaders ? version ?? .v1_2 : .v1_0
        var frame = frame
        frame.headers.append(
            Frame.Header(
                try HeaderText.unescape(line[..<colon], for: version),
                try HeaderText.unescape(line[(colon + 1)...], for: version)))
        return frame
    }

    // MARK: Bodies

    private func length(of frame: Frame) throws(FrameError) -> Int? {
        guard let text = frame["content-length"]?.trimmingSpaces else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw .badLength
        }
        // What does not fit into an integer does not fit into a frame.
        guard let length = Int(text), length < limits.maximumFrameBytes else { throw .frameTooLarge }
        return length
    }

    /// The body, once its NUL has come.
    private mutating func nextBody(_ length: Int?) throws(FrameError) -> ArraySlice<UInt8>? {
        let end = length.map { position + $0 } ?? buffer[searched...].firstIndex(of: 0)
        guard frameBytes + (end ?? buffer.count) - position < limits.maximumFrameBytes else { throw .frameTooLarge }
        searched = max(searched, min(end ?? buffer.count, buffer.count))
        guard let end, end < buffer.count else { return nil }
        guard buffer[end] == 0 else { throw .wrongLength }
        let body = buffer[position..<end]
        advance(end + 1 - position)
        return body
    }

    // MARK: Bytes

    private func peek(_ offset: Int) -> UInt8? {
        position + offset < buffer.count ? buffer[position + offset] : nil
    }

    private mutating func advance(_ count: Int) {
        position += count
        frameBytes += count
        searched = position
    }
}
