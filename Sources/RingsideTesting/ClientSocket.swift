import Foundation
import NIOCore
import NIOPosix
public import NIOSSL

/// A client's socket for tests: bytes out, bytes in, and RFC 6455 from the client's side on top of it.
///
/// It reads from the kernel only when asked to, so one that does not ask is a slow client.
public final class ClientSocket {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel
    private var buffer = ByteBuffer()

    /// A frame from the server.
    public struct Frame: Equatable, Sendable {
        public var opcode: UInt8
        public var payload: [UInt8]

        public init(opcode: UInt8, payload: [UInt8]) {
            self.opcode = opcode
            self.payload = payload
        }

        public var text: String { String(decoding: payload, as: UTF8.self) }
        public var closeCode: Int? { opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
        public var closeText: String { String(decoding: payload.dropFirst(2), as: UTF8.self) }
        /// The serial of an event.
        public var serial: Int64? { opcode == 1 ? serialNumber(in: text) : nil }
    }

    public struct Head: Equatable, Sendable {
        public var status: Int
        public var headers: [String: String]
    }

    public struct Broken: Error {
        public var what: String
        public init(what: String) { self.what = what }
    }

    private init(
        _ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.channel = channel.channel
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    /// Connects for the time of `body`; the socket is closed after it, without a word.
    ///
    /// - Parameter tls: nil: without TLS. With it the server has to be `localhost`.
    public static func with<Value: Sendable>(
        host: String = "127.0.0.1", port: Int, receiveBufferBytes: Int? = nil, tls: NIOSSLContext? = nil,
        _ body: (ClientSocket) async throws -> Value
    ) async throws -> Value {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.maxMessagesPerRead, value: 1)
        if let receiveBufferBytes {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: receiveBufferBytes)
        }
        let connected = try await bootstrap.connect(host: host, port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                if let tls {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
                }
                return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(
                        backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2),
                        isOutboundHalfClosureEnabled: true))
            }
        }
        return try await connected.executeThenClose { inbound, outbound in
            try await body(ClientSocket(connected, inbound, outbound))
        }
    }

    // MARK: Bytes

    public func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    public func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Sends the end of the stream.
    public func finish() { outbound.finish() }

    /// False at the end of the stream, however it came.
    private func receiveMore() async -> Bool {
        guard let more = try? await inbound.next(isolation: #isolation) else { return false }
        buffer.writeImmutableBuffer(more)
        return true
    }

    /// Reads up to and with `end`.
    public func readText(through end: String) async throws -> String {
        while true {
            let text = String(buffer: buffer)
            if let found = text.range(of: end) {
                let part = String(text[..<found.upperBound])
                buffer.moveReaderIndex(forwardBy: part.utf8.count)
                return part
            }
            guard await receiveMore() else { throw Broken(what: "end of stream after: \(text)") }
        }
    }

    public func readBytes(_ count: Int) async throws -> [UInt8] {
        while buffer.readableBytes < count {
            guard await receiveMore() else { throw Broken(what: "end of stream") }
        }
        return buffer.readBytes(length: count) ?? []
    }

    /// What comes until the stream ends.
    public func readToEnd() async -> String {
        while await receiveMore() {}
        return buffer.readString(length: buffer.readableBytes) ?? ""
    }

    // MARK: HTTP

    /// Sends a request without a body.
    public func request(_ method: String, _ target: String, _ headers: [String: String] = [:]) async throws {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: test\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        try await send(text + "\r\n")
    }

    public func readHead() async throws -> Head {
        let lines = try await readText(through: "\r\n\r\n").components(separatedBy: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Broken(what: "no status line")
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 {
                headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return Head(status: status, headers: headers)
    }

    /// Reads a response whose body has a stated length.
    public func readResponse() async throws -> (head: Head, body: String) {
        let head = try await readHead()
        let length = head.headers["content-length"].flatMap { Int($0) } ?? 0
        return (head, String(decoding: try await readBytes(length), as: UTF8.self))
    }

    // MARK: WebSocket

    public static let upgradeHeaders = [
        "Upgrade": "websocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ]

    /// The answer to the key above, from RFC 6455 §1.3.
    public static let expectedAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    public func upgrade(_ target: String, _ headers: [String: String] = [:]) async throws {
        try await request("GET", target, Self.upgradeHeaders.merging(headers) { $1 })
        let head = try await readHead()
        guard head.status == 101, head.headers["sec-websocket-accept"] == Self.expectedAccept else {
            throw Broken(what: "no upgrade: \(head)")
        }
    }

    /// The next frame; nil at the end of the stream.
    public func nextFrame() async throws -> Frame? {
        while true {
            if let frame = try takeFrame() { return frame }
            guard await receiveMore() else { return nil }
        }
    }

    private func takeFrame() throws -> Frame? {
        var rest = buffer
        guard let first = rest.readInteger(as: UInt8.self), let second = rest.readInteger(as: UInt8.self) else {
            return nil
        }
        guard first & 0xF0 == 0x80, second & 0x80 == 0 else { throw Broken(what: "fragmented or masked") }
        var length = Int(second)
        if second == 126 {
            guard let word = rest.readInteger(as: UInt16.self) else { return nil }
            length = Int(word)
        } else if second == 127 {
            guard let word = rest.readInteger(as: UInt64.self) else { return nil }
            length = Int(word)
        }
        guard let payload = rest.readBytes(length: length) else { return nil }
        buffer = rest
        buffer.discardReadBytes()
        return Frame(opcode: first & 0x0F, payload: payload)
    }

    /// Serials of the next text frames.
    public func nextSerials(_ count: Int) async throws -> [Int64] {
        var serials: [Int64] = []
        while serials.count < count {
            guard let frame = try await nextFrame() else { throw Broken(what: "end of stream after \(serials)") }
            guard let serial = frame.serial else { throw Broken(what: "\(frame.opcode) \(frame.closeText)") }
            serials.append(serial)
        }
        return serials
    }

    /// Reads over events to the close frame; nil if the stream ends without one.
    public func nextClose() async throws -> Frame? {
        while let frame = try await nextFrame() {
            if frame.opcode == 8 { return frame }
        }
        return nil
    }

    /// - Parameter first: the first byte: final bit, reserved bits, opcode.
    public func sendFrame(first: UInt8, _ payload: [UInt8] = [], isMasked: Bool = true) async throws {
        try await send(Self.frame(first: first, payload, isMasked: isMasked))
    }

    public static func frame(first: UInt8, _ payload: [UInt8] = [], isMasked: Bool = true) -> [UInt8] {
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        var bytes = [first]
        if payload.count < 126 {
            bytes.append(maskBit | UInt8(payload.count))
        } else if payload.count <= Int(UInt16.max) {
            bytes += [maskBit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        } else {
            bytes.append(maskBit | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        guard isMasked else { return bytes + payload }
        let mask: [UInt8] = [0x11, 0x22, 0x33, 0x44]
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }
}

/// The serial that stands in an event's text, also where the rest of it is no event of the protocol.
public func serialNumber(in text: String) -> Int64? {
    guard let start = text.range(of: #""serial":"#)?.upperBound else { return nil }
    return Int64(text[start...].prefix { $0.isNumber })
}
