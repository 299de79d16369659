import CSTA
import SwitchDriver

// One device with two calls: a held one and one for which it is held.
extension Tenant {
    mutating func consult(
        _ id: ConnectionID, participant: String, newCall: CallID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        let connection = try connection(id, for: requester)
        guard let call = calls[id.call] else { throw .noSuchCall }
        let isHeldHere = connection.state == .hold && connection.holds == .byService
        guard call.isEstablished, connection.state == .connect || isHeldHere, !connection.isClearing,
            connection.request != .retrieve
        else { throw .wrongState(connection.state) }
        guard connection.part == .party else { throw .wrongState(connection.state) }
        try requireOnlyCall(id)
        let destination = try newParty(participant, for: id, dialledBy: id.device)
        try requireRoom(for: newCall)

        var consultation = Call(
            id: newCall, conversation: call.conversation, type: destination.callType, began: step.now,
            originator: id.device, userData: call.userData)
        consultation.consultedFrom = id.call
        consultation.destination = destination
        let primary = legs[connection.leg]
        add(
            Connection(
                device: id.device, isInternal: true, leg: connection.leg, legState: .up, state: .initiate,
                isCalled: false, callingDevice: id.device, calledDevice: destination.device, joined: step.now),
            to: &consultation)
        legs[connection.leg] = primary
        put(consultation)
        if isHeldHere {
            beginConsultation(newCall, &step)
        } else {
            if connection.request == nil { holdByService(id, &step) }
            step.set(.answer(newCall), afterSeconds: configuration.limits.ownLegSeconds)
        }
        return .call(newCall)
    }

    /// The held call has let go of the leg: it goes into the consultation.
    mutating func beginConsultation(_ id: CallID, _ step: inout Step) {
        guard var call = calls.removeValue(forKey: id), let caller = call.connections.first else { return }
        legs[caller.leg] = id
        if let held = call.consultedFrom, bringPhoneHold(of: caller, from: held) {
            call.connections[0].holds.insert(.atPhone)
        }
        initiate(&call, &step)
        if let called = call.destination?.device { originate(&call, to: called, &step) }
        dialDestination(of: &call, &step)
        put(call)
    }

    /// The consultation of a device that waits until `call` has let go of its leg.
    func waitingConsultation(of device: DeviceID, from call: CallID) -> CallID? {
        guard let own = devices[device]?.calls, own.count > 1 else { return nil }
        return own.first { calls[$0]?.consultedFrom == call && calls[$0]?.connection(of: device)?.hasJoined == false }
    }

    /// The held call cannot let go of the leg, so that nobody is called. The client knows the call's id: it is told.
    mutating func consultationRefused(_ id: CallID, _ step: inout Step) {
        guard var call = calls.removeValue(forKey: id) else { return }
        initiate(&call, &step)
        leave(&call, call.originator, .normalTemporaryFailure, &step)
        put(call)
    }

    mutating func cancelConsultation(
        held: ConnectionID, consultation: CallID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply? {
        let active = ConnectionID(device: held.device, call: consultation)
        let (heldConnection, activeConnection) = try heldAndActive(held, consultation, for: requester)
        guard calls[consultation]?.consultedFrom == held.call, activeConnection.state != .hold else {
            throw .wrongState(heldConnection.state)
        }
        try requireSwitch()
        return clearOwn(active, &step)
    }

    /// The two connections of a device that services after a consultation act on: one held, the other not.
    func heldAndActive(
        _ held: ConnectionID, _ active: CallID, for requester: Requester
    ) throws(Refusal) -> (held: Connection, active: Connection) {
        let heldConnection = try connection(held, for: requester)
        let activeConnection = try connection(ConnectionID(device: held.device, call: active), for: requester)
        guard active != held.call, heldConnection.state == .hold, heldConnection.request == nil,
            !heldConnection.isClearing
        else { throw .wrongState(heldConnection.state) }
        guard activeConnection.state != .hold, activeConnection.request == nil, !activeConnection.isClearing else {
            throw .wrongState(activeConnection.state)
        }
        return (heldConnection, activeConnection)
    }

    mutating func holdByService(_ id: ConnectionID, _ step: inout Step) {
        guard var call = calls.removeValue(forKey: id.call), let index = call.index(of: id.device) else { return }
        call.connections[index].request = .hold
        step.tell(.takeOut(call.connections[index].leg))
        updateMusic(&call, &step)
        put(call)
    }

    mutating func retrieveByService(_ id: ConnectionID, _ step: inout Step) {
        guard var call = calls.removeValue(forKey: id.call), let index = call.index(of: id.device) else { return }
        let leg = call.connections[index].leg
        if let other = callSharing(leg, of: id.device, with: id.call),
            bringPhoneHold(of: call.connections[index], from: other)
        {
            call.connections[index].holds.insert(.atPhone)
        }
        call.connections[index].request = .retrieve
        legs[leg] = id.call
        updateMusic(&call, &step)
        step.tell(.connect(leg, mix: call.mix, as: call.connections[index].mixPart))
        put(call)
    }

    /// A leg goes from one call of a device into another: if the phone holds, it goes on holding there, and what it leaves is
    /// held because the leg is gone.
    ///
    /// - Returns: whether the phone holds.
    private mutating func bringPhoneHold(of connection: Connection, from other: CallID) -> Bool {
        let id = ConnectionID(device: connection.device, call: other)
        guard let left = self.connection(id), left.leg == connection.leg, left.holds.contains(.atPhone) else {
            return false
        }
        update(id) { $0.holds = .byService }
        return true
    }

    /// Whether the phone holds by its own button, in this call or in another one that shares its leg.
    func isHeldAtPhone(_ id: ConnectionID, _ connection: Connection) -> Bool {
        if connection.holds.contains(.atPhone) { return true }
        guard let other = callSharing(connection.leg, of: id.device, with: id.call) else { return false }
        return self.connection(ConnectionID(device: id.device, call: other))?.holds.contains(.atPhone) == true
    }

    /// Refuses what would give the device a third call.
    private func requireOnlyCall(_ id: ConnectionID) throws(Refusal) {
        if let other = devices[id.device]?.calls.first(where: { $0 != id.call }) {
            throw .otherCallActive(state(of: id.device, in: other))
        }
    }
}

extension Connection {
    var mixPart: MixPart { part == .party ? .talker : .listener }

    /// Whether it can move into another call: it rings at least, and is not about to end. A customer who called has had no
    /// event of its own.
    var canMove: Bool { (hasJoined || answerTime != nil) && state != .none && !isClearing }
}
