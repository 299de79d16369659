import CSTA
import NIOCore
import Synchronization

/// Reads what is followed, once for all who follow it, and hands it to their event loops when it has changed.
///
/// Each topic has a task of its own while somebody follows it: a tenant that answers late does not hold up another.
final class MeasureFeed: Sendable {
    private let source: (any MeasureSource)?
    private let interval: Duration
    private let shared = Mutex(Shared())

    /// A read may take a tenth of the time: what takes longer than that of the interval is done less often.
    private static let pausesPerRead = 9

    private struct Shared {
        var topics: [MeasureTopic: Following] = [:]
        var lastNumber = 0
    }

    private struct Following {
        /// Tells it from one that has ended.
        let number: Int
        var inboxes: [ObjectIdentifier: (inbox: LaneInbox, subscribers: Int)] = [:]
        var latest: OutgoingMeasures?
        var reading: Task<Void, Never>?
    }

    init(source: (any MeasureSource)?, limits: DeliveryLimits) {
        self.source = source
        interval = .milliseconds(limits.measuresMilliseconds)
    }

    /// One more subscriber of an event loop follows a topic; each call is followed by one ``leave(_:_:)``.
    ///
    /// - Returns: what the others have; nil: it comes as soon as it is read.
    func join(_ topic: MeasureTopic, _ inbox: LaneInbox) -> OutgoingMeasures? {
        shared.withLock { shared in
            if shared.topics[topic] == nil {
                shared.lastNumber += 1
                let number = shared.lastNumber
                shared.topics[topic] = Following(number: number)
                shared.topics[topic]?.reading = Task { await self.read(topic, number) }
            }
            shared.topics[topic]?.inboxes[ObjectIdentifier(inbox), default: (inbox, 0)].subscribers += 1
            return shared.topics[topic]?.latest
        }
    }

    func leave(_ topic: MeasureTopic, _ inbox: LaneInbox) {
        shared.withLock { shared in
            let key = ObjectIdentifier(inbox)
            guard let subscribers = shared.topics[topic]?.inboxes[key]?.subscribers else { return }
            shared.topics[topic]?.inboxes[key]?.subscribers = subscribers - 1
            if subscribers == 1 { shared.topics[topic]?.inboxes[key] = nil }
            guard shared.topics[topic]?.inboxes.isEmpty == true else { return }
            shared.topics.removeValue(forKey: topic)?.reading?.cancel()
        }
    }

    /// Reads all that is followed, now.
    func refresh() async {
        let topics = shared.withLock { $0.topics.mapValues(\.number) }
        for (topic, number) in topics { await refresh(topic, number) }
    }

    private func read(_ topic: MeasureTopic, _ number: Int) async {
        while !Task.isCancelled {
            let began = ContinuousClock.now
            await refresh(topic, number)
            let pause = max(interval, (ContinuousClock.now - began) * Self.pausesPerRead)
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    private func refresh(_ topic: MeasureTopic, _ number: Int) async {
        guard let json = await source?.measures(topic.kind, of: topic.namespace) else { return }
        let (measures, inboxes) = shared.withLock { shared -> (OutgoingMeasures?, [LaneInbox]) in
            guard let following = shared.topics[topic], following.number == number, following.latest?.json != json
            else { return (nil, []) }
            let measures = OutgoingMeasures(topic.kind, json)
            shared.topics[topic]?.latest = measures
            return (measures, following.inboxes.values.map(\.inbox))
        }
        guard let measures else { return }
        for inbox in inboxes { inbox.execute { inbox.lane?.deliver(measures, of: topic) } }
    }
}
