import CSTA
import CallCenter
import Synchronization

/// Slows down who guesses passwords: after some failures the next try has to wait, twice as long each time.
///
/// Counted by account and by address. A try counts against the account before it is checked, so that many at once do
/// not slip through together; against the address, behind which a whole centre may be, once it has failed.
final class FailureCounter: Sendable {
    struct Limits: Hashable, Sendable {
        /// Failures that cost nothing: a person who has mistyped.
        var freePerAccount = 10
        /// A centre behind one address has many who mistype.
        var freePerAddress = 100
        var maximumDelaySeconds = 60
        /// Without a failure for this long all is forgotten.
        var memorySeconds = 900
        /// Accounts and addresses remembered, each; whose last failure is oldest goes first.
        var maximumEntries = 10_000
    }

    private struct State: Sendable {
        var accounts = FailureTable<AgentID>()
        var addresses = FailureTable<String>()
    }

    private let limits: Limits
    private let state = Mutex(State())

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Notes a try.
    ///
    /// - Returns: nil if it may be made, else the seconds after which the next one may.
    func admit(_ agent: AgentID, from address: String?, at now: Instant) -> Int? {
        state.withLock { state in
            let wait = max(
                state.accounts.wait(for: agent, free: limits.freePerAccount, limits: limits, at: now),
                address.map { state.addresses.wait(for: $0, free: limits.freePerAddress, limits: limits, at: now) } ?? 0
            )
            guard wait == 0 else { return wait }
            state.accounts.count(agent, limits: limits, at: now)
            return nil
        }
    }

    func failed(from address: String?, at now: Instant) {
        guard let address else { return }
        state.withLock { $0.addresses.count(address, limits: limits, at: now) }
    }

    /// The password was right: what was counted against the account is forgotten.
    func succeeded(_ agent: AgentID) {
        state.withLock { $0.accounts.forget(agent) }
    }

    /// The try was not checked after all.
    func withdrawn(_ agent: AgentID) {
        state.withLock { $0.accounts.takeBack(agent) }
    }
}

private struct FailureTable<Key: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var failures: Int
        var last: Instant
    }

    private var entries: [Key: Entry] = [:]

    func wait(for key: Key, free: Int, limits: FailureCounter.Limits, at now: Instant) -> Int {
        guard let entry = entries[key], !isOld(entry, limits, now), entry.failures >= free else { return 0 }
        let doublings = min(entry.failures - free, 16)
        let delay = min(1 << doublings, limits.maximumDelaySeconds)
        let left = entry.last.advanced(bySeconds: delay).milliseconds - now.milliseconds
        return left <= 0 ? 0 : Int((left + 999) / 1000)
    }

    mutating func count(_ key: Key, limits: FailureCounter.Limits, at now: Instant) {
        if let entry = entries[key], !isOld(entry, limits, now) {
            entries[key] = Entry(failures: min(entry.failures + 1, 1 << 20), last: now)
        } else {
            makeRoom(limits: limits, at: now)
            entries[key] = Entry(failures: 1, last: now)
        }
    }

    mutating func forget(_ key: Key) { entries[key] = nil }

    mutating func takeBack(_ key: Key) {
        guard let entry = entries[key] else { return }
        entries[key] = entry.failures > 1 ? Entry(failures: entry.failures - 1, last: entry.last) : nil
    }

    /// Half of the table goes at once, so that one insertion in thousands pays for looking through it.
    private mutating func makeRoom(limits: FailureCounter.Limits, at now: Instant) {
        guard entries.count >= limits.maximumEntries else { return }
        entries = entries.filter { !isOld($0.value, limits, now) }
        guard entries.count > limits.maximumEntries / 2 else { return }
        let times = entries.values.map(\.last).sorted()
        let middle = times[times.count / 2]
        entries = entries.filter { $0.value.last > middle }
    }

    private func isOld(_ entry: Entry, _ limits: FailureCounter.Limits, _ now: Instant) -> Bool {
        entry.last.advanced(bySeconds: limits.memorySeconds) < now
    }
}
