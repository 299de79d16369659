import CSTA
import NIOCore
import Synchronization

/// The part of a lane that other threads touch: what was published and waits for the event loop.
///
/// One `execute` is under way at most: what is published while the loop is busy goes out with one flush a subscriber.
final class LaneInbox: Sendable {
    let eventLoop: any EventLoop
    private let maximumEvents: Int
    private let contents = Mutex(Contents())
    private let counted = Mutex(DeliveryStatistics())
    private let bound: NIOLoopBoundBox<Lane?>

    private struct Contents {
        var batches: [Batch] = []
        var eventCount = 0
        var deepestEvents = 0
        var isScheduled = false
        /// Too much came: what was here is gone, and the subscribers must resume from the journal.
        var hasOverflowed = false
        /// The event loop is about to end.
        var isRetired = false
    }

    /// Called on `eventLoop`.
    init(eventLoop: any EventLoop, switchboard: Switchboard) {
        self.eventLoop = eventLoop
        maximumEvents = switchboard.limits.maximumInboxEvents
        bound = NIOLoopBoundBox(nil, eventLoop: eventLoop)
        bound.value = Lane(inbox: self, switchboard: switchboard)
    }

    /// For the event loop alone.
    var lane: Lane? { bound.value }

    func post(_ batch: Batch) {
        contents.withLock {
            guard !$0.isRetired else { return }
            if $0.eventCount + batch.events.count > maximumEvents {
                $0.hasOverflowed = true
                $0.batches = []
                $0.eventCount = 0
            }
            // A batch that is too large by itself has set the flag above and is dropped with the rest.
            if !$0.hasOverflowed {
                $0.batches.append(batch)
                $0.eventCount += batch.events.count
                $0.deepestEvents = max($0.deepestEvents, $0.eventCount)
            }
            if !$0.isScheduled {
                $0.isScheduled = true
                eventLoop.execute { self.lane?.drain() }
            }
        }
    }

    /// What has come since the last call.
    func take() -> (batches: [Batch], hasOverflowed: Bool) {
        contents.withLock {
            let taken = ($0.batches, $0.hasOverflowed)
            $0.batches = []
            $0.eventCount = 0
            $0.isScheduled = false
            $0.hasOverflowed = false
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
        }
    }
}
