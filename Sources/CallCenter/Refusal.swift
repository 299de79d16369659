public import CSTA

/// Why a command was refused. It has then changed nothing and sent no event.
///
/// The HTTP status of each is the client interface's; `Gateway` maps them in one place.
public enum Refusal: Error, Hashable, Sendable {
    // Agents
    case noSuchAgent
    case agentDisabled
    case noSuchDevice
    case deviceNotRegistered
    case deviceNotUsable
    case deviceNotAllowed
    case alreadyLoggedInHere
    case loggedInElsewhere(DeviceID)
    case deviceInUse(AgentID)
    case deviceInCall(ConnectionState)
    case tooManyAgents
    case agentLoggedOut
    /// A mode that cannot be asked for, as Allocated.
    case modeNotSettable(AgentMode)
    /// The agent is reserved for an outbound call and may not dial.
    case agentAllocated
    /// The agent is not reserved, or the call has reached it.
    case notAllocated(AgentMode)
    /// The agent is not asked whether to call somebody.
    case nothingProposed(AgentMode)
    /// Nobody of the split is Ready, or there is no such split.
    case noFreeAgent
    // Rights
    case notYours
    // Calls
    case noSuchCall
    case noSuchConnection
    /// The connection's state does not allow it.
    case wrongState(ConnectionState)
    /// The device talks in another call, or is about to.
    case otherCallActive(ConnectionState)
    /// Somebody who was called rings still.
    case partyPending(ConnectionState)
    /// A split can be called, consulted and transferred to, but not added to a call.
    case splitNotAllowed(ConnectionState)
    /// Only a call of two parties can be transferred.
    case notTwoParties(ConnectionState)
    case tooManyParties(ConnectionState)
    /// The device that was asked for is a party of the call already.
    case alreadyInCall(ConnectionState)
    /// Nobody is logged in there as this agent.
    case notLoggedInThere(ConnectionState)
    /// The tenant does not allow recordings.
    case recordingForbidden
    case alreadyRecording(ConnectionState)
    case notRecording(ConnectionState)
    /// The phone can be answered only by hand.
    case answerAtPhone
    /// The phone itself holds the call and can only be taken back there.
    case retrieveAtPhone
    /// Neither a device here nor a number that a prefix leads out.
    case noRoute
    /// No line of the trunk groups that carry the number has room for a call more.
    case trunksBusy
    /// The tenant's devices may not call this number.
    case numberBarred(DiallingRules.Barrier)
    case invalidNumber
    case callingSelf
    case tooManyCalls
    case tooMuchUserData
    // The switch
    case switchAway
    case shuttingDown
    // The server
    /// Too much waits to be done; the command was not looked at.
    case overloaded
}
