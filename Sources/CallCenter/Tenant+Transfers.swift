import CSTA
import SwitchDriver

// Handing a call over: at once, or after a consultation.
extension Tenant {
    mutating func singleStepTransfer(
        _ id: ConnectionID, to number: String, returns: Bool, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply? {
        let connection = try connection(id, for: requester, orSupervisor: true)
        return try singleStepTransfer(id, connection, to: number, returns: returns, &step)
    }

    private mutating func singleStepTransfer(
        _ id: ConnectionID, _ connection: Connection, to number: String, returns: Bool, _ step: inout Step
    ) throws(Refusal) -> Reply? {
        guard let other = try otherParty(of: id, connection), other.answerTime != nil else {
            throw .wrongState(connection.state)
        }
        // Somebody outside has no phone here to come back to.
        guard connection.state == .connect || connection.state == .hold, connection.request == nil,
            connection.isInternal || !returns
        else { throw .wrongState(connection.state) }
        if let another = devices[id.device]?.calls.first(where: { $0 != id.call }) {
            throw .otherCallActive(state(of: id.device, in: another))
        }
        let destination = try newParty(number, for: id, dialledBy: other.device)
        try requireDialling()
        guard !waitsForRecordings(of: [id], &step) else { return nil }

        guard var call = calls.removeValue(forKey: id.call) else { throw .noSuchCall }
        send(about: id.device, .queued, cause: .service(.singleStepTransfer), of: call, &step) { _ in
            .transferred(
                Transferred(
                    primaryOldCall: .none, secondaryOldCall: id.call, transferringDevice: id.device,
                    transferredToDevice: destination.device, newCall: id.call))
        }
        call.conferencingDevice = nil
        call.comingBack = returns ? Call.ComingBack(party: other.device, to: id.device) : nil
        end(connection.leg, .normalClearing, &step)
        clear(&call, id.device, .normalClearing, id.device, transferredTo: destination.device, &step)
        updateMusic(&call, &step)
        dial(destination, into: &call, calling: other.device, &step)
        put(call)
        return .done
    }

    mutating func transfer(
        held: ConnectionID, active: CallID, returns: Bool, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply? {
        _ = try heldAndActive(held, active, for: requester)
        return try transfer(held: held, active: active, returns: returns, &step)
    }

    /// The held call goes on with the party of the active one; the device leaves both (E17).
    private mutating func transfer(
        held: ConnectionID, active: CallID, returns: Bool, _ step: inout Step
    ) throws(Refusal) -> Reply? {
        let activeID = ConnectionID(device: held.device, call: active)
        guard let own = connection(held), let ownActive = connection(activeID) else { throw .noSuchConnection }
        guard calls[active]?.queue == nil, calls[held.call]?.queue == nil else { throw .partyPending(ownActive.state) }
        guard
            let stays = try otherParty(of: held, own), let joins = try otherParty(of: activeID, ownActive)
        else { throw .noSuchConnection }
        guard stays.answerTime != nil else { throw .wrongState(own.state) }
        guard joins.canMove else { throw .wrongState(ownActive.state) }
        guard stays.device != joins.device else { throw .alreadyInCall(own.state) }
        try requireSwitch()
        let parting = (calls[active]?.connections.map { ConnectionID(device: $0.device, call: active) } ?? []) + [held]
        guard !waitsForRecordings(of: parting, &step) else { return nil }

        guard var call = calls.removeValue(forKey: held.call), var other = calls.removeValue(forKey: active) else {
            throw .noSuchCall
        }
        move(joins, from: &other, to: &call, calling: stays.device, &step)
        let moved = joins.device
        send(about: held.device, .connect, cause: .service(.transfer), of: call, &step) { _ in
            .transferred(
                Transferred(
                    primaryOldCall: held.call, secondaryOldCall: active, transferringDevice: held.device,
                    transferredToDevice: moved, newCall: held.call))
        }
        end(own.leg, .normalClearing, &step)
        if ownActive.leg != own.leg { end(ownActive.leg, .normalClearing, &step) }
        legs[own.leg] = nil
        legs[ownActive.leg] = nil
        clear(&call, held.device, .normalClearing, held.device, transferredTo: moved, &step)
        endCall(&other, of: activeID, transferredTo: moved, &step)
        call.conferencingDevice = nil
        call.comingBack = returns ? Call.ComingBack(party: stays.device, to: held.device) : nil
        updateMusic(&call, &step)
        recordByPolicy(&call, &step)
        put(call)
        return .done
    }

    /// The active call has lost its other party to the held one, by a transfer: what is left of it ends.
    private mutating func endCall(
        _ call: inout Call, of id: ConnectionID, transferredTo: DeviceID, _ step: inout Step
    ) {
        dismissListeners(of: &call, &step)
        clear(&call, id.device, .normalClearing, id.device, transferredTo: transferredTo, &step)
        step.tell(.endMix(call.mix))
        put(call)
    }

    /// Those who listen to a call that is merged into another have nothing left to hear.
    mutating func dismissListeners(of call: inout Call, _ step: inout Step) {
        while let listener = call.connections.first(where: { $0.part == .listener }) {
            end(listener.leg, .normalClearing, &step)
            clear(&call, listener.device, .normalClearing, listener.device, &step)
        }
    }

    /// A party's connection moves into another call, as it is.
    mutating func move(
        _ connection: Connection, from: inout Call, to call: inout Call, calling: DeviceID?, _ step: inout Step
    ) {
        guard let index = from.index(of: connection.device) else { return }
        var moved = from.connections[index]
        let (source, target) = (from.id, call.id)
        let isHere = legs[moved.leg] == source
        step.effects.append(.cancelTimer(.answer(source)))
        if moved.isInternal { devices[moved.device]?.calls.append(target) }
        remove(index, from: &from, &step) { $0.continuedIn = target }
        // What it consults about meanwhile belongs to the call that goes on.
        for id in devices[moved.device]?.calls ?? [] where calls[id]?.consultedFrom == source {
            calls[id]?.consultedFrom = target
            changes.calls.insert(id)
        }
        moved.addedBy = nil
        moved.history.joined = step.now
        moved.history.heldMilliseconds = 0
        moved.history.split = nil
        moved.history.queuedMilliseconds = 0
        moved.history.recordings = []
        moved.isCalled = true
        if moved.state == .hold { moved.history.heldSince = step.now }
        if let calling {  // E10: whoever is added by a transfer sees the transferred party and itself.
            moved.callingDevice = calling
            moved.calledDevice = moved.device
        }
        // It may hold another call with the same leg, which is where the call is that it talks in.
        if isHere { legs[moved.leg] = target }
        call.connections.append(moved)
        trunkUse.set(moved.leg, moved.trunk)
        if moved.answerTime == nil { step.set(.answer(call.id), afterSeconds: configuration.limits.answerSeconds) }
        if !moved.holds.contains(.byService) || moved.request == .retrieve {
            step.tell(.connect(moved.leg, mix: call.mix, as: moved.mixPart))
        }
        if call.userData.isEmpty { call.userData = from.userData }
    }

    /// The other one of two parties; nil if it has none.
    private func otherParty(of id: ConnectionID, _ connection: Connection) throws(Refusal) -> Connection? {
        guard let call = calls[id.call] else { throw .noSuchCall }
        guard connection.part != .listener, !connection.isClearing else { throw .wrongState(connection.state) }
        let others = call.parties.filter { $0.device != id.device }
        guard others.count < 2 else { throw .notTwoParties(connection.state) }
        return others.first
    }

    // MARK: From the phone

    /// The phone's transfer button (RFC 3515): what it asks for is done as if its desktop had asked.
    mutating func transferRequested(_ request: TransferRequest, _ step: inout Step) {
        guard let id = legs[request.leg], let device = device(using: request.leg, in: id) else {
            return step.ignore(.unknownLeg)
        }
        let before = step.effects.count
        do throws(Refusal) {
            let reply =
                switch request.target {
                case .number(let number): try blindTransfer(of: ConnectionID(device: device, call: id), number, &step)
                case .leg(let other): try attendedTransfer(by: device, request.leg, other, &step)
                }
            guard reply != nil else { return }
            // The phone is told first: its leg ends with what follows.
            step.effects.insert(.switchCommand(.answerTransferRequest(request.leg, isAccepted: true)), at: before)
        } catch {
            step.tell(.answerTransferRequest(request.leg, isAccepted: false))
            step.ignore(.outOfOrder)
        }
    }

    private func device(using leg: LegID, in call: CallID) -> DeviceID? {
        calls[call]?.connections.first { $0.leg == leg && $0.isInternal }?.device
    }

    private mutating func blindTransfer(
        of id: ConnectionID, _ number: String, _ step: inout Step
    ) throws(Refusal) -> Reply? {
        guard let connection = connection(id) else { throw .noSuchConnection }
        return try singleStepTransfer(id, connection, to: number, returns: false, &step)
    }

    /// The call that was there first is the one that goes on: a phone may have put both on hold before it asks.
    private mutating func attendedTransfer(
        by device: DeviceID, _ leg: LegID, _ other: LegID, _ step: inout Step
    ) throws(Refusal) -> Reply? {
        guard let one = legs[leg], let two = legs[other], one != two, self.device(using: other, in: two) == device
        else {
            throw .noSuchConnection
        }
        let isSecondOlder = calls[one]?.consultedFrom == two
        let held = ConnectionID(device: device, call: isSecondOlder ? two : one)
        guard let ownHeld = connection(held) else { throw .noSuchConnection }
        guard ownHeld.answerTime != nil else { throw .wrongState(ownHeld.state) }
        return try transfer(held: held, active: isSecondOlder ? one : two, returns: false, &step)
    }
}
