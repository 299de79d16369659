import SwitchDriver
import Synchronization

/// Every event that a switch has told, and who waits for one. Events arrive on any thread.
final class EventTape: Sendable {
    private struct State {
        var events: [SwitchEvent] = []
        var taken: Set<Int> = []
        var legs: [LegID] = []
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var ticket = 0
    }
    private let state = Mutex(State())

    var events: [SwitchEvent] { state.withLock(\.events) }

    /// Names a leg that has to end once.
    func watch(_ leg: LegID) {
        state.withLock { if !$0.legs.contains(leg) { $0.legs.append(leg) } }
    }

    var endings: [(leg: LegID, count: Int)] {
        state.withLock { state in
            state.legs.map { leg in (leg, state.events.count { $0.ends(leg) }) }
        }
    }

    var unended: [LegID] { endings.filter { $0.count == 0 }.map(\.leg) }

    func append(_ event: SwitchEvent) {
        let waiting = state.withLock { state in
            state.events.append(event)
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The first event that nobody has taken and that `pick` accepts; nil after `limit`.
    func first<Found: Sendable>(
        within limit: Duration, _ pick: @escaping @Sendable (SwitchEvent) -> Found?
    ) async -> (index: Int, found: Found)? {
        let deadline = ContinuousClock.now + limit
        while true {
            let seen = events.count
            if let hit = take(pick) { return hit }
            guard ContinuousClock.now < deadline else { return nil }
            await change(from: seen, until: deadline)
        }
    }

    private func take<Found>(_ pick: (SwitchEvent) -> Found?) -> (index: Int, found: Found)? {
        state.withLock { state in
            for (index, event) in state.events.enumerated() where !state.taken.contains(index) {
                guard let found = pick(event) else { continue }
                state.taken.insert(index)
                return (index, found)
            }
            return nil
        }
    }

    /// Returns when there are more than `seen` events, or at the deadline.
    private func change(from seen: Int, until deadline: ContinuousClock.Instant) async {
        let ticket = state.withLock { state in
            state.ticket += 1
            return state.ticket
        }
        let alarm = Task {
            try? await Task.sleep(until: deadline, clock: .continuous)
            self.wake(ticket)
        }
        await withCheckedContinuation { continuation in
            let now = state.withLock { state in
                if state.events.count > seen || ContinuousClock.now >= deadline { return true }
                state.waiting[ticket] = continuation
                return false
            }
            if now { continuation.resume() }
        }
        alarm.cancel()
    }

    private func wake(_ ticket: Int) {
        state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume()
    }
}

extension SwitchEvent {
    fileprivate func ends(_ leg: LegID) -> Bool {
        if case .legEnded(leg, _) = self { true } else { false }
    }
}
