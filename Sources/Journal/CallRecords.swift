public import CSTA
public import CallCenter
import GRDB

extension SQLiteJournal {
    /// Reads calls that have ended, by their end.
    ///
    /// One call looks through a bounded number of parts: see ``CallRecordPage``.
    ///
    /// - Parameter limit: the most calls wanted, at least 1.
    /// - Throws: ``JournalReadError/unavailable(_:)``
    public func calls(
        in namespace: Namespace, matching filter: CallRecordFilter, after position: CallRecordPosition?, limit: Int
    ) async throws(JournalReadError) -> CallRecordPage {
        try await read { [configuration] db in
            guard let tenant = try TenantRow(namespace, in: db) else { return CallRecordPage(calls: [], next: nil) }
            let reader = CallRecordReader(
                db: db, tenant: tenant.id, filter: filter, limit: max(1, limit),
                entries: configuration.recordEntriesPerRead)
            return try reader.page(after: position)
        }
    }
}

/// Reads one page of calls within one database access, so that what is stored or deleted meanwhile does not show.
private struct CallRecordReader {
    let db: Database
    let tenant: Int64
    let filter: CallRecordFilter
    let limit: Int
    /// How many entries of the index are gone over in search of an agent's or a device's parts.
    let entries: Int

    func page(after position: CallRecordPosition?) throws -> CallRecordPage {
        let (found, next) = try positions(after: position)
        return CallRecordPage(
            calls: try found.map { CallRecord(call: $0.call, ended: $0.ended, parts: try parts(of: $0.call)) },
            next: next)
    }

    /// A call of which some parts have been looked at.
    private struct Candidate {
        var position: CallRecordPosition
        var isNamed = false
        var isAnswered = false
    }

    private func positions(
        after position: CallRecordPosition?
    ) throws -> (found: [CallRecordPosition], next: CallRecordPosition?) {
        let horizon = try horizon(after: position)
        let select = try select(after: position, upTo: horizon)
        defer { select.reset() }
        var found: [CallRecordPosition] = []
        var candidate: Candidate?
        var looked = 0
        func close() {
            guard let candidate, candidate.isNamed,
                filter.isAnswered == nil || filter.isAnswered == candidate.isAnswered
            else { return }
            found.append(candidate.position)
        }
        while try select.step() {
            let part = try CallPartRow.read(select)
            if candidate?.position.call != part.call {
                close()
                // There is more, if only one that does not match.
                if found.count == limit || looked >= JournalLimits.recordsPerRead {
                    return (found, candidate?.position)
                }
                candidate = Candidate(
                    position: CallRecordPosition(
                        ended: Instant(milliseconds: select.integer(CallPartRow.callEndedColumn)), call: part.call))
            }
            looked += 1
            guard filter.names(part) else { continue }
            candidate?.isNamed = true
            if part.answered != nil { candidate?.isAnswered = true }
        }
        close()
        return (found, horizon)
    }

    /// Parts by the end of their calls, of the index that leaves the fewest to look at. Whether a part is the agent's or the
    /// device's is seen in the index, so that the others are not read.
    private func select(
        after position: CallRecordPosition?, upTo horizon: CallRecordPosition?
    ) throws -> RawStatement {
        let select = try RawStatement(
            """
            SELECT \(CallPartRow.columns), call_ended FROM call_part \(source.index)
            WHERE tenant = ?1 AND \(source.condition) AND (call_ended, call) > (?3, ?4) AND call_ended < ?5
                AND (?6 IS NULL OR agent = ?6) AND (?7 IS NULL OR device = ?7)
                AND (?8 IS NULL OR (call_ended, call) <= (?8, ?9))
            ORDER BY call_ended, call
            """, in: db)
        try bindRange(of: select, after: position)
        try select.bind(filter.agent?.text, at: 6)
        try select.bind(filter.device?.text, at: 7)
        try select.bind(horizon?.ended, at: 8)
        try select.bind(horizon?.call.text, at: 9)
        return select
    }

    /// How far a read goes that looks for one agent's or device's parts among all; nil: to the end.
    private func horizon(after position: CallRecordPosition?) throws -> CallRecordPosition? {
        guard filter.agent != nil || filter.device != nil, filter.call == nil, filter.conversation == nil else {
            return nil
        }
        let select = try RawStatement(
            """
            SELECT call_ended, call FROM call_part \(source.index)
            WHERE tenant = ?1 AND \(source.condition) AND (call_ended, call) > (?3, ?4) AND call_ended < ?5
            ORDER BY call_ended, call LIMIT 1 OFFSET \(entries)
            """, in: db)
        defer { select.reset() }
        try bindRange(of: select, after: position)
        guard try select.step(), let call = CallID(select.text(1)) else { return nil }
        return CallRecordPosition(ended: Instant(milliseconds: select.integer(0)), call: call)
    }

    private func bindRange(of select: RawStatement, after position: CallRecordPosition?) throws {
        try select.bind(tenant, at: 1)
        try select.bind(source.value, at: 2)
        let from = filter.from?.milliseconds ?? .min
        if let position, position.ended.milliseconds >= from {
            try select.bind(position.ended.milliseconds, at: 3)
            try select.bind(position.call.text, at: 4)
        } else {
            // No call's id is empty.
            try select.bind(from, at: 3)
            try select.bind("", at: 4)
        }
        try select.bind(filter.to?.milliseconds ?? .max, at: 5)
    }

    private var source: (index: String, condition: String, value: String?) {
        if let call = filter.call { return ("INDEXED BY call_part_by_call", "call = ?2", call.text) }
        if let conversation = filter.conversation {
            // Its first call says nothing of it, as it has the same id.
            return ("", "(call = ?2 OR conversation = ?2)", conversation.text)
        }
        return ("INDEXED BY call_part_by_end", "?2 IS NULL", nil)
    }

    private func parts(of call: CallID) throws -> [CallPart] {
        let select = try RawStatement(
            """
            SELECT \(CallPartRow.columns) FROM call_part INDEXED BY call_part_by_call
            WHERE tenant = ?1 AND call = ?2 AND call_ended IS NOT NULL ORDER BY id
            """, in: db)
        defer { select.reset() }
        try select.bind(tenant, at: 1)
        try select.bind(call.text, at: 2)
        var parts: [CallPart] = []
        while try select.step() { parts.append(try CallPartRow.read(select)) }
        return parts
    }
}
