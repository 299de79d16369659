import CSTA
import CallCenter
import GRDB

/// Stores the records of a batch within its transaction. It is made only for a batch that has some.
struct RecordWriter {
    private let addPart: RawStatement
    private let endCall: RawStatement
    private let addTime: RawStatement
    private let endContact: RawStatement
    private let addCounts: RawStatement
    private let tenant: Int64

    init(_ db: Database, tenant: Int64) throws {
        self.tenant = tenant
        addPart = try RawStatement(
            """
            INSERT INTO call_part (tenant, \(CallPartRow.columns), call_ended)
            VALUES (?1, \((2...26).map { "?\($0)" }.joined(separator: ", ")))
            """, in: db)
        endCall = try RawStatement(
            "UPDATE call_part SET call_ended = ?3 WHERE tenant = ?1 AND call = ?2 AND call_ended IS NULL", in: db)
        addTime = try RawStatement(
            """
            INSERT INTO agent_time (tenant, agent, device, mode, reason, began, ended)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """, in: db)
        // One that the dialler does not know to be under way has its result already.
        endContact = try RawStatement(
            """
            UPDATE contact SET state = 2, outcome = ?2, dials = dials + ?3, agent = ?4, call = ?5, ended = ?6
            WHERE id = ?1 AND state = 1
            """, in: db)
        addCounts = try RawStatement(SplitQuarterRow.adding, in: db)
    }

    func store(_ records: [CallCenter.Record]) throws {
        // Known beforehand, the end is written with most parts at once: those of a call of two end together.
        var ends: [CallID: Instant] = [:]
        for case .part(let part) in records where part.endsCall { ends[part.call] = part.ended }
        for (call, ended) in ends { try end(call, at: ended) }
        for record in records {
            switch record {
            case .part(let part): try add(part, callEnded: ends[part.call])
            case .agentTime(let time): try add(time)
            case .outbound(let result): try end(result)
            case .passage(let passage): try count(passage)
            }
        }
    }

    /// Of the parts that ended before.
    private func end(_ call: CallID, at ended: Instant) throws {
        try endCall.bind(tenant, at: 1)
        try endCall.bind(call.text, at: 2)
        try endCall.bind(ended.milliseconds, at: 3)
        try endCall.run()
    }

    private func add(_ part: CallPart, callEnded: Instant?) throws {
        try addPart.bind(tenant, at: 1)
        try CallPartRow.bind(part, to: addPart, from: 2)
        try addPart.bind(callEnded, at: 26)
        try addPart.run()
    }

    private func end(_ result: OutboundResult) throws {
        try endContact.bind(result.contact.value, at: 1)
        try endContact.bind(result.outcome.text, at: 2)
        try endContact.bind(Int64(result.dials), at: 3)
        try endContact.bind(result.agent.text, at: 4)
        try endContact.bind(result.call?.text, at: 5)
        try endContact.bind(result.ended.milliseconds, at: 6)
        try endContact.run()
    }

    private func count(_ passage: SplitPassage) throws {
        var counts = SplitCounts()
        counts.add(passage.kind)
        try addCounts.bind(tenant, at: 1)
        try SplitQuarterRow.bind(
            SplitQuarter(began: SplitQuarter.began(of: passage.at), counts: counts), of: passage.split, to: addCounts)
        try addCounts.run()
    }

    private func add(_ time: AgentTime) throws {
        try addTime.bind(tenant, at: 1)
        try addTime.bind(time.agent.text, at: 2)
        try addTime.bind(time.device.text, at: 3)
        try addTime.bind(time.mode.rawValue, at: 4)
        try addTime.bind(time.reason, at: 5)
        try addTime.bind(time.began.milliseconds, at: 6)
        try addTime.bind(time.ended.milliseconds, at: 7)
        try addTime.run()
    }
}
