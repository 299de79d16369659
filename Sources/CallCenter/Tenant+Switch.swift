import CSTA
import SwitchDriver

// What the switch tells. None of it is trusted to come once, in time, or to make sense.
extension Tenant {
    mutating func handle(_ event: SwitchEvent, newCall: CallID?, _ step: inout Step) {
        switch event {
        case .legOffered(let offer): offered(offer, newCall, &step)
        case .legRinging(let leg): onLeg(leg, &step) { $0.ringing(&$1, $2, &$3) }
        case .legAnswered(let leg): onLeg(leg, &step) { $0.answered(&$1, $2, &$3) }
        case .legConnected(let leg, let mix): onLeg(leg, in: mix, &step) { $0.connected(&$1, $2, &$3) }
        case .legTakenOut(let leg): takenOut(leg, &step)
        case .legHeld(let leg): onLeg(leg, &step) { $0.held(&$1, $2, .atPhone, &$3) }
        case .legRetrieved(let leg): onLeg(leg, &step) { $0.retrieved(&$1, $2, .atPhone, &$3) }
        case .legEnded(let leg, let cause): legEnded(leg, cause, &step)
        case .commandRefused(let leg): commandRefused(leg, &step)
        case .transferRequested(let request): transferRequested(request, &step)
        case .recordingStarted(let id): recordingStarted(id, &step)
        case .recordingEnded(let id, let isSuccess): recordingEnded(id, isSuccess: isSuccess, &step)
        case .deviceRegistered(let device): registered(device, true, &step)
        case .deviceUnregistered(let device): registered(device, false, &step)
        case .linkDown:
            if isSwitchUp { isSwitchUp = false } else { step.ignore(.repeated) }
        case .linkUp(let snapshot): reconcile(with: snapshot, &step)
        }
    }

    /// Runs `body` on the call that a leg belongs to, or on that one of those which it serves that has the mix, and keeps the
    /// call if a party is left.
    private mutating func onLeg(
        _ leg: LegID, in mix: MixID? = nil, _ step: inout Step,
        _ body: (inout Tenant, inout Call, _ index: Int, inout Step) -> Void
    ) {
        guard let id = legs[leg] else { return step.ignore(endingLegs.contains(leg) ? .outOfOrder : .unknownLeg) }
        let served = mix.map { $0.text == id.text ? id : CallID($0.text) } ?? id
        guard let served, var call = calls.removeValue(forKey: served) else { return step.ignore(.outOfOrder) }
        if let index = call.index(of: leg) {
            body(&self, &call, index, &step)
        } else {
            step.ignore(.outOfOrder)
        }
        put(call)
    }

    /// The call in which the switch was asked to take a leg out of the mix.
    private func callHolding(_ leg: LegID) -> CallID? {
        guard let id = legs[leg], let device = device(of: leg, in: id) else { return nil }
        if calls[id]?.hasRequest(.hold, of: device) == true { return id }
        return callSharing(leg, of: device, with: id).flatMap {
            calls[$0]?.hasRequest(.hold, of: device) == true ? $0 : nil
        }
    }

    private mutating func ringing(_ call: inout Call, _ index: Int, _ step: inout Step) {
        switch (call.connections[index].legState, call.connections[index].state) {
        case (.dialling, .initiate): call.connections[index].legState = .ringing
        case (.dialling, .none): deliver(&call, index, &step)
        case (.ringing, _): step.ignore(.repeated)
        default: step.ignore(.outOfOrder)
        }
    }

    private mutating func answered(_ call: inout Call, _ index: Int, _ step: inout Step) {
        switch (call.connections[index].legState, call.connections[index].state) {
        case (.waiting, .connect): call.connections[index].legState = .up
        case (.waiting, .initiate) where call.queue?.isAnswered == true: call.connections[index].legState = .up
        case (.waiting, .initiate) where call.announcement != nil:
            call.connections[index].legState = .up
            play(in: call, &step)
            setAnnouncementLimit(call, &step)
        case (.waiting, .hold):
            // It was believed to be held because the phone had taken its other leg; now it is this one that talks.
            call.connections[index].legState = .up
            retrieved(&call, index, .atPhone, &step)
        case (.up, _): step.ignore(.repeated)
        case (.dialling, .initiate), (.ringing, .initiate):
            call.connections[index].legState = .up
            guard let called = call.destination?.device else { return step.ignore(.outOfOrder) }
            originate(&call, to: called, &step)
            dialDestination(of: &call, &step)
        case (.dialling, .none), (.ringing, .alerting): establish(&call, index, &step)
        default: step.ignore(.outOfOrder)
        }
    }

