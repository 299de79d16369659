import CSTA
import CallCenter
import Gateway
import Journal

/// Keeps clients' sessions in the journal's file.
struct JournalSessions: SessionArchive {
    let journal: SQLiteJournal

    func sessions(atMost maximum: Int) async throws -> [StoredSession] {
        try await journal.sessions(atMost: maximum)
    }

    func store(_ changes: SessionChanges) async throws {
        try await journal.updateSessions(
            storing: changes.kept, deleting: changes.ended, forgetting: changes.beginsAnew)
    }
}
