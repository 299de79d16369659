import CSTA
import CallCenter
import GRDB

/// Stores batches within a transaction that its user begins and ends.
struct BatchWriter {
    private let db: Database
    private let findTenant: RawStatement
    private let addTenant: RawStatement
    private let advanceTenant: RawStatement
    private let addEvent: RawStatement
    private let setState: RawStatement
    private let removeState: RawStatement

    init(_ db: Database) throws {
        self.db = db
        findTenant = try RawStatement("SELECT id, last_serial FROM tenant WHERE namespace = ?1", in: db)
        addTenant = try RawStatement("INSERT INTO tenant VALUES (?1, ?2, 1, 0, 0)", in: db)
        advanceTenant = try RawStatement(
            "UPDATE tenant SET last_serial = ?2, event_bytes = event_bytes + ?3 WHERE id = ?1", in: db)
        addEvent = try RawStatement("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", in: db)
        // Not INSERT OR REPLACE: that takes the row out and puts it back, and costs more (see the decision record).
        setState = try RawStatement(
            """
            INSERT INTO state VALUES (?1, ?2, ?3)
            ON CONFLICT (tenant, key) DO UPDATE SET value = excluded.value
            """, in: db)
        removeState = try RawStatement("DELETE FROM state WHERE tenant = ?1 AND key = ?2", in: db)
    }

    /// - Returns: why the batch was refused, with nothing written; nil if it is stored.
    /// - Throws: what SQLite says; the transaction is then to be rolled back.
    func store(_ batch: JournalBatch) throws -> JournalError? {
        let known = try tenant(batch.namespace)
        let stored = known?.lastSerial ?? 0
        if let refusal = Self.refusal(of: batch, after: stored) { return refusal }
        let id = try known?.id ?? add(batch.namespace)
        guard id <= EventID.maximumTenant else { return .tooLarge("\(EventID.maximumTenant) tenants") }

        var bytes = 0
        for event in batch.events {
            let eventID = EventID(tenant: id, serial: event.serial.value)
            try add(event, eventID)
            try RecordingRows.follow(event, eventID, of: id, in: db)
            bytes += event.json.count + JournalLimits.rowBytes
        }
        for entry in batch.state { try set(entry, tenant: id) }
        if !batch.records.isEmpty { try RecordWriter(db, tenant: id).store(batch.records) }
        guard !batch.events.isEmpty else { return nil }
        try advanceTenant.bind(id, at: 1)
        try advanceTenant.bind(batch.lastSerial.value, at: 2)
        try advanceTenant.bind(Int64(bytes), at: 3)
        try advanceTenant.run()
        return nil
    }

    /// E5: no gap, no reuse.
    private static func refusal(of batch: JournalBatch, after stored: Int64) -> JournalError? {
        guard stored + Int64(batch.events.count) <= EventID.maximumSerial else {
            return .tooLarge("serial \(EventID.maximumSerial)")
        }
        var last = stored
        for event in batch.events {
            guard event.serial.value == last + 1 else {
                return .serialGap(batch.namespace, expected: Serial(last + 1), found: event.serial)
            }
            last += 1
        }
        guard batch.lastSerial.value == last else {
            return .serialGap(batch.namespace, expected: Serial(last), found: batch.lastSerial)
        }
        return nil
    }

    private func tenant(_ namespace: Namespace) throws -> (id: Int64, lastSerial: Int64)? {
        findTenant.reset()
        defer { findTenant.reset() }
        try findTenant.bind(namespace.name, at: 1)
        return try findTenant.step() ? (findTenant.integer(0), findTenant.integer(1)) : nil
    }

    private func add(_ namespace: Namespace) throws -> Int64 {
        let newest = try Int64.fetchOne(db, sql: "SELECT max(id) FROM tenant") ?? 0
        let id = newest + 1
        guard id <= EventID.maximumTenant else { return id }
        try addTenant.bind(id, at: 1)
        try addTenant.bind(namespace.name, at: 2)
        try addTenant.run()
        return id
    }

    private func add(_ event: EncodedEvent, _ id: EventID) throws {
        try addEvent.bind(id.value, at: 1)
        try addEvent.bind(event.agent?.text, at: 2)
        try addEvent.bind(event.device.text, at: 3)
        try addEvent.bind(event.name, at: 4)
        try addEvent.bind(event.call?.text, at: 5)
        try addEvent.bind(event.timestamp, at: 6)
        try addEvent.run(with: event.json, at: 7)
        if id == id.segment.last { try SegmentIndex.build(id.segment, in: db) }
    }

    private func set(_ entry: StateEntry, tenant: Int64) throws {
        guard let value = entry.value else {
            try removeState.bind(tenant, at: 1)
            try removeState.bind(entry.key, at: 2)
            return try removeState.run()
        }
        try setState.bind(tenant, at: 1)
        try setState.bind(entry.key, at: 2)
        try setState.run(with: value, at: 3)
    }
}
