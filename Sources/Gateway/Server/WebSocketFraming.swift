import CallCenter
import NIOCore

/// Frames from the server to a client: complete and unmasked (RFC 6455 §5.2).
enum WebSocketFraming {
    /// Two bytes and a 64-bit length.
    static let maximumHeaderBytes = 10

    /// A control frame's payload (RFC 6455 §5.5).
    static let maximumControlBytes = 125

    private static let final: UInt8 = 0x80
    private static let textOpcode: UInt8 = 0x1
    private static let closeOpcode: UInt8 = 0x8
    private static let pingOpcode: UInt8 = 0x9
    private static let pongOpcode: UInt8 = 0xA

    static let ping = ByteBuffer(bytes: [final | pingOpcode, 0])

    static func appendText(_ text: [UInt8], to buffer: inout ByteBuffer) {
        appendTextHeader(count: text.count, to: &buffer)
        buffer.writeBytes(text)
    }

    /// What stands before a text of so many bytes.
    static func appendTextHeader(count: Int, to buffer: inout ByteBuffer) {
        buffer.writeInteger(final | textOpcode)
        switch count {
        case ...125: buffer.writeInteger(UInt8(count))
        case ...Int(UInt16.max):
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(count))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(count))
        }
    }

    static func text(_ text: [UInt8]) -> ByteBuffer {
        var frame = ByteBufferAllocator().buffer(capacity: text.count + maximumHeaderBytes)
        appendText(text, to: &frame)
        return frame
    }

    /// The text of a frame that ``appendText(_:to:)`` made.
    static func payload(of frame: ByteBuffer) -> ByteBufferView {
        let header =
            switch frame.getInteger(at: frame.readerIndex + 1, as: UInt8.self) {
            case 126: 4
            case 127: maximumHeaderBytes
            default: 2
            }
        return frame.readableBytesView.dropFirst(header)
    }

    /// - Parameter text: cut to what a control frame holds.
    static func close(_ code: UInt16, _ text: String) -> ByteBuffer {
        let bytes = text.utf8.prefix(maximumControlBytes - 2)
        var frame = ByteBufferAllocator().buffer(capacity: 4 + bytes.count)
        frame.writeInteger(final | closeOpcode)
        frame.writeInteger(UInt8(2 + bytes.count))
        frame.writeInteger(code)
        frame.writeBytes(bytes)
        return frame
    }

    /// A close frame that says nothing: the answer to one that said nothing.
    static let emptyClose = ByteBuffer(bytes: [final | closeOpcode, 0])

    /// - Parameter payload: the ping's, at most ``maximumControlBytes``.
    static func pong(_ payload: ByteBuffer) -> ByteBuffer {
        let bytes = payload.readableBytesView.prefix(maximumControlBytes)
        var frame = ByteBufferAllocator().buffer(capacity: 2 + bytes.count)
        frame.writeInteger(final | pongOpcode)
        frame.writeInteger(UInt8(bytes.count))
        frame.writeBytes(bytes)
        return frame
    }
}

/// An event a text frame.
struct TextFraming: EventFraming {
    func append(_ event: EncodedEvent, to buffer: inout ByteBuffer) {
        WebSocketFraming.appendText(event.json, to: &buffer)
    }
}
