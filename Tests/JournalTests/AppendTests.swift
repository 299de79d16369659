import CSTA
import CallCenter
import GRDB
import Synchronization
import Testing

@testable import Journal

@Suite("Appending")
struct AppendTests {
    @Test("What was appended is read back, byte for byte")
    func roundTrip() async throws {
        try await withJournal { journal in
            let events = [
                event(1, name: "agentLoggedOn"), event(2, agent: nil, device: 8002), event(3, json: ""),
                event(4, name: "", json: "{\"name\":\"\u{0}\u{1F4DE} 中文\"}"),
            ]
            try await journal.append(batch(events))
            #expect(try await journal.all() == events)
        }
    }

    @Test("An event without a call")
    func withoutCall() async throws {
        try await withJournal { journal in
            var ready = event(1, name: "agentReady")
            ready.call = nil
            try await journal.append(batch([ready]))
            #expect(try await journal.all() == [ready])
        }
    }

    @Test("State is set, replaced and removed, with and without events")
    func state() async throws {
        try await withJournal { journal in
            try await journal.append(
                batch(1...2, state: [entry("tenant", "a"), entry("agent:5001@demo.cc", "b"), entry("call:1", "")]))
            #expect(
                try await journal.load(demo)
                    == JournalState(
                        lastSerial: Serial(2), oldestSerial: Serial(1),
                        entries: [entry("agent:5001@demo.cc", "b"), entry("call:1", ""), entry("tenant", "a")]))
            var change = batch([], state: [entry("tenant", "c"), entry("call:1", nil), entry("tenant", "d")])
            change.lastSerial = Serial(2)
            try await journal.append(change)
            #expect(
                try await journal.load(demo).entries == [entry("agent:5001@demo.cc", "b"), entry("tenant", "d")])
        }
    }

    @Test("Tenants share neither serials, events nor state")
    func tenants() async throws {
        try await withJournal { journal in
            let other = namespace("other.cc")
            try await journal.append(batch(1...3, state: [entry("tenant", "demo")]))
            try await journal.append(batch(1...1, state: [entry("tenant", "other")], in: other))
            #expect(try await journal.load(demo).lastSerial == Serial(3))
            #expect(try await journal.load(other).lastSerial == Serial(1))
            #expect(try await journal.load(other).entries == [entry("tenant", "other")])
            #expect(try await journal.all(in: other).map(\.device) == [device(8001, in: other)])
            let unknown = try await journal.load(namespace("third.cc"))
            #expect(unknown == JournalState(lastSerial: Serial(0), oldestSerial: Serial(1), entries: []))
        }
    }

    @Test("A batch that does not go on from the last serial is refused, and nothing of it is stored")
    func gap() async throws {
        try await withJournal { journal in
            func expectGap(_ batch: JournalBatch, expected: Int64, found: Int64) async {
                await #expect(
                    throws: JournalError.serialGap(demo, expected: Serial(expected), found: Serial(found))
                ) { try await journal.append(batch) }
            }
            await expectGap(batch(2...3), expected: 1, found: 2)
            try await journal.append(batch(1...3))
            await expectGap(batch(5...6, state: [entry("tenant", "x")]), expected: 4, found: 5)
            await expectGap(batch(3...4), expected: 4, found: 3)
            await expectGap(batch([event(4), event(6)]), expected: 5, found: 6)
            await expectGap(batch([event(Int64.max)]), expected: 4, found: Int64.max)
            await expectGap(batch([event(Int64.min)]), expected: 4, found: Int64.min)
            var wrongEnd = batch(4...5)
            wrongEnd.lastSerial = Serial(6)
            await expectGap(wrongEnd, expected: 5, found: 6)
            await expectGap(batch([], state: [entry("tenant", "x")]), expected: 3, found: 0)
            let stored = try await journal.load(demo)
            #expect(stored == JournalState(lastSerial: Serial(3), oldestSerial: Serial(1), entries: []))
        }
    }

    @Test("Too large an event, state entry or batch is refused")
    func bounds() async throws {
        try await withJournal { journal in
            func isRefused(_ batch: JournalBatch) async -> Bool {
                do throws(JournalError) {
                    try await journal.append(batch)
                    return false
                } catch {
                    if case .tooLarge = error { return true }
                    return false
                }
            }
            let long = String(repeating: " ", count: JournalLimits.eventBytes + 1)
            #expect(await isRefused(batch([event(1, json: long)])))
            #expect(await isRefused(batch(1...Int64(JournalLimits.batchEvents) + 1)))
            let key = String(repeating: "k", count: JournalLimits.stateKeyBytes + 1)
            #expect(await isRefused(batch(1...1, state: [entry(key, nil)])))
            let value = [UInt8](repeating: 0, count: JournalLimits.stateValueBytes + 1)
            #expect(await isRefused(batch(1...1, state: [StateEntry(key: "tenant", value: value)])))
            try await journal.append(batch([event(1, json: String(long.dropLast()))]))
            #expect(try await journal.all().first?.json.count == JournalLimits.eventBytes)
        }
    }

    @Test("A full disk fails the append clearly; with room again, appends go on")
    func noSpace() async throws {
        try await withJournal { journal in
            try await journal.append(batch(1...10, state: [entry("tenant", "10")]))
            let pages = try await journal.pool.writeWithoutTransaction { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages + 4)")
                return pages
            }
            let large = batch(11...500, state: [entry("tenant", "500")])
            let error = await #expect(throws: JournalError.self) { try await journal.append(large) }
            guard case .noSpace = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let stored = try await journal.load(demo)
            #expect(stored.lastSerial == Serial(10))
            #expect(stored.entries == [entry("tenant", "10")])
            #expect(journal.statistics.failedTransactions == 1)

            try await journal.pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA max_page_count = \(pages + 1000)")
            }
            try await journal.append(large)
            #expect(try await journal.serials() == Array(1...500))
            #expect(try await journal.load(demo).entries == [entry("tenant", "500")])
        }
    }

    @Test("After a failure of the file nothing more is taken")
    func stopped() async throws {
        try await withJournal { journal in
            try await journal.append(batch(1...1))
            let failure = JournalError(DatabaseError(resultCode: .SQLITE_IOERR, message: "fsync"))
            guard case .stopped = failure else {
                Issue.record("\(failure)")
                return
            }
            journal.queue.withLock { $0.stop(failure) }
            await #expect(throws: failure) { try await journal.append(batch(2...2)) }
            await #expect(throws: failure) { try await journal.prune(now: Instant(milliseconds: 0)) }
            #expect(try await journal.serials() == [1])
        }
    }

    @Test("Closing stores what was appended before and refuses what comes after")
    func close() async throws {
        try await withDirectory { directory in
            let journal = try open(directory)
            let appended = await journal.holdingWriter {
                let task = Task { try await journal.append(batch(1...5, state: [entry("tenant", "5")])) }
                await journal.pending(1)
                return task
            }
            try await journal.close()
            try await appended.value
            try await journal.close()
            await #expect(throws: JournalError.closed) { try await journal.append(batch(6...6)) }
            await #expect(throws: JournalError.closed) { try await journal.prune(now: Instant(milliseconds: 0)) }
            await #expect(throws: JournalReadError.self) { try await journal.load(demo) }

            let again = try open(directory)
            #expect(try await again.serials() == Array(1...5))
            #expect(try await again.load(demo).entries == [entry("tenant", "5")])
            try await again.append(batch(6...6))
            try await again.close()
        }
    }
}
