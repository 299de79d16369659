public import CSTA

/// An internal device: a phone of the tenant.
public struct Device: Hashable, Sendable {
    public internal(set) var profile: DeviceProfile
    /// Whether the switch can reach the phone.
    public internal(set) var isRegistered = false
    /// Who is logged in on it.
    public internal(set) var agent: AgentID?
    /// The calls that it is in, in the order in which it joined them.
    public internal(set) var calls: [CallID] = []
}
