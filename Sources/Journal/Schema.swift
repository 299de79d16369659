import CSTA
import GRDB

/// The tables, and how a file comes to have them. A step that has been released is never changed: another is added.
enum Schema {
    static let fileName = "journal.sqlite"
    static let lockName = "journal.lock"
    /// Half of 8 KiB is what a batch of a few events or a state entry rewrites; only batches of a hundred and more are
    /// cheaper with larger pages (see the decision record).
    static let pageBytes = 4096
    /// Pages that a connection keeps in memory: 16 MiB, as much as a transaction has, so that none is written twice.
    static let cacheKibibytes = 16 << 10
    /// The write-ahead log is copied into the file when it has this many pages: 16 MiB.
    static let checkpointPages = 4096

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("events, segments and state") { db in
            try db.execute(
                sql: """
                    CREATE TABLE tenant (
                        id INTEGER PRIMARY KEY,
                        namespace TEXT NOT NULL UNIQUE,
                        -- The oldest event stored; last_serial + 1 if there is none.
                        first_serial INTEGER NOT NULL,
                        last_serial INTEGER NOT NULL,
                        -- Of its events, as retention counts them.
                        event_bytes INTEGER NOT NULL
                    );
                    CREATE TABLE event (
                        -- tenant << 44 | serial
                        id INTEGER PRIMARY KEY,
                        agent TEXT,
                        device TEXT NOT NULL,
                        name TEXT NOT NULL,
                        call TEXT,
                        timestamp INTEGER NOT NULL,
                        json BLOB NOT NULL
                    );
                    CREATE TABLE segment (
                        -- event.id >> 10
                        id INTEGER PRIMARY KEY,
                        -- Sorted 64-bit little-endian numbers: hash of an agent or device << 16 | serial & 1023.
                        keys BLOB NOT NULL
                    );
                    CREATE TABLE state (
                        tenant INTEGER NOT NULL,
                        key TEXT NOT NULL,
                        value BLOB NOT NULL,
                        PRIMARY KEY (tenant, key)
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("sessions") { db in
            try db.execute(
                sql: """
                    CREATE TABLE session (
                        -- The SHA-256 of the session's id, which is stored nowhere.
                        key BLOB PRIMARY KEY,
                        agent TEXT NOT NULL,
                        -- By the id and the account's password.
                        seal BLOB NOT NULL,
                        -- Milliseconds.
                        began INTEGER NOT NULL,
                        last_use INTEGER NOT NULL
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("recordings") { db in
            try db.execute(
                sql: """
                    CREATE TABLE recording (
                        -- Of its recordStarted, as event.id; the row outlives the event.
                        id INTEGER PRIMARY KEY,
                        tenant INTEGER NOT NULL,
                        -- recordId
                        record TEXT NOT NULL,
                        call TEXT NOT NULL,
                        conversation TEXT,
                        device TEXT NOT NULL,
                        agent TEXT,
                        started INTEGER NOT NULL,
                        -- NULL while it runs.
                        stopped INTEGER,
                        success INTEGER,
                        file_name TEXT NOT NULL,
                        UNIQUE (tenant, record)
                    );
                    CREATE INDEX recording_started ON recording (tenant, started);
                    CREATE INDEX recording_agent ON recording (tenant, agent, started);
                    CREATE INDEX recording_device ON recording (tenant, device, started);
                    CREATE INDEX recording_call ON recording (tenant, call, started);
                    CREATE INDEX recording_conversation ON recording (tenant, conversation, started);
                    """)
        }
        migrator.registerMigration("records", migrate: RecordSchema.create(in:))
        migrator.registerMigration("API keys", migrate: SQLiteJournal.createKeys(in:))
        migrator.registerMigration("directory", migrate: SQLiteJournal.createDirectory(in:))
        migrator.registerMigration("campaigns", migrate: CampaignSchema.create(in:))
        migrator.registerMigration("splits in records", migrate: RecordSchema.addSplits(in:))
        return migrator
    }

    /// Sets up each connection before it is used.
    static func prepare(_ db: Database) throws {
        // Takes effect in a new file only.
        try db.execute(sql: "PRAGMA page_size = \(pageBytes)")
        try db.execute(sql: "PRAGMA cache_size = -\(cacheKibibytes)")
    }

    static func prepareWriter(_ db: Database, durability: JournalConfiguration.Durability) throws {
        try db.execute(sql: "PRAGMA wal_autocheckpoint = \(checkpointPages)")
        // Some builds of SQLite overwrite what is deleted, at the cost of writing it all again.
        try db.execute(sql: "PRAGMA secure_delete = FAST")
        switch durability {
        case .fsync:
            try db.execute(sql: "PRAGMA synchronous = FULL")
            // Where fsync alone leaves data in the disk's own cache (Darwin).
            try db.execute(sql: "PRAGMA fullfsync = ON")
        case .operatingSystem:
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
        }
    }

    /// Looks for events that are missing where a tenant's serials say that there are some.
    ///
    /// - Returns: what does not fit, or nil.
    static func contradiction(in db: Database) throws -> String? {
        let tenants = try RawStatement("SELECT id, namespace, first_serial, last_serial FROM tenant", in: db)
        let newest = try RawStatement("SELECT max(id) FROM event WHERE id BETWEEN ?1 AND ?2", in: db)
        while try tenants.step() {
            let (tenant, first, last) = (tenants.integer(0), tenants.integer(2), tenants.integer(3))
            newest.reset()
            try newest.bind(EventID(tenant: tenant, serial: 0).value, at: 1)
            try newest.bind(EventID(tenant: tenant, serial: EventID.maximumSerial).value, at: 2)
            guard try newest.step() else { continue }
            let stored = newest.isNull(0) ? first - 1 : EventID(value: newest.integer(0)).serial.value
            if stored != last {
                return "the events of \(tenants.text(1)) end at serial \(stored) instead of \(last)"
            }
        }
        newest.reset()
        tenants.reset()
        return nil
    }
}
