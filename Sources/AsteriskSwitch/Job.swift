import CSTA
import SwitchDriver

/// A command being carried out, or waiting for its turn.
struct Job: Sendable {
    typealias ID = UInt64

    /// What must not be handled by two jobs at a time.
    enum Resource: Hashable, Sendable {
        case leg(LegID)
        case mix(MixID)
        case recording(RecordingID)
    }

    enum Step: Hashable, Sendable {
        case create(channel: String, answersItself: Bool)
        /// Waits for StasisStart.
        case enterStasis
        case makeBridge(MixID)
        case add(MixID, MixPart)
        case addChannel(String, MixID, MixPart)
        case invite(channel: String, limitSeconds: Int)
        case answer
        /// A NOTIFY by the manager interface.
        case talk
        case remove(MixID)
        case startMusic(MixID)
        case stopMusic(MixID)
        case hangUp(HangupCause)
        case endBridge(MixID)
        case sayDigits(String, MixID)
        case play(SoundName, MixID)
        case answerTransfer(isAccepted: Bool)
        /// Looks up the name of a recording that was begun by a driver before this one.
        case recallRecording
        /// Leaves a note at Asterisk of which recording this is, and whose, for a driver after this one.
        case noteRecording
        case record(RecordingRequest)
        /// Waits for RecordingStarted: before that Asterisk refuses to pause.
        case awaitRecording
        case pauseRecording
        case resumeRecording
        case stopRecording
    }

    let id: ID
    let command: SwitchCommand
    let namespace: Namespace
    let resources: [Resource]
    /// What is left to do; the first is under way. nil: not begun.
    var steps: [Step]?
    /// Ticket of the step under way.
    var ticket: ARIStateMachine.Ticket?
}

extension SwitchCommand {
    var leg: LegID? {
        switch self {
        case .dial(let request): request.leg
        case .answer(let leg), .connect(let leg, _, _), .takeOut(let leg), .retrieveAtPhone(let leg),
            .hangUp(let leg, _), .answerTransferRequest(let leg, _):
            leg
        case .startMusic, .stopMusic, .endMix, .sayDigits, .play, .startRecording, .pauseRecording,
            .resumeRecording, .stopRecording:
            nil
        }
    }

    var mix: MixID? {
        switch self {
        case .dial(let request): request.mix
        case .connect(_, let mix, _), .startMusic(let mix), .stopMusic(let mix), .endMix(let mix),
            .sayDigits(_, let mix), .play(_, let mix):
            mix
        case .startRecording(let request): request.mix
        case .answer, .takeOut, .retrieveAtPhone, .hangUp, .answerTransferRequest, .pauseRecording, .resumeRecording,
            .stopRecording:
            nil
        }
    }

    var recording: RecordingID? {
        switch self {
        case .startRecording(let request): request.recording
        case .pauseRecording(let recording), .resumeRecording(let recording), .stopRecording(let recording): recording
        default: nil
        }
    }

    /// Whether a leg that is not there is told as refused.
    var isRefusedAloud: Bool {
        switch self {
        case .hangUp, .answerTransferRequest: false
        default: true
        }
    }
}
