import Synchronization

/// How long something took, counted in buckets. From any thread.
public final class DurationHistogram: Sendable {
    /// Upper bounds of the buckets, in seconds: from what memory alone takes to what a person calls broken.
    public static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    public struct Counts: Hashable, Sendable {
        /// One for each of ``DurationHistogram/bounds``; what took longer is only in ``count``.
        public var buckets = Array(repeating: 0, count: DurationHistogram.bounds.count)
        public var count = 0
        public var seconds = 0.0

        public mutating func add(seconds: Double) {
            count += 1
            self.seconds += seconds
            if let index = DurationHistogram.bounds.firstIndex(where: { seconds <= $0 }) { buckets[index] += 1 }
        }

        mutating func add(_ other: Counts) {
            for index in buckets.indices { buckets[index] += other.buckets[index] }
            count += other.count
            seconds += other.seconds
        }
    }

    private let state = Mutex(Counts())

    public init() {}

    public var counts: Counts { state.withLock(\.self) }

    /// Adds what was counted elsewhere, in one step.
    public func add(_ counts: Counts) { state.withLock { $0.add(counts) } }
}
