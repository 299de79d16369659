import CSTA
import CallCenter
import GRDB

/// Deletes the oldest events, a small step at a time.
enum Retention {
    /// A tenant that has events, as it was when the pruning began or after its last step.
    struct Candidate: Sendable {
        var tenant: Int64
        /// Of its oldest event; milliseconds.
        var oldestTimestamp: Int64
    }

    /// Tenants that have events.
    static func candidates(in db: Database) throws -> [Candidate] {
        let select = try RawStatement(
            """
            SELECT tenant.id, event.timestamp FROM tenant
            JOIN event ON event.id = (tenant.id << \(EventID.serialBits)) | tenant.first_serial
            WHERE tenant.first_serial <= tenant.last_serial
            """, in: db)
        defer { select.reset() }
        var found: [Candidate] = []
        while try select.step() {
            found.append(Candidate(tenant: select.integer(0), oldestTimestamp: select.integer(1)))
        }
        return found
    }

    /// Of the events of all tenants, by the measure of ``JournalConfiguration/maximumEventBytes``.
    static func eventBytes(in db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT total(event_bytes) FROM tenant") ?? 0
    }

    /// How far a step goes; it ends at the first event that is not covered.
    enum Extent: Sendable {
        /// Events before this time; milliseconds.
        case before(Int64)
        /// Events until so many bytes are gone.
        case bytes(Int64)
    }

    /// Deletes from a tenant's oldest event on, at most ``JournalLimits/eventsPerPruningStep``.
    ///
    /// - Returns: what was deleted, and the tenant as it is now; nil if it has no events left.
    static func step(
        _ tenant: Int64, _ extent: Extent, in db: Database
    ) throws -> (deleted: JournalPruning, rest: Candidate?) {
        let bounds = try RawStatement("SELECT first_serial, last_serial FROM tenant WHERE id = ?1", in: db)
        try bounds.bind(tenant, at: 1)
        guard try bounds.step() else { return (JournalPruning(), nil) }
        let (first, last) = (bounds.integer(0), bounds.integer(1))
        bounds.reset()

        let events = try RawStatement(
            "SELECT id, timestamp, length(json) FROM event WHERE id BETWEEN ?1 AND ?2 ORDER BY id", in: db)
        defer { events.reset() }
        try events.bind(EventID(tenant: tenant, serial: first).value, at: 1)
        try events.bind(EventID(tenant: tenant, serial: last).value, at: 2)
        var deleted = JournalPruning()
        var rest: Candidate?
        while try events.step() {
            let isCovered =
                switch extent {
                case .before(let time): events.integer(1) < time
                case .bytes(let bytes): deleted.bytes < bytes
                }
            guard isCovered, deleted.events < JournalLimits.eventsPerPruningStep else {
                rest = Candidate(tenant: tenant, oldestTimestamp: events.integer(1))
                break
            }
            deleted.events += 1
            deleted.bytes += events.integer(2) + Int64(JournalLimits.rowBytes)
        }
        events.reset()
        if deleted.events > 0 { try delete(deleted, of: tenant, from: first, in: db) }
        return (deleted, rest)
    }

    private static func delete(_ part: JournalPruning, of tenant: Int64, from first: Int64, in db: Database) throws {
        let oldest = EventID(tenant: tenant, serial: first)
        let next = EventID(tenant: tenant, serial: first + Int64(part.events))
        try db.execute(
            sql: "DELETE FROM event WHERE id >= ? AND id < ?", arguments: [oldest.value, next.value])
        // The segment in which the rest begins is still needed.
        try db.execute(
            sql: "DELETE FROM segment WHERE id >= ? AND id < ?",
            arguments: [oldest.segment.value, next.segment.value])
        try db.execute(
            sql: "UPDATE tenant SET first_serial = ?, event_bytes = event_bytes - ? WHERE id = ?",
            arguments: [next.serial.value, part.bytes, tenant])
    }
}
