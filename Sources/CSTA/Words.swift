/// The state of a device's connection to a call, as `localState` (E7; ECMA-269 §6.1.5, local connection states).
public enum ConnectionState: String, Hashable, Sendable, CaseIterable {
    case initiate = "Initiate"
    case alerting = "Alerting"
    case connect = "Connect"
    case hold = "Hold"
    case queued = "Queued"
    case fail = "Fail"
    case idle = "Idle"
    case none = "None"
}

/// What an agent is doing, as `agentMode`.
public enum AgentMode: String, Hashable, Sendable, CaseIterable {
    /// May be given calls.
    case ready = "Ready"
    /// Gets no calls from a split; may dial.
    case notReady = "NotReady"
    /// After a call from a split or a campaign, for the wrap-up time.
    case workNotReady = "WorkNotReady"
    /// Reserved for an outbound call that the server places.
    case allocated = "Allocated"
    case logout = "Logout"
    case unknown = "Unknown"
}

/// What kind of call it is, as `callType` (E20).
public enum CallType: String, Hashable, Sendable, CaseIterable {
    case inbound = "Inbound"
    case outbound = "Outbound"
    case `internal` = "Internal"
    case preoccupied = "PreOccupied"
    case predictive = "PreDictive"
    case preview = "PreView"
}

/// Why a call progress analysis says that an outgoing call failed, as `failedCode` and `failedMsg` (E19).
public enum FailedCode: Int, Hashable, Sendable, CaseIterable {
    case busyNow = 1
    case callReminder = 2
    case notReachable = 3
    case barringOfIncoming = 4
    case forwarded = 5
    case powerOff = 6
    case outOfService = 7
    case doesNotExist = 8
    case holdOn = 9
    case lineIsBusy = 10
    case notAnswer = 11
    case unknown = 14

    /// The text of `failedMsg`, in the protocol's own spelling.
    public var message: String {
        switch self {
        case .busyNow: "busy now"
        case .callReminder: "call reminder"
        case .notReachable: "not reachable"
        case .barringOfIncoming: "barring of incomming"
        case .forwarded: "forwarded"
        case .powerOff: "power off"
        case .outOfService: "out of service"
        case .doesNotExist: "does not exist"
        case .holdOn: "hold on"
        case .lineIsBusy: "line is busy"
        case .notAnswer: "not answer"
        case .unknown: "unknown"
        }
    }

    /// The code that signalling alone tells (E19). Codes 2, 6 and 9 come only from a switch that knows more.
    public init(_ cause: HangupCause) {
        self =
            switch cause {
            case .userBusy: .busyNow
            case .subscriberAbsent, .noUserResponse, .destinationOutOfOrder: .notReachable
            case .callRejected, .incomingCallBarred: .barringOfIncoming
            case .redirectionToNewDestination: .forwarded
            case .facilityNotSubscribed, .serviceUnavailable: .outOfService
            case .unallocatedNumber, .invalidNumberFormat, .noRouteDestination, .numberChanged: .doesNotExist
            case .normalCircuitCongestion, .switchCongestion, .networkOutOfOrder, .normalTemporaryFailure,
                .requestedChannelUnavailable:
                .lineIsBusy
            case .noAnswer, .allottedTimeout, .recoveryOnTimerExpire: .notAnswer
            default: .unknown
            }
    }
}

/// Why an event came: the closed list that Ringside sends, and whatever else a peer may have sent.
public enum Cause: Hashable, Sendable {
    case hangup(HangupCause)
    case service(ServiceCause)
    /// A cause that this version does not know, kept as it came (E12).
    case unrecognized(String)

    public init(_ text: String) {
        if let cause = HangupCause(rawValue: text) {
            self = .hangup(cause)
        } else if let cause = ServiceCause(rawValue: text) {
            self = .service(cause)
        } else {
            self = .unrecognized(text)
        }
    }

    public var text: String {
        switch self {
        case .hangup(let cause): cause.rawValue
        case .service(let cause): cause.rawValue
        case .unrecognized(let text): text
        }
    }
}

/// Causes of events other than `connectionCleared`, in the spelling of the seed's samples and of E20.
public enum ServiceCause: String, Hashable, Sendable, CaseIterable {
    case normal = "NORMAL"
    /// `delivered` of a call from a trunk.
    case newCall = "newCall"
    /// `originated`.
    case newCallOriginated = "NEWCALL"
    case failed = "Failed"
    case singleStepTransfer = "SINGLESTEPTRANSFER"
    case transfer = "TRANSFER"
}
