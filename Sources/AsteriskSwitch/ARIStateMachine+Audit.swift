import CSTA
import SwitchDriver

/// Something about which Asterisk and the driver do not agree.
enum Doubt: Hashable, Sendable {
    /// A leg's channel is not there.
    case gone(LegID)
    /// A channel is in our application, and no leg has it.
    case stray(String)
    /// A channel is further than its leg.
    case changed(LegID, ARIChannel.State)
    case endpoint(String, isOnline: Bool)
}

// Asterisk drops messages when a client is slow, and a message that was lost is told by nobody. So the driver looks from time to
// time at what is up. What is just happening is seen in one look and told meanwhile: only what two looks in a row have seen is
// taken for lost, and made up for as if the message had come; a caller who was never offered is let go, as it has heard nothing
// for as long.
extension ARIStateMachine {
    mutating func audit(_ found: ARISnapshot) {
        guard linked else { return }
        let now = doubts(about: found)
        for doubt in doubts.intersection(now) { settle(doubt) }
        doubts = now.subtracting(doubts)
    }

    private func doubts(about found: ARISnapshot) -> Set<Doubt> {
        var doubts: Set<Doubt> = []
        let channels = Set(found.channels.map(\.id))
        for (id, leg) in legs where !channels.contains(leg.channel) && !(leg.successor.map(channels.contains) ?? false)
        {
            doubts.insert(.gone(id))
        }
        for channel in found.channels where isOurs(channel) {
            guard let id = legOfChannel[channel.id], let leg = legs[id] else {
                doubts.insert(.stray(channel.id))
                continue
            }
            let isAhead = channel.state == .up ? leg.state != .up : channel.state == .ringing && leg.state == .pending
            if leg.channel == channel.id, isAhead, !leg.cameAnswered { doubts.insert(.changed(id, channel.state)) }
        }
        for endpoint in found.endpoints where endpoint.technology == "PJSIP" {
            guard let isOnline = endpoint.online, isOnline != online.contains(endpoint.resource),
                lines.phone(endpoint: endpoint.resource[...]) != nil
            else { continue }
            doubts.insert(.endpoint(endpoint.resource, isOnline: isOnline))
        }
        return doubts
    }

    /// Snoop and announcer channels come and go with what they are for.
    private func isOurs(_ channel: ARIChannel) -> Bool { runsInApplication(channel) && channel.pjsipEndpoint != nil }

    private mutating func settle(_ doubt: Doubt) {
        switch doubt {
        case .gone(let id):
            guard let leg = legs[id] else { return }
            mend(.end, id.text)
            // Not a cause of the line: it may have rung, and must not ring a second time by another.
            end(id, leg.endSent ?? .recoveryOnTimerExpire)
        case .stray(let channel):
            guard legOfChannel[channel] == nil else { return }
            mend(.channel, channel)
            act(.send(.hangUp(channel, reason: HangupReason(.normalTemporaryFailure)), nil))
        case .changed(let id, let state):
            guard let leg = legs[id], leg.state != .up else { return }
            mend(.change, id.text)
            if state == .up { up(id, leg.channel) } else { rings(id) }
        case .endpoint(let name, let isOnline):
            guard online.contains(name) != isOnline else { return }
            mend(.phone, name)
            endpointChanged(ARIEndpoint(technology: "PJSIP", resource: name, online: isOnline))
        }
    }

    private mutating func mend(_ what: AsteriskSwitch.Mended, _ detail: String) { act(.mended(what, detail)) }
}
