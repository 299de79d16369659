/// What goes wrong on the link between Ringside and the sandbox, in percent of the events. The same seed and the same
/// events give the same faults.
///
/// `linkDown` and `linkUp` always come, once and in time.
public struct SandboxFaults: Hashable, Sendable {
    /// How late a late event is, at most; a link that stands still for longer would be taken for broken.
    public static let maximumLateMilliseconds = 5_000
    /// How far out of order an event comes, or its double behind it, at most.
    public static let maximumShiftMilliseconds = 500

    public let seed: UInt64
    /// Events that come up to ``maximumLateMilliseconds`` late, and hold up those behind them.
    public let latePercent: Int
    /// Events that come twice, the second time up to ``maximumShiftMilliseconds`` later.
    public let doubledPercent: Int
    /// Events that never come.
    public let lostPercent: Int
    /// Events that come up to ``maximumShiftMilliseconds`` late, while those behind them overtake.
    public let reorderedPercent: Int

    /// Percentages below 0 count as 0, above 100 as 100.
    public init(seed: UInt64, late: Int = 0, doubled: Int = 0, lost: Int = 0, reordered: Int = 0) {
        func percent(_ value: Int) -> Int { min(max(value, 0), 100) }
        self.seed = seed
        latePercent = percent(late)
        doubledPercent = percent(doubled)
        lostPercent = percent(lost)
        reorderedPercent = percent(reordered)
    }
}

/// Chance that a seed reproduces: Steele, Lea, Flood: Fast splittable pseudorandom number generators (OOPSLA 2014),
/// SplitMix64.
struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func happens(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func milliseconds(upTo most: Int) -> Int64 { Int64(Int.random(in: 1...most, using: &self)) }
}
