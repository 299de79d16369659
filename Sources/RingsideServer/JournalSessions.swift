import CSTA
import CallCenter
import Gateway
import Journal

/// Keeps clients' sessions in the journal's file.
struct JournalSessions: SessionArchive {
    let journal: SQLiteJournal

    func sessions(atMost maximum: Int) async throws -> [ArchivedSession] {
        try await journal.sessions(atMost: maximum).map {
            ArchivedSession(key: $0.key, agent: $0.agent, seal: $0.seal, began: $0.began, lastUse: $0.lastUse)
        }
    }

    func store(_ changes: SessionChanges) async throws {
        try await journal.updateSessions(
            storing: changes.kept.map {
                StoredSession(key: $0.key, agent: $0.agent, seal: $0.seal, began: $0.began, lastUse: $0.lastUse)
            }, deleting: changes.ended, forgetting: changes.beginsAnew)
    }
}
