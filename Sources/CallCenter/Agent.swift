public import CSTA

/// An agent and what it is doing.
public struct Agent: Hashable, Sendable {
    /// A change of mode that waits for the end of the call (E13).
    public struct PendingMode: Hashable, Sendable {
        public var mode: AgentMode
        public var reason: String?
    }

    /// What there is only while the agent is logged in.
    public struct Login: Hashable, Sendable {
        public var device: DeviceID
        /// Ready, NotReady, WorkNotReady, or Allocated: that also while the call is up which the agent was reserved for, as no
        /// event tells of another mode.
        public var mode: AgentMode
        public var reason: String?
        public var pending: PendingMode?
        /// When the mode, with its reason, began.
        public var since: Instant
        /// Nothing was heard of the client for ``TenantLimits/heartbeatSeconds``: the end of the call ends the login
        /// too.
        public var isSilent = false
        /// The split whose call it has taken, for which it works after the call.
        public var split: DeviceID?
        /// What it is reserved for; nil: for nothing, or the call has reached it.
        public internal(set) var allocation: Allocation?
    }

    public internal(set) var profile: AgentProfile
    public internal(set) var login: Login?
    /// The splits that it is a member of.
    public internal(set) var splits: [DeviceID] = []
    /// Its place in the order in which agents have become free; nil: a split can offer it nothing now.
    var freeSince: Int?
    /// As what its splits count it.
    var standing = AgentStanding.loggedOff

    /// Logout without a login.
    public var mode: AgentMode { login?.mode ?? .logout }
}
