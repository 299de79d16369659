import CSTA

/// What is known of the end of a channel.
struct ChannelEnd: Hashable, Sendable {
    /// ITU-T Q.850 number of ChannelDestroyed; 0 and 32 stand for nothing in particular.
    var cause: Int
    /// The SIP status of ChannelDestroyed, if the other side or Asterisk sent one.
    var sipStatus: Int?
    /// Whether the channel was dialled by us; else it was offered to us.
    var dialled: Bool
    var rang: Bool
    var answered: Bool
    /// Whether Asterisk gave up by itself at the ring limit: its 480 is then its own.
    var timedOut: Bool
}

extension HangupCause {
    init(_ end: ChannelEnd) {
        if !end.dialled, !end.answered, end.sipStatus == 487 {
            self = .originatorCancel
        } else if end.timedOut, end.cause == 19 {
            self = end.rang ? .noAnswer : .noUserResponse
        } else if end.dialled, !end.answered, let status = end.sipStatus, let cause = Self.bySIPStatus[status] {
            self = cause
        } else if end.answered, end.cause == 127 {
            // A caller's CANCEL that has crossed our answer: Asterisk has no number for its 487.
            self = .normalClearing
        } else {
            self = Self.byQ850[end.cause] ?? .normalUnspecified
        }
    }

    /// What a refusal of the called side means, by its SIP status. 487 is none: nobody but we could have cancelled.
    static let bySIPStatus: [Int: HangupCause] = [
        402: .callRejected, 403: .callRejected, 404: .unallocatedNumber, 408: .noUserResponse, 410: .numberChanged,
        480: .noUserResponse, 484: .invalidNumberFormat, 486: .userBusy,
        488: .bearerCapabilityNotAvailable, 500: .networkOutOfOrder, 501: .serviceNotImplemented,
        502: .destinationOutOfOrder, 503: .normalCircuitCongestion, 504: .recoveryOnTimerExpire, 600: .userBusy,
        603: .callRejected, 604: .unallocatedNumber, 606: .bearerCapabilityNotAvailable,
    ]

    /// Q.850 table 1, and Asterisk's own 0 (a BYE outside a bridge), 26 (answered elsewhere) and 32 (asked by ARI).
    static let byQ850: [Int: HangupCause] = [
        0: .normalClearing, 1: .unallocatedNumber, 2: .noRouteTransitNetwork, 3: .noRouteDestination,
        6: .channelUnacceptable, 7: .callAwardedDelivered, 16: .normalClearing, 17: .userBusy, 18: .noUserResponse,
        19: .noAnswer, 20: .subscriberAbsent, 21: .callRejected, 22: .numberChanged,
        23: .redirectionToNewDestination, 25: .exchangeRoutingError, 26: .loseRace, 27: .destinationOutOfOrder,
        28: .invalidNumberFormat, 29: .facilityRejected, 30: .responseToStatusEnquiry, 31: .normalUnspecified,
        32: .normalClearing, 34: .normalCircuitCongestion, 38: .networkOutOfOrder, 41: .normalTemporaryFailure,
        42: .switchCongestion, 43: .accessInformationDiscarded, 44: .requestedChannelUnavailable, 45: .preempted,
        50: .facilityNotSubscribed, 52: .outgoingCallBarred, 54: .incomingCallBarred,
        57: .bearerCapabilityNotAuthorized, 58: .bearerCapabilityNotAvailable, 63: .serviceUnavailable,
        65: .bearerCapabilityNotImplemented, 66: .channelNotImplemented, 69: .facilityNotImplemented,
        79: .serviceNotImplemented, 81: .invalidCallReference, 88: .incompatibleDestination,
        95: .invalidMessageUnspecified, 96: .mandatoryElementMissing, 97: .messageTypeNonexistent, 98: .wrongMessage,
        99: .elementNonexistent, 100: .invalidElementContents, 101: .wrongCallState, 102: .recoveryOnTimerExpire,
        103: .mandatoryElementLengthError, 111: .protocolError, 127: .interworking,
    ]
}

/// How ARI is told why a channel is hung up.
enum HangupReason: Hashable, Sendable {
    /// A word of ARI's own list.
    case named(String)
    case q850(Int)

    init(_ cause: HangupCause) {
        switch cause {
        case .loseRace, .pickedOff: self = .named("answered_elsewhere")
        default: self = Self.codes[cause].map { .q850($0) } ?? .named("normal")
        }
    }

    private static let codes: [HangupCause: Int] = {
        var codes: [HangupCause: Int] = [.userNotRegistered: 20, .gatewayDown: 38, .progressTimeout: 18]
        for (code, cause) in HangupCause.byQ850 where ![0, 26, 32].contains(code) { codes[cause] = code }
        return codes
    }()
}
