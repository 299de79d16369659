import CSTA
import SwitchDriver

/// What the driver knows of one leg, from its `dial` or its offering to its one `legEnded`.
struct Leg: Hashable, Sendable {
    let namespace: Namespace
    /// Whether we dialled it; else it was offered.
    let dialled: Bool
    /// What it was dialled with; nil for one that was offered, or found after a restart.
    var request: DialRequest?
    /// The phone that it leads to, if it is one.
    var phone: PhoneLine?
    /// The channel that the leg is now.
    var channel: String
    var state: SwitchSnapshot.LegState = .pending
    var rang = false
    /// In our application since StasisStart: before that Asterisk refuses most requests.
    var entered = false
    /// The dialplan had answered it before it was offered: no change of state will tell.
    var cameAnswered = false
    /// The INVITE is out: without it nobody will ever ring.
    var invited = false
    var held = false
    /// The bridge that it is in, and what it does there; nil: not known, since it was found after a restart.
    var mix: MixID?
    var part: MixPart?
    /// The bridge that it will be in when all commands given so far are carried out.
    var plannedMix: MixID?
    /// A hang-up is queued: a dial that has not come far goes no further.
    var endWanted: HangupCause?
    /// A hang-up has been sent: the cause that its end is told with.
    var endSent: HangupCause?
    /// Its phone has sent REFER and waits for what becomes of it.
    var asksForTransfer = false
    /// Asterisk gave up at the ring limit.
    var timedOut = false
    /// A second channel to the same phone that is to take the first one's place, because it answers by itself.
    var successor: String?
    var successorMix: MixID?
    var successorEntered = false

    init(namespace: Namespace, dialled: Bool, channel: String) {
        self.namespace = namespace
        self.dialled = dialled
        self.channel = channel
    }

    /// The cause to tell when its channel is gone.
    func cause(_ q850: Int, sipStatus: Int?) -> HangupCause {
        endSent
            ?? HangupCause(
                ChannelEnd(
                    cause: q850, sipStatus: sipStatus, dialled: dialled, rang: rang, answered: state == .up,
                    timedOut: timedOut))
    }
}

extension LegID {
    /// What the name of a successor's channel has more than the leg's.
    private static let successorMark = "~answer"
    /// Asterisk's longest channel id (AST_MAX_PUBLIC_UNIQUEID less its end mark).
    static let maximumChannelBytes = 149

    /// A leg whose successor's name fits too.
    var isUsable: Bool { !text.isEmpty && text.utf8.count + Self.successorMark.utf8.count <= Self.maximumChannelBytes }

    var successorChannel: String { text + Self.successorMark }

    /// The leg that a channel stands for, and whether it is a successor.
    static func of(channel: String) -> (leg: LegID, isSuccessor: Bool) {
        guard channel.hasSuffix(successorMark) else { return (LegID(channel), false) }
        return (LegID(String(channel.dropLast(successorMark.count))), true)
    }
}
