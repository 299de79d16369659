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

    /// A fresh id: a version 4 UUID in lower case, as in the seed's samples.
    static func newCall() -> CallID {
        CallID(UUID().uuidString.lowercased()) ?? .none
    }
}
