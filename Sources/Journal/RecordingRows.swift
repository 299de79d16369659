public import CSTA
public import CallCenter
import GRDB

extension SQLiteJournal: RecordingIndex {
    public func recordings(
        in namespace: Namespace, matching filter: RecordingFilter, after position: RecordingPosition?, limit: Int
    ) async throws(JournalReadError) -> RecordingPage {
        let limit = max(1, min(limit, JournalLimits.recordingsPerPage))
        return try await read { db in
            guard let tenant = try TenantRow(namespace, in: db) else {
                return RecordingPage(recordings: [], isLast: true)
            }
            // One more than is wanted tells whether there are more.
            var found = try RecordingRows.select(of: tenant.id, matching: filter, after: position, limit + 1, in: db)
            let isLast = found.count <= limit
            if !isLast { found.removeLast() }
            return RecordingPage(recordings: found, isLast: isLast)
        }
    }

    public func recording(_ id: String, in namespace: Namespace) async throws(JournalReadError) -> StoredRecording? {
        try await read { db in
            guard let tenant = try TenantRow(namespace, in: db) else { return nil }
            return try RecordingRows.find(id, of: tenant.id, in: db)
        }
    }

    public func removeRecordings(_ ids: [String], in namespace: Namespace) async throws(JournalError) {
        guard ids.count <= JournalLimits.recordingsPerPage else {
            throw .tooLarge("\(JournalLimits.recordingsPerPage) recordings")
        }
        try await write { db in
            guard let tenant = try TenantRow(namespace, in: db) else { return }
            for id in ids { try RecordingRows.remove(id, of: tenant.id, in: db) }
        }
    }
}

/// The rows of the table `recording`.
enum RecordingRows {
    private static let started = "recordStarted"
    private static let stopped = "recordStopped"

    /// Keeps what an event says of a recording, within the transaction that stores the event. Cheap for all other events.
    static func follow(_ event: EncodedEvent, _ id: EventID, of tenant: Int64, in db: Database) throws {
        guard event.name == started || event.name == stopped,
            let decoded = try? Event(json: event.json), case .recording(let recording) = decoded.body
        else { return }
        switch recording.detail {
        case .started(let call, let fileName):
            // One that could not begin has no file.
            guard recording.isSuccess else { return }
            try add(
                StoredRecording(
                    id: recording.recording, serial: event.serial, call: call, conversation: decoded.conversation,
                    device: event.device, agent: event.agent, started: Instant(milliseconds: event.timestamp),
                    state: .running, fileName: fileName), id, of: tenant, in: db)
        case .stopped:
            try end(recording.recording, at: event.timestamp, isSuccess: recording.isSuccess, of: tenant, in: db)
        }
    }

    private static func add(_ recording: StoredRecording, _ id: EventID, of tenant: Int64, in db: Database) throws {
        // What began is kept as it began: a name that comes again is of no other recording.
        let insert = try RawStatement(
            """
            INSERT INTO recording (id, tenant, record, call, conversation, device, agent, started, file_name)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT (tenant, record) DO NOTHING
            """, in: db)
        try insert.bind(id.value, at: 1)
        try insert.bind(tenant, at: 2)
        try insert.bind(recording.id, at: 3)
        try insert.bind(recording.call.text, at: 4)
        try insert.bind(recording.conversation?.text, at: 5)
        try insert.bind(recording.device.text, at: 6)
        try insert.bind(recording.agent?.text, at: 7)
        try insert.bind(recording.started.milliseconds, at: 8)
        try insert.bind(recording.fileName, at: 9)
        try insert.run()
    }

    private static func end(
        _ id: String, at timestamp: Int64, isSuccess: Bool, of tenant: Int64, in db: Database
    ) throws {
        let update = try RawStatement(
            "UPDATE recording SET stopped = ?3, success = ?4 WHERE tenant = ?1 AND record = ?2 AND stopped IS NULL",
            in: db)
        try update.bind(tenant, at: 1)
        try update.bind(id, at: 2)
        try update.bind(timestamp, at: 3)
        try update.bind(isSuccess ? 1 : 0, at: 4)
        try update.run()
    }

    static func remove(_ id: String, of tenant: Int64, in db: Database) throws {
        let delete = try RawStatement("DELETE FROM recording WHERE tenant = ?1 AND record = ?2", in: db)
        try delete.bind(tenant, at: 1)
        try delete.bind(id, at: 2)
        try delete.run()
    }

    private static let columns = "id, record, call, conversation, device, agent, started, stopped, success, file_name"

    static func find(_ id: String, of tenant: Int64, in db: Database) throws -> StoredRecording? {
        let select = try RawStatement(
            "SELECT \(columns) FROM recording WHERE tenant = ?1 AND record = ?2", in: db)
        defer { select.reset() }
        try select.bind(tenant, at: 1)
        try select.bind(id, at: 2)
        return try select.step() ? try recording(select) : nil
    }

    static func select(
        of tenant: Int64, matching filter: RecordingFilter, after position: RecordingPosition?, _ limit: Int,
        in db: Database
    ) throws -> [StoredRecording] {
        let position = [position, filter.from.map { RecordingPosition(started: $0, serial: Serial(0)) }]
            .compactMap(\.self).max()
        // A part that is not asked for is left out, so that the index of one that is can be used.
        let parts: [(column: String, value: String)] = [
            ("conversation", filter.conversation?.text), ("call", filter.call?.text), ("agent", filter.agent?.text),
            ("device", filter.device?.text),
        ].compactMap { column, value in value.map { (column, $0) } }
        let conditions = parts.enumerated().map { " AND \($1.column) = ?\($0 + 6)" }.joined()
        let select = try RawStatement(
            """
            SELECT \(columns) FROM recording
            WHERE tenant = ?1 AND (started, id) > (?2, ?3) AND started < ?4\(conditions)
            ORDER BY started, id LIMIT ?5
            """, in: db)
        defer { select.reset() }
        try select.bind(tenant, at: 1)
        try select.bind(position?.started.milliseconds ?? .min, at: 2)
        try select.bind(EventID(tenant: tenant, serial: position?.serial.value ?? 0).value, at: 3)
        try select.bind(filter.to?.milliseconds ?? .max, at: 4)
        try select.bind(Int64(limit), at: 5)
        for (index, part) in parts.enumerated() { try select.bind(part.value, at: Int32(index + 6)) }
        var found: [StoredRecording] = []
        while try select.step() { found.append(try recording(select)) }
        return found
    }

    private static func recording(_ row: RawStatement) throws -> StoredRecording {
        let id = row.text(1)
        guard let call = CallID(row.text(2)), let device = DeviceID(row.text(4)) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "recording \(id) has no call or no device")
        }
        return StoredRecording(
            id: id, serial: EventID(value: row.integer(0)).serial, call: call,
            conversation: row.isNull(3) ? nil : CallID(row.text(3)), device: device,
            agent: row.isNull(5) ? nil : AgentID(row.text(5)), started: Instant(milliseconds: row.integer(6)),
            state: row.isNull(7)
                ? .running : .ended(Instant(milliseconds: row.integer(7)), isSuccess: row.integer(8) != 0),
            fileName: row.text(9))
    }
}
