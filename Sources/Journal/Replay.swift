import CSTA
import CallCenter
import GRDB

/// A tenant's row.
struct TenantRow {
    var id: Int64
    var firstSerial: Int64
    var lastSerial: Int64

    /// Nil if the namespace was never heard of.
    init?(_ namespace: Namespace, in db: Database) throws {
        let select = try RawStatement(
            "SELECT id, first_serial, last_serial FROM tenant WHERE namespace = ?1", in: db)
        defer { select.reset() }
        try select.bind(namespace.name, at: 1)
        guard try select.step() else { return nil }
        id = select.integer(0)
        firstSerial = select.integer(1)
        lastSerial = select.integer(2)
    }
}

/// Reads one page of a tenant's events within one database access, so that appends and prunings beside it do not show.
struct Replay {
    private static let columns = "id, agent, device, name, call, timestamp, json"

    private let db: Database
    private let tenant: TenantRow
    private let filter: EventFilter
    private let limit: Int
    private var found: [EncodedEvent] = []
    /// Everything up to and with this serial has been looked at.
    private var position: Int64
    /// Events that may still be looked at.
    private var budget = Int64(JournalLimits.eventsPerRead)

    private init(_ db: Database, _ tenant: TenantRow, after position: Int64, matching filter: EventFilter, limit: Int) {
        self.db = db
        self.tenant = tenant
        self.position = position
        self.filter = filter
        self.limit = limit
    }

    /// - Parameter limit: at least 1.
    static func page(
        of namespace: Namespace, after serial: Serial, matching filter: EventFilter, limit: Int, in db: Database
    ) throws -> Result<EventPage, JournalReadError> {
        // Serials begin at 1, so what is after a negative one is what is after 0.
        let after = max(serial.value, 0)
        guard let tenant = try TenantRow(namespace, in: db) else {
            return after == 0 ? .success(EventPage(events: [], through: Serial(0))) : .failure(.notYet(last: Serial(0)))
        }
        guard after <= tenant.lastSerial else { return .failure(.notYet(last: Serial(tenant.lastSerial))) }
        guard after >= tenant.firstSerial - 1 else { return .failure(.tooOld(oldest: Serial(tenant.firstSerial))) }
        var replay = Replay(db, tenant, after: after, matching: filter, limit: limit)
        try replay.run()
        return .success(EventPage(events: replay.found, through: Serial(replay.position)))
    }

    private mutating func run() throws {
        let key = filter.agent.map { SegmentIndex.Key($0) } ?? filter.device.map { SegmentIndex.Key($0) }
        guard let key else { return try scan(through: tenant.lastSerial) }
        var segments = 0
        while position < tenant.lastSerial, found.count < limit, budget > 0, segments < JournalLimits.segmentsPerRead {
            let segment = EventID(tenant: tenant.id, serial: position + 1).segment
            let end = min(segment.last.serial.value, tenant.lastSerial)
            if let candidates = try SegmentIndex.events(of: key, in: segment, db) {
                try pick(candidates, through: end)
            } else {
                try scan(through: end)
            }
            segments += 1
        }
    }

    /// Looks at every event up to `end`, or as many as may be looked at.
    private mutating func scan(through end: Int64) throws {
        let end = min(end, position + budget)
        let select = try RawStatement(
            """
            SELECT \(Self.columns) FROM event
            WHERE id BETWEEN ?1 AND ?2 AND (?3 IS NULL OR agent = ?3) AND (?4 IS NULL OR device = ?4)
                AND (?5 IS NULL OR name = ?5)
            ORDER BY id
            """, in: db)
        defer { select.reset() }
        try select.bind(EventID(tenant: tenant.id, serial: position + 1).value, at: 1)
        try select.bind(EventID(tenant: tenant.id, serial: end).value, at: 2)
        try select.bind(filter.agent?.text, at: 3)
        try select.bind(filter.device?.text, at: 4)
        try select.bind(filter.name, at: 5)
        budget -= end - position
        while found.count < limit {
            guard try select.step() else {
                position = end
                return
            }
            let event = try Self.event(select)
            found.append(event)
            position = event.serial.value
        }
    }

    /// Looks at the given events of a segment that ends at `end`.
    private mutating func pick(_ candidates: [EventID], through end: Int64) throws {
        let select = try RawStatement("SELECT \(Self.columns) FROM event WHERE id = ?1", in: db)
        defer { select.reset() }
        for candidate in candidates where candidate.serial.value > position {
            guard found.count < limit, budget > 0 else { return }
            budget -= 1
            try select.bind(candidate.value, at: 1)
            if try select.step() {
                let event = try Self.event(select)
                if filter.matches(event) { found.append(event) }
            }
            select.reset()
            position = candidate.serial.value
        }
        if found.count < limit { position = end }
    }

    private static func event(_ row: RawStatement) throws -> EncodedEvent {
        let serial = EventID(value: row.integer(0)).serial
        guard let device = DeviceID(row.text(2)) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "event \(serial) has no device")
        }
        return EncodedEvent(
            serial: serial, name: row.text(3), device: device,
            agent: row.isNull(1) ? nil : AgentID(row.text(1)),
            call: row.isNull(4) ? nil : CallID(row.text(4)),
            timestamp: row.integer(5), json: row.bytes(6))
    }
}
