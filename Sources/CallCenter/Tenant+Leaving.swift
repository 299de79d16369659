import CSTA
import SwitchDriver

// How a device's part in a call ends, and what ends with it.
extension Tenant {
    /// The called side could not be had: it never was in the call, or it rang in vain.
    mutating func fail(_ call: inout Call, _ called: DeviceID, _ cause: HangupCause, _ step: inout Step) {
        if call.analysis, call.queue == nil, call.index(of: call.originator) != nil {  // E19
            let code = FailedCode(cause)
            send(
                about: called, .fail, cause: .service(.failed), in: call, to: call.originator,
                .failed(calledDevice: called, code: code, message: code.message), &step)
        }
        leave(&call, called, cause, &step)
    }

    /// A party's connection ends, and with it what cannot go on without it (E14, E15, E16). Its own leg is not ended here.
    mutating func leave(_ call: inout Call, _ leaver: DeviceID, _ cause: HangupCause, _ step: inout Step) {
        let ends = call.ends(whenLeftBy: leaver)
        let hangup = call.hangupDevice ?? leaver
        let index = call.index(of: leaver)
        let isListener = index.map { call.connections[$0].part } == .listener
        let hasTalked = index.map { call.connections[$0].answerTime != nil } == true
        if !isListener, ends || hasTalked { call.hangupDevice = hangup }
        var sharing: [Connection] = []
        if let index, callSharing(call.connections[index].leg, of: leaver, with: call.id) != nil {
            sharing.append(call.connections[index])
        }
        let isOffered = index.map { call.connections[$0].isOffered } == true
        clear(&call, leaver, cause, hangup, &step)
        if isOffered { missed(by: leaver, cause, &step) }
        if ends {
            leaveQueue(&call, .abandoned, &step)
            while let rest = call.connections.first(where: { $0.part != .listener }) ?? call.connections.first {
                if callSharing(rest.leg, of: rest.device, with: call.id) == nil {
                    end(rest.leg, cause, &step)
                } else {
                    sharing.append(rest)
                }
                clear(&call, rest.device, cause, hangup, &step)
            }
            step.effects.append(.cancelTimer(call.announcement == nil ? .answer(call.id) : .announcement(call.id)))
            step.tell(.endMix(call.mix))
            if let tie = call.outbound { outboundFailed(call.id, tie, cause, &step) }
        } else if !isListener {
            goOn(&call, &step)
        }
        for left in sharing { takeUp(left, after: call.id, &step) }
    }

    /// What becomes of a call that one of its parties has left.
    private mutating func goOn(_ call: inout Call, _ step: inout Step) {
        if !call.hasPending {
            step.effects.append(.cancelTimer(.answer(call.id)))
            if call.partyCount == 2 { call.conferencingDevice = nil }
        }
        updateMusic(&call, &step)
        guard call.queue == nil else { return call.isBeingOffered ? () : offerFailed(&call, &step) }
        guard let back = call.comingBack, call.partyCount == 1 else { return }
        call.comingBack = nil
        let destination = Destination(
            device: back.to, endpoint: .phone(back.to), presenting: Presentation(number: String(back.party.number)))
        dial(destination, into: &call, calling: back.party, &step)
    }

    /// Tells those in the call that a party's connection has ended, then takes it out.
    mutating func clear(
        _ call: inout Call, _ leaver: DeviceID, _ cause: HangupCause, _ hangup: DeviceID,
        transferredTo: DeviceID? = nil, _ step: inout Step
    ) {
        let index = call.index(of: leaver)
        if let index { abandonRecording(&call, index, &step) }
        // Whoever calls a split does not know whom it has called in vain.
        let isUnheard = index.map { call.connections[$0].isOffered && !call.connections[$0].hasJoined } == true
        if !isUnheard {
            send(about: leaver, .idle, cause: .hangup(cause), of: call, &step) { _ in
                .connectionCleared(releasingDevice: leaver, hangupDevice: hangup)
            }
        }
        guard let index else { return }
        if call.connections[index].answerTime != nil, let split = call.connections[index].split,
            let agent = call.connections[index].history.agent, agents[agent]?.login?.device == leaver
        {
            agents[agent]?.login?.split = split
            changes.agents.insert(agent)
        }
        remove(index, from: &call, &step) { part in
            part.cause = cause
            part.hangupDevice = hangup
            part.transferredTo = transferredTo
        }
    }

