public import CSTA
import SwitchDriver

/// The rules of one tenant: its agents, devices and calls, and what each input does to them.
///
/// A value, without clock, input or output, or chance: the same inputs give the same effects. ``apply(_:at:)`` is the one way
/// in; everything else here is for reading.
public struct Tenant: Sendable {
    public internal(set) var configuration: TenantConfiguration
    /// The serial of the last event.
    public internal(set) var serial: Serial
    public internal(set) var agents: [AgentID: Agent]
    public internal(set) var devices: [DeviceID: Device]
    public internal(set) var calls: [CallID: Call]
    public internal(set) var splits: [DeviceID: Split] = [:]
    /// Whether the link to the switch is there.
    public internal(set) var isSwitchUp = false
    /// Whether new calls are refused because the server stops.
    public internal(set) var isDraining = false

    /// Which call a leg belongs to; of a held and an active one the active.
    var legs: [LegID: CallID] = [:]
    /// How many agents are logged in.
    var loggedIn = 0
    /// Legs that were told to end and of whose call nothing is left to tell.
    var endingLegs: Set<LegID> = []
    /// Whose the recordings are that run, are to begin or are to end.
    var recordings: [RecordingID: ConnectionID] = [:]
    /// Recordings that were told to end, of whose part nothing is left to tell, and that the switch has not said are over.
    var endingRecordings: Set<RecordingID> = []
    /// What waits for recordings to end, by the call for which it began to wait.
    var postponed: [CallID: Postponed] = [:]
    /// Under which call something waits for a recording to end.
    var waiting: [RecordingID: CallID] = [:]
    /// Logins that the journal gave back and that cannot go on, until they have been written down.
    var droppedLogins: [(agent: AgentID, login: Agent.Login)] = []
    /// Agents and devices that are not set up any more and are gone once they are free: see ``Input/configured(_:)``.
    var leaving = Leaving()
    /// Trunks and routes of ``configuration``.
    var trunkPlan: TrunkPlan
    /// Which lines are in use.
    var trunkUse = TrunkUse()
    /// For how many sweeps each has been seen.
    var sightings: [Deadline: Int] = [:]
    var changes = Changes()
    /// What is looked at when the input is done.
    var unsettled = Unsettled()
    /// The last place in the order in which callers have come and agents have become free.
    var lastOrder = 0

    public var namespace: Namespace { configuration.namespace }

    /// For what is done to all of them: the same order each time, so that the same inputs give the same effects.
    var callsInOrder: [Call] { calls.values.sorted { $0.id.text < $1.id.text } }
    var agentsInOrder: [AgentID] { agents.keys.sorted { $0.text < $1.text } }

    public init(configuration: TenantConfiguration) {
        self.configuration = configuration
        trunkPlan = TrunkPlan(configuration)
        serial = Serial(0)
        agents = Dictionary(
            configuration.effectiveAgents.map { ($0.id, Agent(profile: $0)) }, uniquingKeysWith: { first, _ in first })
        devices = Dictionary(
            configuration.devices.map { ($0.id, Device(profile: $0)) }, uniquingKeysWith: { first, _ in first })
        calls = [:]
        setUpSplits()
    }
}
