import CallCenter
import HeapModule
import Synchronization

/// The timers of one tenant that have not fired.
final class TimerQueue: Sendable {
    private struct Entry: Comparable {
        let due: Uptime
        let number: UInt64
        let timer: TimerID

        static func < (a: Entry, b: Entry) -> Bool { (a.due, a.number) < (b.due, b.number) }
        static func == (a: Entry, b: Entry) -> Bool { a.number == b.number }
    }

    private struct State {
        /// Also those that were set anew or cancelled: ``current`` tells which still count.
        var heap = Heap<Entry>()
        var current: [TimerID: UInt64] = [:]
        var nextNumber: UInt64 = 0
    }

    private let state = Mutex(State())

    func set(_ timer: TimerID, at due: Uptime) {
        state.withLock { state in
            state.nextNumber += 1
            state.current[timer] = state.nextNumber
            state.heap.insert(Entry(due: due, number: state.nextNumber, timer: timer))
            // Entries that no longer count go when they are due, or here when they are most of the heap.
            if state.heap.count > 64 + 4 * state.current.count {
                let current = state.current
                state.heap = Heap(state.heap.unordered.filter { current[$0.timer] == $0.number })
            }
        }
    }

    func cancel(_ timer: TimerID) {
        state.withLock { $0.current[timer] = nil }
    }

    /// A timer that is due, and which setting of it.
    struct Due: Hashable, Sendable {
        let timer: TimerID
        fileprivate let number: UInt64
    }

    /// Takes what is due by now, earliest first, and leaves what is beyond `limit`. Each counts only if ``fire(_:)``
    /// says so when its turn comes.
    func takeDue(at now: Uptime, atMost limit: Int) -> [Due] {
        state.withLock { state in
            var due: [Due] = []
            while due.count < limit, let first = state.heap.min, first.due <= now {
                state.heap.removeMin()
                guard state.current[first.timer] == first.number else { continue }
                due.append(Due(timer: first.timer, number: first.number))
            }
            return due
        }
    }

    /// Whether the timer has neither been cancelled nor set anew meanwhile; it is gone then.
    func fire(_ due: Due) -> Bool {
        state.withLock { state in
            guard state.current[due.timer] == due.number else { return false }
            state.current[due.timer] = nil
            return true
        }
    }

    /// When the next timer is due, at the earliest.
    var next: Uptime? { state.withLock { $0.heap.min?.due } }
}
