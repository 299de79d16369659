import CSTA
import SwitchDriver

/// The ringing tone for legs whose ringing one came, or went, otherwise than by `dial`.
///
/// Asterisk begins the tone when a phone begins to ring, for those who are then in the bridge, and ends it at the answer
/// and at the first sound. It knows no move: who comes later hears nothing, and who is left goes on hearing it.
extension ARIStateMachine {
    mutating func startRingback(in mix: MixID) {
        guard rings(in: mix) else { return }
        for channel in forlorn(in: mix) { act(.send(.startRingback(channel), nil)) }
    }

    mutating func stopRingback(in mix: MixID) {
        // Stopping the tone would stop the music of one who is held by phone.
        guard !rings(in: mix), !legs.values.contains(where: { $0.mix == mix && $0.held }) else { return }
        for channel in forlorn(in: mix) { act(.send(.stopRingback(channel), nil)) }
    }

    private func rings(in mix: MixID) -> Bool { ringing.contains { legs[$0]?.mix == mix } }

    /// Channels that hear nobody in a mix.
    private func forlorn(in mix: MixID) -> [String] {
        let members = legs.values.filter { $0.mix == mix && ($0.state == .up || !$0.dialled) }
        let talkers = members.filter { $0.state == .up && $0.part != .listener }
        return members.filter { member in !talkers.contains { $0.channel != member.channel } }.map(\.channel).sorted()
    }
}
