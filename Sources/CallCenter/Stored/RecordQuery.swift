public import CSTA

/// Which calls somebody wants to read of; nil lets all through.
public struct CallRecordFilter: Hashable, Sendable {
    /// Calls that ended at this moment or later.
    public var from: Instant?
    /// Calls that ended before this moment.
    public var to: Instant?
    public var agent: AgentID?
    public var device: DeviceID?
    public var call: CallID?
    public var conversation: CallID?
    public var callType: CallType?
    public var trunkGroup: String?
    /// Whether one of the parts that the other members name was answered.
    public var isAnswered: Bool?

    public init() {}

    /// Whether a part is one that the filter names, whenever it was.
    public func names(_ part: CallPart) -> Bool {
        (agent == nil || agent == part.agent) && (device == nil || device == part.device)
            && (call == nil || call == part.call) && (conversation == nil || conversation == part.conversation)
            && (callType == nil || callType == part.callType) && (trunkGroup == nil || trunkGroup == part.trunkGroup)
    }
}

/// A call that has ended, with all its parts.
public struct CallRecord: Hashable, Sendable {
    public var call: CallID
    public var ended: Instant
    /// In the order in which they ended; at least one.
    public var parts: [CallPart]

    public init(call: CallID, ended: Instant, parts: [CallPart]) {
        self.call = call
        self.ended = ended
        self.parts = parts
    }

    public var began: Instant { parts.map(\.began).min() ?? ended }
    public var position: CallRecordPosition { CallRecordPosition(ended: ended, call: call) }
}

/// A place in the order in which calls are read: by their end.
public struct CallRecordPosition: Hashable, Sendable {
    public var ended: Instant
    public var call: CallID

    public init(ended: Instant, call: CallID) {
        self.ended = ended
        self.call = call
    }
}

public struct CallRecordPage: Hashable, Sendable {
    /// Whole calls, by their end; fewer than were asked for, or none, also when there are more.
    public var calls: [CallRecord]
    /// After which the next page begins; nil: this is the last.
    public var next: CallRecordPosition?

    public init(calls: [CallRecord], next: CallRecordPosition?) {
        self.calls = calls
        self.next = next
    }
}

/// Of which agents, and which time, somebody wants to read.
public struct AgentTimeFilter: Hashable, Sendable {
    /// Nil: of all.
    public var agent: AgentID?
    /// What reaches beyond these moments counts as far as it lies between them.
    public var from: Instant
    public var to: Instant
    /// What is not written down because it is not over. What is stored of these agents counts up to its beginning, so that
    /// nothing counts twice that has ended since it was read.
    public var running: [AgentID: AgentTime]

    public init(agent: AgentID? = nil, from: Instant, to: Instant, running: [AgentID: AgentTime] = [:]) {
        self.agent = agent
        self.from = from
        self.to = to
        self.running = running
    }
}

/// A place in the order in which agents' times are read: by agent, then by their end.
public struct AgentTimePosition: Hashable, Sendable {
    public var agent: AgentID
    public var ended: Instant
    /// Of two that ended at the same moment, the number that tells them apart.
    public var row: Int64

    public init(agent: AgentID, ended: Instant, row: Int64) {
        self.agent = agent
        self.ended = ended
        self.row = row
    }

    /// After all that there is of an agent.
    public init(endOf agent: AgentID) {
        self.init(agent: agent, ended: Instant(milliseconds: .max), row: .max)
    }
}

public struct AgentTimePage: Hashable, Sendable {
    /// By agent, each agent's in their order.
    public var times: [AgentTime]
    /// After which the next page begins; nil: this is the last.
    public var next: AgentTimePosition?

    public init(times: [AgentTime], next: AgentTimePosition?) {
        self.times = times
        self.next = next
    }
}

/// What the times of one agent add up to.
public struct AgentTimeSum: Hashable, Sendable {
    public struct Key: Hashable, Comparable, Sendable {
        public var mode: AgentMode
        public var reason: String?

        public init(mode: AgentMode, reason: String?) {
            self.mode = mode
            self.reason = reason
        }

        public static func < (a: Key, b: Key) -> Bool {
            (a.mode.rawValue, a.reason ?? "") < (b.mode.rawValue, b.reason ?? "")
        }
    }

    public var agent: AgentID
    public private(set) var milliseconds: [Key: Int64] = [:]

    public init(agent: AgentID) { self.agent = agent }

    public mutating func add(_ time: AgentTime) {
        milliseconds[Key(mode: time.mode, reason: time.reason), default: 0] += time.milliseconds
    }

    /// The time logged in.
    public var total: Int64 { milliseconds.values.reduce(0, +) }
}

public struct AgentTimeSumPage: Hashable, Sendable {
    /// Of agents with some time in the range, in their order.
    public var sums: [AgentTimeSum]
    /// After which the next page begins; nil: this is the last.
    public var next: AgentID?

    public init(sums: [AgentTimeSum], next: AgentID?) {
        self.sums = sums
        self.next = next
    }
}

extension AgentTime {
    /// 0 if the clock was set back meanwhile.
    public var milliseconds: Int64 { max(0, ended.milliseconds - began.milliseconds) }

    /// The part of it between two moments; nil if there is none.
    public func clipped(from: Instant, to: Instant) -> AgentTime? {
        var part = self
        part.began = max(began, from)
        part.ended = min(ended, to)
        return part.began < part.ended ? part : nil
    }
}

extension CallPart {
    /// Time in which it rang.
    public var ringMilliseconds: Int64 {
        offered.map { max(0, (answered ?? ended).milliseconds - $0.milliseconds) } ?? 0
    }

    /// Time after the answer in which it did not hold the call.
    public var talkMilliseconds: Int64 {
        answered.map { max(0, ended.milliseconds - $0.milliseconds - heldMilliseconds) } ?? 0
    }
}
