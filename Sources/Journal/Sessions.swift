public import CallCenter
import CSTA
import GRDB

extension SQLiteJournal {
    /// The newest sessions, at most so many.
    ///
    /// - Throws: ``JournalReadError/unavailable(_:)``
    public func sessions(atMost maximum: Int) async throws(JournalReadError) -> [StoredSession] {
        try await read { db in
            let select = try RawStatement(
                "SELECT key, agent, seal, began, last_use FROM session ORDER BY began DESC LIMIT ?1", in: db)
            defer { select.reset() }
            try select.bind(Int64(max(0, maximum)), at: 1)
            var found: [StoredSession] = []
            while try select.step() {
                guard let agent = AgentID(select.text(1)) else { continue }
                found.append(
                    StoredSession(
                        key: select.bytes(0), agent: agent, seal: select.bytes(2),
                        began: Instant(milliseconds: select.integer(3)),
                        lastUse: Instant(milliseconds: select.integer(4))))
            }
            return found
        }
    }

    /// Stores sessions, new ones and ones that have changed, and deletes others, in one transaction that takes its turn
    /// among those of events.
    ///
    /// - Parameter forgetting: deletes all that there are first.
    /// - Throws: ``JournalError``; then nothing of it is stored.
    public func updateSessions(
        storing stored: [StoredSession], deleting deleted: [[UInt8]], forgetting: Bool = false
    ) async throws(JournalError) {
        try await write { db in
            if forgetting { try db.execute(sql: "DELETE FROM session") }
            let remove = try RawStatement("DELETE FROM session WHERE key = ?1", in: db)
            for key in deleted { try remove.run(with: key, at: 1) }
            let insert = try RawStatement(
                """
                INSERT INTO session (key, agent, seal, began, last_use) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT (key) DO UPDATE SET began = excluded.began, last_use = excluded.last_use
                """, in: db)
            for session in stored {
                try insert.bind(session.agent.text, at: 2)
                try insert.bind(session.began.milliseconds, at: 4)
                try insert.bind(session.lastUse.milliseconds, at: 5)
                try insert.bind(session.key, at: 1)
                try insert.run(with: session.seal, at: 3)
            }
        }
    }
}
