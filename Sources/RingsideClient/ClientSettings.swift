public import CSTA

/// As whom a client acts.
public enum Credentials: Hashable, Sendable {
    /// An agent or user with its password: the client logs in when it has to, and again when the session is over.
    case account(AgentID, password: String)
    /// An API key, for machines: there is no session.
    case apiKey(String)
    /// A session from elsewhere; when it is over, it is over.
    case session(String)

    /// Of the account.
    var agent: AgentID? { if case .account(let agent, _) = self { agent } else { nil } }
    var password: String? { if case .account(_, let password) = self { password } else { nil } }
    /// Whether there is a session to renew and to end.
    var hasSession: Bool { if case .apiKey = self { false } else { true } }
}

/// What a client does by itself, and how long it waits.
public struct ClientSettings: Sendable {
    /// Whether an agent is kept logged in from its login on, and when a snapshot says that it is logged in.
    public var sendsHeartbeats = true
    /// Between heartbeats; after three minutes without one the server logs the agent out.
    public var heartbeatInterval = Duration.seconds(60)
    /// Between renewals of the session, which ends a day after the last.
    public var renewalInterval = Duration.seconds(4 * 3600)
    public var connectTimeout = Duration.seconds(5)
    /// The server answers at once, or after a password check.
    public var requestTimeout = Duration.seconds(30)
    /// Hours of sound over a slow line.
    public var downloadTimeout = Duration.seconds(3600)
    /// The server writes a comment into the events every 15 s; three missed mean that nobody is there any more.
    public var silenceTimeout = Duration.seconds(45)
    /// Told when the server did not take a heartbeat.
    public var heartbeatFailed: @Sendable (ClientError) -> Void = { _ in }

    public init() {}

    /// A namespace with thousands of calls, and room.
    static let maximumBodyBytes = 16 << 20
}

/// Pauses between attempts to reconnect: they double, and begin anew when something was heard of the server.
struct BackOff: Sendable {
    static let firstMilliseconds = 250
    static let longestMilliseconds = 15_000

    private var next = Self.firstMilliseconds

    /// The pause, spread so that a server that comes back is not met by all at once.
    mutating func pause(chance: Int = .random(in: 50...150)) -> Duration {
        defer { next = min(2 * next, Self.longestMilliseconds) }
        return .milliseconds(next * chance / 100)
    }

    mutating func reset() { self = BackOff() }
}
