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

/// What has come of a split's calls, and its agents' time, on one day of the tenant's calendar.
public struct SplitTally: Hashable, Sendable {
    /// As ``LocalTime/daysSinceEpoch``.
    public internal(set) var day = 0
    public internal(set) var counts = SplitCounts()
    /// Agents' time in calls and working after them.
    public internal(set) var busyMilliseconds: Int64 = 0
    /// The same, and agents' idle time.
    public internal(set) var staffedMilliseconds: Int64 = 0
}

/// A split's day, with who is there just now.
struct SplitCount: Sendable {
    var tally = SplitTally()
    /// Of this process: it is not stored, and goes on over midnight.
    private(set) var sinceStart = SplitCounts()
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

    mutating func add(_ kind: SplitPassage.Kind) {
        tally.counts.add(kind)
        sinceStart.add(kind)
    }

    /// The split's members are counted anew.
    mutating func forgetStandings() { agents = [Int](repeating: 0, count: agents.count) }

    func count(of standing: AgentStanding) -> Int { agents[standing.index] }

    mutating func move(from old: AgentStanding?, to new: AgentStanding) {
        if let old { agents[old.index] -= 1 }
        agents[new.index] += 1
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
    /// As ``today``, since the process began or the split was set up.
    public var sinceStart: SplitCounts
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
            thresholdSeconds: configuration.limits.serviceLevelSeconds, today: count.tally,
            sinceStart: count.sinceStart)
    }
}
