public import CSTA

/// A split with who waits in it and who is free for it.
public struct Split: Sendable {
    public internal(set) var profile: SplitProfile
    /// Whether it is not set up any more, and its calls are being led elsewhere.
    var isRemoved = false
    var count = SplitCount()
    /// The calls that wait and are offered to nobody, the most urgent first.
    var waiting = RankedSet<CallID, CallRank>()
    /// The agents that a call can be offered to at once, the best first.
    var free = RankedSet<AgentID, AgentRank>()

    /// The calls that wait and are offered to nobody, in the order in which they will be.
    public var waitingCalls: [CallID] { waiting.nodes.sorted { $0.rank < $1.rank }.map(\.key) }

    func rank(of agent: AgentID, freeSince order: Int) -> AgentRank {
        let member = profile.members[agent] ?? SplitProfile.Member()
        return AgentRank(
            priority: member.priority, level: profile.strategy == .mostSkilled ? member.level : 0, order: order)
    }
}

/// A call that waits in a split, or is offered to its agents: until one of them answers.
public struct QueueEntry: Hashable, Sendable {
    public internal(set) var split: DeviceID
    /// Who waits.
    public internal(set) var caller: DeviceID
    /// More is more urgent.
    public internal(set) var priority: Int
    /// Its place among those of its priority, in all splits: the smaller came first. It stays when an offer fails and when
    /// the call goes over to another split.
    public internal(set) var order: Int
    public let began: Instant
    /// When it came into this split.
    public internal(set) var entered: Instant
    /// The splits that it has been in before: it goes to none of them again.
    public internal(set) var visited: [DeviceID] = []
    /// Whether it has waited for too long, and goes on ringing at an agent's.
    var isOverdue = false
    /// Whether the caller's leg was told to be answered, so that it hears the music.
    var isAnswered = false

    /// The split that the caller has called, as far as it knows.
    var called: DeviceID { visited.first ?? split }

    var rank: CallRank { CallRank(priority: priority, order: order) }
}

/// The smaller is served first.
struct CallRank: Comparable {
    let priority: Int
    let order: Int

    static func < (a: CallRank, b: CallRank) -> Bool {
        a.priority != b.priority ? a.priority > b.priority : a.order < b.order
    }
}

/// The smaller is offered a call first.
struct AgentRank: Comparable {
    let priority: Int
    /// 0 where it does not count.
    let level: Int
    /// The longer an agent has been free, the smaller.
    let order: Int

    static func < (a: AgentRank, b: AgentRank) -> Bool {
        if a.priority != b.priority { return a.priority < b.priority }
        return a.level != b.level ? a.level > b.level : a.order < b.order
    }
}

/// What has to be looked at when the input is done: who may be free, and which calls wait.
struct Unsettled: Sendable {
    var agents: [AgentID] = []
    var calls: [CallID] = []
}
