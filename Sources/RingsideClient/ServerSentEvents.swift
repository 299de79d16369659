/// An event of a `text/event-stream` (WHATWG HTML §9.2).
struct ServerSentEvent: Hashable, Sendable {
    /// The last `id:` of the stream so far.
    var id: String
    var data: String
    /// Its `event:`; empty if it has none.
    var name = ""
}

/// Cuts a `text/event-stream` into events, whatever the pieces in which it comes.
struct ServerSentEventParser: Sendable {
    /// An event has some 600 bytes, with user data up to 16 KB; a stream without line ends is none.
    static let maximumEventBytes = 1 << 20

    struct TooLong: Error, CustomStringConvertible {
        var description: String { "an event of more than \(maximumEventBytes) bytes" }
    }

    private var line: [UInt8] = []
    private var data: [String] = []
    /// Of all lines of the event that is being read.
    private var dataBytes = 0
    private var id = ""
    /// Of the event that is being read.
    private var name = ""
    private var lastWasReturn = false

    /// - Returns: the events that are complete with these bytes.
    mutating func consume(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            defer { lastWasReturn = byte == UInt8(ascii: "\r") }
            switch byte {
            case UInt8(ascii: "\n") where lastWasReturn: continue
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                if let event = endLine() { events.append(event) }
            default:
                guard line.count + dataBytes < Self.maximumEventBytes else { throw TooLong() }
                line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else {
            defer {
                data.removeAll()
                dataBytes = 0
                name = ""
            }
            return data.isEmpty ? nil : ServerSentEvent(id: id, data: data.joined(separator: "\n"), name: name)
        }
        let text = String(decoding: line, as: UTF8.self)
        let colon = text.firstIndex(of: ":") ?? text.endIndex
        var value = text[colon...].dropFirst()
        if value.first == " " { value.removeFirst() }
        switch text[..<colon] {
        case "data":
            data.append(String(value))
            dataBytes += line.count
        case "id": id = String(value)
        case "event": name = String(value)
        default: break  // A comment, or a field that this client does not need.
        }
        return nil
    }
}
