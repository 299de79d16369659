/// One copy of an event, as one device's subscribers get it (E1-E9).
///
/// Made by the server from typed values, or read from JSON with ``init(json:)``; ``encode(into:)`` writes it with the keys in
/// the order of the seed's samples, Ringside's own fields behind them.
public struct Event: Hashable, Sendable {
    /// `eventTime` (E4).
    public var time: LocalTime
    /// `timestamp`, milliseconds since the epoch (E4, extension); nil in events of servers without it.
    public var timestamp: Int64?
    /// `conversationId` (extension): the same for all calls that belong together, from the first leg to the last, through
    /// consultation and transfer. Of csta events; nil in events of servers without it.
    public var conversation: CallID?
    /// `serial` (E5).
    public var serial: Serial
    public var namespace: Namespace
    public var body: Body
    /// Fields that this version does not know, with where they stood (E12).
    public var unknownFields: [UnknownField]

    public enum Body: Hashable, Sendable {
        case agent(AgentEvent)
        case call(CallEvent)
        case recording(RecordingEvent)
        /// An event that this version does not know; all its own fields are in ``Event/unknownFields``.
        case unrecognized(name: String, type: String)
    }

    public init(
        time: LocalTime, timestamp: Int64?, conversation: CallID? = nil, serial: Serial, namespace: Namespace,
        body: Body, unknownFields: [UnknownField] = []
    ) {
        self.time = time
        self.timestamp = timestamp
        self.conversation = conversation
        self.serial = serial
        self.namespace = namespace
        self.body = body
        self.unknownFields = unknownFields
    }

    /// `eventName` (E2).
    public var name: String {
        switch body {
        case .agent(let event): event.kind.rawValue
        case .call(let event): event.detail.name
        case .recording(let event): event.name
        case .unrecognized(let name, _): name
        }
    }
}

/// A field that was kept though it is not known, or though it differs from what other fields say it should be.
public struct UnknownField: Hashable, Sendable {
    public var key: String
    public var value: JSON
    /// The key behind which it stood; nil: it was the first.
    public var predecessor: String?

    public init(key: String, value: JSON, predecessor: String?) {
        self.key = key
        self.value = value
        self.predecessor = predecessor
    }
}

/// What happened to an agent (seed 1.1-1.4, 1.12, 1.13).
public struct AgentEvent: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case loggedOn = "agentLoggedOn"
        case loggedOff = "agentLoggedOff"
        case ready = "agentReady"
        case notReady = "agentNotReady"
        case workingAfterCall = "agentWorkingAfterCall"
        case allocated = "agentAllocated"
    }

    public var kind: Kind
    /// `srcDeviceId`, `deviceId` and `devices.Voice`: where the agent is logged in.
    public var device: DeviceID
    public var agent: AgentID
    public var mode: AgentMode
    /// Why, in the words of the client that asked (extension `reason`).
    public var reason: String?

    public init(kind: Kind, device: DeviceID, agent: AgentID, mode: AgentMode, reason: String? = nil) {
        self.kind = kind
        self.device = device
        self.agent = agent
        self.mode = mode
        self.reason = reason
    }
}

/// What happened to a call (seed 1.5-1.11, 1.16; E7, E8, E20).
public struct CallEvent: Hashable, Sendable {
    /// `srcDeviceId` and `eventSrc`: whose copy this is.
    public var source: DeviceID
    public var call: CallID
    /// `deviceId`: the device that changed.
    public var device: DeviceID
    /// `localState` of ``device``.
    public var state: ConnectionState
    public var cause: Cause?
    public var detail: Detail

    public enum Detail: Hashable, Sendable {
        case serviceInitiated(initiatedDevice: DeviceID)
        case originated(callingDevice: DeviceID, calledDevice: DeviceID)
        case delivered(Delivered)
        case established(Established)
        case held(holdingDevice: DeviceID)
        case retrieved(retrievingDevice: DeviceID)
        case transferred(Transferred)
        case conferenced(Conferenced)
        case connectionCleared(releasingDevice: DeviceID, hangupDevice: DeviceID)
        case failed(calledDevice: DeviceID, code: FailedCode, message: String)
    }

    public init(
        source: DeviceID, call: CallID, device: DeviceID, state: ConnectionState, cause: Cause? = nil, detail: Detail
    ) {
        self.source = source
        self.call = call
        self.device = device
        self.state = state
        self.cause = cause
        self.detail = detail
    }
}

extension CallEvent.Detail {
    /// `eventName`.
    public var name: String {
        switch self {
        case .serviceInitiated: "serviceInitiated"
        case .originated: "originated"
        case .delivered: "delivered"
        case .established: "established"
        case .held: "held"
        case .retrieved: "retrieved"
        case .transferred: "transferred"
        case .conferenced: "conferenced"
        case .connectionCleared: "connectionCleared"
        case .failed: "failed"
        }
    }
}