    /// Takes a device's part out of a call, and writes it down.
    mutating func remove(
        _ index: Int, from call: inout Call, _ step: inout Step, _ complete: (inout CallPart) -> Void
    ) {
        var connection = call.connections.remove(at: index)
        connection.history.endHold(at: step.now)
        var part = CallPart(connection, in: call, until: step.now)
        complete(&part)
        step.effects.append(.record(.part(part)))
        trunkUse.set(connection.leg, nil)
        if legs[connection.leg] != nil {
            legs[connection.leg] = callSharing(connection.leg, of: connection.device, with: call.id)
        }
        if connection.isClearing { step.effects.append(.cancelTimer(.clearing(connection.leg))) }
        if connection.part == .listener { step.effects.append(.cancelTimer(.listening(connection.leg))) }
        guard connection.isInternal, let place = devices.index(forKey: connection.device) else { return }
        devices.values[place].calls.removeAll { $0 == call.id }
        if devices.values[place].calls.isEmpty { callsEnded(on: connection.device, &step) }
    }

    /// A leg that served two calls now serves one: a consultation that waited for it begins, a held call is retrieved.
    private mutating func takeUp(_ left: Connection, after ended: CallID, _ step: inout Step) {
        let device = left.device
        guard legs[left.leg] != nil, let id = callSharing(left.leg, of: device, with: ended) else { return }
        if left.holds.contains(.atPhone) {
            update(ConnectionID(device: device, call: id)) { $0.holds.insert(.atPhone) }
        }
        guard let connection = connection(ConnectionID(device: device, call: id)) else { return }
        if !connection.hasJoined {
            beginConsultation(id, &step)
        } else if connection.holds.contains(.byService), connection.request == nil,
            devices[device]?.calls.allSatisfy({ state(of: device, in: $0) == .hold }) == true
        {
            retrieveByService(ConnectionID(device: device, call: id), &step)
        }
    }

    /// Ends a leg of whose call nothing more will be told.
    mutating func end(_ leg: LegID, _ cause: HangupCause, _ step: inout Step) {
        if endingLegs.count < configuration.limits.maximumCalls { endingLegs.insert(leg) }
        step.tell(.hangUp(leg, cause: cause))
    }

    /// The switch says that a leg is no more: with it go all connections that it served, the active one first.
    mutating func legEnded(_ leg: LegID, _ cause: HangupCause, _ step: inout Step) {
        let isExpected = endingLegs.remove(leg) != nil
        guard let active = legs[leg], let device = device(of: leg, in: active)
        else { return isExpected ? () : step.ignore(.unknownLeg) }
        guard !dialsNextLine(after: leg, in: active, cause, &step) else { return }
        let other = callSharing(leg, of: device, with: active)
        if step.input != nil {
            let served = [active] + (other.map { [$0] } ?? [])
            guard !waitsForRecordings(of: served.flatMap { parting(from: $0, when: device) }, &step) else { return }
        }
        legs[leg] = nil
        let wasWaiting = end(active, of: device, cause, &step) == .waiting
        if let other { end(other, of: device, cause, &step) }
        if wasWaiting { unholdAssumed(of: device, &step) }
    }

    /// Ends a device's part in a call.
    ///
    /// - Returns: how far its leg was.
    @discardableResult
    private mutating func end(
        _ id: CallID, of device: DeviceID, _ cause: HangupCause, _ step: inout Step
    ) -> Connection.LegState? {
        guard var call = calls.removeValue(forKey: id) else { return nil }
        let index = call.index(of: device)
        let legState = index.map { call.connections[$0].legState }
        if let index { ended(&call, index, cause, &step) }
        put(call)
        return legState
    }

    private mutating func ended(_ call: inout Call, _ index: Int, _ cause: HangupCause, _ step: inout Step) {
        let (device, legState) = (call.connections[index].device, call.connections[index].legState)
        let isClearing = call.connections[index].isClearing
        if call.connections[index].answerTime != nil {
            // Somebody who goes while the other is still called has given up.
            let givesUp = call.hasPending && call.partyCount == 2 && call.connections[index].part != .listener
            let plain = isClearing ? .normalClearing : cause.ofEstablished
            leave(&call, device, givesUp ? .originatorCancel : plain, &step)
        } else if call.connections[index].isCalled {
            fail(&call, device, isClearing ? .callRejected : cause, &step)
        } else {
            // A caller whose own phone did not come up has not given up; one who was told to end, or was on the line, has.
            let gaveUp = isClearing || legState == .up || legState == .waiting
            leave(&call, device, gaveUp ? .originatorCancel : cause, &step)
        }
    }

