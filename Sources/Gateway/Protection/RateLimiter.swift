import CallCenter
import Synchronization

/// Bounds how often each of many may do something: a steady rate, and some seconds' worth of it at once.
///
/// Of each only one moment is kept: when it will have used up what it has done so far (the generic cell rate algorithm
/// of ITU-T I.371). Who is idle is forgotten.
final class RateLimiter<Key: Hashable & Sendable>: Sendable {
    /// Seconds' worth of the rate that may come at once: a page that loads, a wallboard that reconnects.
    private static var burstSeconds: Int64 { 4 }

    private let maximumEntries: Int
    /// When each has used up what it has done, in microseconds.
    private let table = Mutex<[Key: Int64]>([:])

    init(maximumEntries: Int) { self.maximumEntries = max(2, maximumEntries) }

    /// Notes a deed.
    ///
    /// - Parameter perSecond: the rate, 1 or more.
    /// - Returns: nil if it may be done, else the seconds after which the next one may.
    func admit(_ key: Key, perSecond: Int, at now: Instant) -> Int? {
        let now = now.milliseconds * 1000
        let interval = Self.interval(perSecond)
        let burst = Self.burstSeconds * 1_000_000
        return table.withLock { table in
            // A clock that was set back makes nobody wait longer than the burst.
            let used = min(max(table[key] ?? now, now), now + burst)
            guard used + interval <= now + burst else {
                table[key] = used
                return Int((used + interval - now - burst + 999_999) / 1_000_000)
            }
            if table[key] == nil, table.count >= maximumEntries { Self.makeRoom(&table, maximumEntries, now) }
            table[key] = used + interval
            return nil
        }
    }

    /// What was noted last was not done after all.
    func takeBack(_ key: Key, perSecond: Int) {
        let interval = Self.interval(perSecond)
        table.withLock { table in
            guard let used = table[key] else { return }
            table[key] = used - interval
        }
    }

    private static func interval(_ perSecond: Int) -> Int64 { 1_000_000 / Int64(max(1, perSecond)) }

    /// Half of the table goes at once, so that one insertion in thousands pays for looking through it.
    private static func makeRoom(_ table: inout [Key: Int64], _ maximum: Int, _ now: Int64) {
        table = table.filter { $0.value > now }
        guard table.count > maximum / 2 else { return }
        let middle = table.values.sorted()[table.count / 2]
        table = table.filter { $0.value > middle }
    }

    var count: Int { table.withLock { $0.count } }
}
