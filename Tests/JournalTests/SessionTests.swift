import CSTA
import CallCenter
import GRDB
import Testing

@testable import Journal

@Suite("Sessions in the journal")
struct SessionTests {
    private func session(_ number: UInt8, lastUse: Int64 = 0) -> StoredSession {
        StoredSession(
            key: Array(repeating: number, count: 32), agent: agent(5000 + Int(number)), seal: [0, number, 255],
            began: Instant(milliseconds: Int64(number)), lastUse: Instant(milliseconds: lastUse))
    }

    @Test("Stored, changed, deleted, and there after a restart, the newest first")
    func restart() async throws {
        try await withDirectory { directory in
            var journal = try open(directory)
            #expect(try await journal.sessions(atMost: 10).isEmpty)
            try await journal.updateSessions(storing: [session(1), session(2), session(3)], deleting: [])
            try await journal.append(batch(1...2))
            try await journal.updateSessions(
                storing: [session(1, lastUse: 9)], deleting: [session(2).key, session(7).key])
            try await journal.close()
            journal = try open(directory)
            #expect(try await journal.sessions(atMost: 10) == [session(3), session(1, lastUse: 9)])
            #expect(try await journal.sessions(atMost: 1) == [session(3)])
            #expect(try await journal.serials() == [1, 2])
            try await journal.updateSessions(storing: [session(4)], deleting: [], forgetting: true)
            #expect(try await journal.sessions(atMost: 10) == [session(4)])
            try await journal.close()
            let closed = journal
            await #expect(throws: JournalError.closed) {
                try await closed.updateSessions(storing: [session(5)], deleting: [])
            }
        }
    }

    @Test("A journal from before there were sessions in it")
    func migration() async throws {
        try await withDirectory { directory in
            var journal = try open(directory)
            try await journal.append(batch(1...2))
            try await journal.pool.write { db in
                try db.execute(
                    sql: "DROP TABLE session; DELETE FROM grdb_migrations WHERE identifier = 'sessions'")
            }
            try await journal.close()
            journal = try open(directory)
            try await journal.updateSessions(storing: [session(1)], deleting: [])
            #expect(try await journal.sessions(atMost: 10) == [session(1)])
            #expect(try await journal.serials() == [1, 2])
            try await journal.close()
        }
    }
}
