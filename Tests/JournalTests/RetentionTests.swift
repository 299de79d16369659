import CSTA
import CallCenter
import GRDB
import RingsideTesting
import Testing

@testable import Journal

@Suite("Retention")
struct RetentionTests {
    /// 1000 bytes each, as retention counts.
    private func kilobytes(
        _ serials: ClosedRange<Int64>, timestamp: Int64 = 0, in namespace: Namespace = demo
    ) -> JournalBatch {
        let json = String(repeating: " ", count: 1000 - JournalLimits.rowBytes)
        return batch(
            serials.map {
                event($0, timestamp: timestamp, json: json, in: namespace)
            }, in: namespace)
    }

    @Test("Events older than the age are deleted, exactly those")
    func age() async throws {
        try await withJournal({ $0.maximumEventAgeSeconds = 10 }) { journal in
            for serial in Int64(1)...30 { try await journal.append(batch(serial...serial, timestamp: serial * 1000)) }
            #expect(try await journal.prune(now: Instant(milliseconds: 11_000)) == JournalPruning())
            let pruned = try await journal.prune(now: Instant(milliseconds: 22_000))
            #expect(pruned.events == 11)
            #expect(try await journal.load(demo).oldestSerial == Serial(12))
            #expect(try await journal.serials(after: 11) == Array(12...30))
            #expect(journal.statistics.prunedEvents == 11)
        }
    }

    @Test("tooOld exactly when an event after the serial has been deleted, whether it would have matched or not")
    func tooOld() async throws {
        try await withJournal({ $0.maximumEventAgeSeconds = 0 }) { journal in
            try await journal.append(batch(1...5, timestamp: 1000))
            try await journal.append(batch(6...9, timestamp: 2000))
            _ = try await journal.prune(now: Instant(milliseconds: 2000))
            for filter in [EventFilter(), EventFilter(agent: agent(5999)), EventFilter(name: "failed")] {
                for after: Int64 in [-1, 0, 4] {
                    await #expect(throws: JournalReadError.tooOld(oldest: Serial(6))) {
                        try await journal.events(in: demo, after: Serial(after), matching: filter, limit: 10)
                    }
                }
                let page = try await journal.events(in: demo, after: Serial(5), matching: filter, limit: 10)
                #expect(page.through == Serial(9))
            }
        }
    }

    @Test("The last serial is known when all events are deleted, also after a restart")
    func everything() async throws {
        try await withDirectory { directory in
            var journal = try open(directory) { $0.maximumEventAgeSeconds = 0 }
            try await journal.append(batch(1...3000, timestamp: 1, state: [entry("tenant", "x")]))
            let pruned = try await journal.prune(now: Instant(milliseconds: 2))
            #expect(pruned.events == 3000)
            for _ in 0..<2 {
                let state = try await journal.load(demo)
                #expect(
                    state
                        == JournalState(
                            lastSerial: Serial(3000), oldestSerial: Serial(3001), entries: [entry("tenant", "x")]))
                let page = try await journal.events(
                    in: demo, after: Serial(3000), matching: EventFilter(), limit: 1)
                #expect(page == EventPage(events: [], through: Serial(3000)))
                await #expect(throws: JournalReadError.tooOld(oldest: Serial(3001))) {
                    try await journal.events(in: demo, after: Serial(2999), matching: EventFilter(), limit: 1)
                }
                try await journal.close()
                journal = try open(directory) { $0.maximumEventAgeSeconds = 0 }
            }
            await #expect(throws: JournalError.self) { try await journal.append(batch(1...1)) }
            try await journal.append(batch(3001...3001))
            #expect(try await journal.serials(after: 3000) == [3001])
            let rows = try await journal.pool.read { db in
                try Int.fetchAll(db, sql: "SELECT count(*) FROM event UNION ALL SELECT count(*) FROM segment")
            }
            // The segment of serial 3001 is not complete; those before it are gone.
            #expect(rows == [1, 0])
            try await journal.close()
        }
    }

    @Test("Above the size the oldest go, until it is kept again")
    func size() async throws {
        try await withJournal({ $0.maximumEventBytes = 3_000_000 }) { journal in
            try await journal.append(kilobytes(1...3000))
            #expect(try await journal.prune(now: Instant(milliseconds: 0)) == JournalPruning())
            try await journal.append(kilobytes(3001...4500))
            let pruned = try await journal.prune(now: Instant(milliseconds: 0))
            #expect(pruned == JournalPruning(events: 1500, bytes: 1_500_000))
            #expect(try await journal.load(demo).oldestSerial == Serial(1501))
            #expect(try await journal.serials(after: 1500, EventFilter(agent: agent(5001))) == Array(1501...4500))
        }
    }

    @Test("By size, the oldest of all tenants go first")
    func sizeAcrossTenants() async throws {
        try await withJournal({ $0.maximumEventBytes = 100_000 }) { journal in
            let busy = namespace("busy.cc")
            try await journal.append(kilobytes(1...50, timestamp: 2000))
            try await journal.append(kilobytes(1...30, timestamp: 1000, in: busy))
            try await journal.append(kilobytes(31...100, timestamp: 3000, in: busy))
            let pruned = try await journal.prune(now: Instant(milliseconds: 4000))
            #expect(pruned.events == 50)
            #expect(try await journal.load(busy).oldestSerial > Serial(30))
        }
    }

    @Test("Random appends and prunings leave what a list would have", arguments: [1, 2, 3] as [UInt64])
    func random(seed: UInt64) async throws {
        try await withJournal({
            $0.maximumEventAgeSeconds = 40
            $0.maximumEventBytes = 1_500_000
        }) { journal in
            var random = SeededGenerator(seed: seed)
            var model: [EncodedEvent] = []
            var now: Int64 = 0
            var last: Int64 = 0
            for _ in 0..<25 {
                now += Int64.random(in: 0...10_000, using: &random)
                let count = Int64.random(in: 1...400, using: &random)
                let next = kilobytes(last + 1...last + count, timestamp: now)
                try await journal.append(next)
                model += next.events
                last += count
                guard Bool.random(using: &random) else { continue }
                _ = try await journal.prune(now: Instant(milliseconds: now))
                model.removeAll { $0.timestamp < now - 40_000 }
                model = model.suffix(1500)
                let oldest = model.first?.serial.value ?? last + 1
                #expect(try await journal.load(demo).oldestSerial == Serial(oldest), "seed \(seed)")
                let filter = EventFilter(device: device(8001))
                #expect(try await journal.all(after: oldest - 1, filter) == model, "seed \(seed)")
            }
        }
    }
}
