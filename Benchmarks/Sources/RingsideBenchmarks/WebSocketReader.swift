import Foundation
import NIOCore

/// A client's side of a WebSocket: the answer to its request, then the server's frames.
struct WebSocketReader {
    /// A pong that says nothing.
    static let pong = ByteBuffer(bytes: [0x8A, 0x80, 0, 0, 0, 0])

    /// The request is answered with 101.
    private(set) var isUpgraded = false
    private var buffer = ByteBuffer()

    /// - Parameter fields: further header lines.
    static func request(_ target: String, fields: [String] = []) -> String {
        let lines =
            [
                "GET \(target) HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ] + fields
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    mutating func append(_ bytes: ByteBuffer) {
        var bytes = bytes
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeBuffer(&bytes) }
    }

    /// The answer's head; nil as long as it is not there as a whole.
    mutating func head() -> String? {
        guard let end = String(buffer: buffer).range(of: "\r\n\r\n") else { return nil }
        let head = String(String(buffer: buffer)[..<end.upperBound])
        buffer.moveReaderIndex(forwardBy: head.utf8.count)
        isUpgraded = head.hasPrefix("HTTP/1.1 101")
        return head
    }

    /// A frame that is there as a whole.
    mutating func frame() -> (opcode: UInt8, payload: ByteBuffer)? {
        let start = buffer.readerIndex
        guard let first = buffer.getInteger(at: start, as: UInt8.self),
            let second = buffer.getInteger(at: start + 1, as: UInt8.self)
        else { return nil }
        var (header, length) = (2, Int(second))
        if second == 126 {
            guard let word = buffer.getInteger(at: start + 2, as: UInt16.self) else { return nil }
            (header, length) = (4, Int(word))
        }
        guard buffer.readableBytes >= header + length else { return nil }
        buffer.moveReaderIndex(forwardBy: header)
        let payload = buffer.readSlice(length: length) ?? ByteBuffer()
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        return (first & 0x0F, payload)
    }
}
