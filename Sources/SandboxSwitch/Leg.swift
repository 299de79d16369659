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

    var isNeeded: Bool { hasMusic || !members.isEmpty || !awaited.isEmpty }
}

/// A virtual phone: whether it can be reached, and its one line.
struct Phone: Sendable {
    var isRegistered = true
    var leg: LegID?
}
