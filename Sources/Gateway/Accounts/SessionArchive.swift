public import CallCenter

/// Where sessions outlive the process: the server's journal.
///
/// A failure is logged and the sessions go on in memory; what was not taken is handed over again.
public protocol SessionArchive: Sendable {
    /// The sessions that were kept, in any order, at most ``SessionLimits/maximumSessions`` of them.
    func sessions(atMost maximum: Int) async throws -> [StoredSession]

    /// Takes all of the changes, durably, or none.
    func store(_ changes: SessionChanges) async throws
}

/// What has become of sessions.
public struct SessionChanges: Hashable, Sendable {
    /// All that was kept before is to be forgotten first.
    public var beginsAnew = false
    /// New ones, and ones whose last use has changed.
    public var kept: [StoredSession] = []
    /// Keys of those that are over; some may never have been kept.
    public var ended: [[UInt8]] = []

    public init() {}

    public var isEmpty: Bool { !beginsAnew && kept.isEmpty && ended.isEmpty }
}
