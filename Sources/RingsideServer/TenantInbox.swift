import CallCenter
import Synchronization

/// What waits for one tenant's runner, in the order in which it came.
///
/// Filled from any thread without waiting, emptied by the runner alone.
final class TenantInbox: Sendable {
    enum Item: Sendable {
        case input(Input, reply: (@Sendable (Reply) -> Void)?)
        case timer(TimerQueue.Due)
        /// Reads the state in its turn; what it returns runs when all before it is in the journal.
        case read(@Sendable (Tenant) -> @Sendable () -> Void)
        /// Asks for a request to be fitted with its answer: the runner gives it a number.
        case command(Command, by: Requester, reply: @Sendable (Reply) -> Void)
    }

    private struct State {
        var items: [Item] = []
        var isClosed = false
        var isEnded = false
        var lost = 0
    }

    /// Commands beyond this are refused: about ten seconds of the fastest tenant.
    static let maximumCommands = 100_000
    /// Switch events and timers are not ours to refuse; beyond this they are lost, and counted.
    static let maximumItems = 1_000_000
    /// So that replies of a burst do not wait for the whole of it.
    static let maximumBatch = 4096

    private let state = Mutex(State())
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    init() {
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// - Returns: false if there is no room, or the runner has ended.
    @discardableResult
    func add(_ item: Item) -> Bool {
        let isAdded = state.withLock { state in
            let hasRoom =
                switch item {
                case .command: !state.isClosed && state.items.count < Self.maximumCommands
                case .input, .timer: !state.isClosed && state.items.count < Self.maximumItems
                // Bounded by the clients that wait for them; and they end when the runner does.
                case .read: !state.isEnded
                }
            if hasRoom { state.items.append(item) } else { state.lost += 1 }
            return hasRoom
        }
        if isAdded { wakeUp.yield() }
        return isAdded
    }

    var waitingCount: Int { state.withLock { $0.items.count } }

    /// How many inputs found no room.
    var lostCount: Int { state.withLock(\.lost) }

    /// Waits until something is there and takes up to ``maximumBatch`` of it; nil when the inbox is closed and empty, or the
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
            defer { state.items = [] }
            return state.items
        }
    }

    /// Lets nothing more in, reads neither.
    ///
    /// - Returns: false if something has come meanwhile that is to be done first.
    func end() -> Bool {
        state.withLock { state in
            guard state.items.isEmpty else { return false }
            state.isClosed = true
            state.isEnded = true
            return true
        }
    }

    private func take() -> (items: [Item], isClosed: Bool) {
        state.withLock { state in
            let count = min(state.items.count, Self.maximumBatch)
            let items = Array(state.items.prefix(count))
            if count == state.items.count {
                state.items.removeAll(keepingCapacity: count <= Self.maximumBatch)
            } else {
                state.items.removeFirst(count)
            }
            return (items, state.isClosed)
        }
    }
}
