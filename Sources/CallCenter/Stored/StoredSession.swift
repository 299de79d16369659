public import CSTA

/// A client's session as it is kept over a restart: nothing of it lets anybody act.
///
/// The role is not part of it: an account has the rights that the configuration gives it today.
public struct StoredSession: Hashable, Sendable {
    /// The SHA-256 of the session's id, which is not for the disk.
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