    /// Nobody has answered in time.
    mutating func answerTimeExpired(_ id: CallID, _ step: inout Step) {
        if var call = calls[id], call.queue != nil, call.isBeingOffered || !call.hasPending {
            guard call.isBeingOffered else { return step.ignore(.unknownTimer) }
            // What the phones do is not known until the link is back, which sets the time anew.
            guard isSwitchUp else { return }
            guard call.queue?.isOverdue != true || !waitsForRecordings(ofGivingUp: call, &step) else { return }
            calls[id] = nil
            offersExpired(&call, &step)
            return put(call)
        }
        guard
            let last = calls[id]?.pending
                ?? calls[id]?.connections.first(where: { $0.answerTime == nil && !$0.isCalled })
        else { return step.ignore(.unknownTimer) }
        guard !waitsForRecordings(of: parting(from: id, when: last.device), &step),
            var call = calls.removeValue(forKey: id)
        else { return }
        if callSharing(last.leg, of: last.device, with: id) == nil { end(last.leg, .noAnswer, &step) }
        if last.isCalled {
            fail(&call, last.device, .noAnswer, &step)
        } else {
            // A consultation for which the held call never let go: its caller has had no event of it yet.
            if !last.hasJoined { initiate(&call, &step) }
            leave(&call, last.device, .noAnswer, &step)
        }
        put(call)
    }

    /// The phone that was to listen has not been answered.
    mutating func listeningTimeExpired(_ leg: LegID, _ step: inout Step) {
        guard let id = legs[leg], var call = calls.removeValue(forKey: id) else { return step.ignore(.unknownTimer) }
        if let listener = call.connections.first(where: { $0.leg == leg }), listener.answerTime == nil {
            end(leg, .noAnswer, &step)
            leave(&call, listener.device, .noAnswer, &step)
        } else {
            step.ignore(.unknownTimer)
        }
        put(call)
    }

    /// The switch was told to end a leg and has not said that it did: say it for it.
    mutating func clearingTimeExpired(_ leg: LegID, _ step: inout Step) {
        guard legs[leg] != nil else { return step.ignore(.unknownTimer) }
        legEnded(leg, .normalClearing, &step)
        if legs[leg] == nil { end(leg, .normalClearing, &step) }
    }

    mutating func setClearingTimer(_ leg: LegID, _ step: inout Step) {
        step.set(.clearing(leg), afterSeconds: configuration.limits.clearingSeconds)
    }
}

extension Call {
    /// Whether the call is over when a device leaves it: nobody is left to talk with (E15), or it was that device's conference
    /// (E16). A party that is to come back to somebody is not released when it is left alone.
    func ends(whenLeftBy leaver: DeviceID) -> Bool {
        guard connection(of: leaver)?.part != .listener else { return false }
        // An agent who does not take a split's call leaves it to the others.
        if let queue { return leaver == queue.caller }
        // While the third party rings, the conference is that of the one who adds it.
        guard leaver != conferencingDevice ?? pending?.addedBy else { return true }
        let rest = parties.filter { $0.device != leaver }
        guard rest.count < 2 else { return false }
        guard let comingBack, rest.first?.device == comingBack.party else { return true }
        // Nobody comes back to a device that listens to the call.
        return index(of: comingBack.to) != nil
    }
}

extension CallPart {
    fileprivate init(_ connection: Connection, in call: borrowing Call, until now: Instant) {
        var (split, queued) = (connection.split ?? connection.history.split, connection.history.queuedMilliseconds)
        if let queue = call.queue, queue.caller == connection.device {
            split = queue.split
            queued += max(0, now.milliseconds - queue.entered.milliseconds)
        }
        self.init(
            conversation: call.conversation, call: call.id, callType: call.type, device: connection.device,
            isInternal: connection.isInternal, agent: connection.history.agent,
            callingDevice: connection.callingDevice, calledDevice: connection.calledDevice,
            isCalled: connection.isCalled, isListener: connection.part == .listener,
            trunkGroup: (connection.trunk ?? call.trunk)?.group,
            began: connection.history.joined,
            // One that moved in from another call was offered and answered there.
            offered: connection.ringTime.map { max($0, connection.history.joined) },
            answered: connection.answerTime.map { max($0, connection.history.joined) },
            heldMilliseconds: connection.history.heldMilliseconds, ended: now,
            recordings: connection.history.recordings, split: split, queuedMilliseconds: queued,
            endsCall: call.connections.isEmpty)
    }
}

extension HangupCause {
    /// The same at the end of a call that was up: there is nothing left to give up or to clear abnormally.
    fileprivate var ofEstablished: HangupCause {
        switch self {
        case .unspecified, .normalUnspecified, .originatorCancel: .normalClearing
        default: self
        }
    }
}
