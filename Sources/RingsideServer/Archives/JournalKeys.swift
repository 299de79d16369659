import CSTA
import CallCenter
import Gateway
import Journal

/// Keeps machines' API keys in the journal's file.
struct JournalKeys: KeyArchive {
    let journal: SQLiteJournal

    func keys(atMost maximum: Int) async throws -> [StoredKey] { try await journal.keys(atMost: maximum) }

    func add(_ key: StoredKey) async throws { try await journal.add(key) }

    func remove(_ id: String, in namespace: Namespace) async throws { try await journal.removeKey(id, in: namespace) }

    func noteUses(of keys: [(id: String, at: Instant)]) async throws { try await journal.noteUses(of: keys) }
}
