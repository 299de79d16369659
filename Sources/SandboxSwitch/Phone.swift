public import CSTA
public import SwitchDriver

/// What can be pressed on a virtual phone.
public enum PhoneButton: Hashable, Sendable {
    /// Lifts the phone and dials: 1 to 40 characters, see `DeviceID.isNumber`. Not possible while the phone has a leg.
    case dial(String)
    /// Answers what rings.
    case answer
    /// Refuses what rings.
    case reject
    /// Hangs up what the phone dialled or talks on.
    case hangup
    /// Puts the other side on hold, by the phone's own means.
    case hold
    case retrieve
    /// A blind transfer: not possible so far, as no `SwitchEvent` tells of it.
    case transfer(String)
    /// The phone can be reached no more; what it talks on goes on.
    case unregister
    case register
    /// Swallows what the phone says, or lets it through again; lasts as long as the leg.
    case mute
}

/// What a virtual phone does at the moment. It has one line.
public enum PhoneState: String, Hashable, Sendable, CaseIterable {
    case idle
    /// It is being dialled, and does not ring yet.
    case reached
    case ringing
    /// It has dialled, and waits to be answered.
    case calling
    case talking
    /// It talks and holds the other side with its own button.
    case holding
}

/// A virtual phone, as it stands on the desk.
public struct PhoneStatus: Hashable, Sendable {
    public var device: DeviceID
    public var isRegistered: Bool
    public var state: PhoneState
    public var isMuted: Bool
    /// The phone's leg; nil if it is idle.
    public var leg: LegID?
    /// What stands on the display: the caller's number for a leg that was dialled to the phone.
    public var display: Presentation?
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
