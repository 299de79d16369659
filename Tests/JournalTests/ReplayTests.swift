import CSTA
import CallCenter
import GRDB
import RingsideTesting
import Testing

@testable import Journal

@Suite("Replay")
struct ReplayTests {
    /// Serials over several segments, so that complete and incomplete ones are read, of 13 agents on 17 devices.
    static let events: [EncodedEvent] = (1...3500).map { serial in
        event(
            Int64(serial), name: serial % 5 == 0 ? "held" : "retrieved",
            agent: serial % 11 == 0 ? nil : 5000 + serial % 13, device: 8000 + serial % 17)
    }

    static let filters = [
        EventFilter(), EventFilter(agent: agent(5003)), EventFilter(device: device(8003)), EventFilter(name: "held"),
        EventFilter(agent: agent(5003), device: device(8003)), EventFilter(agent: agent(5003), name: "held"),
        EventFilter(device: device(8003), name: "held"),
        EventFilter(agent: agent(5003), device: device(8003), name: "held"),
        EventFilter(agent: agent(5999)), EventFilter(device: device(8999)), EventFilter(name: "transferred"),
    ]

    @Test("Each filter gives what it should, after any serial and in pages of any size")
    func filters() async throws {
        try await withJournal { journal in
            for first in stride(from: 0, to: Self.events.count, by: 350) {
                try await journal.append(batch(Array(Self.events[first..<first + 350])))
            }
            var random = SeededGenerator(seed: 7)
            for filter in Self.filters {
                let starts =
                    [0, 1, 1022, 1023, 1024, 3071, 3499, 3500]
                    + (0..<5).map { _ in Int.random(in: 0...3500, using: &random) }
                for after in starts {
                    let limit = [1, 7, 100, 1000].randomElement(using: &random) ?? 1
                    let expected = Self.events.dropFirst(after).filter(filter.matches)
                    let found = try await journal.all(after: Int64(after), filter, limit: max(limit, 3500 / 50))
                    #expect(found == Array(expected), "\(filter) after \(after), \(limit) a page")
                }
            }
        }
    }

    @Test("A page ends with the last event that fits, and the next begins after it")
    func paging() async throws {
        try await withJournal { journal in
            try await journal.append(batch(1...10))
            let first = try await journal.events(in: demo, after: Serial(0), matching: EventFilter(), limit: 4)
            #expect(first.events.map(\.serial.value) == [1, 2, 3, 4])
            #expect(first.through == Serial(4))
            let second = try await journal.events(in: demo, after: Serial(4), matching: EventFilter(), limit: 100)
            #expect(second.events.map(\.serial.value) == [5, 6, 7, 8, 9, 10])
            #expect(second.through == Serial(10))
            let end = try await journal.events(in: demo, after: Serial(10), matching: EventFilter(), limit: 100)
            #expect(end == EventPage(events: [], through: Serial(10)))
        }
    }

    @Test("The journal's own page size bounds a reader's limit; a limit of none is taken as one")
    func limits() async throws {
        try await withJournal({ $0.maximumPageEvents = 3 }) { journal in
            try await journal.append(batch(1...10))
            for (asked, given) in [(Int.max, 3), (0, 1), (Int.min, 1)] {
                let page = try await journal.events(in: demo, after: Serial(0), matching: EventFilter(), limit: asked)
                #expect(page.events.count == given)
            }
        }
    }

    @Test("One read looks at a bounded number of events, and its reader gets on though nothing matches")
    func boundedWork() async throws {
        try await withJournal { journal in
            let count = Int64(JournalLimits.eventsPerRead) + 10
            try await journal.append(batch(1...count))
            let name = try await journal.events(
                in: demo, after: Serial(0), matching: EventFilter(name: "failed"), limit: 10)
            #expect(name == EventPage(events: [], through: Serial(Int64(JournalLimits.eventsPerRead))))
            // The index gives all of them, and each has to be looked at for its name.
            let indexed = try await journal.events(
                in: demo, after: Serial(0), matching: EventFilter(agent: agent(5001), name: "failed"), limit: 10)
            #expect(indexed == EventPage(events: [], through: Serial(Int64(JournalLimits.eventsPerRead))))
            let nobody = try await journal.events(
                in: demo, after: Serial(0), matching: EventFilter(agent: agent(5002)), limit: 10)
            #expect(nobody == EventPage(events: [], through: Serial(count)))
        }
    }

    @Test("A serial that has not been given yet")
    func notYet() async throws {
        try await withJournal { journal in
            func read(after serial: Int64) async throws(JournalReadError) -> EventPage {
                try await journal.events(in: demo, after: Serial(serial), matching: EventFilter(), limit: 10)
            }
            #expect(try await read(after: 0) == EventPage(events: [], through: Serial(0)))
            #expect(try await read(after: -5) == EventPage(events: [], through: Serial(0)))
            await #expect(throws: JournalReadError.notYet(last: Serial(0))) { try await read(after: 1) }
            try await journal.append(batch(1...3))
            #expect(try await read(after: 3).events.isEmpty)
            #expect(try await read(after: -5).events.count == 3)
            await #expect(throws: JournalReadError.notYet(last: Serial(3))) { try await read(after: 4) }
            await #expect(throws: JournalReadError.notYet(last: Serial(3))) { try await read(after: .max) }
            #expect(try await read(after: .min).events.count == 3)
        }
    }

    @Test("Agents or devices whose hashes coincide are told apart by the events themselves")
    func sharedIndexEntries() async throws {
        try await withJournal { journal in
            try await journal.append(batch(1...1023))
            // What the index would say if 5002 had the hash of 5001.
            try await journal.pool.writeWithoutTransaction { db in
                let serials = try SegmentIndex.events(
                    of: SegmentIndex.Key(agent(5001)), in: EventID(tenant: 1, serial: 1).segment, db)
                #expect(serials?.count == 1023)
                try db.execute(
                    sql: "UPDATE event SET agent = '5002@demo.cc' WHERE id & 1 = 0")
            }
            let odd = Array(stride(from: Int64(1), through: 1023, by: 2))
            #expect(try await journal.serials(EventFilter(agent: agent(5001))) == odd)
        }
    }

    @Test("A segment is indexed once, when it is complete, also across batches")
    func segments() async throws {
        try await withJournal { journal in
            func indexed() async throws -> [Int64] {
                try await journal.pool.read { db in try Int64.fetchAll(db, sql: "SELECT id & 0xFF FROM segment") }
            }
            try await journal.append(batch(1...1022))
            #expect(try await indexed() == [])
            try await journal.append(batch(1023...1024))
            #expect(try await indexed() == [0])
            try await journal.append(batch(1025...4096))
            #expect(try await indexed() == [0, 1, 2, 3])
            #expect(try await journal.serials(EventFilter(agent: agent(5001))) == Array(1...4096))
        }
    }
}
