public import CallCenter
import Synchronization

/// A clock that a test moves by hand. Nothing happens but within ``advance(milliseconds:)``, on the thread that calls
/// it, in the order of the times; what is due at the same time in the order in which it was asked for.
public final class ManualClock: Sendable {
    private struct Call {
        var milliseconds: Int64
        var number: UInt64
        var body: @Sendable () -> Void
    }

    private struct State {
        var milliseconds: Int64
        /// Sorted backwards, so that the next one is taken from the end.
        var calls: [Call] = []
        var nextNumber: UInt64 = 0
    }

    private let state: Mutex<State>

    /// - milliseconds: the time to begin with, since the epoch.
    public init(milliseconds: Int64 = 0) {
        state = Mutex(State(milliseconds: milliseconds))
    }

    public var milliseconds: Int64 { state.withLock(\.milliseconds) }
    public var instant: Instant { Instant(milliseconds: milliseconds) }

    /// When the next call is due, in milliseconds; nil: none is.
    public var nextMilliseconds: Int64? { state.withLock { $0.calls.last?.milliseconds } }

    /// Has `body` called when the clock is moved to the time or past it; a time that has passed is due at the next
    /// move.
    public func call(atMilliseconds milliseconds: Int64, _ body: @escaping @Sendable () -> Void) {
        state.withLock { state in
            let call = Call(milliseconds: milliseconds, number: state.nextNumber, body: body)
            state.nextNumber += 1
            var (low, high) = (0, state.calls.count)
            while low < high {
                let middle = (low + high) / 2
                let other = state.calls[middle]
                if (other.milliseconds, other.number) > (call.milliseconds, call.number) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            state.calls.insert(call, at: low)
        }
    }

    /// Moves the clock on and lets everything happen that is due by then, also what is asked for meanwhile. Each call
    /// sees the time at which it was due. 0: lets happen what is due now.
    public func advance(milliseconds: Int64 = 0) {
        let end = state.withLock { $0.milliseconds + max(milliseconds, 0) }
        while let body = takeDue(until: end) { body() }
        state.withLock { $0.milliseconds = max($0.milliseconds, end) }
    }

    /// Has the clock show another time, also an earlier one, as somebody who sets it does; nothing happens.
    public func set(milliseconds: Int64) { state.withLock { $0.milliseconds = milliseconds } }

    public func advance(seconds: Int) { advance(milliseconds: Int64(seconds) * 1000) }

    private func takeDue(until end: Int64) -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard let next = state.calls.last, next.milliseconds <= end else { return nil }
            state.calls.removeLast()
            state.milliseconds = max(state.milliseconds, next.milliseconds)
            return next.body
        }
    }
}
