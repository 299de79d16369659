public import CSTA

/// What an agent of a split is doing, as the split counts it.
public enum AgentStanding: String, Hashable, Sendable, CaseIterable {
    /// Ready, in no call.
    case idle
    /// Ready, or reserved for it, in a call or about to be in one.
    case inCall
    /// WorkNotReady.
    case workingAfterCall
    /// NotReady, in a call or not; or reserved for a call that has not reached it.
    case notReady
    case loggedOff

    fileprivate var index: Int {
        switch self {
        case .idle: 0
        case .inCall: 1
        case .workingAfterCall: 2
        case .notReady: 3
        case .loggedOff: 4
        }
    }
}

/// What has come of a split's calls on one day of the tenant's calendar; docs/metrics.md defines each.
public struct SplitTally: Hashable, Sendable {
    /// As ``LocalTime/daysSinceEpoch``.
    public internal(set) var day = 0
    /// Calls that have come into the split.
    public internal(set) var entered = 0
    public internal(set) var answered = 0
    /// Of those, the ones answered within ``TenantLimits/serviceLevelSeconds``.
    public internal(set) var answeredInTime = 0
    /// Callers who hung up before anybody answered.
    public internal(set) var abandoned = 0
    /// Calls that went on to another split.
    public internal(set) var overflowed = 0
    /// Calls that were ended because nobody answered in time, or there was no room.
    public internal(set) var givenUp = 0
    /// How long the answered ones have waited.
    public internal(set) var answeredWaitMilliseconds: Int64 = 0
    /// Agents' time in calls and working after them.
    public internal(set) var busyMilliseconds: Int64 = 0
    /// The same, and agents' idle time.
    public internal(set) var staffedMilliseconds: Int64 = 0
}

/// How calls leave a split.
enum QueueEnd {
    case answered
    case abandoned
    case overflowed
    case givenUp
}

/// A split's day, with who is there just now.
struct SplitCount: Sendable {
    var tally = SplitTally()
    /// By ``AgentStanding/index``.
    private var agents = [Int](repeating: 0, count: AgentStanding.allCases.count)
    /// Until when the agents' times have been counted.
    private var counted: Instant?

    /// Counts the agents' time up to now; a new day begins at nothing.
    mutating func advance(to step: borrowing Step) { advance(to: step.now, step.localTime) }

    mutating func advance(to now: Instant, _ localTime: LocalTime) {
        let isNewDay = tally.day != localTime.daysSinceEpoch
        if isNewDay {
            tally = SplitTally()
            tally.day = localTime.daysSinceEpoch
        }
        let passed = max(0, now.milliseconds - (counted ?? now).milliseconds)
        let counts = isNewDay ? min(passed, Int64(localTime.secondOfDay) * 1000) : passed
        let busy = agents[AgentStanding.inCall.index] + agents[AgentStanding.workingAfterCall.index]
        tally.busyMilliseconds += counts * Int64(busy)
        tally.staffedMilliseconds += counts * Int64(busy + agents[AgentStanding.idle.index])
        counted = now
    }

    /// The split's members are counted anew.
    mutating func forgetStandings() { agents = [Int](repeating: 0, count: agents.count) }

    func count(of standing: AgentStanding) -> Int { agents[standing.index] }

    mutating func move(from old: AgentStanding?, to new: AgentStanding) {
        if let old { agents[old.index] -= 1 }
        agents[new.index] += 1
    }

    mutating func left(_ end: QueueEnd, after milliseconds: Int64, isInTime: Bool) {
        switch end {
        case .answered:
            tally.answered += 1
            tally.answeredWaitMilliseconds += max(0, milliseconds)
            if isInTime { tally.answeredInTime += 1 }
        case .abandoned: tally.abandoned += 1
        case .overflowed: tally.overflowed += 1
        case .givenUp: tally.givenUp += 1
        }
    }
}

/// A split as it is at a moment.
public struct SplitStatus: Hashable, Sendable {
    public var id: DeviceID
    public var name: String
    /// Callers whom nobody is being called for just now.
    public var waiting: Int
    /// How long the one has waited that has been there longest; nil: nobody waits.
    public var longestWaitMilliseconds: Int64?
    public var agents: [AgentStanding: Int]
    public var thresholdSeconds: Int
    public var today: SplitTally
}

extension SplitTally {
    /// Calls that have left the split, in whatever way.
    public var left: Int { answered + abandoned + overflowed + givenUp }
}

extension Tenant {
    /// What a split is like now: a copy, that costs as much as callers wait.
    public func status(of id: DeviceID, at now: Instant) -> SplitStatus? {
        guard let split = splits[id] else { return nil }
        var count = split.count
        count.advance(to: now, localTime(at: now))
        let oldest = split.waiting.nodes.compactMap { calls[$0.key]?.queue?.entered }.min()
        return SplitStatus(
            id: id, name: split.profile.name, waiting: split.waiting.count,
            longestWaitMilliseconds: oldest.map { max(0, now.milliseconds - $0.milliseconds) },
            agents: Dictionary(uniqueKeysWithValues: AgentStanding.allCases.map { ($0, count.count(of: $0)) }),
            thresholdSeconds: configuration.limits.serviceLevelSeconds, today: count.tally)
    }
}
