import CSTA
import SwitchDriver

// What happens to a call, whoever caused it: the API, a phone, a trunk or a timer. How it ends stands in Tenant+Leaving.swift.
extension Tenant {
    /// Adds a party. A device counts as busy from here on; it is in the call from its first event (E9).
    mutating func add(_ connection: consuming Connection, to call: inout Call) {
        legs[connection.leg] = call.id
        trunkUse.set(connection.leg, connection.trunk)
        if connection.isInternal {
            connection.history.agent = devices[connection.device]?.agent
            devices[connection.device]?.calls.append(call.id)
            touch(connection.history.agent)
        }
        call.connections.append(connection)
    }

    /// Keeps a call that was begun or changed; one without parties is no more.
    mutating func put(_ call: consuming Call) {
        changes.calls.insert(call.id)
        if !call.connections.isEmpty { calls[call.id] = call }
    }

    mutating func update(_ id: ConnectionID, _ change: (inout Connection) -> Void) {
        guard var call = calls.removeValue(forKey: id.call) else { return }
        if let index = call.index(of: id.device) { change(&call.connections[index]) }
        put(call)
    }

    func device(of leg: LegID, in call: CallID) -> DeviceID? {
        guard let call = calls[call], let index = call.index(of: leg) else { return nil }
        return call.connections[index].device
    }

    func connection(_ id: ConnectionID) -> Connection? { calls[id.call]?.connection(of: id.device) }

    func state(of device: DeviceID, in call: CallID) -> ConnectionState {
        connection(ConnectionID(device: device, call: call))?.state ?? .none
    }

    /// Whether the device's leg serves another call of it, beside `call`: a held one, or the one for which this is held.
    func callSharing(_ leg: LegID, of device: DeviceID, with call: CallID) -> CallID? {
        devices[device]?.calls.first { id in
            guard id != call, let other = calls[id], let index = other.index(of: device) else { return false }
            return other.connections[index].leg == leg
        }
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
        // E11: a consultation keeps what the first call began with.
        if call.consultedFrom == nil { call.setOriginalParties(calling: call.originator, called: called) }
        send(about: call.originator, .initiate, cause: .service(.newCallOriginated), of: call, &step) { _ in
            .originated(callingDevice: call.originator, calledDevice: called)
        }
        step.tell(.connect(call.connections[0].leg, mix: call.mix))
    }

    /// Dials where the call is to lead; ends the call if that cannot be.
    mutating func dialDestination(of call: inout Call, _ step: inout Step) {
        guard let destination = call.destination else { return }
        call.destination = nil
        dial(destination, into: &call, calling: call.originator, &step)
    }

    /// Dials somebody into a call; if that cannot be, the call fails for that party as it does when it refuses.
    mutating func dial(
        _ destination: Destination, into call: inout Call, calling: DeviceID, as part: Connection.Part = .party,
        addedBy: DeviceID? = nil, answersItself: Bool = false, from split: SplitProfile? = nil,
        ringSeconds: Int? = nil, _ step: inout Step
    ) {
        let called = destination.device
        guard let endpoint = destination.endpoint else { return enqueue(&call, in: called, calling: calling, &step) }
        var line: Call.TrunkLine?
        switch endpoint {
        case .phone(let device): if let obstacle = obstacle(to: device) { return fail(&call, called, obstacle, &step) }
        case .external:
            line = freeLine(of: destination.groups)
            if line == nil { return fail(&call, called, .noLine, &step) }
        }
        let ringSeconds = ringSeconds ?? split?.ringSeconds ?? configuration.limits.answerSeconds
        let leg = call.nextLeg()
        var connection = Connection(
            device: called, isInternal: line == nil, leg: leg, legState: .dialling, state: .none, isCalled: true,
            callingDevice: calling, calledDevice: called, joined: step.now)
        connection.part = part
        connection.addedBy = addedBy
        connection.split = split?.id
        if let line {
            connection.trunk = line
            connection.attempt = LineAttempt(destination: destination, ringSeconds: ringSeconds, tried: [line])
            call.trunk = call.trunk ?? line
        }
        add(connection, to: &call)
        tellDial(connection, destination, in: call, answersItself: answersItself, ringSeconds: ringSeconds, &step)
        step.set(call.answerTimer(of: connection), afterSeconds: ringSeconds)
    }

    func tellDial(
        _ connection: Connection, _ destination: Destination, in call: borrowing Call, answersItself: Bool = false,
        ringSeconds: Int, _ step: inout Step
    ) {
        guard let endpoint = destination.endpoint(by: connection.trunk) else { return }
        step.tell(
            .dial(
                DialRequest(
                    leg: connection.leg, endpoint: endpoint, presenting: destination.presenting,
                    mix: connection.part == .party ? call.mix : nil, answersItself: answersItself,
                    ringLimitSeconds: ringSeconds + Self.graceSeconds)))
    }

    /// Why a phone need not be dialled.
    private func obstacle(to device: DeviceID) -> HangupCause? {
        guard let phone = devices[device], phone.profile.isUsable else { return .unallocatedNumber }
        guard phone.calls.isEmpty, phone.agent.flatMap({ agents[$0]?.login?.allocation }) == nil else {
            return .userBusy
        }
        return phone.isRegistered ? nil : .subscriberAbsent
    }

