public import CSTA

/// What a report is made of: stored with the events of the input that it comes from.
public enum Record: Hashable, Sendable {
    case part(CallPart)
    case agentTime(AgentTime)
    case outbound(OutboundResult)
    case passage(SplitPassage)
}

/// A device's part in a call, from its beginning to its end.
///
/// A device whose connection moves into another call, as after a consultation, has a part in each of the two calls; the second
/// begins when the first ends.
public struct CallPart: Hashable, Sendable {
    public var conversation: CallID
    public var call: CallID
    public var callType: CallType
    public var device: DeviceID
    /// Of the tenant.
    public var isInternal: Bool
    /// Who was logged in when the part began.
    public var agent: AgentID?
    /// As the device saw them (E10).
    public var callingDevice: DeviceID
    public var calledDevice: DeviceID
    public var isCalled: Bool
    public var isListener: Bool
    public var trunkGroup: String?
    public var began: Instant
    /// When it rang; nil: it did not, or it is the caller.
    public var offered: Instant?
    public var answered: Instant?
    public var heldMilliseconds: Int64
    public var ended: Instant
    /// Why it ended; nil: it moved into another call.
    public var cause: HangupCause?
    /// Who hung up; nil as for `cause`.
    public var hangupDevice: DeviceID?
    /// To whom it handed the call over.
    public var transferredTo: DeviceID?
    /// The call that it moved into.
    public var continuedIn: CallID?
    /// File names, as `recordStarted` told them.
    public var recordings: [String]
    /// The split that offered the call to it; of a caller, the one in whose queue it was last.
    public var split: DeviceID?
    /// For how long it was in queues of splits before somebody answered, or it was gone.
    public var queuedMilliseconds: Int64
    /// Whether the call ended with it: of the parts of a call, the one that is written down last.
    public var endsCall: Bool

    public init(
        conversation: CallID, call: CallID, callType: CallType, device: DeviceID, isInternal: Bool,
        agent: AgentID? = nil, callingDevice: DeviceID, calledDevice: DeviceID, isCalled: Bool,
        isListener: Bool = false, trunkGroup: String? = nil, began: Instant, offered: Instant? = nil,
        answered: Instant? = nil, heldMilliseconds: Int64 = 0, ended: Instant, cause: HangupCause? = nil,
        hangupDevice: DeviceID? = nil, transferredTo: DeviceID? = nil, continuedIn: CallID? = nil,
        recordings: [String] = [], split: DeviceID? = nil, queuedMilliseconds: Int64 = 0, endsCall: Bool = false
    ) {
        self.conversation = conversation
        self.call = call
        self.callType = callType
        self.device = device
        self.isInternal = isInternal
        self.agent = agent
        self.callingDevice = callingDevice
        self.calledDevice = calledDevice
        self.isCalled = isCalled
        self.isListener = isListener
        self.trunkGroup = trunkGroup
        self.began = began
        self.offered = offered
        self.answered = answered
        self.heldMilliseconds = heldMilliseconds
        self.ended = ended
        self.cause = cause
        self.hangupDevice = hangupDevice
        self.transferredTo = transferredTo
        self.continuedIn = continuedIn
        self.recordings = recordings
        self.split = split
        self.queuedMilliseconds = queuedMilliseconds
        self.endsCall = endsCall
    }
}

/// A time that an agent spent in one mode, with one reason. Those of a login follow each other without a gap.
public struct AgentTime: Hashable, Sendable {
    public var agent: AgentID
    public var device: DeviceID
    public var mode: AgentMode
    public var reason: String?
    public var began: Instant
    public var ended: Instant

    public init(
        agent: AgentID, device: DeviceID, mode: AgentMode, reason: String? = nil, began: Instant, ended: Instant
    ) {
        self.agent = agent
        self.device = device
        self.mode = mode
        self.reason = reason
        self.began = began
        self.ended = ended
    }
}

extension Agent.Login {
    /// The time in the current mode, up to a moment: it is not written down before it is over.
    public func runningTime(of agent: AgentID, until now: Instant) -> AgentTime {
        AgentTime(agent: agent, device: device, mode: mode, reason: reason, began: since, ended: now)
    }
}
