public import CSTA
public import CallCenter
import GRDB

extension SQLiteJournal {
    static func createKeys(in db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE api_key (
                    -- As lists show it.
                    id TEXT PRIMARY KEY,
                    -- The SHA-256 of the key, which is stored nowhere.
                    hash BLOB NOT NULL UNIQUE,
                    namespace TEXT NOT NULL,
                    name TEXT NOT NULL,
                    -- read, control, or both with a comma between.
                    scopes TEXT NOT NULL,
                    created_by TEXT NOT NULL,
                    -- Milliseconds.
                    created INTEGER NOT NULL,
                    -- NULL: never.
                    last_use INTEGER
                ) WITHOUT ROWID;
                """)
    }

    /// The API keys of all tenants, oldest first, at most so many.
    ///
    /// - Throws: ``JournalReadError/unavailable(_:)``
    public func keys(atMost maximum: Int) async throws(JournalReadError) -> [StoredKey] {
        try await read { db in
            let select = try RawStatement(
                """
                SELECT id, hash, namespace, name, scopes, created_by, created, last_use FROM api_key
                ORDER BY created, id LIMIT ?1
                """, in: db)
            defer { select.reset() }
            try select.bind(Int64(max(0, maximum)), at: 1)
            var found: [StoredKey] = []
            while try select.step() {
                guard let namespace = Namespace(select.text(2)), let creator = AgentID(select.text(5)) else { continue }
                let scopes = select.text(4).split(separator: ",").compactMap { StoredKey.Scope(rawValue: String($0)) }
                found.append(
                    StoredKey(
                        id: select.text(0), hash: select.bytes(1), namespace: namespace, name: select.text(3),
                        scopes: Set(scopes), createdBy: creator, created: Instant(milliseconds: select.integer(6)),
                        lastUse: select.isNull(7) ? nil : Instant(milliseconds: select.integer(7))))
            }
            return found
        }
    }

    /// Stores a new key, in its turn among the events' transactions.
    ///
    /// - Throws: ``JournalError``; then it is not stored.
    public func add(_ key: StoredKey) async throws(JournalError) {
        try await write { db in
            let insert = try RawStatement(
                """
                INSERT INTO api_key (id, hash, namespace, name, scopes, created_by, created)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                """, in: db)
            try insert.bind(key.id, at: 1)
            try insert.bind(key.namespace.name, at: 3)
            try insert.bind(key.name, at: 4)
            try insert.bind(key.scopes.map(\.rawValue).sorted().joined(separator: ","), at: 5)
            try insert.bind(key.createdBy.text, at: 6)
            try insert.bind(key.created.milliseconds, at: 7)
            try insert.run(with: key.hash, at: 2)
        }
    }

    /// Deletes a key of a namespace; nothing if it is not there.
    ///
    /// - Throws: ``JournalError``; then it is there still.
    public func removeKey(_ id: String, in namespace: Namespace) async throws(JournalError) {
        try await write { db in
            let delete = try RawStatement("DELETE FROM api_key WHERE id = ?1 AND namespace = ?2", in: db)
            try delete.bind(id, at: 1)
            try delete.bind(namespace.name, at: 2)
            try delete.run()
        }
    }

    /// Notes when keys were used last.
    ///
    /// - Throws: ``JournalError``; then nothing of it is stored.
    public func noteUses(of keys: [(id: String, at: Instant)]) async throws(JournalError) {
        try await write { db in
            let update = try RawStatement("UPDATE api_key SET last_use = ?1 WHERE id = ?2", in: db)
            for (id, instant) in keys {
                try update.bind(instant.milliseconds, at: 1)
                try update.bind(id, at: 2)
                try update.run()
            }
        }
    }
}
