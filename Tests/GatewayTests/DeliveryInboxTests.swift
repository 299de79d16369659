import CSTA
import CallCenter
import NIOEmbedded
import RingsideTesting
import Testing

@testable import Gateway

/// What waits for an event loop that is busy: the loop runs only when the test says so.
@Suite("Bounds of what waits for an event loop")
struct DeliveryInboxTests {
    private let loop = EmbeddedEventLoop()
    private let inbox: LaneInbox

    init() {
        var limits = DeliveryLimits()
        limits.maximumInboxEvents = 10
        limits.maximumInboxEventsOfAll = 25
        inbox = LaneInbox(
            eventLoop: loop,
            switchboard: Switchboard(tenants: MemoryTenants(tenants: []), measures: nil, limits: limits))
    }

    private func post(_ count: Int, of name: String) throws {
        let tenant = MemoryTenant(try #require(Namespace(name)))
        let events = tenant.append(Array(repeating: .init(agent: 1), count: count)) { _ in }
        inbox.post(
            Batch(namespace: tenant.namespace, events: events.map { OutgoingEvent($0, withStreamText: false) }))
    }

    /// `a 3` for three events of `a`, in the order in which they would be delivered, and who has to resume.
    private func take() -> (delivered: [String], overflowed: [String]) {
        let (batches, overflowed) = inbox.take()
        return (batches.map { "\($0.namespace) \($0.events.count)" }, overflowed.map(\.name).sorted())
    }

    @Test func aTenantThatHasTooMuchLosesItsOwnOnly() throws {
        for count in [4, 6] { try post(count, of: "a") }
        try post(3, of: "b")
        try post(1, of: "a")
        // Nothing more of it, until its subscribers have been told.
        try post(1, of: "a")
        try post(2, of: "b")
        #expect(take() == (["b 3", "b 2"], ["a"]))
        try post(10, of: "a")
        #expect(take() == (["a 10"], []))
    }

    @Test func aBatchThatIsTooLargeByItself() throws {
        try post(1, of: "b")
        try post(11, of: "a")
        #expect(take() == (["b 1"], ["a"]))
    }

    @Test func ofAllTenantsTheOneWithTheMostGivesWay() throws {
        for (name, count) in [("a", 9), ("b", 10), ("c", 6)] { try post(count, of: name) }
        try post(1, of: "d")
        #expect(take() == (["a 9", "c 6", "d 1"], ["b"]))
        // The one that comes last, if it is that.
        for (name, count) in [("a", 9), ("b", 8), ("c", 8), ("d", 10)] { try post(count, of: name) }
        #expect(take() == (["a 9", "b 8", "c 8"], ["d"]))
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func theBoundsHold(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                let name = ["a", "b", "c", "d", "e"].randomElement(using: &random) ?? "a"
                try post(Int.random(in: 1...12, using: &random), of: name)
            }
            let (batches, overflowed) = inbox.take()
            var counts: [Namespace: Int] = [:]
            for batch in batches { counts[batch.namespace, default: 0] += batch.events.count }
            #expect(counts.values.allSatisfy { $0 <= 10 }, "seed \(seed)")
            #expect(counts.values.reduce(0, +) <= 25, "seed \(seed)")
            #expect(overflowed.isDisjoint(with: counts.keys), "seed \(seed)")
        }
    }
}
