import CSTA
import CallCenter
import NIOCore
import Synchronization

/// What the event loops' lanes and the publishers share.
///
/// Order of things, on which ``CatchUp`` relies: a publisher notes the serial and takes the open inboxes in one step, after
/// the journal has stored the events. A lane opens its inbox before its first subscriber asks for the edge. So an event
/// that the publisher did not post to a lane lies at or before the edge that the lane's subscribers will see.
final class Switchboard: Sendable {
    let tenants: any TenantDirectory
    let limits: DeliveryLimits
    let replays: ReplayGate
    let latency = DurationHistogram()
    let measures: MeasureFeed
    private let shared = Mutex(Shared())

    private struct Shared {
        var lanes: [ObjectIdentifier: LaneInbox] = [:]
        /// Those with subscribers.
        var open: [LaneInbox] = []
        var published: [Namespace: Serial] = [:]
        var webSockets = 0
        var eventStreams = 0
        var stompSubscriptions = 0
        var subscribers: Int { webSockets + eventStreams + stompSubscriptions }
        var isShutDown = false
    }

    init(tenants: any TenantDirectory, measures: (any MeasureSource)?, limits: DeliveryLimits) {
        self.tenants = tenants
        self.measures = MeasureFeed(source: measures, limits: limits)
        self.limits = limits
        replays = ReplayGate(maximumReads: limits.maximumConcurrentReplays)
    }

    func published(through last: Serial, in namespace: Namespace) -> (to: [LaneInbox], hasStreams: Bool) {
        shared.withLock {
            $0.published[namespace] = last
            return ($0.open, $0.eventStreams > 0)
        }
    }

    /// The last serial published; nil if there was none since the server began.
    func edge(of namespace: Namespace) -> Serial? {
        shared.withLock { $0.published[namespace] }
    }

    func admit(_ kind: SubscriberKind) -> Bool {
        shared.withLock {
            guard !$0.isShutDown, $0.subscribers < limits.maximumSubscribers else { return false }
            switch kind {
            case .webSocket: $0.webSockets += 1
            case .eventStream: $0.eventStreams += 1
            case .stomp: $0.stompSubscriptions += 1
            }
            return true
        }
    }

    func leave(_ kind: SubscriberKind) {
        shared.withLock {
            switch kind {
            case .webSocket: $0.webSockets -= 1
            case .eventStream: $0.eventStreams -= 1
            case .stomp: $0.stompSubscriptions -= 1
            }
        }
    }

    /// Nil after the shutdown.
    func lane(on eventLoop: any EventLoop) -> Lane? {
        let key = ObjectIdentifier(eventLoop)
        let (known, isShutDown) = shared.withLock { ($0.lanes[key], $0.isShutDown) }
        if isShutDown { return nil }
        if let known { return known.lane }
        // Only this event loop makes its lane, so nobody else has made it meanwhile.
        let inbox = LaneInbox(eventLoop: eventLoop, switchboard: self)
        shared.withLock { $0.lanes[key] = inbox }
        return inbox.lane
    }

    func open(_ inbox: LaneInbox) {
        shared.withLock { $0.open.append(inbox) }
    }

    func close(_ inbox: LaneInbox) {
        shared.withLock { $0.open.removeAll { $0 === inbox } }
    }

    func allInboxes() -> [LaneInbox] {
        shared.withLock { Array($0.lanes.values) }
    }

    /// Takes no more subscribers and returns the lanes that may have some.
    func shutDown() -> [LaneInbox] {
        shared.withLock {
            $0.isShutDown = true
            return Array($0.lanes.values)
        }
    }
}
