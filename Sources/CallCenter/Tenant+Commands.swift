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
        try requireRoom(for: request.call)
        guard phone.isRegistered else { throw .deviceNotRegistered }

        var call = Call(
            id: request.call, type: destination.callType, began: step.now, originator: request.from,
            userData: request.userData, analysis: request.analysis)
        call.destination = destination
        let leg = call.nextLeg()
        add(
            Connection(
                device: request.from, isInternal: true, leg: leg, legState: .dialling, state: .initiate,
                isCalled: false, callingDevice: request.from, calledDevice: destination.device, joined: step.now),
            to: &call)
        initiate(&call, &step)
        step.tell(
            .dial(
                DialRequest(
                    leg: leg, endpoint: .phone(request.from),
                    presenting: Presentation(number: request.destinationForDisplay ?? request.to),
                    answersItself: phone.profile.remoteAnswer != .none,
                    ringLimitSeconds: configuration.limits.ownLegSeconds + Self.graceSeconds)))
        step.set(.answer(call.id), afterSeconds: configuration.limits.ownLegSeconds)
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
    ) throws(Refusal) -> Reply? {
        _ = try connection(id, for: requester, orSupervisor: true)
        try requireSwitch()
        return clearOwn(id, &step)
    }

    /// Ends a connection: with its leg, or at once where the leg serves another call of the device.
    mutating func clearOwn(_ id: ConnectionID, _ step: inout Step) -> Reply? {
        guard let connection = connection(id) else { return .done }
        if callSharing(connection.leg, of: id.device, with: id.call) != nil {
            guard !waitsForRecordings(of: parting(from: id.call, when: id.device), &step),
                var call = calls.removeValue(forKey: id.call)
            else { return nil }
            leave(&call, id.device, call.isEstablished ? .normalClearing : .originatorCancel, &step)
            put(call)
            return .done
        }
        guard !connection.isClearing else { return .done }
        update(id) { $0.isClearing = true }
        step.tell(.hangUp(connection.leg, cause: connection.state == .alerting ? .callRejected : .normalClearing))
        setClearingTimer(connection.leg, &step)
        return .done
    }

    mutating func holdCall(_ id: ConnectionID, by requester: Requester, _ step: inout Step) throws(Refusal) -> Reply {
        let connection = try connection(id, for: requester)
        guard let call = calls[id.call], call.isEstablished, connection.state == .connect, connection.request == nil,
            !connection.isClearing, connection.part == .party
        else { throw .wrongState(connection.state) }
        try requireSwitch()
        holdByService(id, &step)
        return .done
    }

    mutating func retrieveCall(
        _ id: ConnectionID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        let connection = try connection(id, for: requester)
        guard connection.state == .hold, !connection.isClearing else { throw .wrongState(connection.state) }
        for other in devices[id.device]?.calls ?? [] where other != id.call {
            guard let own = self.connection(ConnectionID(device: id.device, call: other)),
                own.state == .hold, own.request == nil
            else { throw .otherCallActive(state(of: id.device, in: other)) }
        }
        try requireSwitch()
        if isHeldAtPhone(id, connection) {
            guard canRetrieve(at: id.device) else { throw .retrieveAtPhone }
        }
        if connection.holds.contains(.byService) {
            retrieveByService(id, &step)
        } else {
            step.tell(.retrieveAtPhone(connection.leg))
        }
        return .done
    }

    func canRetrieve(at device: DeviceID) -> Bool { devices[device]?.profile.remoteAnswer == .notifyTalk }

    mutating func setUserData(
        of id: CallID, _ userData: UserData, by requester: Requester
    ) throws(Refusal) -> Reply {
        guard let call = calls[id] else { throw .noSuchCall }
        let own = agents[requester.agent]?.login?.device
        guard requester.role.supervises || own.flatMap({ call.connection(of: $0) })?.hasJoined == true else {
            throw .notYours
        }
        var merged = call.userData
        merged.merge(userData)
        guard isWithinBounds(merged) else { throw .tooMuchUserData }
        calls[id]?.userData = merged
        changes.calls.insert(id)
        return .done
    }

    /// What the switch waits longer than Ringside's own timer.
    static var graceSeconds: Int { 5 }

    /// Refuses a call that there is no room for.
    func requireRoom(for call: CallID) throws(Refusal) {
        guard calls.count < configuration.limits.maximumCalls, calls[call] == nil else { throw .tooManyCalls }
        try requireDialling()
    }

    /// Refuses what would dial while the switch is away or the server stops.
    func requireDialling() throws(Refusal) {
        try requireSwitch()
        guard !beginsNothing else { throw .shuttingDown }
    }

    func requireSwitch() throws(Refusal) {
        guard isSwitchUp else { throw .switchAway }
    }

    /// A connection that the requester may act on.
    func connection(
        _ id: ConnectionID, for requester: Requester, orSupervisor: Bool = false
    ) throws(Refusal) -> Connection {
        guard let call = calls[id.call] else { throw .noSuchCall }
        guard let connection = call.connection(of: id.device), connection.hasJoined else { throw .noSuchConnection }
        guard devices[id.device]?.agent == requester.agent || orSupervisor && requester.role.supervises else {
            throw .notYours
        }
        return connection
    }

    func isWithinBounds(_ userData: UserData) -> Bool {
        userData.count <= configuration.limits.maximumUserDataEntries
            && userData.byteCount <= configuration.limits.maximumUserDataBytes
    }
}

extension Destination {
    var callType: CallType {
        switch endpoint {
        case .phone, nil: .internal
        case .external: .outbound
        }
    }
}
