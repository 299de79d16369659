/// A trunk group: lines to the telephone network that stand for each other, and a dialling prefix that leads to it.
public struct Trunk: Hashable, Sendable {
    /// One line, or a bundle of them, at the switch.
    public struct Member: Hashable, Sendable {
        /// The carrier's name at the switch; `trunkMember` of events. One that is in several groups has its calls counted once.
        public var name: String
        /// Calls at once, in and out, up to which it is given another; nil: as many as come.
        public var capacity: Int?

        public init(_ name: String, capacity: Int? = nil) {
            self.name = name
            self.capacity = capacity
        }
    }

    /// Which of the members that have room takes a call.
    public enum Selection: String, Hashable, Sendable, CaseIterable {
        /// The first of them.
        case sequential
        /// The one of which the smallest share is in use, and of equals the one with the fewest calls.
        case balanced
    }

    /// More are another group, to which the calls overflow.
    public static let maximumMembers = 32
    /// Of one member: what the largest carriers' trunks have, and a slip if it is more.
    public static let maximumCapacity = 10_000

    public var group: String
    /// What an agent dials first, and the carrier does not get. Empty: every number that is not a device. Nil: only
    /// ``TenantConfiguration/outbound`` leads here.
    public var prefix: String?
    /// The number that the called side is shown; nil: the calling device's.
    public var callerNumber: String?
    /// In the order in which they are taken. Empty: the switch knows which, and how many calls they carry.
    public var members: [Member]
    public var selection: Selection

    public init(
        group: String, prefix: String?, callerNumber: String? = nil, members: [Member] = [],
        selection: Selection = .sequential
    ) {
        self.group = group
        self.prefix = prefix
        self.callerNumber = callerNumber
        self.members = members
        self.selection = selection
    }

    /// Of all members; nil if one of them has none.
    var capacity: Int? {
        members.isEmpty || members.contains { $0.capacity == nil } ? nil : members.reduce(0) { $0 + ($1.capacity ?? 0) }
    }
}

/// How much of a trunk group is in use.
public struct TrunkLoad: Hashable, Sendable {
    public var group: String
    /// Calls that are up or being dialled, in and out.
    public var calls: Int
    /// Calls at once; nil: as many as come.
    public var capacity: Int?
}
