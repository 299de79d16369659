public import CSTA
public import SwitchDriver

/// What can be pressed on a virtual phone.
public enum PhoneButton: Hashable, Sendable {
    /// Lifts the phone and dials: 1 to 40 characters, see `DeviceID.isNumber`. Not possible while the phone has a leg that
    /// it does not hold, or two that it holds.
    case dial(String)
    /// Answers what rings.
    case answer
    /// Refuses what rings.
    case reject
    /// Hangs up what the phone dialled or talks on; if there is no such call, the one that it holds.
    case hangup
    /// Puts the other side on hold, by the phone's own means.
    case hold
    /// Goes on with the call that it has held longest. Not possible while there is one that it does not hold.
    case retrieve
    /// Asks for the call in hand to be led to a number; nil: for the call that it holds to be led to the one that it talks
    /// to. The calls stay as they are: what comes of it is decided by whoever drives the switch.
    case transfer(String?)
    /// The phone can be reached no more; what it talks on goes on.
    case unregister
    case register
    /// Swallows what the phone says, or lets it through again; lasts as long as the leg.
    case mute
}

/// What a virtual phone does at the moment, in the call that it does not hold, if there is one.
public enum PhoneState: String, Hashable, Sendable, CaseIterable {
    case idle
    /// It is being dialled, and does not ring yet.
    case reached
    case ringing
    /// It has dialled, and waits to be answered.
    case calling
    case talking
    /// It talks to nobody, and holds the other side with its own button.
    case holding
}

/// What the display shows of a transfer that the phone has asked for, until the phone is idle and gets another call.
public enum TransferDisplay: String, Hashable, Sendable, CaseIterable {
    case requested
    case accepted
    case refused
}

/// What was said or played in a mix.
public struct Announcement: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        case digits(String)
        case sound(SoundName)

        /// As a phone shows it.
        public var text: String {
            switch self {
            case .digits(let digits): digits
            case .sound(let sound): sound.text
            }
        }
    }

    /// Longer ones are not said: the longest number has 40.
    public static let maximumDigits = 40

    public var content: Content
    public var mix: MixID
    /// The legs that heard it.
    public var hearers: Set<LegID>
}

/// A virtual phone, as it stands on the desk.
public struct PhoneStatus: Hashable, Sendable {
    public var device: DeviceID
    public var isRegistered: Bool
    public var state: PhoneState
    public var isMuted: Bool
    /// The leg of the call in hand, or if there is none, of the one that the phone has held longest; nil if it is idle.
    public var leg: LegID?
    /// What the phone holds with its own button, the longest held first.
    public var heldLegs: [LegID]
    /// What stands on the display: the caller's number for a leg that was dialled to the phone.
    public var display: Presentation?
    /// What became of the last transfer that it asked for.
    public var transfer: TransferDisplay?
    /// The digits that were said to it last, or the name of the sound.
    public var announcement: String?
}

/// Why something that was asked of the sandbox from outside was not done. Nothing has changed then.
public enum SandboxError: Error, Hashable, Sendable {
    /// No tenant has such a phone.
    case unknownDevice
    /// No customer or subscriber is at the other end of such a leg.
    case unknownLeg
    /// What is dialled or calls is no number, see `DeviceID.isNumber`.
    case invalidNumber
    /// No tenant is reached by this number.
    case unknownNumber
    /// The tenant that is reached by this number has no trunk.
    case noTrunk
    /// The phone cannot be reached and so cannot dial.
    case notRegistered
    /// What was asked makes no sense while the phone, or the other side of the trunk leg, is in this state.
    case notPossible(PhoneState)
    /// The tenant has ``SandboxSettings/maximumLegs`` legs.
    case tooManyLegs
    /// The switch has a receiver of its events already.
    case alreadyRunning
}
