public import CSTA

/// One channel at the switch: what connects one phone or trunk line to it.
///
/// A leg that Ringside dials has the name that ``SwitchCommand/dial(_:)`` gave it; one that a phone or a trunk began has the
/// switch's own. Names are unique at one switch.
public struct LegID: Hashable, Sendable, CustomStringConvertible {
    /// Longest name that a driver passes on; the switches' own have 16 to 60 bytes.
    public static let maximumBytes = 150

    public let text: String
    public init(_ text: String) { self.text = text }
    public var description: String { text }
}

/// One bridge at the switch, in which the legs of a call hear each other. A call's mix has the call's id.
public struct MixID: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public init(_ text: String) { self.text = text }
    public init(_ call: CallID) { text = call.text }
    public var description: String { text }
}

/// What a leg does in a mix.
public enum MixPart: String, Hashable, Sendable {
    /// Hears and is heard.
    case talker
    /// Hears, and is not heard.
    case listener
}

/// A recording, by the name that Ringside gives it: unique at one switch.
public struct RecordingID: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public init(_ text: String) { self.text = text }
    public var description: String { text }
}

/// A recording that is to begin.
public struct RecordingRequest: Hashable, Sendable {
    public var recording: RecordingID
    /// All who are in it are heard.
    public var mix: MixID
    /// Where the WAV file comes to stand, below the switch's folder for recordings: folders with `/`, and `.wav` at the end.
    public var path: String

    public init(recording: RecordingID, mix: MixID, path: String) {
        self.recording = recording
        self.mix = mix
        self.path = path
    }
}

/// What a leg leads to.
public enum Endpoint: Hashable, Sendable {
    /// A phone of the tenant.
    case phone(DeviceID)
    /// A number of the telephone network, as the carrier wants it (without our dialling prefix), by a trunk group.
    ///
    /// - member: by which line of the group, as ``TrunkLine/endpoint`` names it; nil: its first.
    case external(number: String, trunkGroup: String, member: String? = nil)
}

/// How the phone of a device can be made to answer a call from outside.
public enum RemoteAnswer: String, Hashable, Sendable, CaseIterable {
    /// A SIP NOTIFY with `Event: talk` in the dialog of the ringing phone.
    case notifyTalk = "talk"
    /// The header `Call-Info: …;answer-after=0` in the INVITE.
    case autoAnswerHeader = "header"
    /// Not at all: somebody has to lift it.
    case none = "none"
}

/// What a phone or the callee is shown of the other side.
public struct Presentation: Hashable, Sendable {
    /// Digits as they are to be shown, without a namespace.
    public var number: String
    public var name: String?

    public init(number: String, name: String? = nil) {
        self.number = number
        self.name = name
    }
}

/// A leg that is to be dialled.
public struct DialRequest: Hashable, Sendable {
    public var leg: LegID
    public var endpoint: Endpoint
    /// What the called side is shown of the calling one.
    public var presenting: Presentation
    /// The mix whose members hear the call progress, and into which the leg comes when it answers; nil: none yet.
    public var mix: MixID?
    /// True if the phone shall answer by itself, as for the first leg of a call that its own agent dials.
    public var answersItself: Bool
    /// After this the switch gives up, if Ringside has not done so before: a second line of defence.
    public var ringLimitSeconds: Int

    public init(
        leg: LegID, endpoint: Endpoint, presenting: Presentation, mix: MixID? = nil, answersItself: Bool = false,
        ringLimitSeconds: Int
    ) {
        self.leg = leg
        self.endpoint = endpoint
        self.presenting = presenting
        self.mix = mix
        self.answersItself = answersItself
        self.ringLimitSeconds = ringLimitSeconds
    }
}
