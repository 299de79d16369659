import CSTA

/// What an input has changed, to be written to the journal.
struct Changes: Sendable {
    var agents: Set<AgentID> = []
    var devices: Set<DeviceID> = []
    var calls: Set<CallID> = []
}
