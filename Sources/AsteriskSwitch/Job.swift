import CSTA
import SwitchDriver

/// A command being carried out, or waiting for its turn.
struct Job: Sendable {
    typealias ID = UInt64

    /// What must not be handled by two jobs at a time.
    enum Resource: Hashable, Sendable {
        case leg(LegID)
        case mix(MixID)
    }

    enum Step: Hashable, Sendable {
        case create(channel: String, answersItself: Bool)
        /// Waits for StasisStart.
        case enterStasis
        case makeBridge(MixID)
        case add(MixID)
        case addChannel(String, MixID)
        case invite(channel: String, limitSeconds: Int)
        case answer
        /// A NOTIFY by the manager interface.
        case talk
        case remove(MixID)
        case startMusic(MixID)
        case stopMusic(MixID)
        case hangUp(HangupCause)
        case endBridge(MixID)
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
        case .answer(let leg), .connect(let leg, _), .takeOut(let leg), .retrieveAtPhone(let leg), .hangUp(let leg, _):
            leg
        case .startMusic, .stopMusic, .endMix: nil
        }
    }

    var mix: MixID? {
        switch self {
        case .dial(let request): request.mix
        case .connect(_, let mix), .startMusic(let mix), .stopMusic(let mix), .endMix(let mix): mix
        case .answer, .takeOut, .retrieveAtPhone, .hangUp: nil
        }
    }
}
