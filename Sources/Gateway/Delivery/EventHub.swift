public import CSTA
public import CallCenter
import NIOCore

/// Sends each published event to all who follow it.
///
/// An event is framed once; its receivers share the bytes. An event loop owns its subscribers, and gets what was
/// published in batches: no lock, task, hop or allocation an event and receiver. Nobody waits for a slow subscriber: it
/// is closed and resumes from the journal.
public final class EventHub: Sendable {
    public let limits: DeliveryLimits
    private let switchboard: Switchboard

    /// - Parameters:
    ///   - tenants: where stored events are read back.
    ///   - measures: where measures are read for those who follow them; nil: they get none.
    public init(
        tenants: any TenantDirectory, measures: (any MeasureSource)? = nil, limits: DeliveryLimits = DeliveryLimits()
    ) {
        self.limits = limits
        switchboard = Switchboard(tenants: tenants, measures: measures, limits: limits)
    }

    /// Sends events to those who follow them. Returns at once, from any thread.
    ///
    /// The journal must have stored them: a subscriber may be reading them back already. The calls for one namespace must
    /// follow each other in the order of the serials.
    ///
    /// - Parameter origins: for each event, when that of the switch came in which led to it; empty: not known.
    public func publish(
        _ events: [EncodedEvent], in namespace: Namespace, origins: [ContinuousClock.Instant?] = []
    ) {
        guard let last = events.last else { return }
        let (inboxes, hasStreams) = switchboard.published(through: last.serial, in: namespace)
        guard !inboxes.isEmpty else { return }
        let batch = Batch(
            namespace: namespace,
            events: events.enumerated().map { index, event in
                OutgoingEvent(
                    event, origin: index < origins.count ? origins[index] : nil, withStreamText: hasStreams)
            })
        for inbox in inboxes { inbox.post(batch) }
    }

    /// Tells all subscribers that the server restarts, and takes no new ones.
    ///
    /// Returns when all have been told; their sockets close when they answer, or after
    /// ``DeliveryLimits/closeGraceMilliseconds``.
    public func shutdown() async {
        for inbox in switchboard.shutDown() {
            await inbox.perform { $0.endAll(.restarting) }
        }
    }

    /// Lets go of the event loops, which are about to end. After ``shutdown()``.
    func retire() {
        for inbox in switchboard.allInboxes() { inbox.retire() }
    }

    public func statistics() -> DeliveryStatistics {
        var sum = DeliveryStatistics()
        for inbox in switchboard.allInboxes() { sum.add(inbox.statistics()) }
        return sum
    }

    /// From events of the switch to the write of what they led to.
    public var latency: DurationHistogram.Counts { switchboard.latency.counts }

    /// Whether one more subscriber fits; each true is followed by one ``leave(_:)``.
    func admit(_ kind: SubscriberKind) -> Bool { switchboard.admit(kind) }

    func leave(_ kind: SubscriberKind) { switchboard.leave(kind) }

    /// The lane of the event loop on which this is called.
    func lane(on eventLoop: any EventLoop) -> Lane? { switchboard.lane(on: eventLoop) }

    /// Reads the measures that are followed now, and sends those that have changed.
    func refreshMeasures() async { await switchboard.measures.refresh() }

    /// Runs one whole housekeeping round on every lane now.
    func runRound() async {
        for inbox in switchboard.allInboxes() {
            await inbox.perform { $0.runRound() }
        }
    }
}

enum SubscriberKind: Hashable, Sendable {
    case webSocket
    case eventStream
    /// One subscription; its socket is a ``webSocket``.
    case stomp
}
