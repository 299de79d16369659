import CSTA
import CallCenter
import GRDB
import Testing

@testable import Journal

@Suite("Group commit")
struct GroupCommitTests {
    @Test("Tenants that append while another transaction runs share the next one")
    func share() async throws {
        try await withJournal { journal in
            let tenants = (0..<100).map { namespace("tenant\($0).cc") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                await journal.holdingWriter {
                    for tenant in tenants {
                        group.addTask {
                            try await journal.append(batch(1...3, state: [entry("tenant", "3")], in: tenant))
                        }
                    }
                    await journal.pending(tenants.count)
                }
                try await group.waitForAll()
            }
            #expect(journal.statistics.appendedBatches == 100)
            #expect(journal.statistics.appendedEvents == 300)
            #expect(journal.statistics.transactions == 1)
            #expect(journal.statistics.lastCommitDuration > .zero)
            #expect(journal.statistics.databaseBytes > 0)
            for tenant in tenants { #expect(try await journal.all(in: tenant).map(\.serial.value) == [1, 2, 3]) }
        }
    }

    @Test("One batch with a gap does not harm the others of its transaction")
    func gapInGroup() async throws {
        try await withJournal { journal in
            let other = namespace("other.cc")
            let (good, bad) = await journal.holdingWriter {
                let good = Task { try await journal.append(batch(1...3)) }
                let bad = Task { try await journal.append(batch(2...3, in: other)) }
                await journal.pending(2)
                return (good, bad)
            }
            try await good.value
            await #expect(throws: JournalError.serialGap(other, expected: Serial(1), found: Serial(2))) {
                try await bad.value
            }
            #expect(journal.statistics.transactions == 1)
            #expect(journal.statistics.appendedBatches == 1)
            #expect(try await journal.load(other).lastSerial == Serial(0))
        }
    }

    @Test("If the transaction fails, all in it fail with the reason and nothing is stored")
    func failTogether() async throws {
        try await withJournal { journal in
            try await journal.append(batch(1...1))
            try await journal.pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA max_page_count = 1") }
            let tasks = await journal.holdingWriter {
                let tasks = (0..<5).map { index in
                    Task {
                        let tenant = namespace("tenant\(index).cc")
                        try await journal.append(batch(1...200, in: tenant))
                    }
                }
                await journal.pending(5)
                return tasks
            }
            for (index, task) in tasks.enumerated() {
                let error = await #expect(throws: JournalError.self) { try await task.value }
                guard case .noSpace = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(try await journal.load(namespace("tenant\(index).cc")).lastSerial == Serial(0))
            }
        }
    }

    @Test("A tenant's batches keep their order across many transactions")
    func order() async throws {
        try await withJournal { journal in
            await journal.holdingWriter {
                for serial in Int64(1)...50 {
                    Task { try await journal.append(batch(serial...serial)) }
                    await journal.pending(Int(serial))
                }
            }
            try await journal.append(batch(51...51))
            #expect(try await journal.serials() == Array(1...51))
        }
    }

    @Test("Who comes when too much waits is refused, and may come again")
    func overloaded() async throws {
        try await withJournal({ $0.maximumPendingBatches = 2 }) { journal in
            let tasks = await journal.holdingWriter {
                let tasks = ["a.cc", "b.cc"].map { name in
                    Task { try await journal.append(batch(1...1, in: namespace(name))) }
                }
                await journal.pending(2)
                await #expect(throws: JournalError.overloaded) { try await journal.append(batch(1...1)) }
                return tasks
            }
            for task in tasks { try await task.value }
            try await journal.append(batch(1...1))
        }
    }

    @Test("A transaction takes a bounded number of events")
    func groupBound() async throws {
        try await withJournal { journal in
            let tasks = await journal.holdingWriter {
                let tasks = (0..<4).map { index in
                    Task {
                        let count = Int64(JournalLimits.groupEvents)
                        try await journal.append(batch(1...count, in: namespace("tenant\(index).cc")))
                    }
                }
                await journal.pending(4)
                return tasks
            }
            for task in tasks { try await task.value }
            #expect(journal.statistics.transactions == 4)
        }
    }
}
