import CSTA
import CallCenter
import Foundation

/// Where time and identifiers come from: below this target everything gets them handed in.
enum SystemClock {
    /// The wall clock, in milliseconds.
    static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    private static let start = ContinuousClock.now

    /// The time since this was first asked for. It goes on while the machine sleeps, and is not set with the wall
    /// clock.
    static func uptime() -> Uptime {
        let passed = (ContinuousClock.now - start).components
        return Uptime(milliseconds: passed.seconds * 1000 + passed.attoseconds / 1_000_000_000_000_000)
    }

    /// A fresh id: a version 4 UUID in lower case, as in the seed's samples.
    static func newCall() -> CallID {
        CallID(UUID().uuidString.lowercased()) ?? .none
    }
}
