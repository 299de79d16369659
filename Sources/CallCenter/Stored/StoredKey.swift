public import CSTA

/// A machine's API key as it is kept: nothing of it lets anybody act.
public struct StoredKey: Hashable, Sendable {
    /// What a key lets its holder do, in its own namespace.
    public enum Scope: String, Hashable, Sendable, CaseIterable {
        /// Follow events, and read snapshots, records and recordings.
        case read
        /// Ask for services, as a supervisor.
        case control
    }

    /// Names the key in lists and logs; no secret.
    public var id: String
    /// The SHA-256 of the key, which is not for the disk.
    public var hash: [UInt8]
    public var namespace: Namespace
    /// What its maker calls it.
    public var name: String
    /// At least one.
    public var scopes: Set<Scope>
    public var createdBy: AgentID
    public var created: Instant
    /// Rounded down: it is not written at each request. Nil: never used.
    public var lastUse: Instant?

    public init(
        id: String, hash: [UInt8], namespace: Namespace, name: String, scopes: Set<Scope>, createdBy: AgentID,
        created: Instant, lastUse: Instant? = nil
    ) {
        self.id = id
        self.hash = hash
        self.namespace = namespace
        self.name = name
        self.scopes = scopes
        self.createdBy = createdBy
        self.created = created
        self.lastUse = lastUse
    }
}
