/// What the fan-out has done so far, for metrics.
public struct DeliveryStatistics: Hashable, Sendable {
    /// Open now.
    public var webSockets = 0
    /// Open now.
    public var eventStreams = 0
    /// Open now, over sockets that count among ``webSockets``.
    public var stompSubscriptions = 0
    /// Live events written, counted for each receiver.
    public var eventsSent = 0
    /// Events read back from the journal and written.
    public var eventsReplayed = 0
    /// Pages read back from the journal.
    public var pagesRead = 0
    /// Subscribers closed because they read too slowly.
    public var closedSlow = 0
    /// Subscribers closed because they answered no ping.
    public var closedSilent = 0
    /// Subscribers closed because the journal cannot serve their serial.
    public var closedGone = 0
    /// Subscribers closed for breaking the WebSocket protocol.
    public var closedProtocol = 0
    /// The most bytes that were ever pending at one socket when it was looked at.
    public var deepestQueueBytes = 0
    /// The most published events that ever waited for one event loop.
    public var deepestInboxEvents = 0

    public init() {}

    mutating func add(_ other: DeliveryStatistics) {
        webSockets += other.webSockets
        eventStreams += other.eventStreams
        stompSubscriptions += other.stompSubscriptions
        eventsSent += other.eventsSent
        eventsReplayed += other.eventsReplayed
        pagesRead += other.pagesRead
        closedSlow += other.closedSlow
        closedSilent += other.closedSilent
        closedGone += other.closedGone
        closedProtocol += other.closedProtocol
        deepestQueueBytes = max(deepestQueueBytes, other.deepestQueueBytes)
        deepestInboxEvents = max(deepestInboxEvents, other.deepestInboxEvents)
    }
}
