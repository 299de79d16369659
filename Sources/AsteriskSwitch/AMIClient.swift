import Logging
import NIOCore
import NIOPosix

/// Asks Asterisk's manager interface to send NOTIFYs, which ARI cannot. Connects when first needed, and again when
/// needed.
final class AMIClient: Sendable {
    /// NOTIFYs that may wait: each takes about a millisecond.
    static let maximumRequests = 256

    private struct Request: Sendable {
        var channel: String
        var answer: CheckedContinuation<Bool, Never>
    }

    private let configuration: AsteriskConfiguration.Manager
    private let limit: Duration
    private let logger: Logger
    private let requests: AsyncStream<Request>
    private let continuation: AsyncStream<Request>.Continuation

    init(_ configuration: AsteriskConfiguration.Manager, limit: Duration, logger: Logger) {
        self.configuration = configuration
        self.limit = limit
        self.logger = logger
        (requests, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maximumRequests))
    }

    /// Sends `Event: talk` in the dialog of a channel; false if it could not be sent. Whether the phone obeys is not
    /// known.
    func talk(channel: String) async -> Bool {
        await withCheckedContinuation { answer in
            switch continuation.yield(Request(channel: channel, answer: answer)) {
            case .enqueued: return
            case .dropped, .terminated: answer.resume(returning: false)
            @unknown default: answer.resume(returning: false)
            }
        }
    }

    /// Serves requests, one at a time, until the task is cancelled.
    func run() async {
        var waiting = requests.makeAsyncIterator()
        var current = await waiting.next()
        while let request = current {
            var served = 0
            var open: Request? = request
            do {
                let channel = try await connect()
                try await channel.executeThenClose { inbound, outbound in
                    var dialogue = AMIDialogue(inbound, outbound, on: channel.channel, limit: limit)
                    try await dialogue.login(configuration.user, configuration.secret)
                    while let next = open {
                        let sent = try await dialogue.talk(next.channel)
                        next.answer.resume(returning: sent)
                        served += 1
                        open = nil
                        open = await waiting.next()
                    }
                }
            } catch {
                logger.warning("manager interface of Asterisk: \(error)")
            }
            // A connection that had served before may have died of idleness: the request gets a fresh one.
            if let lost = open, served == 0 {
                lost.answer.resume(returning: false)
                open = await waiting.next()
            }
            current = open
        }
        continuation.finish()
        while let left = await waiting.next() { left.answer.resume(returning: false) }
    }

    private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(limit))
            .connect(host: configuration.host, port: configuration.port) { channel in
                channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
            }
    }
}

/// Actions and responses on one connection, one after the other.
private struct AMIDialogue {
    enum Failure: Error {
        case closed
        case refused(String)
        case tooLong
    }

    /// A line of a response; ours have some 40 bytes.
    static let maximumLineBytes = 8192
    static let maximumLines = 256

    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel
    private let limit: TimeAmount
    private var bytes = ByteBuffer()
    private var lastAction = 0

    init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        on channel: any Channel, limit: Duration
    ) {
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
        self.channel = channel
        self.limit = TimeAmount(limit)
    }

    mutating func login(_ user: String, _ secret: String) async throws {
        let reply = try await act([("Action", "Login"), ("Username", user), ("Secret", secret), ("Events", "off")])
        guard reply["Response"] == "Success" else { throw Failure.refused(reply["Message"] ?? "") }
    }

    mutating func talk(_ name: String) async throws -> Bool {
        try await act([("Action", "PJSIPNotify"), ("Channel", name), ("Variable", "Event=talk")])["Response"]
            == "Success"
    }

    private mutating func act(_ fields: [(String, String)]) async throws -> [String: String] {
        lastAction += 1
        let action = String(lastAction)
        var text = ""
        for (name, value) in fields + [("ActionID", action)] {
            // A line break would begin a field of its own.
            text += "\(name): \(value.filter { !$0.isNewline })\r\n"
        }
        let channel = channel
        let alarm = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
        defer { alarm.cancel() }
        try await outbound.write(ByteBuffer(string: text + "\r\n"))
        for _ in 0..<Self.maximumLines {
            let message = try await message()
            if message["ActionID"] == action, message["Response"] != nil { return message }
        }
        throw Failure.tooLong
    }

    /// Fields up to the next empty line. The greeting on a new connection has no colon and is passed over.
    private mutating func message() async throws -> [String: String] {
        var fields: [String: String] = [:]
        for _ in 0..<Self.maximumLines {
            let line = try await line()
            if line.isEmpty { return fields }
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields[String(line[..<colon])] = String(value)
        }
        throw Failure.tooLong
    }

    private mutating func line() async throws -> String {
        while true {
            let view = bytes.readableBytesView
            if let end = view.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: view[..<end], as: UTF8.self)
                bytes.moveReaderIndex(forwardBy: end - view.startIndex + 1)
                return line.hasSuffix("\r") ? String(line.dropLast()) : line
            }
            guard bytes.readableBytes <= Self.maximumLineBytes else { throw Failure.tooLong }
            bytes.discardReadBytes()
            guard var more = try await inbound.next() else { throw Failure.closed }
            bytes.writeBuffer(&more)
        }
    }
}
