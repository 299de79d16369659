public import CSTA
import CallCenter
import SwitchDriver

// Handing over, conferences and leaving (E14 to E17).
extension Shadow {
    // MARK: Transfer

    mutating func transferred(_ occurrence: Occurrence, _ event: CallEvent, _ transferred: Transferred) {
        guard let call = calls[event.call], call[event.device] != nil else {
            return complain("E17", "\(event.device) transfers \(event.call), in which it is not")
        }
        for copy in occurrence.copies {
            guard case .transferred(let own) = copy.detail else { continue }
            require(own == transferred, "E17", "\(copy) is not \(event)")
            require(own.newCall == event.call, "E17", "newCall is not the call that goes on: \(copy)")
        }
        figures.transfers += 1
        if transferred.primaryOldCall == .none {
            handOver(occurrence, event, transferred)
        } else {
            join(occurrence, event, transferred)
        }
    }

    /// A single-step transfer.
    private mutating func handOver(_ occurrence: Occurrence, _ event: CallEvent, _ transferred: Transferred) {
        guard var call = calls[event.call] else { return }
        require(transferred.secondaryOldCall == call.id, "E17", "\(event)")
        require(event.cause == .service(.singleStepTransfer), "E20", "\(event)")
        requireReceivers(occurrence, call.receivers(about: event.device))
        let others = call.parties.filter { $0 != event.device }
        guard others.count == 1, let stays = others.first else { return complain("E17", "\(event) of \(others)") }
        let returns = returns(from: call, by: event.device, to: transferred.transferredToDevice)
        require(returns != nil, "E17", "nobody has asked for \(event)")
        call.former = nil
        call.comesBack = returns == true ? (stays, event.device) : nil
        call.transferring = (event.device, transferred.transferredToDevice)
        call.expected.append(
            ShadowExpected(device: transferred.transferredToDevice, calling: stays, kind: .transferred))
        enter(&call, transferred.transferredToDevice, caller: stays)
        calls[call.id] = call
    }

    /// A transfer after a consultation: the other party of the active call comes into the held one.
    private mutating func join(_ occurrence: Occurrence, _ event: CallEvent, _ transferred: Transferred) {
        guard var call = calls[event.call], var active = calls[transferred.secondaryOldCall] else {
            return complain("E17", "secondaryOldCall is no call: \(event)")
        }
        let device = event.device
        require(transferred.primaryOldCall == call.id, "E17", "primaryOldCall is not the held call: \(event)")
        require(event.cause == .service(.transfer), "E20", "\(event)")
        let returns = returns(from: call, active, by: device)
        require(returns != nil, "E17", "nobody has asked for \(event)")
        let stays = call.parties.filter { $0 != device }
        guard stays.count == 1, let joins = otherPart(of: active, besides: device) else {
            return complain("E17", "\(event): \(call.parties), \(active.parties)")
        }
        require(transferred.transferredToDevice == joins, "E17", "\(joins) is the one who was consulted: \(event)")
        move(joins, from: &active, to: &call, calling: stays[0])
        call.former = nil
        call.transferring = (device, joins)
        call.comesBack = returns == true ? (stays[0], device) : nil
        active.transferring = (device, joins)
        calls[call.id] = call
        calls[active.id] = active
        requireReceivers(occurrence, call.receivers(about: device))
    }

    /// Whether somebody has asked for a single-step transfer, and whether the party is to come back.
    private func returns(from call: ShadowCall, by device: DeviceID, to: DeviceID) -> Bool? {
        if let request = accepted, legs[request.leg] == device {
            if case .number(let number) = request.target, DeviceID(number, in: namespace) == to { return false }
        }
        for case .singleStepTransferCall(ConnectionID(device: device, call: call.id), let number, let returns)
            in commands where DeviceID(number, in: namespace) == to
        {
            return returns
        }
        return nil
    }

    /// Whether somebody has asked that a party moves from the one call to the other, and whether it is to come back.
    private func returns(from held: ShadowCall, _ active: ShadowCall, by device: DeviceID) -> Bool? {
        if let request = accepted, legs[request.leg] == device {
            // On the phone, the call that was there first is the held one.
            if case .leg(let other) = request.target, legs[other] == device, held.consultedFrom != active.id {
                return false
            }
        }
        for case .transferCall(ConnectionID(device: device, call: held.id), active.id, let returns) in commands {
            return returns
        }
        return nil
    }

    /// What a phone has asked for and was told to get just now: that comes before the events.
    private var accepted: TransferRequest? {
        guard let leg = isTransferAnswered.last, let requests = transferRequests[leg] else { return nil }
        let index = isTransferAnswered.count { $0 == leg } - 1
        return requests.indices.contains(index) ? requests[index] : nil
    }

