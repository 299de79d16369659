import CSTA
import Logging
import NIOCore
import NIOWebSocket
import Synchronization

/// Keeps the WebSocket to Asterisk: makes it, reads it, sees when it is dead, makes it again.
struct ARILink: Sendable {
    /// Messages that may come while the snapshot is read.
    static let maximumHeldMessages = 10_000
    /// A link without any bytes for so many ping intervals is dead.
    static let silentIntervals = 3

    let configuration: AsteriskConfiguration
    let client: ARIClient
    let mailbox: Mailbox
    let logger: Logger
    let chance: @Sendable () -> Double
    let ignored: @Sendable (AsteriskSwitch.Ignored, String) -> Void

    enum Loss: Error {
        case notUpgraded
        case closed
        case silent
        case replaced
        case tooManyMessages
        case noSnapshot(String)
    }

    /// Links again and again until the task is cancelled.
    func keep() async {
        var pause = configuration.backOff.first
        while !Task.isCancelled {
            let gate = Gate(mailbox: mailbox)
            var loss: any Error = Loss.closed
            do {
                try await link(gate)
            } catch {
                loss = error
            }
            guard !Task.isCancelled else { return }
            if gate.wasOpened {
                mailbox.post(.linkDown)
                pause = configuration.backOff.first
            }
            var wait = pause
            if case Loss.replaced = loss {
                wait = configuration.backOff.whenReplaced
                logger.error("another controller has taken the application \(configuration.application)")
            } else {
                await log(loss, wait)
            }
            // From three to five quarters, so that servers do not come back all at once.
            try? await Task.sleep(for: wait * (0.75 + chance() / 2))
            pause = min(pause * 2, configuration.backOff.longest)
        }
    }

    private func log(_ loss: any Error, _ pause: Duration) async {
        let place = "\(configuration.host):\(configuration.port)"
        if case Loss.notUpgraded = loss, case .refused(let status) = await client.send(.channels),
            status == 401 || status == 403
        {
            logger.error("Asterisk at \(place) refuses user \(configuration.user): HTTP \(status)")
        } else {
            logger.warning("no link to Asterisk at \(place): \(loss); next attempt in \(pause)")
        }
    }

    /// One link, from its making to its loss; always ends with an error.
    private func link(_ gate: Gate) async throws {
        let socket = try await connect()
        let heard = Heard()
        try await socket.executeThenClose { inbound, outbound in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await read(inbound, outbound, gate, heard) }
                group.addTask { try await ping(outbound, heard) }
                group.addTask {
                    try await readSnapshot(gate)
                    try await audit()
                }
                defer { group.cancelAll() }
                while try await group.next() != nil {}
            }
        }
        throw Loss.closed
    }

    private func read(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ gate: Gate, _ heard: Heard
    ) async throws {
        for try await frame in inbound {
            heard.now()
            switch frame.opcode {
            case .text:
                let bytes = frame.unmaskedData.readableBytesView
                guard let message = ARIMessage(bytes) else {
                    ignored(.garbage, String(decoding: bytes.prefix(200), as: UTF8.self))
                    continue
                }
                if message == .applicationReplaced { throw Loss.replaced }
                guard gate.pass(message) else { throw Loss.tooManyMessages }
            case .ping:
                try await outbound.write(.init(fin: true, opcode: .pong, maskKey: .random(), data: frame.unmaskedData))
            case .connectionClose: throw Loss.closed
            default: continue
            }
        }
        throw Loss.closed
    }

    private func ping(_ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ heard: Heard) async throws {
        while true {
            try await Task.sleep(for: configuration.pingInterval)
            if heard.silence > configuration.pingInterval * Self.silentIntervals { throw Loss.silent }
            if mailbox.takeOverflow() {
                ignored(.mailboxFull, "")
                throw Loss.tooManyMessages
            }
            try await outbound.write(.init(fin: true, opcode: .ping, maskKey: .random(), data: ByteBuffer()))
        }
    }

    private func readSnapshot(_ gate: Gate) async throws {
        _ = try await get(.filterEvents(application: configuration.application))
        var snapshot = ARISnapshot()
        snapshot.channels = try await get(.channels)?.array?.compactMap(ARIChannel.init) ?? []
        snapshot.bridges = try await get(.bridges)?.array?.compactMap(ARIBridge.init) ?? []
        snapshot.endpoints = try await get(.endpoints)?.array?.compactMap(ARIEndpoint.init) ?? []
        snapshot.startup = try await get(.status)?["status"]?["startup_time"]?.string
        gate.open(snapshot)
        logger.info("linked to Asterisk at \(configuration.host):\(configuration.port)")
    }

    /// Looks again and again at what is up. What cannot be read now is read the next time: whether the link is there is for
    /// others to see.
    private func audit() async throws {
        while true {
            try await Task.sleep(for: configuration.auditInterval)
            guard case .success(let channels) = await client.send(.channels),
                case .success(let endpoints) = await client.send(.endpoints)
            else { continue }
            var snapshot = ARISnapshot()
            snapshot.channels = channels?.array?.compactMap(ARIChannel.init) ?? []
            snapshot.endpoints = endpoints?.array?.compactMap(ARIEndpoint.init) ?? []
            mailbox.post(.audit(snapshot))
        }
    }

    private func get(_ request: ARIRequest) async throws -> JSON? {
        let reply = await client.send(request)
        guard case .success(let json) = reply else { throw Loss.noSnapshot("\(request.target): \(reply)") }
        return json
    }

    /// When bytes last came.
    private final class Heard: Sendable {
        private let last = Mutex(ContinuousClock.now)
        func now() { last.withLock { $0 = .now } }
        var silence: Duration { last.withLock { $0.duration(to: .now) } }
    }
}

/// Holds messages back until the snapshot is there, so that they come after it, in order.
final class Gate: Sendable {
    private enum State {
        case holding([ARIMessage])
        case open
    }

    private let mailbox: Mailbox
    private let state = Mutex(State.holding([]))

    init(mailbox: Mailbox) { self.mailbox = mailbox }

    var wasOpened: Bool { state.withLock { if case .open = $0 { true } else { false } } }

    /// False if there are too many.
    func pass(_ message: ARIMessage) -> Bool {
        state.withLock { state in
            switch state {
            case .open: return mailbox.post(.message(message))
            case .holding(var held):
                guard held.count < ARILink.maximumHeldMessages else { return false }
                held.append(message)
                state = .holding(held)
                return true
            }
        }
    }

    func open(_ snapshot: ARISnapshot) {
        state.withLock { state in
            guard case .holding(let held) = state else { return }
            mailbox.post(.linkUp(snapshot, held: held))
            state = .open
        }
    }
}
