import Foundation

/// Times of single events, in steps of a tenth of a millisecond up to ten seconds.
struct SoakLatency: Sendable {
    private static let stepsAMillisecond = 10.0
    private static let steps = 100_000

    private var counts = Array(repeating: 0, count: Self.steps + 1)
    private(set) var count = 0
    /// Those that are told.
    static let shares = [0.5, 0.99, 0.999]

    static var now: Double { Date().timeIntervalSince1970 * 1000 }
    static var nowMilliseconds: Int64 { Int64(now) }

    mutating func add(_ milliseconds: Double) {
        counts[min(max(0, Int(milliseconds * Self.stepsAMillisecond)), Self.steps)] += 1
        count += 1
    }

    /// The time in milliseconds that this share of them did not exceed.
    func quantile(_ share: Double) -> Double {
        let wanted = Int((share * Double(count)).rounded(.up))
        var seen = 0
        for (step, number) in counts.enumerated() {
            seen += number
            if seen >= wanted { return Double(step + 1) / Self.stepsAMillisecond }
        }
        return .infinity
    }

    /// `p50 / p99 / p99.9`, in milliseconds.
    var text: String { Self.shares.map { Measurement.text(quantile($0), 1) }.joined(separator: " / ") }
}
