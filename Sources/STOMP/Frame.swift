/// One frame, its headers without escapes.
public struct Frame: Hashable, Sendable {
    /// What a frame begins with.
    public enum Command: String, Hashable, Sendable, CaseIterable {
        // Of clients.
        case connect = "CONNECT"
        /// The same as ``connect``, since 1.1.
        case stomp = "STOMP"
        case send = "SEND"
        case subscribe = "SUBSCRIBE"
        case unsubscribe = "UNSUBSCRIBE"
        case ack = "ACK"
        case nack = "NACK"
        case begin = "BEGIN"
        case commit = "COMMIT"
        case abort = "ABORT"
        case disconnect = "DISCONNECT"
        // Of servers.
        case connected = "CONNECTED"
        case message = "MESSAGE"
        case receipt = "RECEIPT"
        case error = "ERROR"

        /// 1.2, Frames and Bodies: the other frames have none.
        var mayHaveBody: Bool { self == .send || self == .message || self == .error }

        /// 1.2, Value Encoding: a client of 1.0 must be able to read and write these.
        var escapesHeaders: Bool { self != .connect && self != .stomp && self != .connected }
    }

    public struct Header: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var command: Command
    /// As they stand in it; of several with one name the first counts (1.2, Repeated Header Entries).
    public var headers: [Header]
    public var body: [UInt8]

    public init(_ command: Command, _ headers: [Header] = [], body: [UInt8] = []) {
        self.command = command
        self.headers = headers
        self.body = body
    }

    public subscript(name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The value of a header that is there and not empty.
    func value(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The frame as bytes, with the NUL at its end.
    public func encoded(for version: Version) -> [UInt8] {
        var bytes = Array(command.rawValue.utf8)
        bytes.append(Byte.lineFeed)
        let escapes = command.escapesHeaders
        for header in headers {
            bytes += escapes ? HeaderText.escape(header.name, for: version) : Array(header.name.utf8)
            bytes.append(Byte.colon)
            bytes += escapes ? HeaderText.escape(header.value, for: version) : Array(header.value.utf8)
            bytes.append(Byte.lineFeed)
        }
        bytes.append(Byte.lineFeed)
        bytes += body
        bytes.append(0)
        return bytes
    }
}

enum Byte {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let colon = UInt8(ascii: ":")
    static let backslash = UInt8(ascii: "\\")
    static let space = UInt8(ascii: " ")
}
