public import CSTA
public import SwitchDriver

/// What is to be done after an input, in this order.
public enum Effect: Hashable, Sendable {
    /// An event copy to store and then to send.
    indirect case event(EventCopy)
    case switchCommand(SwitchCommand)
    /// Set a timer, or set it anew. What counts is how long after the input's moment it is due: whoever runs it
    /// measures that time by a clock that nobody sets.
    case setTimer(TimerID, at: Instant)
    case cancelTimer(TimerID)
    /// The answer to a command, of this input or of an earlier one that had to wait.
    case reply(RequestID, Reply)
    /// Something that has come to its end, for the records.
    indirect case record(Record)
    /// The input made no sense here and has changed nothing; it is to be counted.
    case ignored(IgnoredReason)
    /// A sweep has put something right, with what it was about: to be counted and to be written into the log.
    indirect case mended(Mend, String)
}

/// An event with who is to get it.
public struct EventCopy: Hashable, Sendable {
    public var event: Event
    /// The device whose copy this is (E7).
    public var device: DeviceID
    /// The agent that was logged in on the device, or whom an agent event is about.
    public var agent: AgentID?
    public var call: CallID?

    public init(event: consuming Event, device: DeviceID, agent: AgentID?, call: CallID?) {
        self.event = event
        self.device = device
        self.agent = agent
        self.call = call
    }
}

/// The answer to a command.
public enum Reply: Hashable, Sendable {
    case done
    /// The wish is kept until the call ends (E13).
    case pending(AgentMode)
    /// The call that was begun.
    case call(CallID)
    case refused(Refusal)
}

/// Why an input was ignored: a closed list, to be counted by reason.
public enum IgnoredReason: String, Hashable, Sendable, CaseIterable {
    case unknownLeg
    case unknownDevice
    case unknownTenant
    case unknownTimer
    case unknownRecording
    /// It says what is so already.
    case repeated
    /// It does not fit the state: an answer after the end, an unhold of what is not held.
    case outOfOrder
    /// A number that no address can have.
    case invalidNumber
    /// A leg that is already known was offered, or one without an id for its call.
    case invalidOffer
    /// A bound was reached; the leg was hung up.
    case tooMany
}
