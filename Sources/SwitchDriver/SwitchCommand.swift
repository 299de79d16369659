public import CSTA

/// What Ringside asks of a switch: primitives, from which `CallCenter` makes the services of a call centre.
///
/// A driver carries out the commands of one mix in the order given, and never answers to the caller: what came of a command
/// is told by a ``SwitchEvent``, named with each case below.
public enum SwitchCommand: Hashable, Sendable {
    /// Dials a leg. → ``SwitchEvent/legRinging(_:)``, ``SwitchEvent/legAnswered(_:)``, or ``SwitchEvent/legEnded(_:cause:)``
    /// when it cannot be had. A leg that was given a `mix` is in it from its answer on, without
    /// ``SwitchEvent/legConnected(_:mix:)``.
    indirect case dial(DialRequest)
    /// Answers a leg: one that was offered (its caller is then up), or one that rings (its phone is made to answer, by its
    /// ``RemoteAnswer``). → ``SwitchEvent/legAnswered(_:)``
    case answer(LegID)
    /// Puts a leg into a mix, which is made if need be, out of the one it was in; music played to it ends.
    /// → ``SwitchEvent/legConnected(_:mix:)``. A leg that was dialled and has not answered goes on ringing, and comes into this
    /// mix, instead of the one that it was dialled with, when it answers.
    case connect(LegID, mix: MixID, as: MixPart = .talker)
    /// Takes a leg out of its mix; it hears nothing. → ``SwitchEvent/legTakenOut(_:)``
    case takeOut(LegID)
    /// Plays music to all who are in a mix, until ``stopMusic(_:)``. Tells nothing.
    case startMusic(MixID)
    case stopMusic(MixID)
    /// Asks a phone that holds by its own button to go on. → ``SwitchEvent/legRetrieved(_:)``
    case retrieveAtPhone(LegID)
    /// Ends a leg, with what its side is to be told. → ``SwitchEvent/legEnded(_:cause:)``
    case hangUp(LegID, cause: HangupCause)
    /// Removes a mix; legs still in it stay up. Tells nothing.
    case endMix(MixID)
    /// Says digits to all who are in a mix. Tells nothing.
    case sayDigits(String, MixID)
    /// Plays a sound to all who are in a mix, once. Tells nothing; one that the switch does not have is silence.
    case play(SoundName, MixID)
    /// Records what is heard in a mix. → ``SwitchEvent/recordingStarted(_:)``, or ``SwitchEvent/recordingEnded(_:isSuccess:)``
    /// if it cannot be had.
    case startRecording(RecordingRequest)
    /// What is heard is not recorded until ``resumeRecording(_:)``. Both tell nothing.
    case pauseRecording(RecordingID)
    case resumeRecording(RecordingID)
    /// → ``SwitchEvent/recordingEnded(_:isSuccess:)`` when the file is complete; also for a recording that is no more.
    case stopRecording(RecordingID)
    /// Tells the phone that asked by ``SwitchEvent/transferRequested(_:)`` what became of it. Tells nothing.
    case answerTransferRequest(LegID, isAccepted: Bool)
}
