import CSTA

/// What the pretended telephone network does with a number that is dialled, told by the number's last two digits
/// (sandbox.md).
enum NetworkBehaviour: Hashable, Sendable {
    /// Rings, answers, and hangs up itself after `talkSeconds`; nil: talks until hung up.
    case answers(ringSeconds: Int, talkSeconds: Int?)
    /// Fails without ringing.
    case fails(HangupCause)
    case ringsThenFails(HangupCause, ringSeconds: Int)
    /// Rings until the switch gives up, see `DialRequest.ringLimitSeconds`.
    case ringsForEver

    /// After this a number that nobody answers fails by itself, as carriers do it.
    static let ringLimitSeconds = 60
    /// A forwarding subscriber rings so long before the network says where it leads.
    static let forwardingRingSeconds = 1
    static let answerSeconds = 1

    init(number: String) {
        guard let ending = twoDigitEnding(of: number) else {
            self = Self.ordinary
            return
        }
        self =
            switch ending {
            case FailedCode.forwarded.rawValue:
                .ringsThenFails(.redirectionToNewDestination, ringSeconds: Self.forwardingRingSeconds)
            case FailedCode.notAnswer.rawValue: .ringsThenFails(.noAnswer, ringSeconds: Self.ringLimitSeconds)
            case 20...29: .answers(ringSeconds: ending - 20, talkSeconds: nil)
            case 30...39: .answers(ringSeconds: Self.answerSeconds, talkSeconds: ending - 30)
            case 40: .ringsForEver
            case 41: .fails(.callRejected)
            case 42: .fails(.normalCircuitCongestion)
            default: FailedCode(rawValue: ending).map { .fails(HangupCause(tellingOf: $0)) } ?? Self.ordinary
            }
    }

    /// As the ending 00.
    private static let ordinary = NetworkBehaviour.answers(ringSeconds: answerSeconds, talkSeconds: nil)
}

/// What a customer does who has called in, told by the last two digits of the own number (sandbox.md).
struct CustomerBehaviour: Hashable, Sendable {
    /// Gives up when not answered within this; nil: waits for ever.
    var patienceSeconds: Int?
    /// Hangs up this long after the answer; nil: talks until hung up.
    var talkSeconds: Int?

    /// As long as the network lets an unanswered call ring.
    static let patienceSeconds = 60
    static let shortPatienceSeconds = 5

    init(number: String) {
        switch twoDigitEnding(of: number) {
        case .some(let ending) where (30...39).contains(ending):
            self.init(patienceSeconds: Self.patienceSeconds, talkSeconds: ending - 30)
        case .some(40): self.init(patienceSeconds: nil, talkSeconds: nil)
        case .some(41): self.init(patienceSeconds: Self.shortPatienceSeconds, talkSeconds: nil)
        default: self.init(patienceSeconds: Self.patienceSeconds, talkSeconds: nil)
        }
    }

    private init(patienceSeconds: Int?, talkSeconds: Int?) {
        self.patienceSeconds = patienceSeconds
        self.talkSeconds = talkSeconds
    }
}

extension HangupCause {
    /// A cause from which signalling tells `code` (E19).
    ///
    /// Codes 2, 6 and 9 are told by announcements, which this switch does not play: they get the cause that comes with
    /// such an announcement in a mobile network, so `FailedCode.init(_:)` reads 3, 3 and 1 from it. 2, a call reminder,
    /// and 6, power off: the subscriber is not there. 9, hold on: the subscriber talks to somebody else.
    init(tellingOf code: FailedCode) {
        self =
            switch code {
            case .busyNow, .holdOn: .userBusy
            case .callReminder, .notReachable, .powerOff: .subscriberAbsent
            case .barringOfIncoming: .incomingCallBarred
            case .forwarded: .redirectionToNewDestination
            case .outOfService: .serviceUnavailable
            case .doesNotExist: .unallocatedNumber
            case .lineIsBusy: .switchCongestion
            case .notAnswer: .noAnswer
            case .unknown: .normalUnspecified
            }
    }
}

/// 0 to 99; nil if the number is shorter or does not end in two digits.
private func twoDigitEnding(of number: String) -> Int? {
    let ending = number.utf8.suffix(2)
    guard ending.count == 2, ending.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
        return nil
    }
    return ending.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
}
