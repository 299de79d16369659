import SwitchDriver

/// Who is in which mix. A mix is there from when it is first named until it is ended, or nobody is in it or awaited, no
/// music plays and nothing is recorded.
extension SandboxMachine {
    /// Mixes in which music plays for nobody yet: no more than there may be legs to hear it.
    static let maximumMixes = maximumLegs

    /// Works for a leg that is not answered as well: one that was offered hears the mix beforehand, one that was dialled
    /// comes into it when it answers.
    mutating func connect(_ id: LegID, to mix: MixID, as part: MixPart) {
        guard let leg = legs[id] else { return refuse(id) }
        leaveMix(id)
        legs[id]?.part = part
        switch leg.state {
        case .offered, .up: enter(mix, id)
        case .dialled, .ringing:
            legs[id]?.mixOnAnswer = mix
            mixes[mix, default: Mix()].awaited.insert(id)
        }
        tell(.legConnected(id, mix: mix))
    }

    mutating func enter(_ mix: MixID, _ id: LegID) {
        legs[id]?.mix = mix
        mixes[mix, default: Mix()].members.insert(id)
        soundChanged(in: mix)
    }

    mutating func takeOut(_ id: LegID) {
        guard let leg = legs[id], leg.mix != nil || leg.mixOnAnswer != nil else { return refuse(id) }
        leaveMix(id)
        tell(.legTakenOut(id))
    }

    mutating func startMusic(_ mix: MixID) {
        guard mixes[mix] != nil || mixes.count < Self.maximumMixes else { return }
        mixes[mix, default: Mix()].hasMusic = true
    }

    mutating func endMix(_ mix: MixID) {
        guard let ended = mixes.removeValue(forKey: mix) else { return }
        for id in ended.members { legs[id]?.mix = nil }
        for id in ended.awaited { legs[id]?.mixOnAnswer = nil }
        for id in ended.recordings.sorted(by: { $0.text < $1.text }) { stopRecording(id) }
    }

    mutating func leaveMix(_ id: LegID) {
        if let mix = legs[id]?.mix {
            legs[id]?.mix = nil
            changeMix(mix) { $0.members.remove(id) }
            soundChanged(in: mix)
        }
        if let mix = legs[id]?.mixOnAnswer {
            legs[id]?.mixOnAnswer = nil
            changeMix(mix) { $0.awaited.remove(id) }
        }
    }

    mutating func changeMix(_ mix: MixID, _ change: (inout Mix) -> Void) {
        guard let index = mixes.index(forKey: mix) else { return }
        change(&mixes.values[index])
        if !mixes.values[index].isNeeded { mixes.remove(at: index) }
    }
}
