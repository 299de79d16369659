import CSTA
import SwitchDriver

/// A channel of the sandbox.
struct Leg: Sendable {
    enum Party: Sendable {
        case phone(DeviceID, answersItself: Bool)
        case network(NetworkBehaviour)
        case customer(CustomerBehaviour)
    }

    enum State: Sendable {
        /// Begun by a phone or a customer, and not answered.
        case offered
        case dialled
        case ringing
        case up(isHeld: Bool, isMuted: Bool)
    }

    /// What the other side does next, if nobody does anything before.
    enum Happening: Sendable {
        case rings
        case answers
        case ends(HangupCause)
    }

    var party: Party
    var state: State
    /// The mix that it is in.
    var mix: MixID?
    /// The mix into which it comes when it answers.
    var mixOnAnswer: MixID?
    /// What it does in either of the two.
    var part = MixPart.talker
    /// What a phone shows of the other side.
    var display: Presentation?
    /// When the switch gives up a leg that it dialled, in the machine's time.
    var ringLimitMilliseconds: Int64 = .max
    /// At most one, so that the agenda is no longer than the legs are many.
    var next: (happening: Happening, ticket: UInt64)?

    init(party: Party, state: State) {
        self.party = party
        self.state = state
    }

    var device: DeviceID? {
        if case .phone(let device, _) = party { device } else { nil }
    }

    /// A leg that is offered hears what its caller is played before the answer.
    var canHear: Bool {
        switch state {
        case .offered, .up(isHeld: false, _): mix != nil
        case .dialled, .ringing, .up(isHeld: true, _): false
        }
    }

    var canBeHeard: Bool {
        if case .up(isHeld: false, isMuted: false) = state { mix != nil && part == .talker } else { false }
    }

    var isHeld: Bool { if case .up(isHeld: true, _) = state { true } else { false } }

    var snapshotState: SwitchSnapshot.LegState {
        switch state {
        case .offered, .dialled: .pending
        case .ringing: .ringing
        case .up: .up
        }
    }

    var phoneState: PhoneState {
        switch state {
        case .offered: .calling
        case .dialled: .reached
        case .ringing: .ringing
        case .up(isHeld: false, _): .talking
        case .up(isHeld: true, _): .holding
        }
    }
}

/// A bridge of the sandbox.
struct Mix: Sendable {
    var members: Set<LegID> = []
    /// Legs that come in when they answer.
    var awaited: Set<LegID> = []
    var hasMusic = false
    /// Those that begin or run; one that is being completed needs the mix no more.
    var recordings: Set<RecordingID> = []

    var isNeeded: Bool { hasMusic || !members.isEmpty || !awaited.isEmpty || !recordings.isEmpty }
}

/// A virtual phone: whether it can be reached, its calls, and its display.
struct Phone: Sendable {
    /// Calls that it can have at once: one in hand, and one that it holds.
    static let maximumLegs = 2

    var isRegistered = true
    /// Those that it holds, the longest held first; among them, anywhere, the one that it does not hold, if there is one.
    private(set) var legs: [LegID] = []
    private(set) var transfer: TransferDisplay?
    /// The leg whose transfer was asked for last, until that is answered.
    private var legToTransfer: LegID?
    var announcement: String?

    /// What the display showed of earlier calls goes when the first one comes.
    mutating func begin(_ leg: LegID) {
        if legs.isEmpty { (transfer, legToTransfer, announcement) = (nil, nil, nil) }
        legs.append(leg)
    }

    mutating func end(_ leg: LegID) { legs.removeAll { $0 == leg } }

    mutating func askForTransfer(of leg: LegID) { (transfer, legToTransfer) = (.requested, leg) }

    mutating func answerTransfer(of leg: LegID, isAccepted: Bool) {
        guard legToTransfer == leg else { return }
        (transfer, legToTransfer) = (isAccepted ? .accepted : .refused, nil)
    }

    /// It holds the leg from now on.
    mutating func hold(_ leg: LegID) {
        end(leg)
        legs.append(leg)
    }
}
