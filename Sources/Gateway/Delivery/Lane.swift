import CSTA
import CallCenter
import NIOCore

/// The subscribers of one event loop. All of it runs on that loop, and it lives as long as the hub and its inbox.
final class Lane {
    let eventLoop: any EventLoop
    let limits: DeliveryLimits
    let inbox: LaneInbox
    private let switchboard: Switchboard
    private var rooms: [Namespace: Room] = [:]
    private var measured: [MeasureTopic: [Subscriber]] = [:]
    /// All subscribers, dealt out over the parts of a round so that ten thousand pings do not go out in one go.
    private var shards: [[Subscriber]]
    private var currentShard = 0
    private var count = 0
    private var housekeeping: RepeatedTask?
    private var touched: [Subscriber] = []
    /// Of the events that were written since the last flush.
    private var origins: [ContinuousClock.Instant] = []
    private var replays: ReplayQueue
    private var statistics = DeliveryStatistics()

    /// Housekeeping runs this often in a round: at 10,000 subscribers and 15 s, some 700 every second.
    private static let shardsPerRound = 15

    init(inbox: LaneInbox, switchboard: Switchboard) {
        self.inbox = inbox
        self.switchboard = switchboard
        eventLoop = inbox.eventLoop
        limits = switchboard.limits
        shards = Array(repeating: [], count: Self.shardsPerRound)
        replays = ReplayQueue()
    }

    // MARK: Coming and going

    func add(_ subscriber: Subscriber) {
        if count == 0 { open() }
        count += 1
        if subscriber.isReceiver { rooms[subscriber.subscription.namespace, default: Room()].add(subscriber) }
        let shard = count % Self.shardsPerRound
        subscriber.place = (shard, shards[shard].count)
        shards[shard].append(subscriber)
        count(subscriber.kind, by: 1)
        for kind in subscriber.subscription.measures { followMeasures(kind, subscriber) }
        if subscriber.catchUp.isWanting { wantPage(subscriber) }
    }

    func remove(_ subscriber: Subscriber) {
        guard let (shard, position) = subscriber.place else { return }
        subscriber.place = nil
        let last = shards[shard].removeLast()
        if last !== subscriber {
            shards[shard][position] = last
            last.place = (shard, position)
        }
        if subscriber.isReceiver {
            let namespace = subscriber.subscription.namespace
            rooms[namespace]?.remove(subscriber)
            if rooms[namespace]?.count == 0 { rooms[namespace] = nil }
        }
        for kind in subscriber.subscription.measures { leaveMeasures(kind, subscriber) }
        count(subscriber.kind, by: -1)
        count -= 1
        if count == 0 { close() }
    }

    /// Whether one more fits, as ``EventHub/admit(_:)``.
    func admit(_ kind: SubscriberKind) -> Bool { switchboard.admit(kind) }

    /// Gives back what ``EventHub/admit(_:)`` gave.
    func leave(_ kind: SubscriberKind) { switchboard.leave(kind) }

    func endAll(_ reason: EndReason) {
        for shard in shards {
            for subscriber in shard { subscriber.end(reason) }
        }
    }

