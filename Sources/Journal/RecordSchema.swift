import GRDB

/// The tables of records; of ``Schema``, which says when they come to be there.
enum RecordSchema {
    static func create(in db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE call_part (
                    id INTEGER PRIMARY KEY,
                    tenant INTEGER NOT NULL,
                    call TEXT NOT NULL,
                    -- NULL: that of the call itself. Most calls are the only one of their conversation.
                    conversation TEXT,
                    type TEXT NOT NULL,
                    device TEXT NOT NULL,
                    is_internal INTEGER NOT NULL,
                    agent TEXT,
                    calling_device TEXT NOT NULL,
                    called_device TEXT NOT NULL,
                    is_called INTEGER NOT NULL,
                    is_listener INTEGER NOT NULL,
                    trunk_group TEXT,
                    -- Milliseconds, as all times here.
                    began INTEGER NOT NULL,
                    offered INTEGER,
                    answered INTEGER,
                    held INTEGER NOT NULL,
                    ended INTEGER NOT NULL,
                    -- The end of the call; NULL while it is up.
                    call_ended INTEGER,
                    ends_call INTEGER NOT NULL,
                    cause TEXT,
                    hangup_device TEXT,
                    transferred_to TEXT,
                    continued_in TEXT,
                    -- A JSON array of file names; NULL: there are none.
                    recordings TEXT
                );
                -- It grows at its end alone. One for each agent's or device's parts would be written at a place of its own for
                -- each part, which made the whole way of an event a tenth slower: theirs are looked for in this one.
                CREATE INDEX call_part_by_end ON call_part (tenant, call_ended, call, device, agent);
                CREATE INDEX call_part_by_call ON call_part (tenant, call);
                CREATE INDEX call_part_by_conversation ON call_part (tenant, conversation)
                    WHERE conversation IS NOT NULL;
                CREATE TABLE agent_time (
                    id INTEGER PRIMARY KEY,
                    tenant INTEGER NOT NULL,
                    agent TEXT NOT NULL,
                    device TEXT NOT NULL,
                    mode TEXT NOT NULL,
                    reason TEXT,
                    began INTEGER NOT NULL,
                    ended INTEGER NOT NULL
                );
                CREATE INDEX agent_time_by_agent ON agent_time (tenant, agent, ended);
                CREATE INDEX agent_time_by_end ON agent_time (tenant, ended);
                """)
    }
    /// Records have the split that a part came through, and each quarter of an hour what has come of a split's calls.
    static func addSplits(in db: Database) throws {
        try db.execute(
            sql: """
                -- That offered the call; of a caller, in whose queue it was last.
                ALTER TABLE call_part ADD COLUMN split TEXT;
                -- Milliseconds in queues; NULL: it was in none.
                ALTER TABLE call_part ADD COLUMN queued INTEGER;
                -- Counted up in place: a history of months reads some rows a day, however many calls there were.
                CREATE TABLE split_quarter (
                    tenant INTEGER NOT NULL,
                    split TEXT NOT NULL,
                    began INTEGER NOT NULL,
                    entered INTEGER NOT NULL,
                    answered INTEGER NOT NULL,
                    answered_in_time INTEGER NOT NULL,
                    abandoned INTEGER NOT NULL,
                    overflowed INTEGER NOT NULL,
                    given_up INTEGER NOT NULL,
                    answered_wait INTEGER NOT NULL,
                    longest_wait INTEGER NOT NULL,
                    PRIMARY KEY (tenant, split, began)
                ) WITHOUT ROWID;
                CREATE INDEX split_quarter_by_time ON split_quarter (tenant, began);
                """)
    }
}
