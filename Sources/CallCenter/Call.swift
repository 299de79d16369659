public import CSTA
public import SwitchDriver

/// A call: what its parties share.
public struct Call: Hashable, Sendable {
    /// The trunk that a call came in or went out on.
    public struct TrunkLine: Hashable, Sendable {
        public var group: String
        /// Which line of the group; nil for outgoing calls.
        public var member: String?
    }

    public let id: CallID
    public internal(set) var type: CallType
    public let began: Instant
    public internal(set) var trunk: TrunkLine?
    public internal(set) var userData: UserData
    /// Whether the caller asked for call progress analysis (E19).
    public internal(set) var analysis: Bool
    /// The devices' parts, in the order in which they joined (E9); those that have left are gone.
    public internal(set) var connections: [Connection]
    /// Who hung up first (E14).
    public internal(set) var hangupDevice: DeviceID?
    /// Who began it.
    public let originator: DeviceID
    /// Where it is to lead, until that is dialled.
    var destination: Destination?

    /// The part of a device; nil if it has none.
    public func connection(of device: DeviceID) -> Connection? { connections.first { $0.device == device } }

    var mix: MixID { MixID(id) }

    /// Whether both parties have talked or can talk.
    public var isEstablished: Bool { connections.count > 1 && connections.allSatisfy { $0.answerTime != nil } }

    init(
        id: CallID, type: CallType, began: Instant, originator: DeviceID, userData: UserData = UserData(),
        analysis: Bool = false
    ) {
        self.id = id
        self.type = type
        self.began = began
        self.originator = originator
        self.userData = userData
        self.analysis = analysis
        connections = []
    }
}

/// Where a call is to lead.
struct Destination: Hashable, Sendable {
    /// As events name it: an external number with its dialling prefix.
    var device: DeviceID
    var endpoint: Endpoint
    /// What the called side is shown.
    var presenting: Presentation
}

/// A device's part in a call.
public struct Connection: Hashable, Sendable {
    /// Who holds: each way has to be undone in its own way.
    public struct Holds: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// By ``Command/holdCall(_:)``: the leg is out of the mix.
        public static let byService = Holds(rawValue: 1)
        /// By the phone's own button.
        public static let atPhone = Holds(rawValue: 2)
    }

    /// How far the leg is, beyond the connection's state.
    public enum LegState: String, Hashable, Sendable {
        /// The other side has not rung yet.
        case dialling
        case ringing
        /// A caller's own leg that waits to be answered until the callee does.
        case waiting
        case up
    }

    public let device: DeviceID
    /// Of the tenant; an external device gets no events (E9).
    public let isInternal: Bool
    public internal(set) var leg: LegID
    public internal(set) var legState: LegState
    public internal(set) var state: ConnectionState
    /// Whether the device has had its first event of the call (E9).
    public internal(set) var hasJoined: Bool
    /// What this device saw when it joined, and sees until it leaves (E10).
    public internal(set) var callingDevice: DeviceID
    public internal(set) var calledDevice: DeviceID
    public internal(set) var holds: Holds
    /// What the switch has been asked and has not said yet.
    var request: Request?
    /// Whether it was told to end.
    public internal(set) var isClearing: Bool
    public internal(set) var ringTime: Instant?
    /// When it began to talk, for the called side and for the calling one alike.
    public internal(set) var answerTime: Instant?

    enum Request: String, Hashable, Sendable {
        case hold
        case retrieve
    }

    init(
        device: DeviceID, isInternal: Bool, leg: LegID, legState: LegState, state: ConnectionState,
        callingDevice: DeviceID, calledDevice: DeviceID
    ) {
        self.device = device
        self.isInternal = isInternal
        self.leg = leg
        self.legState = legState
        self.state = state
        self.callingDevice = callingDevice
        self.calledDevice = calledDevice
        hasJoined = false
        holds = []
        isClearing = false
    }
}
