import CSTA

/// A quarter of an hour of a split, as the journal keeps it. All zones of today differ from UTC by whole quarters, so that each
/// tenant's hours and days are made of them.
public struct SplitQuarter: Hashable, Sendable {
    public static let milliseconds: Int64 = 900_000

    /// A multiple of ``milliseconds``.
    public var began: Instant
    public var counts: SplitCounts

    public init(began: Instant, counts: SplitCounts) {
        self.began = began
        self.counts = counts
    }

    /// When the quarter began that a moment lies in.
    public static func began(of moment: Instant) -> Instant {
        Instant(milliseconds: moment.milliseconds - moment.milliseconds.modulo(milliseconds))
    }
}

/// Parts of the time of a split's history, as the tenant's clock shows them.
public struct SplitIntervals: Sendable {
    /// A quarter, a half and a whole hour, and a day.
    public enum Length: Int, Hashable, Sendable, CaseIterable {
        case quarter = 900
        case half = 1800
        case hour = 3600
        case day = 86_400
    }

    public let length: Length
    public let zone: ZoneOffsets

    public init(_ length: Length, in zone: ZoneOffsets) {
        self.length = length
        self.zone = zone
    }

    /// The moments at which intervals begin from the one that `from` lies in, and the end of the last, which is not before `to`.
    ///
    /// Days have 23 to 25 hours where clocks are set; of shorter intervals one that the clock shows twice is there twice.
    ///
    /// - Returns: nil if there are more than `maximum` intervals.
    public func bounds(from: Instant, to: Instant, atMost maximum: Int) -> [Instant]? {
        var bounds = [began(of: from)]
        while let last = bounds.last, last < to || bounds.count == 1 {
            guard bounds.count <= maximum else { return nil }
            bounds.append(next(after: last))
        }
        return bounds
    }

    /// What the quarters add up to in each interval; those outside of the bounds are left.
    public func counts(of quarters: [SplitQuarter], between bounds: [Instant]) -> [SplitCounts] {
        var counts = [SplitCounts](repeating: SplitCounts(), count: max(0, bounds.count - 1))
        var interval = 0
        for quarter in quarters.sorted(by: { $0.began < $1.began })
        where bounds.first.map({ $0 <= quarter.began }) == true {
            while interval < counts.count, bounds[interval + 1] <= quarter.began { interval += 1 }
            guard interval < counts.count else { break }
            counts[interval].add(quarter.counts)
        }
        return counts
    }

    private func began(of moment: Instant) -> Instant {
        if length == .day { return midnight(of: day(of: moment)) }
        let local = moment.milliseconds + Int64(zone.offset(at: moment)) * 1000
        return SplitQuarter.began(
            of: Instant(milliseconds: moment.milliseconds - local.modulo(Int64(length.rawValue) * 1000)))
    }

    private func next(after begin: Instant) -> Instant {
        if length == .day { return midnight(of: day(of: begin) + 1) }
        let end = Instant(milliseconds: begin.milliseconds + Int64(length.rawValue) * 1000)
        // Where the clock is set by half an hour, an hour has one and a half.
        let aligned = began(of: end)
        return aligned > begin ? aligned : end
    }

    private func day(of moment: Instant) -> Int {
        LocalTime(milliseconds: moment.milliseconds, offsetSeconds: zone.offset(at: moment)).daysSinceEpoch
    }

    private func midnight(of day: Int) -> Instant {
        var moment = zone.instant(of: LocalTime(milliseconds: Int64(day) * 86_400_000, offsetSeconds: 0))
        // Where the clock is set at midnight, the day begins with the first moment after it.
        while self.day(of: moment) < day { moment = moment.advanced(bySeconds: Length.quarter.rawValue) }
        return moment
    }
}

extension Int64 {
    /// What is left of it, at least 0.
    fileprivate func modulo(_ divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
