/// The bounds of event delivery. Each has a reason; none is there for tuning alone.
public struct DeliveryLimits: Hashable, Sendable {
    /// Subscribers of the whole server; one more gets 503. A 10,000-agent centre with its supervisors twice over.
    public var maximumSubscribers = 20_000

    /// What is written and not yet taken by a subscriber's socket. Beside it the kernel holds some MB a socket, so a
    /// client has stopped reading for long when it is reached; all subscribers at it at once must still fit in memory.
    public var maximumPendingBytes = 512 * 1024

    /// Events of one page read back from the journal: some 80 KB, below ``maximumPendingBytes``.
    public var replayPageEvents = 200

    /// Pages being read from the journal at once by the whole server; a reconnect storm waits in order.
    public var maximumConcurrentReplays = 8

    /// Live events kept for one subscriber while its page is being read; past it the page is followed by another.
    public var maximumCapturedEvents = 1_000

    /// Published events of one namespace that wait for one event loop: some 60 MB. Past it the namespace's subscribers
    /// on this loop must resume; those of others notice nothing.
    public var maximumInboxEvents = 100_000

    /// Published events of all namespaces that wait for one event loop: some 240 MB, which the loops share. Past it the
    /// namespace that has the most waiting gives way, as if it had reached ``maximumInboxEvents``.
    public var maximumInboxEventsOfAll = 400_000

    /// The longest message of a client. They send next to nothing.
    public var maximumClientMessageBytes = 64 * 1024

    /// Messages of one STOMP client that it has neither acknowledged nor refused, of all its subscriptions: as many as a
    /// large team's events of some minutes. Past it the client counts as too slow; a replay waits at half of it.
    public var maximumUnacknowledgedMessages = 10_000

    /// From a STOMP client's upgrade to the answer to its CONNECT.
    public var connectMilliseconds: Int64 = 10_000

    /// STOMP's heart-beat, both ways, where a client wants it.
    public var heartbeatMilliseconds: Int64 = 10_000

    /// How long one housekeeping round over all subscribers takes: the SSE heartbeat's interval.
    public var roundMilliseconds: Int64 = 15_000

    /// Rounds in which a client has sent nothing before it is pinged: 30 s.
    public var silentRoundsBeforePing = 2

    /// Rounds in which a client has sent nothing, not even a pong, before its socket is closed: 60 s.
    public var silentRoundsBeforeClose = 4

    /// Rounds in which a socket has taken nothing of what is pending before the subscriber counts as too slow: 30 s.
    public var stalledRoundsBeforeClose = 2

    /// How often measures are read for those who follow them: what a person can look at.
    public var measuresMilliseconds: Int64 = 1_000

    /// How long a client may take to answer a close.
    public var closeGraceMilliseconds: Int64 = 5_000

    /// How long a client that was too slow may take to reach its close frame behind what is pending.
    public var slowCloseGraceMilliseconds: Int64 = 30_000

    public init() {}
}
