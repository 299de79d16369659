import CSTA
import CallCenter

/// How records are written.
enum RecordFormat: String {
    case json
    case csv
}

/// The parameters of a query for records, read one by one; each error names the parameter and says why.
struct RecordFields: Sendable {
    static let defaultLimit = 100
    static let maximumLimit = 1000
    /// Longer ones are no trunk group's name.
    static let maximumTrunkGroupBytes = 128
    private static let ofCallsOnly = ["device", "call", "conversation", "callType", "trunkGroup", "answered"]

    let query: FormFields
    /// Of the one who asks.
    let namespace: Namespace
    let zone: ZoneOffsets

    func format(accept: String?) throws(APIError) -> RecordFormat {
        if let text = text("format") {
            guard let format = RecordFormat(rawValue: text) else { throw .malformed("format", "neither json nor csv.") }
            return format
        }
        let kinds = (accept ?? "").split(separator: ",").map { range in
            range.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        }
        return kinds.first { $0 == "text/csv" || $0 == "application/json" } == "text/csv" ? .csv : .json
    }

    func callFilter() throws(APIError) -> CallRecordFilter {
        var filter = CallRecordFilter()
        filter.from = try moment("from")
        filter.to = try moment("to")
        try checkOrder(filter.from, filter.to)
        filter.agent = try agent()
        if let text = text("device") { filter.device = try Numbers.address(text, field: "device", in: namespace) }
        filter.call = try call("call")
        filter.conversation = try call("conversation")
        if let text = text("callType") {
            guard let type = CallType(rawValue: text) else {
                throw .malformed("callType", "none of \(CallType.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            filter.callType = type
        }
        if let group = text("trunkGroup") {
            guard group.utf8.count <= Self.maximumTrunkGroupBytes else {
                throw .malformed("trunkGroup", "longer than \(Self.maximumTrunkGroupBytes) bytes.")
            }
            filter.trunkGroup = group
        }
        filter.isAnswered = try flag("answered")
        return filter
    }

    func agentFilter(now: Instant) throws(APIError) -> AgentTimeFilter {
        // One that is not looked at would make a wrong report look right.
        for field in Self.ofCallsOnly where text(field) != nil {
            throw .malformed(field, "this filter is for calls; agents' times have from, to and agent.")
        }
        let (from, to) = (try moment("from"), try moment("to"))
        try checkOrder(from, to)
        return AgentTimeFilter(
            agent: try agent(), from: from ?? Instant(milliseconds: 0), to: min(to ?? now, now))
    }

    func isDetailed() throws(APIError) -> Bool { try flag("detail") ?? false }

    func limit() throws(APIError) -> Int {
        guard let text = text("limit") else { return Self.defaultLimit }
        guard let limit = Int(text), (1...Self.maximumLimit).contains(limit) else {
            throw .malformed("limit", "not a number from 1 to \(Self.maximumLimit).")
        }
        return limit
    }

    func afterCall() throws(APIError) -> CallRecordPosition? { try after(RecordCursor.call) }
    func afterTime() throws(APIError) -> AgentTimePosition? { try after(RecordCursor.time) }
    func afterAgent() throws(APIError) -> AgentID? { try after(RecordCursor.agent) }

    private func after<Position>(_ read: (String) -> Position?) throws(APIError) -> Position? {
        guard let text = text("after") else { return nil }
        guard let position = read(text) else {
            throw .malformed("after", "not what the page before gave as next for this query.")
        }
        return position
    }

    /// Nil if it is not there, or empty.
    private func text(_ field: String) -> String? { query[field].flatMap { $0.isEmpty ? nil : $0 } }

    private func agent() throws(APIError) -> AgentID? {
        guard let text = text("agent") else { return nil }
        return try Numbers.address(text, field: "agent", in: namespace)
    }

    private func call(_ field: String) throws(APIError) -> CallID? {
        guard let text = text(field) else { return nil }
        guard let call = CallID(text) else {
            throw .malformed(field, "not an id of 1 to \(CallID.maximumBytes) letters, digits and . - _ :")
        }
        return call
    }

    private func flag(_ field: String) throws(APIError) -> Bool? {
        switch text(field) {
        case nil: return nil
        case "true", "yes", "1": return true
        case "false", "no", "0": return false
        default: throw .malformed(field, "neither true nor false.")
        }
    }

    /// Milliseconds since the epoch, or a time or day on the tenant's clock (E4).
    private func moment(_ field: String) throws(APIError) -> Instant? {
        guard let text = text(field) else { return nil }
        guard let moment = Moment.read(text, in: zone) else {
            throw .malformed(field, "neither yyyy.MM.dd HH:mm:ss nor yyyy.MM.dd nor milliseconds since the epoch.")
        }
        return moment
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
