public import CSTA

/// How calls leave a split.
public enum QueueEnd: String, Hashable, Sendable, CaseIterable {
    case answered
    case abandoned
    case overflowed
    case givenUp
}

/// A call's coming into a split, or its leaving it: what the split's counts of today change by, and what its history is made of.
public struct SplitPassage: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case entered
        /// - Parameter isInTime: within ``TenantLimits/serviceLevelSeconds``.
        case left(QueueEnd, afterMilliseconds: Int64, isInTime: Bool)
    }

    public var split: DeviceID
    public var at: Instant
    public var kind: Kind

    public init(split: DeviceID, at: Instant, kind: Kind) {
        self.split = split
        self.at = at
        self.kind = kind
    }
}

/// What has come of a split's calls in some time; docs/metrics.md defines each.
public struct SplitCounts: Hashable, Sendable {
    /// Calls that have come into the split.
    public var entered = 0
    public var answered = 0
    /// Of those, the ones answered within ``TenantLimits/serviceLevelSeconds``.
    public var answeredInTime = 0
    /// Callers who hung up before anybody answered.
    public var abandoned = 0
    /// Calls that went on to another split.
    public var overflowed = 0
    /// Calls that were ended because nobody answered in time, or there was no room.
    public var givenUp = 0
    /// How long the answered ones have waited.
    public var answeredWaitMilliseconds: Int64 = 0
    /// How long the one was there, of those that have left, that was there longest.
    public var longestWaitMilliseconds: Int64 = 0

    public init() {}

    /// Calls that have left the split, in whatever way.
    public var left: Int { ends.reduce(0) { $0 + $1.count } }

    /// How many calls left in each way.
    public var ends: [(end: QueueEnd, count: Int)] {
        [(.answered, answered), (.abandoned, abandoned), (.overflowed, overflowed), (.givenUp, givenUp)]
    }

    public mutating func add(_ kind: SplitPassage.Kind) {
        guard case .left(let end, let milliseconds, let isInTime) = kind else {
            entered += 1
            return
        }
        longestWaitMilliseconds = max(longestWaitMilliseconds, milliseconds)
        switch end {
        case .answered:
            answered += 1
            answeredWaitMilliseconds += max(0, milliseconds)
            if isInTime { answeredInTime += 1 }
        case .abandoned: abandoned += 1
        case .overflowed: overflowed += 1
        case .givenUp: givenUp += 1
        }
    }

    public mutating func add(_ other: SplitCounts) {
        entered += other.entered
        answered += other.answered
        answeredInTime += other.answeredInTime
        abandoned += other.abandoned
        overflowed += other.overflowed
        givenUp += other.givenUp
        answeredWaitMilliseconds += other.answeredWaitMilliseconds
        longestWaitMilliseconds = max(longestWaitMilliseconds, other.longestWaitMilliseconds)
    }
}
