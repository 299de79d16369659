public import CSTA
import SwitchDriver

/// A call: what its parties share.
public struct Call: Hashable, Sendable {
    /// The line of a trunk that a call came in or goes out on.
    public struct TrunkLine: Hashable, Sendable {
        public var group: String
        /// Which line of the group; nil if only the switch knows.
        public var member: String?
    }

    struct ComingBack: Hashable, Sendable {
        var party: DeviceID
        var to: DeviceID
    }

    public let id: CallID
    /// What all calls have in common that belong together: the id of the first of them.
    public let conversation: CallID
    public internal(set) var type: CallType
    public let began: Instant
    public internal(set) var trunk: TrunkLine?
    public internal(set) var userData: UserData
    /// Whether the caller asked for call progress analysis (E19).
    public internal(set) var analysis: Bool
    /// The devices' parts, in the order in which they joined (E9); those that have left are gone.
    public internal(set) var connections: [Connection]
    /// Who hung up first (E14).
    public internal(set) var hangupDevice: DeviceID?
    /// Who began it.
    public let originator: DeviceID
    /// Where it is to lead, until that is dialled.
    var destination: Destination?
    /// The call that its originator holds meanwhile, if this is a consultation.
    public internal(set) var consultedFrom: CallID?
    /// Who formed the conference that this call is: it ends when that device leaves (E16).
    public internal(set) var conferencingDevice: DeviceID?
    /// Who comes back to whom when left alone, after a transfer that waits.
    var comingBack: ComingBack?
    /// The split in which it waits or that offers it to agents; nil when one of them has answered.
    public internal(set) var queue: QueueEntry?
    /// For whom the server placed it; nil when an agent talks with the customer, and for all other calls.
    var outbound: OutboundTie?
    /// What its caller, who is alone in it, hears until it ends; nil for all other calls.
    var announcement: Announcement?
    var isMusicOn = false
    /// How many legs were dialled for it, which tells their names apart.
    var legCount = 0
    var recordingCount = 0
    /// In which second the last recording's name is, so that no two have the same.
    var lastRecording: Instant?

    /// The part of a device; nil if it has none.
    public func connection(of device: DeviceID) -> Connection? { index(of: device).map { connections[$0] } }

    /// Those who talk with each other, or are about to: all but those who only listen.
    public var parties: some Collection<Connection> { connections.lazy.filter { $0.part != .listener } }
    var partyCount: Int { connections.indices.count { connections[$0].part != .listener } }

    var mix: MixID { MixID(id) }

    /// Whether two parties at least can talk.
    public var isEstablished: Bool {
        connections.indices.count { connections[$0].answerTime != nil && connections[$0].part != .listener } > 1
    }

    /// The party that has been dialled and has not answered; nil if there is none.
    var pending: Connection? { pendingIndex.map { connections[$0] } }
    var hasPending: Bool { pendingIndex != nil }
    /// Whether an agent is being called because a split offers it.
    var isBeingOffered: Bool { connections.indices.contains { connections[$0].isOffered } }

    private var pendingIndex: Int? {
        connections.indices.first {
            connections[$0].part != .listener && connections[$0].answerTime == nil && connections[$0].isCalled
        }
    }

    init(
        id: CallID, conversation: CallID? = nil, type: CallType, began: Instant, originator: DeviceID,
        userData: UserData = UserData(), analysis: Bool = false
    ) {
        self.id = id
        self.conversation = conversation ?? id
        self.type = type
        self.began = began
        self.originator = originator
        self.userData = userData
        self.analysis = analysis
        connections = []
    }

    // By index, since going over the connections themselves would copy each.
    func index(of device: DeviceID) -> Int? { connections.indices.first { connections[$0].device == device } }
    func index(of leg: LegID) -> Int? { connections.indices.first { connections[$0].leg == leg } }

    /// What runs until a connection is answered.
    func answerTimer(of connection: Connection) -> TimerID {
        connection.part == .listener ? .listening(connection.leg) : .answer(id)
    }

    mutating func nextLeg() -> LegID {
        legCount += 1
        return LegID("\(id.text)-\(legCount)")
    }
}

/// Where a call is to lead.
struct Destination: Hashable, Sendable {
    /// As events name it: an external number with its dialling prefix.
    var device: DeviceID
    /// Nil: the queue of a split.
    var endpoint: Endpoint?
    /// By which trunk groups a number goes out, the first that has room.
    var groups: [String] = []
    /// What the called side is shown.
    var presenting: Presentation
}
