public import CSTA
public import CallCenter
import GRDB

extension SQLiteJournal {
    /// Reads the times that agents spent in their modes, by agent; what is running comes last of its agent.
    ///
    /// One call looks through a bounded number of them: see ``AgentTimePage``.
    ///
    /// - Parameter limit: the most times wanted, at least 1.
    /// - Throws: ``JournalReadError/unavailable(_:)``
    public func agentTimes(
        in namespace: Namespace, matching filter: AgentTimeFilter, after position: AgentTimePosition?, limit: Int
    ) async throws(JournalReadError) -> AgentTimePage {
        try await read { db in
            var reader = AgentTimeReader(db: db, tenant: try TenantRow(namespace, in: db)?.id, filter: filter)
            return try reader.page(after: position, limit: max(1, limit))
        }
    }

    /// Adds up the times that agents spent in their modes.
    ///
    /// One call looks through a bounded number of them, or those of one agent: see ``AgentTimeSumPage``.
    ///
    /// - Parameter limit: the most agents wanted, at least 1.
    /// - Throws: ``JournalReadError/unavailable(_:)``
    public func agentTimeSums(
        in namespace: Namespace, matching filter: AgentTimeFilter, after agent: AgentID?, limit: Int
    ) async throws(JournalReadError) -> AgentTimeSumPage {
        try await read { db in
            var reader = AgentTimeReader(db: db, tenant: try TenantRow(namespace, in: db)?.id, filter: filter)
            return try reader.sums(after: agent, limit: max(1, limit))
        }
    }
}

/// Reads agents' times within one database access, so that what is stored or deleted meanwhile does not show.
private struct AgentTimeReader {
    let db: Database
    /// Nil: nothing of it is stored.
    let tenant: Int64?
    let filter: AgentTimeFilter
    /// The agents with a running time, in their order.
    private let running: [AgentID]
    /// Times and agents looked at.
    private var looked = 0

    init(db: Database, tenant: Int64?, filter: AgentTimeFilter) {
        self.db = db
        self.tenant = tenant
        self.filter = filter
        running = filter.running.keys.sorted { $0.text < $1.text }
    }

    mutating func page(after position: AgentTimePosition?, limit: Int) throws -> AgentTimePage {
        // A position is the client's: it leads nowhere but to whom the filter lets through.
        if let only = filter.agent, let position, position.agent != only { return AgentTimePage(times: [], next: nil) }
        var times: [AgentTime] = []
        var position = position
        var next = try position.map(\.agent) ?? agent(after: nil)
        while let agent = next {
            let from = position?.agent == agent ? position : nil
            position = try read(of: agent, after: from) { time in
                times.append(time)
                return times.count < limit
            }
            if let position { return AgentTimePage(times: times, next: position) }
            if looked >= JournalLimits.recordsPerRead {
                return AgentTimePage(times: times, next: AgentTimePosition(endOf: agent))
            }
            next = try self.agent(after: agent)
        }
        return AgentTimePage(times: times, next: nil)
    }

    mutating func sums(after agent: AgentID?, limit: Int) throws -> AgentTimeSumPage {
        var sums: [AgentTimeSum] = []
        var last = agent
        while let agent = try self.agent(after: last) {
            var sum = AgentTimeSum(agent: agent)
            _ = try read(of: agent, after: nil) { time in
                sum.add(time)
                return true
            }
            if !sum.milliseconds.isEmpty { sums.append(sum) }
            if sums.count == limit || looked >= JournalLimits.recordsPerRead {
                return AgentTimeSumPage(sums: sums, next: agent)
            }
            last = agent
        }
        return AgentTimeSumPage(sums: sums, next: nil)
    }

    /// The first agent after another that has any time.
    private mutating func agent(after agent: AgentID?) throws -> AgentID? {
        if let only = filter.agent { return agent == nil ? only : nil }
        looked += 1
        let after = agent?.text ?? ""
        let next = running.partitioningIndex { $0.text > after }
        let candidates = [next < running.count ? running[next] : nil, try storedAgent(after: after)]
        return candidates.compactMap(\.self).min { $0.text < $1.text }
    }

    private func storedAgent(after agent: String) throws -> AgentID? {
        guard let tenant else { return nil }
        let select = try RawStatement(
            """
            SELECT agent FROM agent_time INDEXED BY agent_time_by_agent
            WHERE tenant = ?1 AND agent > ?2 ORDER BY agent LIMIT 1
            """, in: db)
        defer { select.reset() }
        try select.bind(tenant, at: 1)
        try select.bind(agent, at: 2)
        return try select.step() ? AgentID(select.text(0)) : nil
    }

    /// Hands over the times of one agent, cut to the range of the filter, until `take` wants no more.
    ///
    /// - Returns: where it is to go on if that was before the end; nil: the agent has no more.
    private mutating func read(
        of agent: AgentID, after position: AgentTimePosition?, _ take: (AgentTime) -> Bool
    ) throws -> AgentTimePosition? {
        if position == AgentTimePosition(endOf: agent) { return nil }
        let running = filter.running[agent]
        let until = min(filter.to, running?.began ?? filter.to)
        if let stopped = try readStored(of: agent, until: until, after: position, take) { return stopped }
        guard let time = running?.clipped(from: filter.from, to: filter.to) else { return nil }
        return take(time) ? nil : AgentTimePosition(endOf: agent)
    }

    private mutating func readStored(
        of agent: AgentID, until: Instant, after position: AgentTimePosition?, _ take: (AgentTime) -> Bool
    ) throws -> AgentTimePosition? {
        guard let tenant else { return nil }
        let select = try RawStatement(
            """
            SELECT id, device, mode, reason, began, ended FROM agent_time INDEXED BY agent_time_by_agent
            WHERE tenant = ?1 AND agent = ?2 AND (ended, id) > (?3, ?4) ORDER BY ended, id
            """, in: db)
        defer { select.reset() }
        try select.bind(tenant, at: 1)
        try select.bind(agent.text, at: 2)
        try select.bind(position?.ended.milliseconds ?? filter.from.milliseconds, at: 3)
        try select.bind(position?.row ?? .max, at: 4)
        while try select.step() {
            looked += 1
            guard let device = DeviceID(select.text(1)), let mode = AgentMode(rawValue: select.text(2)) else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a time of agent \(agent) is damaged")
            }
            let time = AgentTime(
                agent: agent, device: device, mode: mode, reason: select.optionalText(3),
                began: Instant(milliseconds: select.integer(4)), ended: Instant(milliseconds: select.integer(5)))
            guard let part = time.clipped(from: filter.from, to: until) else {
                // They follow each other: what ends later has begun later too.
                if time.began >= until, time.milliseconds > 0 { return nil }
                continue
            }
            if !take(part) { return AgentTimePosition(agent: agent, ended: time.ended, row: select.integer(0)) }
        }
        return nil
    }
}

extension Array {
    /// The index of the first element for which the predicate holds, as it does for all after it; else the end.
    fileprivate func partitioningIndex(_ predicate: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
