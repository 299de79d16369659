public import CSTA

/// An outbound call that the server is to place, for an agent of a split whom it reserves: what a dialler asks for.
public struct OutboundCall: Hashable, Sendable {
    /// How often one customer is dialled while one agent is reserved.
    public static let maximumDials = 5
    /// Between two of them: what is busy now is not free at once.
    static let redialSeconds = 5

    /// Whom it is about, for the dialler; the rules hand it back with what has come of it.
    public var contact: ContactID
    /// All calls of a campaign can be given up together.
    public var campaign: CampaignID
    /// Ids for the calls, fresh: as many as times that it may be dialled, up to ``maximumDials``.
    public var calls: [CallID]
    /// Whose free agent gets it.
    public var split: DeviceID
    /// As an agent would dial it, with the prefix of a trunk; without a namespace.
    public var number: String
    /// What the customer is shown instead of the trunk's number.
    public var originForDisplay: String?
    public var userData: UserData
    /// The agent sees whom it is about, and says whether the customer is dialled.
    public var isPreview: Bool
    /// Whether the agent's phone answers by itself when the customer has.
    public var answersItself: Bool
    /// A customer who does not answer within this counts as one that does not.
    public var ringSeconds: Int
    /// How long an agent is reserved at the most.
    public var limitSeconds: Int
    /// After which failures it is dialled again for the same agent.
    public var redialledAfter: Set<FailedCode>

    public init(
        contact: ContactID, campaign: CampaignID, calls: [CallID], split: DeviceID, number: String,
        originForDisplay: String? = nil, userData: UserData = UserData(), isPreview: Bool = false,
        answersItself: Bool = false, ringSeconds: Int = 30, limitSeconds: Int = 150,
        redialledAfter: Set<FailedCode> = []
    ) {
        self.contact = contact
        self.campaign = campaign
        self.calls = calls
        self.split = split
        self.number = number
        self.originForDisplay = originForDisplay
        self.userData = userData
        self.isPreview = isPreview
        self.answersItself = answersItself
        self.ringSeconds = ringSeconds
        self.limitSeconds = limitSeconds
        self.redialledAfter = redialledAfter
    }

    var callType: CallType { isPreview ? .preview : .preoccupied }
}

/// Whom a campaign wants to be called: one entry of its list.
public struct ContactID: Hashable, Sendable, CustomStringConvertible {
    public let value: Int64
    public init(_ value: Int64) { self.value = value }
    public var description: String { String(value) }
}

/// A campaign, unique among those of all tenants.
public struct CampaignID: Hashable, Sendable, CustomStringConvertible {
    public let value: Int64
    public init(_ value: Int64) { self.value = value }
    public var description: String { String(value) }
}

/// What has come of an outbound call: a closed list.
public enum OutboundOutcome: Hashable, Sendable {
    /// An agent of the split talks with the customer.
    case answered
    /// The customer has answered, and has gone or was let go before an agent answered.
    case abandoned
    /// The customer could not be had (E19).
    case failed(FailedCode)
    /// The agent did not want to call the customer.
    case skipped
    /// The agent did not say in time whether it wants to.
    case expired
    /// The agent was released or has gone, or the split is no more.
    case released
}

/// An outbound call is over, as far as the dialler is concerned: for the records.
public struct OutboundResult: Hashable, Sendable {
    public var contact: ContactID
    public var outcome: OutboundOutcome
    /// How often the customer was dialled.
    public var dials: Int
    /// Who was reserved for it.
    public var agent: AgentID
    /// The last call; nil: the customer was not dialled.
    public var call: CallID?
    public var ended: Instant

    public init(
        contact: ContactID, outcome: OutboundOutcome, dials: Int, agent: AgentID, call: CallID?, ended: Instant
    ) {
        self.contact = contact
        self.outcome = outcome
        self.dials = dials
        self.agent = agent
        self.call = call
        self.ended = ended
    }
}

/// That an agent is reserved for an outbound call which has not reached it.
public struct Allocation: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        /// The agent is asked whether the customer is to be dialled.
        case proposed
        case dialling(CallID)
        /// Dialling has failed, and is to be tried again.
        case pausing(FailedCode)
    }

    public let order: OutboundCall
    var phase = Phase.proposed
    var dials = 0

    init(_ order: OutboundCall) { self.order = order }

    /// Whether the agent is to say if the customer is dialled.
    public var isProposed: Bool { phase == .proposed }
    var lastCall: CallID? { dials > 0 ? order.calls[dials - 1] : nil }
}

/// What ties a call to an agent who is reserved for it, until an agent talks with the customer.
struct OutboundTie: Hashable, Sendable {
    var agent: AgentID
    var order: OutboundCall
    var dials: Int
}
