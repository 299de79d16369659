import CSTA
import GRDB

/// The tables of campaigns; of ``Schema``, which says when they come to be there.
enum CampaignSchema {
    static func create(in db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE campaign (
                    -- Never used again: results that come late must not reach another.
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    namespace TEXT NOT NULL,
                    -- stopped, running or paused.
                    state TEXT NOT NULL,
                    -- What it is set up as: a JSON object.
                    settings TEXT NOT NULL
                );
                CREATE INDEX campaign_by_namespace ON campaign (namespace);
                CREATE TABLE contact (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    campaign INTEGER NOT NULL,
                    number TEXT NOT NULL,
                    -- As Asia/Shanghai; NULL: the campaign's.
                    zone TEXT,
                    -- What goes into the call's user data: a JSON object; NULL: nothing.
                    data TEXT,
                    -- 0 left, 1 under way, 2 with a result that the dialler has not looked at, 3 done.
                    state INTEGER NOT NULL DEFAULT 0,
                    -- Not called before this, in milliseconds.
                    due INTEGER NOT NULL,
                    -- How often it was dialled.
                    dials INTEGER NOT NULL DEFAULT 0,
                    -- How often an agent was reserved for it.
                    attempts INTEGER NOT NULL DEFAULT 0,
                    -- What has come of it last: answered, abandoned, skipped, expired, released, doNotCall, barred or a
                    -- failedCode.
                    outcome TEXT,
                    agent TEXT,
                    call TEXT,
                    -- When that was.
                    ended INTEGER,
                    UNIQUE (campaign, number)
                );
                CREATE INDEX contact_by_due ON contact (campaign, state, due, outcome);
                -- For the zones that a list names, of which there are few.
                CREATE INDEX contact_by_zone ON contact (campaign, zone) WHERE zone IS NOT NULL;
                CREATE TABLE do_not_call (
                    namespace TEXT NOT NULL,
                    -- As the carrier gets it, digits alone.
                    number TEXT NOT NULL,
                    PRIMARY KEY (namespace, number)
                ) WITHOUT ROWID;
                """)
    }

    /// Deletes what a tenant has of all this.
    static func forget(_ namespace: Namespace, in db: Database) throws {
        for sql in [
            "DELETE FROM contact WHERE campaign IN (SELECT id FROM campaign WHERE namespace = ?1)",
            "DELETE FROM campaign WHERE namespace = ?1", "DELETE FROM do_not_call WHERE namespace = ?1",
        ] {
            let delete = try RawStatement(sql, in: db)
            try delete.bind(namespace.name, at: 1)
            try delete.run()
        }
    }
}
