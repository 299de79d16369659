public import CSTA
public import CallCenter
import GRDB

extension SQLiteJournal {
    static func createDirectory(in db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE directory (
                    namespace TEXT NOT NULL,
                    -- tenant, agent, device or trunk.
                    kind TEXT NOT NULL,
                    id TEXT NOT NULL,
                    -- The settings, without passwords in the clear. NULL: deleted, also where the configuration file has it.
                    json BLOB,
                    PRIMARY KEY (namespace, kind, id)
                ) WITHOUT ROWID;
                """)
    }

    /// All entries, ordered by namespace, kind and id.
    ///
    /// - Throws: ``JournalReadError/unavailable(_:)``
    public func directory() async throws(JournalReadError) -> [DirectoryEntry] {
        try await read { db in
            let select = try RawStatement(
                "SELECT namespace, kind, id, json FROM directory ORDER BY namespace, kind, id", in: db)
            defer { select.reset() }
            var found: [DirectoryEntry] = []
            while try select.step() {
                guard let namespace = Namespace(select.text(0)),
                    let kind = DirectoryEntry.Kind(rawValue: select.text(1))
                else { continue }
                found.append(
                    DirectoryEntry(
                        namespace: namespace, kind: kind, id: select.text(2),
                        json: select.isNull(3) ? nil : select.bytes(3)))
            }
            return found
        }
    }

    /// Stores entries, all or none, in their turn among the events' transactions.
    ///
    /// - Parameter forgetting: the other entries of this namespace are forgotten.
    /// - Throws: ``JournalError``; then nothing is stored.
    public func put(
        _ entries: [DirectoryEntry], forgetting namespace: Namespace? = nil
    ) async throws(JournalError) {
        try await write { db in try Self.put(entries, forgetting: namespace, in: db) }
    }

    /// Stores that a tenant is deleted: its other entries, API keys and campaigns are forgotten.
    ///
    /// - Parameter entry: what is kept of it.
    /// - Throws: ``JournalError``; then nothing has changed, but for call lists, which may be gone in part.
    public func deleteTenant(_ entry: DirectoryEntry) async throws(JournalError) {
        while try await forgetSomeContacts(of: entry.namespace) {}
        try await write { db in
            let keys = try RawStatement("DELETE FROM api_key WHERE namespace = ?1", in: db)
            try keys.bind(entry.namespace.name, at: 1)
            try keys.run()
            try CampaignSchema.forget(entry.namespace, in: db)
            try Self.put([entry], forgetting: entry.namespace, in: db)
        }
    }

    private static func put(_ entries: [DirectoryEntry], forgetting namespace: Namespace?, in db: Database) throws {
        if let namespace {
            let delete = try RawStatement("DELETE FROM directory WHERE namespace = ?1", in: db)
            try delete.bind(namespace.name, at: 1)
            try delete.run()
        }
        let insert = try RawStatement(
            "INSERT OR REPLACE INTO directory (namespace, kind, id, json) VALUES (?1, ?2, ?3, ?4)", in: db)
        for entry in entries {
            try insert.bind(entry.namespace.name, at: 1)
            try insert.bind(entry.kind.rawValue, at: 2)
            try insert.bind(entry.id, at: 3)
            if let json = entry.json {
                try insert.run(with: json, at: 4)
            } else {
                try insert.bind(String?.none, at: 4)
                try insert.run()
            }
        }
    }
}
