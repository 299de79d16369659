public import CSTA
public import SwitchDriver

/// A device's part in a call.
public struct Connection: Hashable, Sendable {
    /// Who holds: each way has to be undone in its own way.
    public struct Holds: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// By ``Command/holdCall(_:)`` or a consultation: the leg is out of the mix.
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

    /// What a device does in a call.
    public enum Part: String, Hashable, Sendable {
        /// Talks and hears.
        case party
        /// Hears only, and everybody knows: `participationType` Silent.
        case silent
        /// A supervisor who listens: nobody but itself gets events about it.
        case listener
    }

    enum Request: String, Hashable, Sendable {
        case hold
        case retrieve
    }

    public let device: DeviceID
    /// Of the tenant; an external device gets no events (E9).
    public let isInternal: Bool
    public internal(set) var leg: LegID
    public internal(set) var legState: LegState
    public internal(set) var state: ConnectionState
    /// Whether the call came to it, and did not begin with it.
    public internal(set) var isCalled: Bool
    public internal(set) var part = Part.party
    /// The split that offered the call to the device.
    public internal(set) var split: DeviceID?
    /// Whether the device has had its first event of the call (E9).
    public internal(set) var hasJoined = false
    /// What this device saw when it joined, and sees until it leaves (E10).
    public internal(set) var callingDevice: DeviceID
    public internal(set) var calledDevice: DeviceID
    public internal(set) var holds: Holds = []
    /// Whether the phone is believed to hold only because its other leg was about to be answered.
    var isHoldAssumed = false
    /// What the switch has been asked and has not said yet.
    var request: Request?
    /// Whether it was told to end.
    public internal(set) var isClearing = false
    /// Who added it by a single-step conference, until that has been told.
    var addedBy: DeviceID?
    public internal(set) var recording: Recording?
    /// The line that its leg takes up; nil for a phone here.
    public internal(set) var trunk: Call.TrunkLine?
    /// How it is dialled, until it rings.
    var attempt: LineAttempt?
    /// What the records need.
    var history: PartHistory
    public var ringTime: Instant? { history.offered }
    /// When it began to talk, for the called side and for the calling one alike.
    public var answerTime: Instant? { history.answered }

    init(
        device: DeviceID, isInternal: Bool, leg: LegID, legState: LegState, state: ConnectionState, isCalled: Bool,
        callingDevice: DeviceID, calledDevice: DeviceID, joined: Instant
    ) {
        self.device = device
        self.isInternal = isInternal
        self.leg = leg
        self.legState = legState
        self.state = state
        self.isCalled = isCalled
        self.callingDevice = callingDevice
        self.calledDevice = calledDevice
        history = PartHistory(joined: joined)
    }
}

/// A recording of a device's part in a call (E18).
public struct Recording: Hashable, Sendable {
    public let id: RecordingID
    /// Below the tenant's folder for recordings.
    public let path: String
    /// Whether the switch has said that it has begun.
    public internal(set) var isRunning = false
    /// Whether the switch was told to end it.
    public internal(set) var isStopping = false
}

/// What has come of a device's part in a call so far.
struct PartHistory: Hashable, Sendable {
    var joined: Instant
    var offered: Instant?
    var answered: Instant?
    /// Since when it holds; nil: it does not.
    var heldSince: Instant?
    var heldMilliseconds: Int64 = 0
    /// Who was logged in when it joined.
    var agent: AgentID?
    /// The split in whose queue it was last, and for how long it was in queues.
    var split: DeviceID?
    var queuedMilliseconds: Int64 = 0
    /// Of the recordings that have ended.
    var recordings: [String] = []

    mutating func endHold(at now: Instant) {
        if let since = heldSince { heldMilliseconds += now.milliseconds - since.milliseconds }
        heldSince = nil
    }
}
