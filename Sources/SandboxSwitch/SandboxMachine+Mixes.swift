import SwitchDriver

/// Who hears whom. A mix is there from when it is first named until it is ended, or nobody is in it or awaited and no
/// music plays.
extension SandboxMachine {
    /// Mixes in which music plays for nobody yet: no more than there may be legs to hear it.
    static let maximumMixes = maximumLegs

    /// Works for a leg that is not answered as well: its caller, or callee, then hears the mix beforehand.
    mutating func connect(_ id: LegID, to mix: MixID) {
        guard legs[id] != nil else { return refuse(id) }
        leaveMix(id)
        legs[id]?.mix = mix
        mixes[mix, default: Mix()].members.insert(id)
        tell(.legConnected(id, mix: mix))
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
    }

    mutating func leaveMix(_ id: LegID) {
        if let mix = legs[id]?.mix {
            legs[id]?.mix = nil
            changeMix(mix) { $0.members.remove(id) }
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