    private func open() {
        switchboard.open(inbox)
        let interval = TimeAmount.milliseconds(max(1, limits.roundMilliseconds / Int64(Self.shardsPerRound)))
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        housekeeping = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            bound.value.keepShard()
        }
    }

    private func close() {
        switchboard.close(inbox)
        housekeeping?.cancel()
        housekeeping = nil
    }

    // MARK: Delivery

    /// Delivers what was published, all of it with one flush a subscriber.
    func drain() {
        let (batches, overflowed) = inbox.take()
        for namespace in overflowed {
            for subscriber in rooms[namespace]?.subscribers ?? [] { subscriber.end(.tooSlow) }
        }
        for batch in batches {
            guard let room = rooms[batch.namespace] else { continue }
            for event in batch.events {
                let sentBefore = statistics.eventsSent
                room.forEachReceiver(of: event) { subscriber in
                    guard subscriber.receive(event) else { return }
                    statistics.eventsSent += 1
                    let socket = subscriber.socket
                    if !socket.isTouched {
                        socket.isTouched = true
                        touched.append(socket)
                    }
                }
                if let origin = event.origin, statistics.eventsSent > sentBefore { origins.append(origin) }
            }
        }
        // A flush may end subscribers, which touches the rooms and shards, never this list.
        for subscriber in touched {
            subscriber.isTouched = false
            subscriber.flush()
        }
        touched.removeAll(keepingCapacity: true)
        countLatency()
        inbox.report(statistics)
    }

    // MARK: Measures

    private func followMeasures(_ kind: MeasureKind, _ subscriber: Subscriber) {
        let topic = MeasureTopic(namespace: subscriber.subscription.namespace, kind: kind)
        measured[topic, default: []].append(subscriber)
        if let latest = switchboard.measures.join(topic, inbox) { subscriber.receive(latest) }
    }

    private func leaveMeasures(_ kind: MeasureKind, _ subscriber: Subscriber) {
        let topic = MeasureTopic(namespace: subscriber.subscription.namespace, kind: kind)
        measured[topic]?.removeAll { $0 === subscriber }
        if measured[topic]?.isEmpty == true { measured[topic] = nil }
        switchboard.measures.leave(topic, inbox)
    }

    func deliver(_ measures: OutgoingMeasures, of topic: MeasureTopic) {
        for subscriber in measured[topic] ?? [] { subscriber.receive(measures) }
    }

    // MARK: Replay

    func edge(of namespace: Namespace) -> Serial? { switchboard.edge(of: namespace) }

    func tenant(_ namespace: Namespace) -> (any TenantPort)? { switchboard.tenants.tenant(namespace) }

    /// Reads a page for a subscriber when its turn comes, in the order in which the whole server's subscribers asked.
    func wantPage(_ subscriber: Subscriber) {
        replays.append(subscriber)
        if switchboard.replays.enter(inbox) { takeTurn() }
    }

    /// This lane's turn to read a page.
    func takeTurn() {
        guard let subscriber = replays.next(), subscriber.readPage() else {
            switchboard.replays.leave()
            return
        }
    }

    func pageArrived(_ result: PageResult, for subscriber: Subscriber) {
        switchboard.replays.leave()
        subscriber.arrived(result)
    }

    // MARK: Housekeeping

    func runRound() {
        for _ in 0..<Self.shardsPerRound { keepShard() }
    }

    private func keepShard() {
        currentShard = (currentShard + 1) % Self.shardsPerRound
        for subscriber in shards[currentShard] { subscriber.keepRound() }
        inbox.report(statistics)
    }

    // MARK: Counting

    func countReplayed(_ events: Int) {
        statistics.pagesRead += 1
        statistics.eventsReplayed += events
        inbox.report(statistics)
    }

    /// One reading of the clock for all that went out together.
    private func countLatency() {
        guard !origins.isEmpty else { return }
        let now = ContinuousClock.now
        var counts = DurationHistogram.Counts()
        for origin in origins { counts.add(seconds: (now - origin).inSeconds) }
        origins.removeAll(keepingCapacity: true)
        switchboard.latency.add(counts)
    }

    func countSent(_ events: Int) { statistics.eventsSent += events }

    func countPending(_ bytes: Int) {
        statistics.deepestQueueBytes = max(statistics.deepestQueueBytes, bytes)
    }

    func countSilent() {
        statistics.closedSilent += 1
        inbox.report(statistics)
    }

    func countEnd(_ reason: EndReason) {
        switch reason {
        case .tooSlow: statistics.closedSlow += 1
        case .tooOld, .notYet: statistics.closedGone += 1
        case .protocolError, .tooLarge: statistics.closedProtocol += 1
        case .unavailable, .sessionOver, .restarting, .left, .refused: break
        }
        inbox.report(statistics)
    }

    private func count(_ kind: SubscriberKind, by difference: Int) {
        switch kind {
        case .webSocket: statistics.webSockets += difference
        case .eventStream: statistics.eventStreams += difference
        case .stomp: statistics.stompSubscriptions += difference
        }
        inbox.report(statistics)
    }
}
