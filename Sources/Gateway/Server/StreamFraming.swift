import CSTA
import CallCenter
import NIOCore

/// Server-sent events as text (WHATWG HTML §9.2).
enum StreamFraming {
    /// `id: `, 20 digits, `data: ` and three line ends.
    static let maximumOverheadBytes = 40

    /// Keeps proxies from taking a quiet stream for a dead one.
    static let heartbeat = ByteBuffer(string: ":\n\n")

    static func append(_ json: some Collection<UInt8>, serial: Serial, to buffer: inout ByteBuffer) {
        buffer.writeString("id: ")
        buffer.writeString(String(serial.value))
        buffer.writeString("\ndata: ")
        if json.contains(where: { $0 == lineFeed || $0 == carriageReturn }) {
            // In JSON they can only stand between tokens; here they would end the line.
            buffer.writeBytes(json.map { $0 == lineFeed || $0 == carriageReturn ? UInt8(ascii: " ") : $0 })
        } else {
            buffer.writeBytes(json)
        }
        buffer.writeString("\n\n")
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
}

/// An event a `data:` line.
struct LineFraming: EventFraming {
    func append(_ event: EncodedEvent, to buffer: inout ByteBuffer) {
        StreamFraming.append(event.json, serial: event.serial, to: &buffer)
    }
}
