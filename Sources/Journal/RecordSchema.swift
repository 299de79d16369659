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
}
