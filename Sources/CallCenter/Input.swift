public import CSTA
public import SwitchDriver

/// What a tenant reacts to.
public enum Input: Hashable, Sendable {
    /// Somebody asks for something; the answer is ``Effect/reply(_:_:)`` with the same request.
    case command(Command, by: Requester, request: RequestID)
    /// The switch tells something. `newCall` names the call that an offered leg begins; other events do not use it.
    case switchEvent(SwitchEvent, newCall: CallID? = nil)
    /// A timer that ``Effect/setTimer(_:at:)`` asked for has fired.
    case timer(TimerID)
    /// The server has come back with the state of its journal: the timers that ran then are gone.
    case resumed
    /// The operator has changed what is set up for the tenant. Calls that are up go on.
    indirect case configured(TenantConfiguration)
}

/// Tells the answers to commands apart. Unique among the requests under way in one tenant.
public struct RequestID: Hashable, Sendable {
    public let value: UInt64
    public init(_ value: UInt64) { self.value = value }
}

/// What an account may do.
public enum Role: String, Hashable, Sendable, CaseIterable {
    /// Its own agent's state, and calls of the device that it is logged in on.
    case agent
    /// Every agent and call of its namespace.
    case supervisor
    /// What a supervisor may, and the running of the tenant.
    case admin
    /// A machine by its API key: what a supervisor may, as far as the key's scopes go, which the gateway checks.
    case service

    /// Those that an account can have.
    public static let ofAccounts: [Role] = [.agent, .supervisor, .admin]

    public var supervises: Bool { self != .agent }
}

/// Who asks: the account behind a session.
public struct Requester: Hashable, Sendable {
    public var agent: AgentID
    public var role: Role

    public init(agent: AgentID, role: Role) {
        self.agent = agent
        self.role = role
    }
}

/// A service that a client asks for, named as in ECMA-269 where it has a name there.
public enum Command: Hashable, Sendable {
    /// Log an agent in on a device. The caller has checked the password.
    case logIn(AgentID, device: DeviceID, mode: AgentMode)
    case logOut(AgentID)
    /// `setAgentState`: to Ready or NotReady. During a call the wish is kept (E13).
    case setMode(AgentID, AgentMode, reason: String?)
    /// The agent's client is alive; none for ``TenantLimits/heartbeatSeconds`` logs the agent out.
    case heartbeat(AgentID)
    case makeCall(MakeCall)
    case answerCall(ConnectionID)
    /// Hang up one's own connection, or, for a supervisor, another's.
    case clearConnection(ConnectionID)
    case holdCall(ConnectionID)
    case retrieveCall(ConnectionID)
    /// Hands the other party over to a number, and leaves (ECMA-269 §17.1.20). Another's connection: supervisors only, who take
    /// the call over for somebody so.
    /// - returns: whether the party comes back to the device when the other has left.
    case singleStepTransferCall(ConnectionID, to: String, returns: Bool)
    /// Adds a party (ECMA-269 §17.1.19). Another's connection: supervisors only, who barge in so.
    /// - isSilent: the added party hears, and is not heard.
    case singleStepConferenceCall(ConnectionID, participant: String, isSilent: Bool)
    /// Holds a call and begins another (ECMA-269 §17.1.9) with the id `call`, fresh.
    case consultationCall(ConnectionID, participant: String, call: CallID)
    /// Ends a consultation; the held call is retrieved.
    case cancelConsultation(held: ConnectionID, consultation: CallID)
    /// Connects the party that is held with the one that is consulted, and leaves both (ECMA-269 §17.1.23).
    case transferCall(held: ConnectionID, active: CallID, returns: Bool)
    /// Makes one call of the held one and the active one (ECMA-269 §17.1.8).
    case conferenceCall(held: ConnectionID, active: CallID)
    /// Lets a device hear a call unnoticed. Supervisors only.
    case listen(CallID, device: DeviceID)
    /// Says the agent's number to all in the call.
    case agentGreeting(CallID, AgentID, device: DeviceID)
    /// Adds to what travels with the call (E11).
    case setUserData(CallID, UserData)
    /// Records the call that the device talks in (E18).
    case startRecording(DeviceID)
    case stopRecording(DeviceID)
    /// Reserves a free agent of a split for a call that the server places. What comes of it is told by
    /// ``Record/outbound(_:)``.
    case placeOutboundCall(OutboundCall)
    /// An Allocated agent becomes Ready again.
    case release(AgentID)
    /// Releases all who are reserved for a campaign.
    case releaseCampaign(CampaignID)
    /// The agent who is asked says whether the customer is to be dialled.
    case answerPreview(AgentID, isAccepted: Bool)
    /// Begin nothing new: calls that would begin are refused from here on. Said before a shutdown.
    case drain
}

/// A call to be made from a device of the tenant.
public struct MakeCall: Hashable, Sendable {
    /// The new call's id, fresh.
    public var call: CallID
    public var from: DeviceID
    /// As dialled: an internal number, or an external one with its prefix; without a namespace.
    public var to: String
    /// Call progress analysis: the caller gets `failed` when the call fails.
    public var analysis: Bool
    /// What the called side is shown instead of the caller's number.
    public var originForDisplay: String?
    /// What the caller's phone is shown instead of the called number.
    public var destinationForDisplay: String?
    /// What is added to the call's user data (E11).
    public var userData: UserData

    public init(
        call: CallID, from: DeviceID, to: String, analysis: Bool = false, originForDisplay: String? = nil,
        destinationForDisplay: String? = nil, userData: UserData = UserData()
    ) {
        self.call = call
        self.from = from
        self.to = to
        self.analysis = analysis
        self.originForDisplay = originForDisplay
        self.destinationForDisplay = destinationForDisplay
        self.userData = userData
    }
}

/// A timer, named by what it watches; a tenant has at most one of a name.
public enum TimerID: Hashable, Sendable {
    /// The call has not been answered in time, or a phone has not answered for its own agent's call.
    case answer(CallID)
    /// The phone of somebody who is to listen has not been answered.
    case listening(LegID)
    /// The switch has not said that a recording has begun, or that it has ended.
    case recording(RecordingID)
    /// A connection was told to end and the switch has not said that it did.
    case clearing(LegID)
    case heartbeat(AgentID)
    /// A call has waited in a split for as long as it may.
    case waitLimit(CallID)
    /// An agent's work after a call is over.
    case wrapUp(AgentID)
    /// A caller who waits is to be told its position.
    case announcement(CallID)
    /// An agent has been reserved for as long as it may be.
    case allocation(AgentID)
    /// A customer whom nobody could have is to be dialled again for the same agent.
    case redial(AgentID)
    /// All that could stick is to be looked at.
    case sweep
}
