import CSTA
import CallCenter

/// The subscribers of one namespace on one event loop, by what they follow.
///
/// An event finds its receivers by two look-ups, however many others there are.
struct Room {
    private(set) var count = 0
    private var byAgent: [AgentID: [Subscriber]] = [:]
    private var byDevice: [DeviceID: [Subscriber]] = [:]
    /// Those that follow no one agent or device.
    private var others: [Subscriber] = []

    /// All of them.
    var subscribers: [Subscriber] {
        byAgent.values.flatMap(\.self) + byDevice.values.flatMap(\.self) + others
    }

    mutating func add(_ subscriber: Subscriber) {
        count += 1
        let filter = subscriber.subscription.filter
        if let agent = filter.agent {
            byAgent[agent, default: []].append(subscriber)
        } else if let device = filter.device {
            byDevice[device, default: []].append(subscriber)
        } else {
            others.append(subscriber)
        }
    }

    mutating func remove(_ subscriber: Subscriber) {
        let filter = subscriber.subscription.filter
        if let agent = filter.agent {
            count -= Self.remove(subscriber, from: &byAgent, at: agent)
        } else if let device = filter.device {
            count -= Self.remove(subscriber, from: &byDevice, at: device)
        } else {
            count -= Self.remove(subscriber, from: &others)
        }
    }

    /// Calls `body` for each subscriber whose filter the event matches.
    func forEachReceiver(of event: OutgoingEvent, _ body: (Subscriber) -> Void) {
        if let agent = event.agent, !byAgent.isEmpty, let subscribers = byAgent[agent] {
            for subscriber in subscribers where subscriber.isFollowing(device: event.device, name: event.name) {
                body(subscriber)
            }
        }
        if !byDevice.isEmpty, let subscribers = byDevice[event.device] {
            for subscriber in subscribers where subscriber.isFollowing(name: event.name) { body(subscriber) }
        }
        for subscriber in others where subscriber.isFollowing(name: event.name) { body(subscriber) }
    }

    private static func remove<Key>(
        _ subscriber: Subscriber, from index: inout [Key: [Subscriber]], at key: Key
    ) -> Int {
        guard var subscribers = index.removeValue(forKey: key) else { return 0 }
        let removed = remove(subscriber, from: &subscribers)
        if !subscribers.isEmpty { index[key] = subscribers }
        return removed
    }

    private static func remove(_ subscriber: Subscriber, from subscribers: inout [Subscriber]) -> Int {
        guard let position = subscribers.firstIndex(where: { $0 === subscriber }) else { return 0 }
        subscribers.swapAt(position, subscribers.count - 1)
        subscribers.removeLast()
        return 1
    }
}
