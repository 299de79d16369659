import CSTA
import CallCenter
import GRDB
import Testing

@testable import Journal

@Suite("API keys in the journal")
struct KeyTests {
    private func key(_ number: UInt8, lastUse: Instant? = nil) throws -> StoredKey {
        StoredKey(
            id: "k\(number)", hash: Array(repeating: number, count: 32), namespace: try #require(Namespace("a.cc")),
            name: "crm \(number)", scopes: number == 1 ? [.read] : [.read, .control],
            createdBy: try #require(AgentID("5999@a.cc")), created: Instant(milliseconds: Int64(number)),
            lastUse: lastUse)
    }

    @Test("Added, used, removed, and there after a restart")
    func restart() async throws {
        try await withDirectory { directory in
            var journal = try open(directory)
            for number: UInt8 in 1...3 { try await journal.add(try key(number)) }
            let again = (journal, try key(3))
            await #expect(throws: JournalError.self) { try await again.0.add(again.1) }
            let used = Instant(milliseconds: 77)
            try await journal.noteUses(of: [("k1", used), ("gone", used)])
            try await journal.removeKey("k2", in: try #require(Namespace("b.cc")))
            try await journal.removeKey("k3", in: try #require(Namespace("a.cc")))
            try await journal.close()
            journal = try open(directory)
            let kept = [try key(1, lastUse: used), try key(2)]
            #expect(try await journal.keys(atMost: 10) == kept)
            #expect(try await journal.keys(atMost: 1) == [kept[0]])
            try await journal.close()
        }
    }

    @Test("A journal from before there were keys in it")
    func migration() async throws {
        try await withDirectory { directory in
            var journal = try open(directory)
            try await journal.pool.write { db in
                try db.execute(
                    sql: "DROP TABLE api_key; DELETE FROM grdb_migrations WHERE identifier = 'API keys'")
            }
            try await journal.close()
            journal = try open(directory)
            let first = try key(1)
            try await journal.add(first)
            #expect(try await journal.keys(atMost: 10) == [first])
            try await journal.close()
        }
    }
}
