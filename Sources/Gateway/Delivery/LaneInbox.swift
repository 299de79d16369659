import CSTA
import CallCenter
import NIOCore
import Synchronization

/// The part of a lane that other threads touch: what was published and waits for the event loop.
///
/// One `execute` is under way at most: what is published while the loop is busy goes out with one flush a subscriber.
final class LaneInbox: Sendable {
    let eventLoop: any EventLoop
    private let maximumEvents: Int
    private let maximumEventsOfAll: Int
    private let contents = Mutex(Contents())
    private let counted = Mutex(DeliveryStatistics())
    private let bound: NIOLoopBoundBox<Lane?>

    private struct Contents {
        var batches: [Batch] = []
        /// Events in `batches`.
        var eventCount = 0
        var eventsOf: [Namespace: Int] = [:]
        var deepestEvents = 0
        var isScheduled = false
        /// Of these too much came: what was here is gone, and their subscribers must resume from the journal.
        var overflowed: Set<Namespace> = []
        /// The event loop is about to end.
        var isRetired = false

        mutating func append(_ batch: Batch) {
            batches.append(batch)
            eventCount += batch.events.count
            eventsOf[batch.namespace, default: 0] += batch.events.count
            deepestEvents = max(deepestEvents, eventCount)
        }

        mutating func overflow(_ namespace: Namespace) {
            overflowed.insert(namespace)
            guard let events = eventsOf.removeValue(forKey: namespace) else { return }
            eventCount -= events
            batches.removeAll { $0.namespace == namespace }
        }
    }

    /// Called on `eventLoop`.
    init(eventLoop: any EventLoop, switchboard: Switchboard) {
        self.eventLoop = eventLoop
        maximumEvents = switchboard.limits.maximumInboxEvents
        maximumEventsOfAll = max(maximumEvents, switchboard.limits.maximumInboxEventsOfAll)
        bound = NIOLoopBoundBox(nil, eventLoop: eventLoop)
        bound.value = Lane(inbox: self, switchboard: switchboard)
    }

    /// For the event loop alone.
    var lane: Lane? { bound.value }

    func post(_ batch: Batch) {
        contents.withLock {
            guard !$0.isRetired else { return }
            admit(batch, to: &$0)
            if !$0.isScheduled {
                $0.isScheduled = true
                eventLoop.execute { self.lane?.drain() }
            }
        }
    }

    /// Keeps a batch, or drops all that waits of a namespace that has too much.
    private func admit(_ batch: Batch, to contents: inout Contents) {
        let (namespace, count) = (batch.namespace, batch.events.count)
        // What has overflowed stays so until the loop has told its subscribers.
        guard !contents.overflowed.contains(namespace) else { return }
        guard contents.eventsOf[namespace, default: 0] + count <= maximumEvents else {
            return contents.overflow(namespace)
        }
        while contents.eventCount + count > maximumEventsOfAll {
            // Who fills the most of it goes: never one whose few events only came last.
            let largest = contents.eventsOf.max { $0.value < $1.value }
            guard let largest, largest.value > contents.eventsOf[namespace, default: 0] + count else {
                return contents.overflow(namespace)
            }
            contents.overflow(largest.key)
        }
        contents.append(batch)
    }

    /// What has come since the last call, and the namespaces of which too much has come.
    func take() -> (batches: [Batch], overflowed: Set<Namespace>) {
        contents.withLock {
            let taken = ($0.batches, $0.overflowed)
            $0.batches = []
            $0.eventCount = 0
            $0.eventsOf.removeAll(keepingCapacity: true)
            $0.isScheduled = false
            $0.overflowed = []
            return taken
        }
    }

    func report(_ statistics: DeliveryStatistics) {
        counted.withLock { $0 = statistics }
    }

    func statistics() -> DeliveryStatistics {
        var statistics = counted.withLock { $0 }
        statistics.deepestInboxEvents = contents.withLock { $0.deepestEvents }
        return statistics
    }

    /// Runs something on the event loop, soon; false: the loop is about to end, and it will not be run.
    @discardableResult
    func execute(_ body: @escaping @Sendable () -> Void) -> Bool {
        contents.withLock {
            guard !$0.isRetired else { return false }
            eventLoop.execute(body)
            return true
        }
    }

    /// Runs something on the lane; returns without it when the event loop is about to end.
    func perform(_ body: @escaping @Sendable (Lane) -> Void) async {
        await withCheckedContinuation { continuation in
            let isRunning = execute {
                if let lane = self.lane { body(lane) }
                continuation.resume()
            }
            if !isRunning { continuation.resume() }
        }
    }

    /// Sends nothing to the event loop any more: one that has ended may get nothing.
    func retire() {
        contents.withLock {
            $0.isRetired = true
            $0.batches = []
            $0.eventsOf = [:]
            $0.eventCount = 0
        }
    }
}
