public import CSTA

/// A split (skill group) as it is set up: a number that calls are led to, and the agents who take them.
public struct SplitProfile: Hashable, Sendable {
    /// Who of those that are free is offered a call. Always first those with the smaller ``Member/priority``.
    public enum Strategy: String, Hashable, Sendable, CaseIterable {
        /// The one that has been free for the longest time.
        case longestIdle = "longest-idle"
        /// The one with the highest ``Member/level``, of equal ones the longest idle.
        case mostSkilled = "most-skilled"
        /// As many at once as a call takes parties; the first to answer gets it.
        case ringAll = "ring-all"
    }

    /// How an agent belongs to a split.
    public struct Member: Hashable, Sendable {
        /// How well the agent knows what these calls are about: more is better.
        public var level: Int
        /// In which round the agent is offered calls: 1 before 2.
        public var priority: Int

        public init(level: Int = 1, priority: Int = 1) {
            self.level = level
            self.priority = priority
        }
    }

    /// Splits that an agent can be in: each is looked at whenever the agent becomes free.
    public static let maximumOfAgent = 64

    public var id: DeviceID
    public var name: String
    public var strategy: Strategy
    public var members: [AgentID: Member]
    /// How long an agent works after a call of this split; 0: not at all.
    public var wrapUpSeconds = 10
    /// How long an agent's phone rings before the call goes back to the head of the queue.
    public var ringSeconds = 20
    /// Callers who wait at once; one more goes to ``overflow``.
    public var maximumWaiting = 100
    /// A caller whom nobody has answered within this goes to ``overflow``.
    public var maximumWaitSeconds = 600
    /// The split that takes what this one cannot; nil: the call is ended.
    public var overflow: DeviceID?
    /// How often a caller who waits is told its position in the queue; 0: never.
    public var announceSeconds = 0

    public init(
        id: DeviceID, name: String = "", strategy: Strategy = .longestIdle, members: [AgentID: Member] = [:]
    ) {
        self.id = id
        self.name = name
        self.strategy = strategy
        self.members = members
    }
}
