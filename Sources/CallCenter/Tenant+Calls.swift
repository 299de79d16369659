import CSTA
import SwitchDriver

// What happens to a call, whoever caused it: the API, a phone, a trunk or a timer.
extension Tenant {
    /// Adds a party. A device counts as busy from here on; it is in the call from its first event (E9).
    mutating func add(_ connection: Connection, to call: inout Call) {
        call.connections.append(connection)
        legs[connection.leg] = call.id
        if connection.isInternal { devices[connection.device]?.calls.append(call.id) }
    }

    /// Keeps a call that was begun or changed.
    mutating func put(_ call: consuming Call) {
        changes.calls.insert(call.id)
        calls[call.id] = call
    }

    mutating func update(_ id: ConnectionID, _ change: (inout Connection) -> Void) {
        guard var call = calls.removeValue(forKey: id.call) else { return }
        if let index = call.connections.firstIndex(where: { $0.device == id.device }) {
            change(&call.connections[index])
        }
        put(call)
    }

    func state(of device: DeviceID, in call: CallID) -> ConnectionState {
        calls[call]?.connection(of: device)?.state ?? .none
    }

    /// E20: the caller, who is the only one yet, begins.
    mutating func initiate(_ call: inout Call, _ step: inout Step) {
        call.connections[0].hasJoined = true
        send(about: call.originator, .initiate, cause: .service(.normal), of: call, &step) { _ in
            .serviceInitiated(initiatedDevice: call.originator)
        }
    }

    /// E20: the caller is on the line and has dialled.
    mutating func originate(_ call: inout Call, to called: DeviceID, _ step: inout Step) {
        call.setOriginalParties(calling: call.originator, called: called)
        send(about: call.originator, .initiate, cause: .service(.newCallOriginated), of: call, &step) { _ in
            .originated(callingDevice: call.originator, calledDevice: called)
        }
        step.tell(.connect(call.connections[0].leg, mix: call.mix))
    }

    /// Dials where the call is to lead; ends the call if that cannot be.
    mutating func dialDestination(of call: inout Call, _ step: inout Step) {
        guard let destination = call.destination else { return }
        call.destination = nil
        let called = destination.device
        var isInternal = false
        if case .phone(let device) = destination.endpoint {
            isInternal = true
            if let obstacle = obstacle(to: device) { return fail(&call, called, obstacle, &step) }
        }
        let leg = LegID("\(call.id.text)-2")
        add(
            Connection(
                device: called, isInternal: isInternal, leg: leg, legState: .dialling, state: .none,
                callingDevice: call.originator, calledDevice: called), to: &call)
        step.tell(
            .dial(
                DialRequest(
                    leg: leg, endpoint: destination.endpoint, presenting: destination.presenting, mix: call.mix,
                    ringLimitSeconds: configuration.limits.answerSeconds + Self.graceSeconds)))
        setAnswerTimer(call.id, seconds: configuration.limits.answerSeconds, &step)
    }

    /// Why a phone need not be dialled.
    private func obstacle(to device: DeviceID) -> HangupCause? {
        guard let phone = devices[device], phone.profile.isUsable else { return .unallocatedNumber }
        guard phone.calls.isEmpty else { return .userBusy }
        return phone.isRegistered ? nil : .subscriberAbsent
    }

    /// The called side rings.
    mutating func deliver(_ call: inout Call, _ index: Int, _ step: inout Step) {
        call.connections[index].state = .alerting
        call.connections[index].legState = .ringing
        call.connections[index].ringTime = step.now
        call.connections[index].hasJoined = true
        let alerting = call.connections[index].device
        let trunk = call.type == .inbound ? call.trunk : nil
        send(about: alerting, .alerting, cause: trunk.map { _ in .service(.newCall) }, of: call, &step) { receiver in
            .delivered(
                Delivered(
                    alertingDevice: alerting, callingDevice: receiver.callingDevice,
                    calledDevice: receiver.calledDevice, trunkGroup: trunk?.group, trunkMember: trunk?.member,
                    userData: call.userData, callType: call.type))
        }
    }