    /// What was asked for and is not answered, the first first.
    var commands: [Command] { asked.sorted { $0.key.value < $1.key.value }.map(\.value.command) }

    private func otherPart(of call: ShadowCall, besides device: DeviceID) -> DeviceID? {
        let others = call.parts.filter { !$0.isListener && $0.device != device }
        return others.count == 1 ? others[0].device : nil
    }

    /// A part goes on in another call, as it is.
    private mutating func move(
        _ device: DeviceID, from: inout ShadowCall, to call: inout ShadowCall, calling: DeviceID?
    ) {
        guard let index = from.index(of: device) else { return }
        var part = from.parts.remove(at: index)
        require(part.recording == nil, "E18", "\(device) moves from \(from.id) while it is recorded there")
        ended.append(
            (ConnectionID(device: device, call: from.id), EndedPart(part: part, continuedIn: call.id)))
        touched.insert(from.id)
        if part.isInternal { callsOf[device]?.removeAll { $0 == from.id } }
        part.began = now
        part.hasMoved = true
        part.isCaller = false
        part.offered = part.offered.map { _ in now }
        part.answered = part.answered.map { _ in now }
        part.heldMilliseconds = 0
        part.heldSince = part.heldSince.map { _ in now }
        part.recordings = []
        if let calling {  // E10
            part.calling = calling
            part.called = device
        }
        // What it consults about meanwhile belongs to the call that goes on.
        for id in callsOf[device] ?? [] where calls[id]?.consultedFrom == from.id {
            calls[id]?.consultedFrom = call.id
        }
        if call.userData.isEmpty { call.userData = from.userData }
        let isInternal = part.isInternal
        require(call.index(of: device) == nil, "E9", "\(device) joins \(call.id) twice")
        call.parts.append(part)
        if isInternal { callsOf[device, default: []].append(call.id) }
    }

    // MARK: Conference

    mutating func conferenced(_ occurrence: Occurrence, _ conferenced: Conferenced) {
        guard var call = calls[occurrence.call] else {
            return complain("E17", "\(conferenced) in \(occurrence.call), which is over")
        }
        for copy in occurrence.copies {
            guard case .conferenced(let own) = copy.detail else { continue }
            require(own == conferenced, "E17", "\(copy) is not \(conferenced)")
            require(own.newCall == occurrence.call, "E17", "newCall is not the call that goes on: \(copy)")
        }
        figures.conferences += 1
        if conferenced.primaryOldCall == .none {
            require(conferenced.secondaryOldCall == call.id, "E17", "\(conferenced) in \(call.id)")
            require(call.isToBeConferenced != nil, "E16", "nobody was added to \(call.id): \(conferenced)")
            call.isToBeConferenced = nil
        } else {
            guard let merged = merge(call, conferenced) else { return }
            call = merged
        }
        call.former = call.former ?? conferenced.conferencingDevice
        requireReceivers(occurrence, call.receivers(about: conferenced.addedParty))
        calls[call.id] = call
    }

    private mutating func merge(_ held: ShadowCall, _ conferenced: Conferenced) -> ShadowCall? {
        var call = held
        let device = conferenced.conferencingDevice
        guard var active = calls[conferenced.secondaryOldCall], active.id != call.id else {
            complain("E17", "secondaryOldCall is no call: \(conferenced)")
            return nil
        }
        require(conferenced.primaryOldCall == call.id, "E17", "primaryOldCall is not the held call: \(conferenced)")
        let isAsked = asked.values.contains {
            $0.command == .conferenceCall(held: ConnectionID(device: device, call: call.id), active: active.id)
        }
        require(isAsked, "E17", "nobody has asked for \(conferenced)")
        guard let index = call.index(of: device), active[device] != nil,
            let joins = otherPart(of: active, besides: device)
        else {
            complain("E17", "\(conferenced): \(call.parties), \(active.parties)")
            return nil
        }
        require(joins == conferenced.addedParty, "E17", "\(joins) is the one who was consulted: \(conferenced)")
        require(active.parts.count == 2, "E16", "somebody listens to \(active.id), which is no more")
        move(joins, from: &active, to: &call, calling: nil)
        guard let own = active.parts.first else { return nil }
        require(own.recording == nil, "E18", "\(device) leaves \(active.id) while it is recorded there")
        ended.append(
            (ConnectionID(device: device, call: active.id), EndedPart(part: own, continuedIn: call.id)))
        callsOf[device]?.removeAll { $0 == active.id }
        end(active.id)
        call.parts[index].heldMilliseconds = call.parts[index].held(until: now)
        call.parts[index].heldSince = nil
        call.parts[index].isToBeRetrieved = false
        call.parts[index].state = .connect
        return call
    }

