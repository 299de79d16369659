import CallCenter
import GRDB

extension SQLiteJournal {
    /// Deletes records that are too old, a small step at a time.
    func pruneRecords(now: Instant, _ deleted: inout JournalPruning) async throws(JournalError) {
        let (age, isForever) = configuration.maximumRecordAgeSeconds.multipliedReportingOverflow(by: 1000)
        if isForever { return }
        let oldest = now.milliseconds &- age
        for tenant in try await write({ db in try RecordRetention.tenants(withRecordsBefore: oldest, in: db) }) {
            while true {
                let count = try await write { db in try RecordRetention.step(tenant, before: oldest, in: db) }
                deleted.records += count
                if count == 0 { break }
            }
        }
    }
}

private enum RecordRetention {
    static func tenants(withRecordsBefore time: Int64, in db: Database) throws -> [Int64] {
        try Int64.fetchAll(
            db,
            sql: """
                SELECT id FROM tenant
                WHERE EXISTS (SELECT 1 FROM call_part WHERE tenant = tenant.id AND call_ended < ?1)
                    OR EXISTS (SELECT 1 FROM agent_time WHERE tenant = tenant.id AND ended < ?1)
                    OR EXISTS (SELECT 1 FROM split_quarter WHERE tenant = tenant.id AND began < ?1)
                """, arguments: [time])
    }

    /// - Returns: how many were deleted; 0 when there are none left.
    static func step(_ tenant: Int64, before time: Int64, in db: Database) throws -> Int {
        // The parts of a call have its end in common, so that none is left without the others.
        try delete(from: "call_part", "call_ended", tenant, before: time, in: db)
            + delete(from: "agent_time", "ended", tenant, before: time, in: db)
            + delete(from: "split_quarter", "began", tenant, before: time, in: db)
    }

    private static func delete(
        from table: String, _ column: String, _ tenant: Int64, before time: Int64, in db: Database
    ) throws -> Int {
        let last = try Int64.fetchOne(
            db,
            sql: """
                SELECT \(column) FROM \(table) WHERE tenant = ? AND \(column) < ?
                ORDER BY \(column) LIMIT 1 OFFSET \(JournalLimits.recordsPerPruningStep - 1)
                """, arguments: [tenant, time])
        try db.execute(
            sql: "DELETE FROM \(table) WHERE tenant = ? AND \(column) < ?",
            arguments: [tenant, last.map { $0 + 1 } ?? time])
        return db.changesCount
    }
}
