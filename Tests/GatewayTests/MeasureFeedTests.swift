import CSTA
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite("Measures are read for those who follow them alone", .timeLimit(.minutes(1)))
struct MeasureFeedTests {
    /// Counts the reads.
    private final class Source: MeasureSource {
        let reads = Mutex(0)
        let (read, hasRead) = AsyncStream.makeStream(of: MeasureKind.self)

        func measures(_ kind: MeasureKind, of namespace: Namespace) async -> [UInt8]? {
            reads.withLock { $0 += 1 }
            hasRead.yield(kind)
            return Array("{}".utf8)
        }
    }

    @Test func nothingIsReadForNobody() async throws {
        let source = Source()
        let limits = TestServer.manualLimits
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let inbox = try await loop.submit {
            LaneInbox(
                eventLoop: loop,
                switchboard: Switchboard(tenants: MemoryTenants(tenants: []), measures: nil, limits: limits))
        }.get()
        let feed = MeasureFeed(source: source, limits: limits)
        let topic = MeasureTopic(namespace: try #require(Namespace("test.cc")), kind: .splits)
        var reads = source.read.makeAsyncIterator()
        await feed.refresh()
        #expect(source.reads.withLock(\.self) == 0)
        for round in 1...3 {
            // The second gets what the first has made be read, as soon as it is there.
            _ = feed.join(topic, inbox)
            _ = feed.join(topic, inbox)
            #expect(await reads.next() == .splits)
            feed.leave(topic, inbox)
            await feed.refresh()
            #expect(await reads.next() == .splits)
            #expect(feed.join(topic, inbox) != nil)
            for _ in 1...2 { feed.leave(topic, inbox) }
            await feed.refresh()
            #expect(source.reads.withLock(\.self) == 2 * round)
        }
        feed.leave(topic, inbox)
        // What has gone may have been in hand still: an event loop that ends gets nothing.
        try await loop.submit { inbox.retire() }.get()
    }
}