    /// A call is over.
    private mutating func end(_ id: CallID) {
        calls[id] = nil
        if over.count > Self.maximumOver { over = [] }
        over.insert(id)
        touched.insert(id)
    }

    /// Calls of which it is known that they are over: those of the last hours.
    private static var maximumOver: Int { 20_000 }

    // MARK: Leaving

    mutating func cleared(_ occurrence: Occurrence, _ event: CallEvent) {
        let device = event.device
        if calls[event.call]?[device] == nil { calls[event.call]?.comeBackUntold(device) }
        guard var call = calls[event.call] else { return complain("E9", "\(event) in no call") }
        let part = call[device]
        let pending = call.expectedIndex(of: device)
        guard part != nil || pending != nil else {
            return complain("E9", "\(device) leaves \(call.id), in which it is not")
        }
        let isTransfer = call.transferring?.device == device
        checkHangup(occurrence, call, isTransfer: isTransfer)
        if let failed = call.failed, case .hangup(let cause)? = event.cause {
            require(failed.code == FailedCode(cause), "E19", "\(failed.code) because of \(cause)")
        }
        call.failed = nil
        requireReceivers(occurrence, call.receivers(about: device))
        if !isTransfer, !call.isEnding, part?.isListener != true { checkReason(event, part, call) }
        require(part?.recording == nil, "E18", "\(device) leaves \(call.id) while it is recorded")

        let hangup = event.detail.hangup ?? device
        if let part {
            call.parts.removeAll { $0.device == device }
            if part.isInternal { callsOf[device]?.removeAll { $0 == call.id } }
            var end = EndedPart(part: part, hangup: hangup)
            if case .hangup(let cause)? = event.cause { end.cause = cause }
            end.transferredTo = isTransfer ? call.transferring?.to : nil
            ended.append((ConnectionID(device: device, call: call.id), end))
            leftSplit(part, end.cause)
        }
        if let held = call.consultedFrom, call.sharesLeg, !isTransfer, part?.isCaller == true,
            let index = calls[held]?.index(of: device),
            calls[held]?.parts[index].state == .hold
        {
            calls[held]?.parts[index].isToBeRetrieved = true
        }
        let wasHolder = call.holder == device
        if part == nil, let pending {
            call.expected.remove(at: pending)
            if call.queue?.splits.contains(device) == true { call.queue = nil }
        }
        call.added[device] = nil
        if isTransfer { call.transferring = nil } else { leave(&call, device, part, hangup, wasHolder: wasHolder) }
        if !call.parts.contains(where: \.isInternal) { call.isUntold = true }
        if call.isEnding { dismissUntold(&call) }
        if call.parts.isEmpty { end(call.id) } else { calls[call.id] = call }
    }

    /// When the last device of the tenant has left, nobody is told that the others have.
    private mutating func dismissUntold(_ call: inout ShadowCall) {
        guard !call.parts.contains(where: \.isInternal) else { return }
        for part in call.parts {
            ended.append((ConnectionID(device: part.device, call: call.id), EndedPart(part: part, isUntold: true)))
        }
        call.parts = []
    }

    /// E14
    private mutating func checkHangup(_ occurrence: Occurrence, _ call: ShadowCall, isTransfer: Bool) {
        let expected = isTransfer ? occurrence.device : call.hangup ?? occurrence.device
        // Whether somebody had answered, and so counts, who came and went untold is not known.
        let isUnknown = call.isUntold && call.hangup == nil
        for copy in occurrence.copies where !isUnknown {
            let isSame = copy.detail.hangup == expected || call[occurrence.device]?.isListener == true
            require(isSame, "E14", "\(expected) has hung up first: \(copy)")
            if case .hangup? = copy.cause { continue }
            complain("E14", "no cause: \(copy)")
        }
    }

    /// Nobody leaves a call that goes on without a reason.
    private mutating func checkReason(_ event: CallEvent, _ part: ShadowPart?, _ call: ShadowCall) {
        // One who was never in it was not to be had; who dials itself neither.
        guard let part, !call.expected.contains(where: { $0.device == part.device }) else { return }
        let id = ConnectionID(device: part.device, call: call.id)
        if part.split != nil, part.answered == nil, event.cause == .hangup(.loseRace) { return }
        require(
            leavers.contains(part.device) || clearings.contains(id), call.wasConference ? "E16" : "E15",
            "\(part.device) has no reason to leave: \(event)")
    }

