public import CSTA

/// What a switch tells Ringside. Any of them may come late, twice, out of order or for a leg that is not known: the rules
/// ignore what makes no sense.
public enum SwitchEvent: Hashable, Sendable {
    /// A phone or a trunk has begun a call and waits for what is to become of it.
    case legOffered(OfferedLeg)
    /// The other side rings.
    case legRinging(LegID)
    case legAnswered(LegID)
    case legConnected(LegID, mix: MixID)
    case legTakenOut(LegID)
    /// The phone put the other side on hold with its own button.
    case legHeld(LegID)
    /// The phone took the other side back with its own button.
    case legRetrieved(LegID)
    /// The leg is no more: hung up, refused, not answered, not to be had.
    case legEnded(LegID, cause: HangupCause)
    /// A command about a leg could not be carried out, and the leg is as it was before.
    case commandRefused(LegID)
    /// The phone asks for its call to be led elsewhere (SIP REFER, RFC 3515): nothing has moved yet.
    /// → ``SwitchCommand/answerTransferRequest(_:isAccepted:)``
    case transferRequested(TransferRequest)
    case recordingStarted(RecordingID)
    /// The recording is no more: stopped, broken off, or never begun. After success its file is complete.
    case recordingEnded(RecordingID, isSuccess: Bool)
    /// The phone can be reached, or not any more.
    case deviceRegistered(DeviceID)
    case deviceUnregistered(DeviceID)
    /// The link to the switch is lost: what happens there is unknown until ``linkUp(_:)``.
    case linkDown
    /// The link is there, for the first time or again, and this is what is up at the switch. Commands that were given while
    /// the link was down have been dropped. Also told when ``Switch/resynchronise(_:)`` asks for it.
    case linkUp(SwitchSnapshot)
}

/// A call that begins at a phone or comes in on a trunk.
public struct OfferedLeg: Hashable, Sendable {
    public enum Origin: Hashable, Sendable {
        case phone(DeviceID)
        /// - number: the caller's, as the carrier tells it; nil if withheld.
        /// - member: which line or address of the group, as `trunkMember` shows it.
        case trunk(group: String, member: String, number: String?)
    }

    public var leg: LegID
    public var origin: Origin
    /// The digits dialled.
    public var dialled: String

    public init(leg: LegID, origin: Origin, dialled: String) {
        self.leg = leg
        self.origin = origin
        self.dialled = dialled
    }
}

/// What a phone asks for by its transfer button.
public struct TransferRequest: Hashable, Sendable {
    public enum Target: Hashable, Sendable {
        /// Blind: to whoever has this number, as dialled.
        case number(String)
        /// Attended: to the one that the phone talks to on another leg of its own (`Replaces`, RFC 3891).
        case leg(LegID)
    }

    /// The phone's leg in the call that is to be led elsewhere.
    public var leg: LegID
    public var target: Target

    public init(leg: LegID, target: Target) {
        self.leg = leg
        self.target = target
    }
}

/// What is up at a switch, of one tenant.
public struct SwitchSnapshot: Hashable, Sendable {
    public enum LegState: String, Hashable, Sendable {
        /// Dialled and not answered, or offered and not answered.
        case pending
        case ringing
        case up
    }

    /// Every leg of the tenant, also those in no mix.
    public var legs: [LegID: LegState]
    /// The phones that can be reached.
    public var registered: Set<DeviceID>

    public init(legs: [LegID: LegState] = [:], registered: Set<DeviceID> = []) {
        self.legs = legs
        self.registered = registered
    }
}
