public import CSTA

/// What a report is made of: stored with the events of the input that it comes from.
public enum Record: Hashable, Sendable {
    case part(CallPart)
    case agentTime(AgentTime)
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
}

/// A time that an agent spent in one mode, with one reason. Those of a login follow each other without a gap.
public struct AgentTime: Hashable, Sendable {
    public var agent: AgentID
    public var device: DeviceID
    public var mode: AgentMode
    public var reason: String?
    public var began: Instant
    public var ended: Instant
}
