import CSTA
import CallCenter
import Journal
import Synchronization

/// A journal in memory that a test holds up or fills.
final class TestJournal: EventJournal {
    private struct State {
        var batches: [JournalBatch] = []
        var entries: [String: [UInt8]] = [:]
        var isFull = false
        var refusals = 0
        var isClosed = false
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let maximumEvents: Int
    private let maximumEventBytes: Int

    init(maximumEvents: Int = JournalLimits.batchEvents, maximumEventBytes: Int = JournalLimits.eventBytes) {
        self.maximumEvents = maximumEvents
        self.maximumEventBytes = maximumEventBytes
    }

    /// What was stored, in order.
    var batches: [JournalBatch] { state.withLock(\.batches) }
    var isClosed: Bool { state.withLock(\.isClosed) }

    /// Whether it has room; while it has none it takes nothing.
    func setFull(_ isFull: Bool) { state.withLock { $0.isFull = isFull } }

    /// Waits until so many appends have been refused.
    func refused(atLeast count: Int) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.refusals < count { state.watchers.append((count, continuation)) }
                return state.refusals >= count
            }
            if isOver { continuation.resume() }
        }
    }

    func append(_ batch: JournalBatch) async throws(JournalError) {
        let (error, reached) = state.withLock { state in
            guard let error = refusal(of: batch, isFull: state.isFull) else {
                state.batches.append(batch)
                for entry in batch.state { state.entries[entry.key] = entry.value }
                let nobody: [CheckedContinuation<Void, Never>] = []
                return (nil as JournalError?, nobody)
            }
            state.refusals += 1
            let reached = state.watchers.filter { $0.count <= state.refusals }.map(\.continuation)
            state.watchers.removeAll { $0.count <= state.refusals }
            return (error, reached)
        }
        for continuation in reached { continuation.resume() }
        if let error { throw error }
    }

    private func refusal(of batch: JournalBatch, isFull: Bool) -> JournalError? {
        if batch.events.count > maximumEvents { return .tooLarge("events") }
        if batch.events.contains(where: { $0.json.count > maximumEventBytes }) { return .tooLarge("an event") }
        return isFull ? .noSpace("the disk is full") : nil
    }

    func load(_ namespace: Namespace) async throws(JournalReadError) -> JournalState {
        state.withLock { state in
            let last = state.batches.last?.lastSerial ?? Serial(0)
            return JournalState(
                lastSerial: last, oldestSerial: Serial(1),
                entries: state.entries.sorted { $0.key < $1.key }.map { StateEntry(key: $0.key, value: $0.value) })
        }
    }

    func events(
        in namespace: Namespace, after serial: Serial, matching filter: EventFilter, limit: Int
    ) async throws(JournalReadError) -> EventPage { throw .unavailable("not in this test") }

    func prune(now: Instant) async throws(JournalError) -> JournalPruning { JournalPruning() }
    func close() async throws(JournalError) { state.withLock { $0.isClosed = true } }
    var statistics: JournalStatistics { JournalStatistics() }
}
