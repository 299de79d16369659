import CSTA
import SwitchDriver

// The services that clients ask for. Each refuses first and changes then; the events come when the switch says that it is done.
extension Tenant {
    mutating func makeCall(
        _ request: MakeCall, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        guard let phone = devices[request.from] else { throw .noSuchDevice }
        guard requester.role.supervises || phone.agent == requester.agent else { throw .notYours }
        guard phone.profile.isUsable else { throw .deviceNotUsable }
        guard phone.agent.flatMap({ agents[$0]?.mode }) != .allocated else { throw .agentAllocated }
        if let call = phone.calls.last { throw .deviceInCall(state(of: request.from, in: call)) }
        for number in [request.originForDisplay, request.destinationForDisplay].compactMap(\.self) {
            guard DeviceID.isNumber(number) else { throw .invalidNumber }
        }
        let destination = try destination(
            dialled: request.to, by: request.from, originForDisplay: request.originForDisplay)
        guard destination.device != request.from else { throw .callingSelf }
        guard isWithinBounds(request.userData) else { throw .tooMuchUserData }
        guard calls.count < configuration.limits.maximumCalls, calls[request.call] == nil else { throw .tooManyCalls }
        try requireSwitch()
        guard !isDraining else { throw .shuttingDown }
        guard phone.isRegistered else { throw .deviceNotRegistered }

        var call = Call(
            id: request.call, type: destination.callType, began: step.now, originator: request.from,
            userData: request.userData, analysis: request.analysis)
        call.destination = destination
        add(
            Connection(
                device: request.from, isInternal: true, leg: LegID("\(request.call.text)-1"), legState: .dialling,
                state: .initiate, callingDevice: request.from, calledDevice: destination.device), to: &call)
        initiate(&call, &step)
        step.tell(
            .dial(
                DialRequest(
                    leg: call.connections[0].leg, endpoint: .phone(request.from),
                    presenting: Presentation(number: request.destinationForDisplay ?? request.to),
                    answersItself: phone.profile.remoteAnswer != .none,
                    ringLimitSeconds: configuration.limits.ownLegSeconds + Self.graceSeconds)))
        setAnswerTimer(call.id, seconds: configuration.limits.ownLegSeconds, &step)
        put(call)
        return .call(request.call)
    }

    mutating func answerCall(
        _ id: ConnectionID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        let connection = try connection(id, for: requester)
        guard connection.state == .alerting || connection.state == .initiate && connection.legState == .ringing,
            !connection.isClearing
        else { throw .wrongState(connection.state) }
        guard devices[id.device]?.profile.remoteAnswer != RemoteAnswer.none else { throw .answerAtPhone }
        try requireSwitch()
        step.tell(.answer(connection.leg))
        return .done
    }

    mutating func clearConnection(
        _ id: ConnectionID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        let connection = try connection(id, for: requester, orSupervisor: true)
        try requireSwitch()
        guard !connection.isClearing else { return .done }
        update(id) { $0.isClearing = true }
        step.tell(.hangUp(connection.leg, cause: connection.state == .alerting ? .callRejected : .normalClearing))
        setClearingTimer(connection.leg, &step)
        return .done
    }

    mutating func holdCall(_ id: ConnectionID, by requester: Requester, _ step: inout Step) throws(Refusal) -> Reply {
        let connection = try connection(id, for: requester)
        guard let call = calls[id.call], call.isEstablished, connection.state == .connect, !connection.isClearing else {
            throw .wrongState(connection.state)
        }
        try requireSwitch()
        update(id) { $0.request = .hold }
        step.tell(.takeOut(connection.leg))
        if !isHeldByService(call, except: id.device) { step.tell(.startMusic(call.mix)) }
        return .done
    }

    mutating func retrieveCall(
        _ id: ConnectionID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        let connection = try connection(id, for: requester)
        guard let call = calls[id.call], connection.state == .hold, !connection.isClearing else {
            throw .wrongState(connection.state)
        }
        try requireSwitch()
        if connection.holds.contains(.atPhone) {
            guard devices[id.device]?.profile.remoteAnswer == .notifyTalk else { throw .retrieveAtPhone }
            step.tell(.retrieveAtPhone(connection.leg))
        }
        guard connection.holds.contains(.byService) else { return .done }
        update(id) { $0.request = .retrieve }
        if !isHeldByService(call, except: id.device) { step.tell(.stopMusic(call.mix)) }
        step.tell(.connect(connection.leg, mix: call.mix))
        return .done
    }

    /// What the switch waits longer than Ringside's own timer.
    static var graceSeconds: Int { 5 }

    private func requireSwitch() throws(Refusal) {
        guard isSwitchUp else { throw .switchAway }
    }

    /// A connection that the requester may act on.
    private func connection(
        _ id: ConnectionID, for requester: Requester, orSupervisor: Bool = false
    ) throws(Refusal) -> Connection {
        guard let call = calls[id.call] else { throw .noSuchCall }
        guard let connection = call.connection(of: id.device), connection.hasJoined else { throw .noSuchConnection }
        guard devices[id.device]?.agent == requester.agent || orSupervisor && requester.role.supervises else {
            throw .notYours
        }
        return connection
    }

    private func isWithinBounds(_ userData: UserData) -> Bool {
        userData.count <= configuration.limits.maximumUserDataEntries
            && userData.byteCount <= configuration.limits.maximumUserDataBytes
    }

    private func isHeldByService(_ call: Call, except device: DeviceID) -> Bool {
        call.connections.contains {
            $0.device != device && ($0.holds.contains(.byService) || $0.request == .hold)
        }
    }
}

extension Destination {
    var callType: CallType {
        switch endpoint {
        case .phone: .internal
        case .external: .outbound
        }
    }
}