public struct Delivered: Hashable, Sendable {
    public var alertingDevice: DeviceID
    public var callingDevice: DeviceID
    public var calledDevice: DeviceID
    /// Of a call from a trunk.
    public var trunkGroup: String?
    public var trunkMember: String?
    public var userData: UserData?
    /// The queue that gave the call.
    public var split: DeviceID?
    public var callType: CallType?

    public init(
        alertingDevice: DeviceID, callingDevice: DeviceID, calledDevice: DeviceID, trunkGroup: String? = nil,
        trunkMember: String? = nil, userData: UserData? = nil, split: DeviceID? = nil, callType: CallType? = nil
    ) {
        self.alertingDevice = alertingDevice
        self.callingDevice = callingDevice
        self.calledDevice = calledDevice
        self.trunkGroup = trunkGroup
        self.trunkMember = trunkMember
        self.userData = userData
        self.split = split
        self.callType = callType
    }
}

public struct Established: Hashable, Sendable {
    public var answeringDevice: DeviceID
    public var callingDevice: DeviceID
    public var calledDevice: DeviceID
    public var callType: CallType?

    public init(
        answeringDevice: DeviceID, callingDevice: DeviceID, calledDevice: DeviceID, callType: CallType? = nil
    ) {
        self.answeringDevice = answeringDevice
        self.callingDevice = callingDevice
        self.calledDevice = calledDevice
        self.callType = callType
    }
}

public struct Transferred: Hashable, Sendable {
    /// `originCallInfo`, empty in the seed's sample.
    public var originCallInfo: JSONObject
    /// E17; ``CallID/none`` in a single-step transfer.
    public var primaryOldCall: CallID
    public var secondaryOldCall: CallID
    public var transferringDevice: DeviceID
    public var transferredToDevice: DeviceID
    public var newCall: CallID

    public init(
        originCallInfo: JSONObject = JSONObject(), primaryOldCall: CallID, secondaryOldCall: CallID,
        transferringDevice: DeviceID, transferredToDevice: DeviceID, newCall: CallID
    ) {
        self.originCallInfo = originCallInfo
        self.primaryOldCall = primaryOldCall
        self.secondaryOldCall = secondaryOldCall
        self.transferringDevice = transferringDevice
        self.transferredToDevice = transferredToDevice
        self.newCall = newCall
    }
}

public struct Conferenced: Hashable, Sendable {
    /// E17; ``CallID/none`` in a single-step conference.
    public var primaryOldCall: CallID
    public var secondaryOldCall: CallID
    public var conferencingDevice: DeviceID
    /// Its part in the call is the event's `connectionId` (E8).
    public var addedParty: DeviceID
    public var newCall: CallID

    public init(
        primaryOldCall: CallID, secondaryOldCall: CallID, conferencingDevice: DeviceID, addedParty: DeviceID,
        newCall: CallID
    ) {
        self.primaryOldCall = primaryOldCall
        self.secondaryOldCall = secondaryOldCall
        self.conferencingDevice = conferencingDevice
        self.addedParty = addedParty
        self.newCall = newCall
    }
}

/// What happened to a recording (seed 1.14, 1.15; E18).
public struct RecordingEvent: Hashable, Sendable {
    public enum Detail: Hashable, Sendable {
        case started(call: CallID, fileName: String)
        case stopped
    }

    /// The recorded device: `eventSrc`, with `deviceId` when started and `srcDeviceId` when stopped.
    public var device: DeviceID
    public var recording: String
    public var isSuccess: Bool
    public var detail: Detail

    public init(device: DeviceID, recording: String, isSuccess: Bool, detail: Detail) {
        self.device = device
        self.recording = recording
        self.isSuccess = isSuccess
        self.detail = detail
    }

    /// `eventName`.
    public var name: String {
        switch detail {
        case .started: "recordStarted"
        case .stopped: "recordStopped"
        }
    }
}

/// What travels with a call, as `userData.data` (E11): keys in their order, strings as they were set.
public struct UserData: Hashable, Sendable {
    public private(set) var entries: JSONObject

    public init() { entries = JSONObject() }

    /// Nil if a value is not a string.
    public init?(_ object: JSONObject) {
        guard object.allSatisfy({ $0.value.string != nil }) else { return nil }
        entries = object
    }

    public var isEmpty: Bool { entries.isEmpty }
    public var count: Int { entries.members.count }

    /// Keys and values together, in bytes of UTF-8.
    public var byteCount: Int {
        entries.members.reduce(0) { $0 + $1.key.utf8.count + ($1.value.string?.utf8.count ?? 0) }
    }

    public subscript(key: String) -> String? {
        get { entries[key]?.string }
        set { entries[key] = newValue.map(JSON.string) }
    }

    /// Sets every entry of `other` here too.
    public mutating func merge(_ other: UserData) {
        for (key, value) in other.entries { entries[key] = value }
    }
}