    /// What follows for the others (E15, E16).
    private mutating func leave(
        _ call: inout ShadowCall, _ device: DeviceID, _ part: ShadowPart?, _ hangup: DeviceID, wasHolder: Bool
    ) {
        guard part?.isListener != true, !call.isEnding else { return }
        let rest = call.parties
        let comesBack =
            call.comesBack.map { rest == [$0.party] && !call.isOrWillBeIn($0.to) && $0.to != device } ?? false
        call.isEnding = wasHolder || rest.count < 2 && !comesBack || call.queue?.caller == device
        if call.isEnding || part?.answered != nil { call.hangup = hangup }
        guard !call.isEnding else { return }
        call.isUntold = call.isUntold || !call.parts.contains(where: \.isInternal)
        if !call.isCalling, rest.count == 2 { call.former = nil }
        if rest.count == 1, let back = call.comesBack {
            call.comesBack = nil
            call.expected.append(ShadowExpected(device: back.to, calling: back.party, kind: .comesBack))
        }
    }

    /// A call without a device of the tenant goes on untold; only records tell who leaves it.
    mutating func leaveUntold(_ record: CallPart) -> Bool {
        if births[record.call] != nil, calls[record.call] == nil {
            if record.endsCall { births[record.call] = nil }  // It was over before anybody was told.
            return true
        }
        guard var call = calls[record.call] else { return touched.contains(record.call) && !record.isInternal }
        guard !call.parts.contains(where: \.isInternal) else { return false }
        touched.insert(call.id)
        let wasHolder = call.holder == record.device
        var part =
            call[record.device]
            ?? ShadowPart(device: record.device, isInternal: false, state: .none, isCaller: false, began: record.began)
        part.answered = record.answered
        call.parts.removeAll { $0.device == record.device }
        call.expected.removeAll { $0.device == record.device }
        call.added[record.device] = nil
        if let to = record.transferredTo {
            call.former = nil
            call.expected.append(ShadowExpected(device: to, calling: call.parts.first?.device, kind: .transferred))
            if let stays = call.parts.first?.device { enter(&call, to, caller: stays) }
            calls[call.id] = call
            return true
        }
        leave(&call, record.device, part, record.hangupDevice ?? record.device, wasHolder: wasHolder)
        if call.isEnding { call.parts = [] }
        if call.parts.isEmpty { end(call.id) } else { calls[call.id] = call }
        return true
    }

    /// Who holds a call though the consultation is over for which it was held.
    public var unretrieved: [ConnectionID] {
        calls.values.flatMap { call in
            call.parts.filter { $0.isToBeRetrieved && callsOf[$0.device]?.count == 1 }.map {
                ConnectionID(device: $0.device, call: call.id)
            }
        }
    }

    // MARK: The end of an input

    /// Requests of phones that nobody has answered: more are not remembered.
    private static var maximumRequests: Int { 1000 }

    /// What has begun has to be complete.
    mutating func finish() {
        for id in touched.sorted(by: { $0.text < $1.text }) {
            guard let call = calls[id] else { continue }
            let parts = call.parts.map { String($0.device.number) }
            if call.isEnding {
                complain(call.wasConference ? "E16" : "E15", "\(id) is over, and \(parts) are still in it")
            }
            require(
                call.parties.count > 1 || call.isBeginning, "E15", "\(parts) are left alone in \(id)")
            require(
                call.transferring == nil, "E17", "\(call.transferring.map { "\($0.device)" } ?? "") is to leave \(id)")
            require(call.isToBeConferenced == nil, "E16", "somebody is in the conference \(id), and untold")
            require(call.failed == nil, "E19", "somebody has failed in \(id), and is not cleared")
        }
        checkRecords()
        checkMissed()
        for leg in isTransferAnswered {
            transferRequests[leg]?.removeFirst()
            if transferRequests[leg]?.isEmpty == true { transferRequests[leg] = nil }
        }
        if transferRequests.count > Self.maximumRequests { transferRequests = [:] }
        isTransferAnswered = []
        if !leavers.isEmpty {
            leavers = leavers.filter { device in calls.values.contains { $0.concerns(device) } }
        }
        if !clearings.isEmpty {
            clearings = clearings.filter { calls[$0.call]?[$0.device] != nil || births[$0.call] != nil }
        }
    }
}

extension CallEvent.Detail {
    var hangup: DeviceID? {
        if case .connectionCleared(_, let hangup) = self { hangup } else { nil }
    }
}
