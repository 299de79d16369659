import Synchronization

/// What something has told, in order, and who waits for it. Told from any thread; each element is taken once.
public final class Tape<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var taken: Set<Int> = []
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastTicket = 0
    }
    private let state = Mutex(State())

    public init() {}

    public var elements: [Element] { state.withLock(\.elements) }

    public func append(_ element: Element) {
        let waiting = state.withLock { state in
            state.elements.append(element)
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Takes all that has been told so far, so that nobody waits for it any more.
    public func takeAll() { state.withLock { $0.taken.formUnion($0.elements.indices) } }

    /// The first element that nobody has taken and that `pick` accepts; waits for it, and gives nil after `limit`.
    public func first<Found: Sendable>(
        within limit: Duration, _ pick: @Sendable (Element) -> Found?
    ) async -> (index: Int, found: Found)? {
        let deadline = ContinuousClock.now + limit
        while true {
            let seen = state.withLock(\.elements.count)
            if let hit = take(pick) { return hit }
            guard ContinuousClock.now < deadline else { return nil }
            await change(from: seen, until: deadline)
        }
    }

    /// Waits until something holds of all elements; gives false if it does not within `limit`.
    public func wait(within limit: Duration, until holds: @Sendable ([Element]) -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            let elements = elements
            if holds(elements) { return true }
            guard ContinuousClock.now < deadline else { return false }
            await change(from: elements.count, until: deadline)
        }
    }

    private func take<Found>(_ pick: (Element) -> Found?) -> (index: Int, found: Found)? {
        state.withLock { state in
            for (index, element) in state.elements.enumerated() where !state.taken.contains(index) {
                guard let found = pick(element) else { continue }
                state.taken.insert(index)
                return (index, found)
            }
            return nil
        }
    }

    /// Returns when there are more than `seen` elements, or at the deadline.
    private func change(from seen: Int, until deadline: ContinuousClock.Instant) async {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        let alarm = Task {
            try? await Task.sleep(until: deadline, clock: .continuous)
            self.state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume()
        }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.elements.count > seen || ContinuousClock.now >= deadline { return true }
                state.waiting[ticket] = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
        alarm.cancel()
    }
}