    /// The called side has answered.
    mutating func establish(_ call: inout Call, _ index: Int, _ step: inout Step) {
        if call.connections[index].state != .alerting { deliver(&call, index, &step) }
        for party in call.connections.indices where call.connections[party].answerTime == nil {
            if call.connections[party].legState == .waiting { step.tell(.answer(call.connections[party].leg)) }
            call.connections[party].state = .connect
            call.connections[party].answerTime = step.now
        }
        call.connections[index].legState = .up
        let answering = call.connections[index].device
        step.effects.append(.cancelTimer(.answer(call.id)))
        send(about: answering, .connect, of: call, &step) { receiver in
            .established(
                Established(
                    answeringDevice: answering, callingDevice: receiver.callingDevice,
                    calledDevice: receiver.calledDevice, callType: call.type))
        }
    }

    /// The called side could not be had: it never was in the call, or it rang in vain.
    mutating func fail(_ call: inout Call, _ called: DeviceID, _ cause: HangupCause, _ step: inout Step) {
        if call.analysis {  // E19
            let code = FailedCode(cause)
            send(
                about: called, .fail, cause: .service(.failed), call: call.id, to: call.originator,
                .failed(calledDevice: called, code: code, message: code.message), &step)
        }
        leave(&call, called, cause, &step)
    }

    /// A party's connection ends; with two parties, so does the other's (E14, E15).
    mutating func leave(_ call: inout Call, _ leaver: DeviceID, _ cause: HangupCause, _ step: inout Step) {
        let hangup = call.hangupDevice ?? leaver
        call.hangupDevice = hangup
        clear(&call, leaver, cause, hangup, &step)
        while let rest = call.connections.first {
            end(rest.leg, cause, &step)
            clear(&call, rest.device, cause, hangup, &step)
        }
        step.effects.append(.cancelTimer(.answer(call.id)))
        step.tell(.endMix(call.mix))
    }

    /// Tells those in the call that a party's connection has ended, then takes it out.
    private mutating func clear(
        _ call: inout Call, _ leaver: DeviceID, _ cause: HangupCause, _ hangup: DeviceID, _ step: inout Step
    ) {
        send(about: leaver, .idle, cause: .hangup(cause), of: call, &step) { _ in
            .connectionCleared(releasingDevice: leaver, hangupDevice: hangup)
        }
        guard let index = call.connections.firstIndex(where: { $0.device == leaver }) else { return }
        let connection = call.connections.remove(at: index)
        legs[connection.leg] = nil
        if connection.isClearing { step.effects.append(.cancelTimer(.clearing(connection.leg))) }
        guard connection.isInternal else { return }
        devices[leaver]?.calls.removeAll { $0 == call.id }
        if devices[leaver]?.calls.isEmpty == true { callsEnded(on: leaver, &step) }
    }

    /// Ends a leg of whose call nothing more will be told.
    mutating func end(_ leg: LegID, _ cause: HangupCause, _ step: inout Step) {
        if endingLegs.count < configuration.limits.maximumCalls { endingLegs.insert(leg) }
        step.tell(.hangUp(leg, cause: cause))
    }

    /// Nobody has answered in time.
    mutating func answerTimeExpired(_ id: CallID, _ step: inout Step) {
        guard var call = calls[id], !call.isEstablished, let last = call.connections.last else {
            return step.ignore(.unknownTimer)
        }
        changes.calls.insert(id)
        calls[id] = nil
        end(last.leg, .noAnswer, &step)
        if last.device == call.originator {
            leave(&call, last.device, .noAnswer, &step)
        } else {
            fail(&call, last.device, .noAnswer, &step)
        }
    }

    /// The switch was told to end a leg and has not said that it did: say it for it.
    mutating func clearingTimeExpired(_ leg: LegID, _ step: inout Step) {
        guard legs[leg] != nil else { return step.ignore(.unknownTimer) }
        handle(.legEnded(leg, cause: .normalClearing), newCall: nil, &step)
        end(leg, .normalClearing, &step)
    }

    mutating func setClearingTimer(_ leg: LegID, _ step: inout Step) {
        step.effects.append(
            .setTimer(.clearing(leg), at: step.now.advanced(bySeconds: configuration.limits.clearingSeconds)))
    }

    func setAnswerTimer(_ call: CallID, seconds: Int, _ step: inout Step) {
        step.effects.append(.setTimer(.answer(call), at: step.now.advanced(bySeconds: seconds)))
    }
}

extension Call {
    /// E11
    mutating func setOriginalParties(calling: DeviceID, called: DeviceID) {
        userData["originalANI"] = calling.text
        userData["originalDNIS"] = called.text
        userData["originalCallId"] = id.text
    }
}
