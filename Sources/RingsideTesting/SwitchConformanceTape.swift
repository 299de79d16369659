import SwitchDriver
import Synchronization

/// Every event that a switch has told, and the legs that have to end once.
final class EventTape: Sendable {
    private let tape = Tape<SwitchEvent>()
    private let legs = Mutex<[LegID]>([])

    var events: [SwitchEvent] { tape.elements }

    func append(_ event: SwitchEvent) { tape.append(event) }

    /// Names a leg that has to end once.
    func watch(_ leg: LegID) {
        legs.withLock { if !$0.contains(leg) { $0.append(leg) } }
    }

    var endings: [(leg: LegID, count: Int)] {
        let events = events
        return legs.withLock { $0 }.map { leg in (leg, events.count { $0.ends(leg) }) }
    }

    var unended: [LegID] { endings.filter { $0.count == 0 }.map(\.leg) }

    func first<Found: Sendable>(
        within limit: Duration, _ pick: @escaping @Sendable (SwitchEvent) -> Found?
    ) async -> (index: Int, found: Found)? {
        await tape.first(within: limit, pick)
    }
}

extension SwitchEvent {
    fileprivate func ends(_ leg: LegID) -> Bool {
        if case .legEnded(leg, _) = self { true } else { false }
    }
}
