public import CSTA
public import CallCenter

/// Where sessions outlive the process: the server's journal.
///
/// A failure is logged and the sessions go on in memory; what was not taken is handed over again.
public protocol SessionArchive: Sendable {
    /// The sessions that were kept, in any order, at most ``SessionLimits/maximumSessions`` of them.
    func sessions(atMost maximum: Int) async throws -> [ArchivedSession]

    /// Takes all of the changes, durably, or none.
    func store(_ changes: SessionChanges) async throws
}

/// A session as it is kept: nothing of it lets anybody act.
///
/// The role is not part of it: an account has the rights that the configuration gives it today.
public struct ArchivedSession: Hashable, Sendable {
    /// The SHA-256 of the session's id.
    public var key: [UInt8]
    public var agent: AgentID
    /// By the session's id and the account's password: the session ends when the password has been changed meanwhile.
    public var seal: [UInt8]
    public var began: Instant
    /// Rounded down: it is not written at each request.
    public var lastUse: Instant

    public init(key: [UInt8], agent: AgentID, seal: [UInt8], began: Instant, lastUse: Instant) {
        self.key = key
        self.agent = agent
        self.seal = seal
        self.began = began
        self.lastUse = lastUse
    }
}

/// What has become of sessions.
public struct SessionChanges: Hashable, Sendable {
    /// All that was kept before is to be forgotten first.
    public var beginsAnew = false
    /// New ones, and ones whose last use has changed.
    public var kept: [ArchivedSession] = []
    /// Keys of those that are over; some may never have been kept.
    public var ended: [[UInt8]] = []

    public init() {}

    public var isEmpty: Bool { !beginsAnew && kept.isEmpty && ended.isEmpty }
}