    /// The called side rings.
    ///
    /// - Returns: where its connection is now: behind those who have joined before it (E9), who may have been dialled later.
    @discardableResult
    mutating func deliver(_ call: inout Call, _ index: Int, _ step: inout Step) -> Int {
        var index = index
        if let last = call.connections.indices.last(where: { call.connections[$0].hasJoined }), last > index {
            call.connections.insert(call.connections.remove(at: index), at: last)
            index = last
        }
        call.connections[index].state = .alerting
        call.connections[index].legState = .ringing
        call.connections[index].attempt = nil
        call.connections[index].history.offered = step.now
        call.connections[index].hasJoined = true
        let (alerting, split) = (call.connections[index].device, call.connections[index].split)
        let trunk = call.type == .inbound ? call.trunk : nil
        // E11, seed 1.5: the DNIS of a split's call from a trunk is the device that rings first.
        if trunk != nil, let entry = call.queue, split != nil, call.userData["originalDNIS"] == entry.called.text {
            call.userData["originalDNIS"] = alerting.text
        }
        send(about: alerting, .alerting, cause: trunk.map { _ in .service(.newCall) }, of: call, &step) { receiver in
            .delivered(
                Delivered(
                    alertingDevice: alerting, callingDevice: receiver.callingDevice,
                    calledDevice: receiver.calledDevice, trunkGroup: trunk?.group, trunkMember: trunk?.member,
                    userData: call.userData, split: split, callType: call.type))
        }
        return index
    }

    /// The called side has answered.
    mutating func establish(_ call: inout Call, _ index: Int, _ step: inout Step) {
        if call.queue == nil, let tie = call.outbound { return customerAnswered(&call, index, tie, &step) }
        var index = call.connections[index].state == .alerting ? index : deliver(&call, index, &step)
        // Somebody who listens may answer as well, for whom nobody waits.
        if call.queue != nil, call.connections[index].isOffered {
            let answering = call.connections[index].device
            takeFromQueue(&call, by: answering, &step)
            index = call.index(of: answering) ?? index
        }
        for party in call.connections.indices {
            guard party == index || !call.connections[party].isCalled, call.connections[party].answerTime == nil else {
                continue
            }
            holdOthers(of: call.connections[party], in: call.id, &step)
            if call.connections[party].legState == .waiting { step.tell(.answer(call.connections[party].leg)) }
            call.connections[party].state = .connect
            call.connections[party].history.answered = step.now
        }
        call.connections[index].legState = .up
        call.analysis = false
        let answering = call.connections[index].device
        if call.partyCount == 2 { call.conferencingDevice = nil }  // The third has left while this one rang.
        step.effects.append(.cancelTimer(call.answerTimer(of: call.connections[index])))
        if call.connections[index].part != .party {
            step.tell(.connect(call.connections[index].leg, mix: call.mix, as: .listener))
        }
        send(about: answering, .connect, of: call, &step) { receiver in
            .established(
                Established(
                    answeringDevice: answering, callingDevice: receiver.callingDevice,
                    calledDevice: receiver.calledDevice, callType: call.type))
        }
        if let adder = call.connections[index].addedBy {
            call.connections[index].addedBy = nil
            if call.partyCount > 2 {
                call.conferencingDevice = call.conferencingDevice ?? adder
                conferenced(call, answering, by: adder, primary: .none, secondary: call.id, &step)
            }
        }
        for party in call.connections.indices
        where call.connections[party].state == .connect && !call.connections[party].holds.isEmpty {
            beginHold(&call, party, &step)
        }
        recordByPolicy(&call, &step)
    }

    /// At most one connection of a device is in Connect: a phone with two calls that takes one has put the other on hold, even
    /// if the switch has not told so.
    mutating func holdOthers(of connection: Connection, in call: CallID, _ step: inout Step) {
        guard connection.isInternal, let own = devices[connection.device]?.calls, own.count > 1 else { return }
        for id in own where id != call && state(of: connection.device, in: id) == .connect {
            guard var other = calls.removeValue(forKey: id) else { continue }
            if let index = other.index(of: connection.device) {
                let isShared = other.connections[index].leg == connection.leg
                held(&other, index, isShared ? .byService : .atPhone, &step)
                other.connections[index].isHoldAssumed = !isShared && connection.legState == .waiting
            }
            put(other)
        }
    }

    /// Music for the one who waits, when nobody else is there to talk with.
    mutating func updateMusic(_ call: inout Call, _ step: inout Step) {
        let wanted =
            call.queue?.isAnswered == true
            || call.partyCount == 2
                && call.connections.indices.contains {
                    let request = call.connections[$0].request
                    return request == .hold || call.connections[$0].holds.contains(.byService) && request == nil
                }
        guard wanted != call.isMusicOn else { return }
        call.isMusicOn = wanted
        step.tell(wanted ? .startMusic(call.mix) : .stopMusic(call.mix))
    }

    mutating func conferenced(
        _ call: borrowing Call, _ added: DeviceID, by device: DeviceID, primary: CallID, secondary: CallID,
        _ step: inout Step
    ) {
        let id = call.id
        send(about: added, .connect, of: call, &step) { _ in
            .conferenced(
                Conferenced(
                    primaryOldCall: primary, secondaryOldCall: secondary, conferencingDevice: device,
                    addedParty: added, newCall: id))
        }
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
