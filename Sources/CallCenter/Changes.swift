import CSTA

/// What inputs have changed since the last ``Tenant/takeChanges()``.
struct Changes: Sendable {
    var agents: Set<AgentID> = []
    var calls: Set<CallID> = []
    var splits: Set<DeviceID> = []
}
