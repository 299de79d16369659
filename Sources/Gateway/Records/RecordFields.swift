import CSTA
import CallCenter

/// How records are written.
enum RecordFormat: String {
    case json
    case csv
}

/// The parameters of a query for records.
struct RecordFields: Sendable {
    /// Longer ones are no trunk group's name.
    static let maximumTrunkGroupBytes = 128
    private static let ofCallsOnly = ["device", "call", "conversation", "callType", "trunkGroup", "answered"]

    let query: QueryFields

    func format(accept: String?) throws(APIError) -> RecordFormat {
        if let text = query.text("format") {
            guard let format = RecordFormat(rawValue: text) else { throw .malformed("format", "neither json nor csv.") }
            return format
        }
        let kinds = (accept ?? "").split(separator: ",").map { range in
            range.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        }
        return kinds.first { $0 == "text/csv" || $0 == "application/json" } == "text/csv" ? .csv : .json
    }

    func callFilter(for requester: Requester) throws(APIError) -> CallRecordFilter {
        var filter = CallRecordFilter()
        filter.from = try query.moment("from")
        filter.to = try query.moment("to")
        try checkOrder(filter.from, filter.to)
        filter.agent = try query.agent(for: requester)
        filter.device = try query.address("device")
        filter.call = try query.call("call")
        filter.conversation = try query.call("conversation")
        if let text = query.text("callType") {
            guard let type = CallType(rawValue: text) else {
                throw .malformed("callType", "none of \(CallType.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            filter.callType = type
        }
        if let group = query.text("trunkGroup") {
            guard group.utf8.count <= Self.maximumTrunkGroupBytes else {
                throw .malformed("trunkGroup", "longer than \(Self.maximumTrunkGroupBytes) bytes.")
            }
            filter.trunkGroup = group
        }
        filter.isAnswered = try query.flag("answered")
        return filter
    }

    func agentFilter(for requester: Requester, now: Instant) throws(APIError) -> AgentTimeFilter {
        // One that is not looked at would make a wrong report look right.
        for field in Self.ofCallsOnly where query.text(field) != nil {
            throw .malformed(field, "this filter is for calls; agents' times have from, to and agent.")
        }
        let (from, to) = (try query.moment("from"), try query.moment("to"))
        try checkOrder(from, to)
        return AgentTimeFilter(
            agent: try query.agent(for: requester), from: from ?? Instant(milliseconds: 0), to: min(to ?? now, now))
    }

    func isDetailed() throws(APIError) -> Bool { try query.flag("detail") ?? false }

    func afterCall() throws(APIError) -> CallRecordPosition? { try after(RecordCursor.call) }
    func afterTime() throws(APIError) -> AgentTimePosition? { try after(RecordCursor.time) }
    func afterAgent() throws(APIError) -> AgentID? { try after(RecordCursor.agent) }

    private func after<Position>(_ read: (String) -> Position?) throws(APIError) -> Position? {
        guard let text = query.text("after") else { return nil }
        guard let position = read(text) else {
            throw .malformed("after", "not what the page before gave as next for this query.")
        }
        return position
    }

    private func checkOrder(_ from: Instant?, _ to: Instant?) throws(APIError) {
        if let from, let to, to < from { throw .malformed("to", "before from.") }
    }
}

/// Places in a list as clients get them: base 64 that a query can have, and nobody needs to understand.
enum RecordCursor {
    static func text(_ position: CallRecordPosition) -> String {
        encode("\(position.ended.milliseconds)/\(position.call.text)")
    }

    static func text(_ position: AgentTimePosition) -> String {
        encode("\(position.ended.milliseconds)/\(position.row)/\(position.agent.text)")
    }

    static func text(_ agent: AgentID) -> String { encode(agent.text) }

    static func call(_ text: String) -> CallRecordPosition? {
        guard let parts = decode(text, parts: 2), let ended = Int64(parts[0]), let call = CallID(parts[1]) else {
            return nil
        }
        return CallRecordPosition(ended: Instant(milliseconds: ended), call: call)
    }

    static func time(_ text: String) -> AgentTimePosition? {
        guard let parts = decode(text, parts: 3), let ended = Int64(parts[0]), let row = Int64(parts[1]),
            let agent = AgentID(parts[2])
        else { return nil }
        return AgentTimePosition(agent: agent, ended: Instant(milliseconds: ended), row: row)
    }

    static func agent(_ text: String) -> AgentID? { decode(text, parts: 1).flatMap { AgentID($0[0]) } }

    private static func encode(_ text: String) -> String {
        Base64.encode(text.utf8).replacing("+", with: "-").replacing("/", with: "_")
    }

    private static func decode(_ text: String, parts count: Int) -> [Substring]? {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        guard let bytes = Base64.decode(standard), let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == count ? parts : nil
    }
}
