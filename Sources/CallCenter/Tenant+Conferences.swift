import CSTA
import SwitchDriver

// More than two in a call, and those who only listen.
extension Tenant {
    mutating func singleStepConference(
        _ id: ConnectionID, participant: String, isSilent: Bool, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        let connection = try connection(id, for: requester, orSupervisor: true)
        guard connection.state == .connect, connection.part == .party, !connection.isClearing,
            connection.request == nil, let call = calls[id.call], call.isEstablished
        else { throw .wrongState(connection.state) }
        if let pending = call.pending { throw .partyPending(pending.state) }
        try requireRoom(in: call, connection.state)
        let destination = try newParty(participant, for: id, dialledBy: id.device)
        // Somebody who waits in a queue would hold up a call in which others talk.
        guard destination.endpoint != nil else { throw .splitNotAllowed(connection.state) }
        try requireDialling()

        guard var call = calls.removeValue(forKey: id.call) else { throw .noSuchCall }
        dial(
            destination, into: &call, calling: id.device, as: isSilent ? .silent : .party, addedBy: id.device, &step)
        put(call)
        return .done
    }

    mutating func conference(
        held: ConnectionID, active: CallID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply? {
        let (ownHeld, ownActive) = try heldAndActive(held, active, for: requester)
        guard let call = calls[held.call], let other = calls[active] else { throw .noSuchCall }
        let others = other.parties.filter { $0.device != held.device }
        guard others.count == 1, let joins = others.first else { throw .notTwoParties(ownActive.state) }
        guard joins.canMove else { throw .wrongState(ownActive.state) }
        guard call.index(of: joins.device) == nil else { throw .alreadyInCall(ownHeld.state) }
        if let pending = call.pending { throw .partyPending(pending.state) }
        guard call.queue == nil, other.queue == nil else { throw .partyPending(ownActive.state) }
        try requireRoom(in: call, ownHeld.state)
        try requireSwitch()
        guard !waitsForRecordings(of: other.connections.map { ConnectionID(device: $0.device, call: active) }, &step)
        else { return nil }
        merge(held: held, active: active, ownActive, joins, &step)
        return .done
    }

    /// The active call's two connections move into the held one, which is held no more.
    private mutating func merge(
        held: ConnectionID, active: CallID, _ ownActive: Connection, _ joins: Connection, _ step: inout Step
    ) {
        guard var call = calls.removeValue(forKey: held.call), var other = calls.removeValue(forKey: active),
            let index = call.index(of: held.device)
        else { return }
        let oldLeg = call.connections[index].leg
        dismissListeners(of: &other, &step)
        move(joins, from: &other, to: &call, calling: nil, &step)
        let target = call.id
        if let activeIndex = other.index(of: held.device) {
            remove(activeIndex, from: &other, &step) { $0.continuedIn = target }
        }
        // A phone that dialled by itself has two legs: the one that talks is kept.
        if oldLeg != ownActive.leg {
            legs[oldLeg] = nil
            end(oldLeg, .normalClearing, &step)
        }
        call.connections[index].leg = ownActive.leg
        call.connections[index].holds = ownActive.holds
        call.connections[index].state = .connect
        call.connections[index].history.endHold(at: step.now)
        legs[ownActive.leg] = call.id
        step.tell(.connect(ownActive.leg, mix: call.mix))
        step.tell(.endMix(other.mix))
        call.conferencingDevice = call.conferencingDevice ?? held.device
        updateMusic(&call, &step)
        pauseRecording(&call, index, &step)
        conferenced(call, joins.device, by: held.device, primary: held.call, secondary: active, &step)
        if !ownActive.holds.isEmpty { beginHold(&call, index, &step) }
        recordByPolicy(&call, &step)
        put(call)
        put(other)
    }

    mutating func listen(
        to id: CallID, device: DeviceID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        guard requester.role.supervises else { throw .notYours }
        guard let call = calls[id] else { throw .noSuchCall }
        guard let phone = devices[device] else { throw .noSuchDevice }
        guard phone.profile.isUsable else { throw .deviceNotUsable }
        guard call.isEstablished, let heard = call.parties.first(where: \.isInternal) else {
            throw .wrongState(call.connections.last?.state ?? .none)
        }
        if let own = call.connection(of: device) { throw .alreadyInCall(own.state) }
        if let other = phone.calls.last { throw .deviceInCall(state(of: device, in: other)) }
        try requireRoom(in: call, heard.state)
        try requireDialling()
        guard phone.isRegistered else { throw .deviceNotRegistered }

        guard var call = calls.removeValue(forKey: id) else { throw .noSuchCall }
        dial(
            Destination(
                device: device, endpoint: .phone(device), presenting: Presentation(number: String(heard.device.number))),
            into: &call, calling: heard.device, as: .listener, answersItself: phone.profile.remoteAnswer != .none,
            &step)
        put(call)
        return .done
    }

    mutating func greet(
        in id: CallID, _ agent: AgentID, at device: DeviceID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        let connection = try connection(ConnectionID(device: device, call: id), for: requester, orSupervisor: true)
        guard devices[device]?.agent == agent else { throw .notLoggedInThere(connection.state) }
        guard connection.state == .connect else { throw .wrongState(connection.state) }
        try requireSwitch()
        step.tell(.sayDigits(String(agent.number.filter(\.isNumber)), MixID(id)))
        return .done
    }

    private func requireRoom(in call: borrowing Call, _ state: ConnectionState) throws(Refusal) {
        guard call.connections.count < configuration.limits.maximumParties else { throw .tooManyParties(state) }
    }
}
