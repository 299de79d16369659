import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// The WebSockets of a soak and what each has got, over all its connections.
///
/// A client whose socket is gone, for whatever reason, comes back with `?after=` the last serial that it has.
final class SoakFleet: Sendable {
    struct Counts {
        /// 101s.
        var connected = 0
        /// Sockets that are not there, with the time for which they have to stay away.
        var away = 0
        var killed = 0
        /// Connections that the server, or the system, has ended or refused.
        var failed = 0
        var events = 0
        /// Serials that were not above the last one.
        var doubled = 0
    }

    private struct Client {
        var session = ""
        var channel: (any Channel)?
        var serials: [Int64] = []
        /// What is stamped later comes live, not from the journal.
        var liveMilliseconds = Int64.max
    }

    private struct State {
        var clients: [Client]
        var counts = Counts()
        var latency = SoakLatency()
        var isEnding = false
    }

    let port: Int
    private let group: any EventLoopGroup
    private let state: Mutex<State>

    init(port: Int, clients: Int, group: any EventLoopGroup) {
        self.port = port
        self.group = group
        var counts = Counts()
        counts.away = clients
        state = Mutex(State(clients: Array(repeating: Client(), count: clients), counts: counts))
    }

    var counts: Counts { state.withLock(\.counts) }

    /// The times since the last call of this, of what came live.
    func takeLatency() -> SoakLatency {
        state.withLock { state in
            defer { state.latency = SoakLatency() }
            return state.latency
        }
    }

    var sessions: [String] { state.withLock { $0.clients.map(\.session) } }

    func set(session: String, of index: Int) { state.withLock { $0.clients[index].session = session } }

    /// The serials that each has got, in the order in which they came.
    var serials: [[Int64]] { state.withLock { $0.clients.map(\.serials) } }

    /// What closes from now on is not to come back.
    func end() { state.withLock { $0.isEnding = true } }

    // MARK: Connecting

    /// Tries until it is there.
    func connect(_ index: Int) async {
        while !state.withLock(\.isEnding) {
            do {
                try await connectOnce(index)
                return
            } catch {
                state.withLock { $0.counts.failed += 1 }
                try? await Task.sleep(for: .milliseconds(Int.random(in: 200...1000)))
            }
        }
    }

    private func connectOnce(_ index: Int) async throws {
        let (session, after) = state.withLock { ($0.clients[index].session, $0.clients[index].serials.last) }
        let (channel, upgraded) = try await ClientBootstrap(group: group)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let upgraded = channel.eventLoop.makePromise(of: Void.self)
                    try channel.pipeline.syncOperations.addHandler(SoakSocket(self, index, upgraded: upgraded))
                    return (channel, upgraded.futureResult)
                }
            }
        let target = "/events?agent=\(SoakPlan.agent(index))" + (after.map { "&after=\($0)" } ?? "")
        let request = WebSocketReader.request(target, fields: ["Authorization: Bearer \(session)"])
        channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
        try await upgraded.get()
    }

    func connected(_ index: Int, _ channel: any Channel) {
        state.withLock { state in
            state.clients[index].channel = channel
            state.clients[index].liveMilliseconds = SoakLatency.nowMilliseconds
            state.counts.connected += 1
            state.counts.away -= 1
        }
    }

    /// A socket that was connected is closed.
    func closed(_ index: Int, _ channel: any Channel) {
        let comesBack = state.withLock { state in
            guard state.clients[index].channel === channel else { return false }
            state.clients[index].channel = nil
            state.clients[index].liveMilliseconds = .max
            state.counts.away += 1
            state.counts.failed += 1
            return !state.isEnding
        }
        if comesBack { Task { await connect(index) } }
    }

    // MARK: Killing

    /// Cuts a connection, as a machine that crashes or a cable that is pulled: no WebSocket says goodbye.
    ///
    /// - Parameter resets: by RST instead of FIN.
    func kill(_ index: Int, resets: Bool, comesBackAfter pause: Duration) async {
        let channel = state.withLock { state in
            let channel = state.clients[index].channel
            guard channel != nil else { return channel }
            state.clients[index].channel = nil
            state.clients[index].liveMilliseconds = .max
            state.counts.away += 1
            state.counts.killed += 1
            return channel
        }
        guard let channel else { return }
        if resets, let socket = channel as? any SocketOptionProvider {
            _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        try? await channel.close()
        if pause > .zero { try? await Task.sleep(for: pause) }
        await connect(index)
    }

    // MARK: Receiving

    func received(_ events: [(serial: Int64, timestamp: Int64)], _ index: Int) {
        let now = SoakLatency.now
        state.withLock { state in
            for (serial, timestamp) in events {
                state.counts.events += 1
                if serial <= state.clients[index].serials.last ?? 0 { state.counts.doubled += 1 }
                state.clients[index].serials.append(serial)
                if timestamp > state.clients[index].liveMilliseconds { state.latency.add(now - Double(timestamp)) }
            }
        }
    }
}

/// One connection of a client.
private final class SoakSocket: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let fleet: SoakFleet
    private let index: Int
    private let upgraded: EventLoopPromise<Void>
    private var reader = WebSocketReader()

    init(_ fleet: SoakFleet, _ index: Int, upgraded: EventLoopPromise<Void>) {
        self.fleet = fleet
        self.index = index
        self.upgraded = upgraded
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.append(unwrapInboundIn(data))
        if !reader.isUpgraded {
            guard let head = reader.head() else { return }
            guard reader.isUpgraded else {
                upgraded.fail(BenchmarkFailure("refused: \(head)"))
                return context.close(promise: nil)
            }
            fleet.connected(index, context.channel)
            upgraded.succeed()
        }
        var events: [(serial: Int64, timestamp: Int64)] = []
        while let frame = reader.frame() {
            switch frame.opcode {
            case 1: events.append((frame.payload.number(of: "serial"), frame.payload.number(of: "timestamp")))
            case 9: context.writeAndFlush(wrapOutboundOut(WebSocketReader.pong), promise: nil)
            default: context.close(promise: nil)
            }
        }
        if !events.isEmpty { fleet.received(events, index) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if reader.isUpgraded { fleet.closed(index, context.channel) } else { upgraded.fail(BenchmarkFailure("closed")) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension ByteBuffer {
    /// The value of a JSON object's first member with this key; 0 if there is none.
    fileprivate func number(of key: String) -> Int64 {
        let bytes = readableBytesView
        guard let found = bytes.firstRange(of: Array("\"\(key)\":".utf8)) else { return 0 }
        let digits = bytes[found.upperBound...].prefix { (0x30...0x39).contains($0) }
        return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
}
