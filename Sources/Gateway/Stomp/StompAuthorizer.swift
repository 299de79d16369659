public import CSTA
public import CallCenter

/// What a STOMP client says of itself, at the upgrade and in its CONNECT frame.
public struct StompLogin: Sendable {
    /// With the cookie, if it has one.
    public var upgrade: EventRequest
    public var sessionID: String?
    /// `agent@namespace`.
    public var login: String?
    public var passcode: String?
}

/// Who a STOMP client is, and what it may follow.
public struct StompIdentity: Sendable {
    public var namespace: Namespace
    /// The one agent that it may follow; nil: each of the namespace.
    public var agent: AgentID?
    /// With it the connection ends; nil: it does not end for that.
    public var session: EventSession?
    /// Who it is; nil: it did not say.
    public var requester: Requester?

    public init(
        namespace: Namespace, agent: AgentID? = nil, session: EventSession? = nil, requester: Requester? = nil
    ) {
        self.namespace = namespace
        self.agent = agent
        self.session = session
        self.requester = requester
    }
}

/// Decides who may connect by STOMP.
public protocol StompAuthorizer: Sendable {
    /// It is awaited for at most ``DeliveryLimits/connectMilliseconds``, counted from the upgrade.
    func admit(_ login: StompLogin) async -> Result<StompIdentity, EventRefusal>

    /// Told of a SUBSCRIBE to an agent that a client may not follow.
    func refused(_ identity: StompIdentity, at upgrade: EventRequest, _ refusal: EventRefusal)
}

extension StompAuthorizer {
    /// It keeps no account of that.
    public func refused(_ identity: StompIdentity, at upgrade: EventRequest, _ refusal: EventRefusal) {}
}
