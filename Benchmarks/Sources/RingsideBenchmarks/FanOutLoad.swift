import Foundation
import NIOCore
import NIOPosix

/// The clients of ``fanOutBenchmark()``, in a process of their own: `fan-out-load PORT SOCKETS EVENTS`.
///
/// Prints `connected SECONDS` when every WebSocket has its 101, and `received SECONDS` when EVENTS events have come;
/// then ends. With 0 events it holds the sockets until its input ends.
func fanOutLoad() async throws {
    let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
    guard numbers.count == 3 else { throw BenchmarkFailure("fan-out-load PORT SOCKETS EVENTS") }
    let (port, sockets, events) = (numbers[0], numbers[1], numbers[2])
    try raiseOpenFilesLimit()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let tally = LoadTally(expectedEvents: events, eventLoop: group.next())
    let start = ContinuousClock.now

    var next = 0
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        while next < sockets {
            if next >= LoadTally.maximumConnectsAtOnce { try await tasks.next() }
            let agent = next
            tasks.addTask { try await LoadSocket.connect(port: port, agent: agent, tally: tally, group: group) }
            next += 1
        }
        try await tasks.waitForAll()
    }
    report("connected", since: start)
    if events > 0 {
        let seconds = try await tally.allReceived.get()
        print("received \(seconds)")
        fflush(nil)
    } else {
        while readLine() != nil {}
    }
    exit(0)
}

private func report(_ word: String, since start: ContinuousClock.Instant) {
    print("\(word) \((ContinuousClock.now - start).seconds)")
    fflush(nil)
}

/// Counts what the sockets of one event loop get.
final class LoadTally: Sendable {
    static let maximumConnectsAtOnce = 128

    private struct Counts {
        var received = 0
        var start: ContinuousClock.Instant?
    }

    private let expectedEvents: Int
    private let counts: NIOLoopBoundBox<Counts>
    private let promise: EventLoopPromise<Double>

    init(expectedEvents: Int, eventLoop: any EventLoop) {
        self.expectedEvents = expectedEvents
        counts = .makeBoxSendingValue(Counts(), eventLoop: eventLoop)
        promise = eventLoop.makePromise(of: Double.self)
    }

    var allReceived: EventLoopFuture<Double> { promise.futureResult }

    /// On the event loop.
    func received(_ events: Int) {
        var counts = counts.value
        let start = counts.start ?? ContinuousClock.now
        counts.start = start
        counts.received += events
        self.counts.value = counts
        if counts.received == expectedEvents { promise.succeed((ContinuousClock.now - start).seconds) }
    }
}

/// One client: counts its frames, answers pings.
final class LoadSocket: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let tally: LoadTally
    private let upgraded: EventLoopPromise<Void>
    private var reader = WebSocketReader()

    private init(_ tally: LoadTally, upgraded: EventLoopPromise<Void>) {
        self.tally = tally
        self.upgraded = upgraded
    }

    static func connect(port: Int, agent: Int, tally: LoadTally, group: any EventLoopGroup) async throws {
        let (channel, upgraded) = try await ClientBootstrap(group: group)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let upgraded = channel.eventLoop.makePromise(of: Void.self)
                    try channel.pipeline.syncOperations.addHandler(LoadSocket(tally, upgraded: upgraded))
                    return (channel, upgraded.futureResult)
                }
            }
        let request = WebSocketReader.request("/events?agent=\(10_000 + agent)")
        try await channel.writeAndFlush(ByteBuffer(string: request))
        try await upgraded.get()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.append(unwrapInboundIn(data))
        if !reader.isUpgraded {
            guard let head = reader.head() else { return }
            guard reader.isUpgraded else { return fail("refused: \(head)", context) }
            upgraded.succeed()
        }
        var events = 0
        while let frame = reader.frame() {
            switch frame.opcode {
            case 1: events += 1
            case 9: context.writeAndFlush(wrapOutboundOut(WebSocketReader.pong), promise: nil)
            default: return fail("frame \(frame.opcode)", context)
            }
        }
        if events > 0 { tally.received(events) }
    }

    func channelInactive(context: ChannelHandlerContext) { fail("closed", context) }

    private func fail(_ what: String, _ context: ChannelHandlerContext) {
        print("failed: \(what)")
        exit(1)
    }
}