    private mutating func connected(_ call: inout Call, _ index: Int, _ step: inout Step) {
        // A refusal says nothing of what was refused, and may be of an earlier command: what counts is that the leg is here.
        let connection = call.connections[index]
        let isBack =
            connection.request == nil && connection.holds.contains(.byService) && legs[connection.leg] == call.id
        guard connection.request == .retrieve || isBack else { return }
        call.connections[index].request = nil
        retrieved(&call, index, .byService, &step)
        // One after the other: a refusal does not say of which it is.
        if call.connections[index].holds == .atPhone, canRetrieve(at: call.connections[index].device) {
            step.tell(.retrieveAtPhone(call.connections[index].leg))
        }
        if isBack { updateMusic(&call, &step) }
    }

    private mutating func takenOut(_ leg: LegID, _ step: inout Step) {
        guard let id = callHolding(leg), var call = calls.removeValue(forKey: id),
            let index = call.index(of: leg)
        else { return step.ignore(legs[leg] == nil ? .unknownLeg : .outOfOrder) }
        let device = call.connections[index].device
        call.connections[index].request = nil
        held(&call, index, .byService, &step)
        put(call)
        if let consultation = waitingConsultation(of: device, from: id) { beginConsultation(consultation, &step) }
    }

    /// By the API and by the phone's own button alike: what counts is whether anything holds.
    mutating func held(_ call: inout Call, _ index: Int, _ hold: Connection.Holds, _ step: inout Step) {
        if hold == .atPhone { call.connections[index].isHoldAssumed = false }
        let (legState, isHeldSo) = (call.connections[index].legState, call.connections[index].holds.contains(hold))
        guard call.connections[index].part == .party, legState == .up || legState == .waiting, !isHeldSo else {
            return step.ignore(isHeldSo ? .repeated : .outOfOrder)
        }
        call.connections[index].holds.insert(hold)
        // A phone may hold before there is anybody to talk with: that is told when there is.
        guard call.connections[index].answerTime != nil, call.connections[index].state == .connect else { return }
        beginHold(&call, index, &step)
    }

    mutating func beginHold(_ call: inout Call, _ index: Int, _ step: inout Step) {
        let device = call.connections[index].device
        call.connections[index].state = .hold
        call.connections[index].history.heldSince = step.now
        pauseRecording(&call, index, &step)
        send(about: device, .hold, of: call, &step) { _ in .held(holdingDevice: device) }
    }

    /// A phone has given up the leg that was about to be answered: it never put the other call on hold.
    mutating func unholdAssumed(of device: DeviceID, _ step: inout Step) {
        for id in devices[device]?.calls ?? [] {
            guard var call = calls[id], let index = call.index(of: device), call.connections[index].isHoldAssumed else {
                continue
            }
            retrieved(&call, index, .atPhone, &step)
            put(call)
        }
    }

    private mutating func retrieved(
        _ call: inout Call, _ index: Int, _ hold: Connection.Holds, _ step: inout Step
    ) {
        guard call.connections[index].holds.remove(hold) != nil else { return step.ignore(.repeated) }
        if hold == .atPhone { call.connections[index].isHoldAssumed = false }
        guard call.connections[index].holds.isEmpty, call.connections[index].state == .hold else { return }
        holdOthers(of: call.connections[index], in: call.id, &step)
        let device = call.connections[index].device
        call.connections[index].state = .connect
        call.connections[index].history.endHold(at: step.now)
        pauseRecording(&call, index, &step)
        send(about: device, .connect, of: call, &step) { _ in .retrieved(retrievingDevice: device) }
    }

    /// A hold that was refused may have been carried out in part: the leg goes back into the mix.
    private mutating func commandRefused(_ leg: LegID, _ step: inout Step) {
        guard let id = callHolding(leg) else { return onLeg(leg, &step) { $0.refused(&$1, $2, &$3) } }
        guard var call = calls.removeValue(forKey: id),
            let index = call.index(of: leg)
        else { return }
        let device = call.connections[index].device
        call.connections[index].request = nil
        step.tell(.connect(leg, mix: call.mix, as: call.connections[index].mixPart))
        updateMusic(&call, &step)
        put(call)
        if let consultation = waitingConsultation(of: device, from: id) { consultationRefused(consultation, &step) }
    }

    private mutating func refused(_ call: inout Call, _ index: Int, _ step: inout Step) {
        call.connections[index].request = nil
        updateMusic(&call, &step)
    }

    private mutating func registered(_ device: DeviceID, _ isRegistered: Bool, _ step: inout Step) {
        guard let known = devices[device]?.isRegistered else { return step.ignore(.unknownDevice) }
        if known == isRegistered { step.ignore(.repeated) }
        devices[device]?.isRegistered = isRegistered
        // No call could reach who is reserved.
        if !isRegistered, let agent = devices[device]?.agent, agents[agent]?.login?.allocation != nil {
            giveUp(agent, .released, &step)
        }
        touch(devices[device]?.agent)
    }
}

extension Call {
    fileprivate func hasRequest(_ request: Connection.Request, of device: DeviceID) -> Bool {
        index(of: device).map { connections[$0].request } == request
    }
}
