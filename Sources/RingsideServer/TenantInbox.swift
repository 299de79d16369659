import CSTA
import CallCenter
import SwitchDriver
import Synchronization

/// What waits for one tenant's runner, in the order in which it came.
///
/// Filled from any thread without waiting, emptied by the runner alone.
final class TenantInbox: Sendable {
    enum Item: Sendable {
        case input(Input)
        /// An event of the switch and when it came, for metrics.
        case switchEvent(SwitchEvent, newCall: CallID?, came: ContinuousClock.Instant)
        case timer(TimerQueue.Due)
        /// Events of the switch are missing from here on: it is to be asked what is up.
        case resynchronise
        /// Reads the state in its turn; what it returns runs when all before it is in the journal.
        case read(@Sendable (Tenant) -> @Sendable () -> Void)
        /// Asks for a request to be fitted with its answer: the runner gives it a number.
        case command(Command, by: Requester, reply: @Sendable (Reply) -> Void)
    }

    /// Whether what the switch tells comes to the runner.
    private enum Reception {
        case whole
        /// An event has found no room. Those behind it would be misread: they are lost too, until a snapshot makes up
        /// for them.
        case broken
        /// ``Item/resynchronise`` stands in the line, or the switch has been asked and its snapshot is awaited.
        case mending
    }

    private struct State {
        var items: [Item] = []
        /// What was taken and is to be taken again, before the others.
        var putBack: ArraySlice<Item> = []
        var reception = Reception.whole
        var isClosed = false
        var isEnded = false
        var lost = 0
    }

    private let bounds: TenantRunner.Bounds
    private let state = Mutex(State())
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    init(bounds: TenantRunner.Bounds) {
        self.bounds = bounds
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// - Returns: false if there is no room, or the runner has ended.
    @discardableResult
    func add(_ item: Item) -> Bool {
        let isAdded = state.withLock { state in
            let hasRoom =
                switch item {
                case .command: !state.isClosed && state.items.count < bounds.waitingCommands
                case .switchEvent(let event, _, _): admits(event, &state)
                case .input, .timer, .resynchronise: !state.isClosed && state.items.count < bounds.waitingItems
                // Bounded by the clients that wait for them; and they end when the runner does.
                case .read: !state.isEnded
                }
            if hasRoom { state.items.append(item) } else { state.lost += 1 }
            return hasRoom
        }
        if isAdded { wakeUp.yield() }
        return isAdded
    }

    private func admits(_ event: SwitchEvent, _ state: inout State) -> Bool {
        guard !state.isClosed else { return false }
        if state.items.count >= bounds.waitingItems {
            state.reception = .broken
            return false
        }
        if case .linkUp = event { state.reception = .whole }
        return state.reception == .whole
    }

    /// Adds timers, as many as there is room for.
    ///
    /// - Parameter take: takes that many at most from where they are kept; the others stay there.
    func addTimers(_ take: (_ room: Int) -> [TimerQueue.Due]) {
        let isAdded = state.withLock { state in
            guard !state.isClosed, state.items.count < bounds.waitingItems else { return false }
            let due = take(bounds.waitingItems - state.items.count)
            state.items += due.map(Item.timer)
            return !due.isEmpty
        }
        if isAdded { wakeUp.yield() }
    }

    var waitingCount: Int { state.withLock { $0.items.count + $0.putBack.count } }

    /// How many inputs found no room.
    var lostCount: Int { state.withLock(\.lost) }

    /// Waits until something is there and takes a batch of it; nil when the inbox is closed and empty, or the
    /// task is cancelled.
    func next() async -> [Item]? {
        while true {
            let (items, isClosed) = take()
            if !items.isEmpty { return items }
            if isClosed { return nil }
            var iterator = wakeUps.makeAsyncIterator()
            guard await iterator.next() != nil else { return nil }
        }
    }

    /// Has the rest of what ``next()`` gave taken again, first.
    func putBack(_ items: ArraySlice<Item>) {
        if !items.isEmpty { state.withLock { $0.putBack = items } }
    }

    /// Lets no more inputs in; what is there can still be taken.
    func close() {
        state.withLock { $0.isClosed = true }
        wakeUp.yield()
    }

    /// Lets nothing more in and hands over what is left, for a runner that cannot go on.
    func abandon() -> [Item] {
        state.withLock { state in
            state.isClosed = true
            state.isEnded = true
            defer { (state.items, state.putBack) = ([], []) }
            return state.putBack + state.items
        }
    }

    /// Lets nothing more in, reads neither.
    ///
    /// - Returns: false if something has come meanwhile that is to be done first.
    func end() -> Bool {
        state.withLock { state in
            guard state.items.isEmpty, state.putBack.isEmpty else { return false }
            state.isClosed = true
            state.isEnded = true
            return true
        }
    }

    private func take() -> (items: [Item], isClosed: Bool) {
        state.withLock { state in
            if !state.putBack.isEmpty {
                defer { state.putBack = [] }
                return (Array(state.putBack), state.isClosed)
            }
            let count = min(state.items.count, bounds.batchInputs)
            let items = Array(state.items.prefix(count))
            if count == state.items.count {
                state.items.removeAll(keepingCapacity: true)
            } else {
                state.items.removeFirst(count)
            }
            if state.reception == .broken, !state.isClosed, state.items.count <= bounds.waitingItems / 2 {
                state.items.append(.resynchronise)
                state.reception = .mending
            }
            return (items, state.isClosed)
        }
    }
}
