public import CSTA

/// A time zone as the rules need it: from when which offset from UTC holds. The server makes it from the system's zone data.
public struct ZoneOffsets: Hashable, Sendable {
    public struct Transition: Hashable, Sendable {
        /// Seconds since the epoch.
        public var start: Int64
        public var offsetSeconds: Int

        public init(start: Int64, offsetSeconds: Int) {
            self.start = start
            self.offsetSeconds = offsetSeconds
        }
    }

    public static let utc = ZoneOffsets(offsetSeconds: 0)

    /// In the order of their start; the first holds before its start too.
    public let transitions: [Transition]

    /// A zone whose offset never changes.
    public init(offsetSeconds: Int) {
        transitions = [Transition(start: .min, offsetSeconds: offsetSeconds)]
    }

    /// A zone from its transitions, in any order; UTC if there are none.
    public init(_ transitions: [Transition]) {
        self.transitions = transitions.isEmpty ? Self.utc.transitions : transitions.sorted { $0.start < $1.start }
    }

    /// The offset in seconds at a moment: O(log n) in the number of transitions.
    public func offset(at instant: Instant) -> Int {
        let second = instant.milliseconds / 1000
        var low = 0
        var high = transitions.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if transitions[middle].start <= second { low = middle } else { high = middle }
        }
        return transitions[low].offsetSeconds
    }

    /// The moment at which a clock here shows a time. Of a time that it shows twice one of the two, of one that it leaves out one
    /// beside it.
    public func instant(of time: LocalTime) -> Instant {
        let guess = Instant(milliseconds: time.milliseconds(offsetSeconds: 0))
        let near = Instant(milliseconds: time.milliseconds(offsetSeconds: offset(at: guess)))
        return Instant(milliseconds: time.milliseconds(offsetSeconds: offset(at: near)))
    }
}
