import CSTA
import CallCenter

/// The parameters of a query for a list, read one by one; each error names the parameter and says why. One that is empty counts
/// as left out.
struct QueryFields: Sendable {
    static let defaultLimit = 100
    static let maximumLimit = 1000

    private let fields: FormFields
    /// Of the one who asks.
    let namespace: Namespace
    let zone: ZoneOffsets

    init(_ fields: FormFields, in namespace: Namespace, zone: ZoneOffsets = .utc) {
        self.fields = fields
        self.namespace = namespace
        self.zone = zone
    }

    func text(_ name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }

    func address<Role>(_ name: String) throws(APIError) -> Address<Role>? {
        guard let text = text(name) else { return nil }
        return try Numbers.address(text, field: name, in: namespace)
    }

    func call(_ name: String) throws(APIError) -> CallID? {
        guard let text = text(name) else { return nil }
        return try Numbers.call(text, field: name)
    }

    /// Milliseconds since the epoch, or a time or day on the tenant's clock (E4).
    func moment(_ name: String) throws(APIError) -> Instant? {
        guard let text = text(name) else { return nil }
        guard let moment = Moment.read(text, in: zone) else {
            throw .malformed(name, "neither yyyy.MM.dd HH:mm:ss, nor yyyy.MM.dd, nor milliseconds since the epoch.")
        }
        return moment
    }

    func flag(_ name: String) throws(APIError) -> Bool? {
        switch text(name) {
        case nil: return nil
        case "true", "yes", "1": return true
        case "false", "no", "0": return false
        default: throw .malformed(name, "neither true nor false.")
        }
    }

    func limit() throws(APIError) -> Int {
        guard let text = text("limit") else { return Self.defaultLimit }
        guard let limit = Int(text), (1...Self.maximumLimit).contains(limit) else {
            throw .malformed("limit", "not a number from 1 to \(Self.maximumLimit).")
        }
        return limit
    }

    /// Whose things to list: a supervisor gets those that it asks for, an agent its own.
    func agent(for requester: Requester) throws(APIError) -> AgentID? {
        let agent: AgentID? = try address("agent")
        if requester.role.supervises { return agent }
        guard agent == nil || agent == requester.agent else { throw APIError(.notYours, in: .call) }
        return requester.agent
    }
}
