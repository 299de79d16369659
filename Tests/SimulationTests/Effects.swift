import CSTA
import CallCenter

// What forgeries are made of.
extension [Effect] {
    func tells(_ name: String) -> Bool { contains { $0.isEvent(name) } }

    private func call(at index: Int) -> (copy: EventCopy, event: CallEvent)? {
        guard case .event(let copy) = self[index], case .call(let event) = copy.event.body else { return nil }
        return (copy, event)
    }

    /// The events of calls, with a place for each effect that is none.
    private var calls: [CallEvent?] { indices.map { call(at: $0)?.event } }

    /// Changes the first event of a name that `change` changes.
    func changingFirst(
        _ name: String? = nil, _ change: (inout EventCopy, inout CallEvent) -> Void
    ) -> [Effect]? {
        for index in indices {
            guard var (copy, event) = call(at: index), name == nil || copy.event.name == name else { continue }
            change(&copy, &event)
            copy.event.body = .call(event)
            guard self[index] != .event(copy) else { continue }
            var result = self
            result[index] = .event(copy)
            return result
        }
        return nil
    }

    /// Changes all events of a name; nil if `change` changes none.
    func changingAll(_ name: String, _ change: (inout CallEvent) -> Bool) -> [Effect]? {
        var result = self
        var isChanged = false
        for index in indices {
            guard var (copy, event) = call(at: index), copy.event.name == name else { continue }
            if change(&event) { isChanged = true }
            copy.event.body = .call(event)
            result[index] = .event(copy)
        }
        return isChanged ? result : nil
    }

    func dropping(_ isChosen: ([CallEvent], Int) -> Bool) -> [Effect]? {
        for index in indices {
            guard isEvent(index, isChosen) else { continue }
            var result = self
            result.remove(at: index)
            return result
        }
        return nil
    }

    func swapping(_ isChosen: ([CallEvent], Int) -> Bool) -> [Effect]? {
        for index in indices {
            guard isEvent(index, isChosen) else { continue }
            var result = self
            result.swapAt(index, index + 1)
            return result
        }
        return nil
    }

    func insertingAfter(_ make: ([CallEvent], Int) -> CallEvent?) -> [Effect]? {
        for index in indices {
            guard var (copy, event) = call(at: index), let new = make([event], 0) else { continue }
            copy.device = new.source
            copy.agent = nil
            copy.event.body = .call(new)
            event = new
            var result = self
            result.insert(.event(copy), at: index + 1)
            return result
        }
        return nil
    }

    /// Whether an effect is an event that is chosen, looked at with the one that follows it.
    private func isEvent(_ index: Int, _ isChosen: ([CallEvent], Int) -> Bool) -> Bool {
        guard let event = call(at: index)?.event else { return false }
        let next = index + 1 < count ? call(at: index + 1)?.event : nil
        return isChosen([event] + (next.map { [$0] } ?? []), 0)
    }

    // MARK: Leaving

    /// Those who leave, each with its copies, in their order.
    var cleared: [Clear] {
        var result: [Clear] = []
        for index in indices {
            guard let (copy, event) = call(at: index), case .connectionCleared(let leaver, _) = event.detail else {
                continue
            }
            if let last = result.last, last.leaver == leaver, last.copy.call == copy.call {
                result[result.count - 1].receivers.append(copy.device)
                result[result.count - 1].index = index
            } else {
                result.append(Clear(leaver: leaver, receivers: [copy.device], copy: copy, index: index))
            }
        }
        return Set(result.map(\.copy.call)).count == 1 ? result : []
    }

    var lastClear: Clear? { cleared.last }

    func withoutClears(after count: Int) -> [Effect] {
        let leavers = cleared.dropFirst(count).map(\.leaver)
        return indices.filter { index in
            guard let event = call(at: index)?.event, case .connectionCleared(let leaver, _) = event.detail else {
                return true
            }
            return !leavers.contains(leaver)
        }
        .map { self[$0] }
    }

    /// Lets somebody else leave as well.
    func clearing(_ leaver: DeviceID, like clear: Clear, for receivers: [DeviceID]) -> [Effect] {
        guard case .call(let event) = clear.copy.event.body, case .connectionCleared(_, let hangup) = event.detail
        else {
            return self
        }
        let copies = receivers.map { receiver -> Effect in
            var copy = clear.copy
            copy.device = receiver
            copy.agent = indices.compactMap { call(at: $0)?.copy }.first { $0.device == receiver }?.agent
            copy.event.body = .call(
                CallEvent(
                    source: receiver, call: event.call, device: leaver, state: .idle, cause: event.cause,
                    detail: .connectionCleared(releasingDevice: leaver, hangupDevice: hangup)))
            return .event(copy)
        }
        return Array(self[...clear.index]) + copies + Array(self[(clear.index + 1)...])
    }
}

extension [CallEvent] {
    /// Whether the next copy is of the same event.
    func tells(_ index: Int, twice: Bool) -> Bool {
        index + 1 < count && self[index + 1].device == self[index].device && self[index + 1].detail.isEstablished
            && self[index + 1].call == self[index].call
    }
}
