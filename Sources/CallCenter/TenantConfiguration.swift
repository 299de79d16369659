public import CSTA
public import SwitchDriver

/// What is set up for a tenant: who is there, and what they may do. It comes from the operator, and changes by
/// ``Input/configured(_:)`` alone.
public struct TenantConfiguration: Hashable, Sendable {
    public var namespace: Namespace
    public var agents: [AgentProfile]
    public var devices: [DeviceProfile]
    public var splits: [SplitProfile]
    public var trunks: [Trunk]
    /// Where numbers lead that begin with a prefix, by that prefix; a trunk's own prefix needs none.
    public var outbound: [String: OutboundRoute]
    public var dialling: DiallingRules
    /// Numbers by which customers reach the tenant, and where each leads.
    public var inbound: [String: InboundRoute]
    public var zone: ZoneOffsets
    public var recording: RecordingPolicy
    public var limits: TenantLimits
    /// Nobody may log in, and no call begins; those that are up go on.
    public var isDisabled: Bool

    public init(
        namespace: Namespace, agents: [AgentProfile] = [], devices: [DeviceProfile] = [],
        splits: [SplitProfile] = [], trunks: [Trunk] = [], outbound: [String: OutboundRoute] = [:],
        dialling: DiallingRules = DiallingRules(), inbound: [String: InboundRoute] = [:], zone: ZoneOffsets = .utc,
        recording: RecordingPolicy = RecordingPolicy(), limits: TenantLimits = TenantLimits(),
        isDisabled: Bool = false
    ) {
        self.namespace = namespace
        self.agents = agents
        self.devices = devices
        self.splits = splits
        self.trunks = trunks
        self.outbound = outbound
        self.dialling = dialling
        self.inbound = inbound
        self.zone = zone
        self.recording = recording
        self.limits = limits
        self.isDisabled = isDisabled
    }

    /// Nobody of a disabled tenant may log in.
    var effectiveAgents: [AgentProfile] {
        guard isDisabled else { return agents }
        return agents.map { profile in
            var profile = profile
            profile.isDisabled = true
            return profile
        }
    }
}

public struct AgentProfile: Hashable, Sendable {
    public var id: AgentID
    public var name: String
    public var role: Role
    public var isDisabled: Bool
    /// The devices on which the agent may log in; nil: any.
    public var devices: Set<DeviceID>?

    public init(id: AgentID, name: String, role: Role = .agent, isDisabled: Bool = false, devices: Set<DeviceID>? = nil)
    {
        self.id = id
        self.name = name
        self.role = role
        self.isDisabled = isDisabled
        self.devices = devices
    }
}

public struct DeviceProfile: Hashable, Sendable {
    public var id: DeviceID
    public var isUsable: Bool
    public var remoteAnswer: RemoteAnswer
    /// Whether its calls are recorded by themselves; nil: as the tenant's policy says.
    public var recordsCalls: Bool?

    public init(
        id: DeviceID, isUsable: Bool = true, remoteAnswer: RemoteAnswer = .notifyTalk, recordsCalls: Bool? = nil
    ) {
        self.id = id
        self.isUsable = isUsable
        self.remoteAnswer = remoteAnswer
        self.recordsCalls = recordsCalls
    }
}

/// Which calls of a tenant are recorded, and where (E18).
public struct RecordingPolicy: Hashable, Sendable {
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Each call of a device with an agent, from its beginning.
        case automatic
        /// When it is asked for, or the device is set up so.
        case onRequest = "on-request"
        case forbidden
    }

    public var mode: Mode
    /// The folder that `fileName` begins with: the switch's folder for recordings, as clients and operators see it.
    public var root: String

    public init(mode: Mode = .onRequest, root: String = "") {
        self.mode = mode
        self.root = root
    }
}

/// Bounds of one tenant.
public struct TenantLimits: Hashable, Sendable {
    /// A call that is not answered within this ends with NO_ANSWER.
    public var answerSeconds = 60
    /// A phone that does not answer its own agent's call within this ends it.
    public var ownLegSeconds = 20
    /// A leg that was told to end and of which nothing is heard for this long counts as ended.
    public var clearingSeconds = 10
    /// A switch that has said nothing of a recording that was to begin or to end for this long has failed to.
    public var recordingSeconds = 5
    /// Devices in one call, with those who listen.
    public var maximumParties = 16
    /// Three minutes, as the client interface says.
    public var heartbeatSeconds = 180
    /// A call of a split that is answered within this is answered in time: the threshold of the service level.
    public var serviceLevelSeconds = 20
    /// Agents logged in at once.
    public var maximumAgents = 100_000
    /// Calls up at once.
    public var maximumCalls = 50_000
    /// Services that have somebody called; clients that ask for more are told to wait before they get here.
    public var callsPerSecond = 20
    /// What comes on top of what a client says, so that an event stays well below a WebSocket frame's limit.
    public var maximumUserDataEntries = 64
    /// Keys and values together.
    public var maximumUserDataBytes = 16_384

    public init() {}
}
