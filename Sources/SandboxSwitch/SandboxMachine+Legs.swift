import CSTA
import SwitchDriver

/// The life of a leg: dialled or offered, ringing, up, ended.
extension SandboxMachine {
    mutating func dial(_ request: DialRequest) {
        let id = request.leg
        guard legs[id] == nil else { return refuse(id) }
        guard (1...LegID.maximumBytes).contains(id.text.utf8.count) else {
            return tell(.legEnded(id, cause: .invalidElementContents))
        }
        guard hasRoom() else { return tell(.legEnded(id, cause: .switchCongestion)) }
        let party: Leg.Party
        switch findParty(of: request) {
        case .found(let found): party = found
        case .notToBeHad(let cause): return tell(.legEnded(id, cause: cause))
        }
        var leg = Leg(party: party, state: .dialled)
        leg.display = request.presenting
        leg.mixOnAnswer = request.mix
        let ringSeconds = min(max(request.ringLimitSeconds, 1), Self.maximumRingSeconds)
        leg.ringLimitMilliseconds = nowMilliseconds + Int64(ringSeconds) * 1000
        legs[id] = leg
        if let device = leg.device { phones[device]?.begin(id) }
        if let mix = request.mix { mixes[mix, default: Mix()].awaited.insert(id) }
        let first: Leg.Happening = if case .network(.fails(let cause)) = party { .ends(cause) } else { .rings }
        plan(first, for: id, at: nowMilliseconds + settings.setupMilliseconds)
    }

    private enum Search {
        case found(Leg.Party)
        case notToBeHad(HangupCause)
    }

    private func findParty(of request: DialRequest) -> Search {
        switch request.endpoint {
        case .phone(let device):
            guard let phone = phones[device] else { return .notToBeHad(.unallocatedNumber) }
            guard phone.isRegistered else { return .notToBeHad(.subscriberAbsent) }
            guard phone.legs.isEmpty else { return .notToBeHad(.userBusy) }
            return .found(.phone(device, answersItself: request.answersItself))
        case .external(let number, let group, let member):
            guard let line = line(group: group, member: member) else { return .notToBeHad(.noRouteDestination) }
            guard !line.endpoint.hasSuffix(Self.deadEnding) else { return .notToBeHad(.networkOutOfOrder) }
            guard DeviceID.isNumber(number) else { return .notToBeHad(.invalidNumberFormat) }
            return .found(.network(NetworkBehaviour(number: number)))
        }
    }

    mutating func rings(_ id: LegID) {
        guard let leg = legs[id] else { return }
        legs[id]?.state = .ringing
        tell(.legRinging(id))
        switch leg.party {
        case .phone(_, answersItself: true): answered(id)
        case .network(.answers(let ringSeconds, _)): planRinging(id, .answers, afterSeconds: ringSeconds)
        case .network(.ringsThenFails(let cause, let ringSeconds)):
            planRinging(id, .ends(cause), afterSeconds: ringSeconds)
        case .phone, .network, .customer: plan(.ends(.noAnswer), for: id, at: leg.ringLimitMilliseconds)
        }
    }

    /// The other side does something after ringing for so long, unless the switch gives up before.
    private mutating func planRinging(_ id: LegID, _ happening: Leg.Happening, afterSeconds seconds: Int) {
        let limit = legs[id]?.ringLimitMilliseconds ?? nowMilliseconds
        let time = nowMilliseconds + Int64(seconds) * 1000
        if time <= limit { plan(happening, for: id, at: time) } else { plan(.ends(.noAnswer), for: id, at: limit) }
    }

    mutating func answer(_ id: LegID) {
        guard let leg = legs[id] else { return refuse(id) }
        switch (leg.state, leg.party) {
        case (.offered, _), (.ringing, .phone): answered(id)
        // The network's subscribers answer when they like, and what is up needs no answer.
        case (.ringing, _), (.dialled, _), (.up, _): refuse(id)
        }
    }

    mutating func answered(_ id: LegID) {
        guard let leg = legs[id] else { return }
        legs[id]?.state = .up(isHeld: false, isMuted: false)
        legs[id]?.next = nil
        if let mix = leg.mixOnAnswer {
            legs[id]?.mixOnAnswer = nil
            mixes[mix, default: Mix()].awaited.remove(id)
            enter(mix, id)
        } else if let mix = leg.mix {
            soundChanged(in: mix)
        }
        tell(.legAnswered(id))
        let talkSeconds: Int? =
            switch leg.party {
            case .network(.answers(_, let seconds)): seconds
            case .customer(let behaviour): behaviour.talkSeconds
            case .phone, .network: nil
            }
        if let talkSeconds {
            plan(.ends(.normalClearing), for: id, at: nowMilliseconds + Int64(talkSeconds) * 1000)
        }
    }

    /// Adds a leg that a phone or a customer begins.
    mutating func offer(_ leg: Leg, from origin: OfferedLeg.Origin, dialled: String) -> LegID {
        let id = makeLegName()
        legs[id] = leg
        if let device = leg.device { phones[device]?.begin(id) }
        if case .customer(let behaviour) = leg.party, let seconds = behaviour.patienceSeconds {
            plan(.ends(.originatorCancel), for: id, at: nowMilliseconds + Int64(seconds) * 1000)
        }
        tell(.legOffered(OfferedLeg(leg: id, origin: origin, dialled: dialled)))
        return id
    }

    mutating func retrieveAtPhone(_ id: LegID) {
        guard let leg = legs[id], leg.isHeld, let device = leg.device, let phone = phones[device],
            activeLeg(of: phone) == nil
        else { return refuse(id) }
        changeSound(of: id, isHeld: false)
        tell(.legRetrieved(id))
    }

    /// Ends a leg and nothing else: what becomes of the others in its mix is the tenant's rule, not the switch's.
    mutating func end(_ id: LegID, _ cause: HangupCause) {
        leaveMix(id)
        guard let leg = legs.removeValue(forKey: id) else { return }
        if let device = leg.device {
            phones[device]?.end(id)
            removeIfRetired(device)
        }
        tell(.legEnded(id, cause: cause))
    }
}
