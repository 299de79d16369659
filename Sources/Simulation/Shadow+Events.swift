import CSTA
import CallCenter
import SwitchDriver

// Each event: whether it may come now, whom it has to reach, and what it has to say.
extension Shadow {
    mutating func take(_ copy: EventCopy) {
        let event = copy.event
        let (now, last) = (now, serial)
        require(event.serial == last.next, "E5", "serial \(event.serial) after \(last)")
        serial = event.serial
        require(event.namespace == namespace, "E6", "namespace \(event.namespace)")
        require(event.timestamp == now.milliseconds, "E4", "\(event.timestamp ?? 0) at \(now)")
        figures.events[event.name, default: 0] += 1
        switch event.body {
        case .agent(let agent):
            close()
            take(agent, copy)
        case .recording(let recording):
            close()
            take(recording, copy)
        case .call(let call): take(call, copy)
        case .unrecognized(let name, _): complain("E2", "an event \(name)")
        }
    }

    private mutating func take(_ event: CallEvent, _ copy: EventCopy) {
        require(event.source == copy.device && copy.call == event.call, "E7", "\(copy)")
        require(copy.agent == agentOn[copy.device], "E7", "\(event.source) has another agent than in \(copy)")
        require(!over.contains(event.call), "E9", "after the end of \(event.call): \(event)")
        if open?.call == event.call, open?.device == event.device, let first = open?.copies.first,
            first.detail.isOfTheKind(of: event.detail), first.state == event.state,
            open?.copies.contains(where: { $0.source == event.source }) == false
        {
            open?.copies.append(event)
            require(open?.conversation == copy.event.conversation, "conversation", "\(event) in another one")
        } else {
            close()
            open = Occurrence(
                call: event.call, device: event.device, copies: [event], conversation: copy.event.conversation)
        }
    }

    /// The copies of an event are all there: looks at it as a whole.
    mutating func close() {
        guard let occurrence = open, violation == nil, let event = occurrence.copies.first else { return }
        open = nil
        touched.insert(event.call)
        require(event.state == event.detail.state, "E7", "\(event.detail.name) with \(event.state)")
        require(event.device == event.detail.device, "E7", "\(event)")
        if let call = calls[event.call] {
            require(occurrence.conversation == call.conversation, "conversation", "\(event) in another one")
            checkOrder(event, in: call)
        }
        guard violation == nil else { return }
        switch event.detail {
        case .serviceInitiated: initiated(occurrence, event)
        case .originated(let calling, let called): originated(occurrence, calling, called)
        case .delivered(let delivered): self.delivered(occurrence, delivered)
        case .established: established(occurrence)
        case .held: held(occurrence)
        case .retrieved: retrieved(occurrence)
        case .transferred(let transferred): self.transferred(occurrence, event, transferred)
        case .conferenced(let conferenced): self.conferenced(occurrence, conferenced)
        case .connectionCleared: cleared(occurrence, event)
        case .failed(_, let code, let message): failed(occurrence, code, message)
        }
        checkConnects(event.device)
    }

    /// What has to come next in a call.
    private mutating func checkOrder(_ event: CallEvent, in call: ShadowCall) {
        if let transferring = call.transferring?.device {
            let isCleared = event.detail.name == "connectionCleared"
            require(
                isCleared && (event.device == transferring || call[event.device]?.isListener == true), "E17",
                "\(transferring) has transferred \(call.id) and is to leave, not: \(event)")
        }
        if let next = call.isToBeConferenced {
            guard case .conferenced(let conferenced) = event.detail else {
                return complain("E16", "\(next.added) is in the conference, and untold: \(event)")
            }
            require(
                conferenced.addedParty == next.added && conferenced.conferencingDevice == next.by, "E17",
                "\(next) is conferenced: \(event)")
        }
        if let failed = call.failed {
            require(
                event.detail.name == "connectionCleared" && event.device == failed.device, "E19",
                "\(failed.device) has failed: \(event)")
        }
    }

    /// The copies have reached whom they should, in the order in which those joined (E9).
    mutating func requireReceivers(_ occurrence: Occurrence, _ expected: [DeviceID]) {
        let receivers = occurrence.copies.map(\.source)
        guard receivers != expected else { return }
        let name = occurrence.copies.first?.detail.name ?? ""
        let names = { (devices: [DeviceID]) in devices.map { String($0.number) }.joined(separator: " ") }
        complain(
            "E9",
            "\(name) of \(occurrence.device.number) in \(occurrence.call) reached \(names(receivers)), not \(names(expected))"
        )
    }

    /// At most one connection of a device is in Connect.
    private mutating func checkConnects(_ device: DeviceID) {
        guard let own = callsOf[device], own.count > 1 else { return }
        let connected = own.filter { calls[$0]?[device]?.state == .connect }
        require(connected.count < 2, "connect", "\(device) talks in \(connected)")
        require(own.count < 3, "connect", "\(device) is in \(own)")
    }

    mutating func join(_ part: ShadowPart, _ call: inout ShadowCall) {
        require(call.index(of: part.device) == nil, "E9", "\(part.device) joins \(call.id) twice")
        require(
            part.isInternal == devices.contains(part.device) || part.isCaller && call.type == .inbound, "E9",
            "\(part.device) is not what it was")
        call.parts.append(part)
        if part.isInternal { callsOf[part.device, default: []].append(call.id) }
    }

    // MARK: Beginning

    private mutating func initiated(_ occurrence: Occurrence, _ event: CallEvent) {
        let device = occurrence.device
        requireReceivers(occurrence, [device])
        require(event.cause == .service(.normal), "E20", "\(event)")
        require(calls[event.call] == nil, "E20", "\(event.call) begins twice")
        guard let birth = births.removeValue(forKey: event.call), birth.device == device else {
            return complain("E20", "nobody has asked for \(event)")
        }
        var call = ShadowCall(
            id: event.call, conversation: occurrence.conversation ?? .none, userData: birth.userData ?? [:])
        call.analysis = birth.analysis
        call.sharesLeg = birth.request != nil && birth.consultedFrom != nil
        call.consultedFrom = birth.consultedFrom.flatMap { calls[$0]?[device] == nil ? nil : $0 }
        call.isConsultation = birth.consultedFrom != nil
        // It may have been moved while the consultation waited to begin.
        if call.consultedFrom == nil, call.isConsultation { call.consultedFrom = callsOf[device]?.first }
        let first = call.consultedFrom.flatMap { calls[$0] }
        if call.isConsultation { call.userData = birth.userData ?? first?.userData ?? [:] }  // E11
        let conversation = call.isConsultation ? birth.conversation ?? first?.conversation : call.id
        require(
            conversation == nil || call.conversation == conversation, "conversation",
            "\(event.call) is not in \(conversation?.text ?? "")")
        join(
            ShadowPart(device: device, isInternal: true, state: .initiate, isCaller: true, began: now), &call)
        calls[call.id] = call
        figures.calls += 1
    }

    private mutating func originated(_ occurrence: Occurrence, _ calling: DeviceID, _ called: DeviceID) {
        let device = occurrence.device
        requireReceivers(occurrence, [device])
        guard var call = calls[occurrence.call], call.isBeginning, call.parts.first?.device == device else {
            return complain("E20", "originated at the wrong time in \(occurrence.call)")
        }
        require(calling == device, "E10", "\(device) originates as \(calling)")
        call.isBeginning = false
        call.parts[0].calling = calling
        call.parts[0].called = called
        call.expected.append(ShadowExpected(device: called, calling: device, kind: .called))
        enter(&call, called, caller: device)
        if !call.isConsultation { call.setOriginal(calling, called) }
        calls[call.id] = call
    }

    /// A customer's call is first heard of when somebody rings.
    private mutating func beginInbound(_ occurrence: Occurrence, _ delivered: Delivered) -> ShadowCall? {
        guard let birth = births[occurrence.call], let trunk = birth.trunk else { return nil }
        births[occurrence.call] = nil
        require(occurrence.conversation == occurrence.call, "conversation", "\(occurrence.call) begins in another")
        var call = ShadowCall(id: occurrence.call, conversation: occurrence.call, userData: [:])
        call.type = .inbound
        call.trunk = trunk
        call.isBeginning = false
        call.userData["origin_dnis"] = birth.dialled
        call.setOriginal(birth.device, occurrence.device)
        let called = delivered.split == nil ? occurrence.device : routes[birth.dialled]?.destination
        guard let called else { return nil }
        join(
            ShadowPart(
                device: birth.device, isInternal: false, state: .initiate, isCaller: true, calling: birth.device,
                called: called, began: now), &call)
        call.expected.append(ShadowExpected(device: called, calling: birth.device, kind: .called))
        enter(&call, called, caller: birth.device)
        figures.calls += 1
        return call
    }

    private mutating func delivered(_ occurrence: Occurrence, _ delivered: Delivered) {
        let device = occurrence.device
        if delivered.split == nil { calls[occurrence.call]?.comeBackUntold(device) }
        guard
            var call = calls[occurrence.call] ?? beginInbound(occurrence, delivered) ?? beginOutbound(occurrence),
            let expected = offer(&call, occurrence, delivered) ?? call.takeExpected(device)
        else {
            return complain("E9", "delivered to \(device), whom nobody has called, in \(occurrence.call)")
        }
        call.type = call.type ?? delivered.callType
        var part = ShadowPart(
            device: device, isInternal: devices.contains(device), state: .alerting, isCaller: false,
            calling: expected.calling, called: device, began: now, offered: now)
        part.split = delivered.split
        part.isListener = expected.kind == .listening
        if case .added(let by) = expected.kind { call.added[device] = by }
        if part.isListener, let first = occurrence.copies.first, case .delivered(let own) = first.detail {
            part.calling = own.callingDevice
        }
        join(part, &call)
        for copy in occurrence.copies {
            guard case .delivered(let own) = copy.detail else { continue }
            check(copy.source, own.callingDevice, own.calledDevice, in: call)
            require(own.callType == call.type, "E20", "\(copy)")
            require(own.split == part.split, "split", "\(copy)")
            require(own.userData?.strings == call.userData, "E11", "\(copy) instead of \(call.userData)")
            if case .trunk(let group, let member, _)? = call.trunk {
                require(own.trunkGroup == group && own.trunkMember == member, "delivered", "\(copy)")
            }
        }
        requireReceivers(occurrence, call.receivers(about: device))
        if part.isListener { figures.listeners += 1 }
        calls[call.id] = call
    }

    /// E10
    private mutating func check(_ device: DeviceID, _ calling: DeviceID, _ called: DeviceID, in call: ShadowCall) {
        guard let part = call[device] else { return }  // E9 tells.
        require(
            part.calling == calling && part.called == called, "E10",
            "\(device.number) saw \(part.calling?.text ?? "nothing") → \(part.called?.text ?? "nothing") in \(call.id), now \(calling) → \(called)"
        )
    }

    private mutating func established(_ occurrence: Occurrence) {
        let device = occurrence.device
        calls[occurrence.call]?.ringUntold(device, at: now)
        guard var call = calls[occurrence.call], let index = call.index(of: device),
            call.parts[index].state == .alerting
        else { return complain("E9", "established by \(device), which does not ring, in \(occurrence.call)") }
        for copy in occurrence.copies {
            guard case .established(let own) = copy.detail else { continue }
            check(copy.source, own.callingDevice, own.calledDevice, in: call)
            require(own.callType == call.type, "E20", "\(copy)")
        }
        requireReceivers(occurrence, call.receivers(about: device))
        if call.parts[index].split != nil { leaveQueue(&call, device) }
        for party in call.parts.indices
        where party == index || (call.parts[party].isCaller && call.parts[party].answered == nil) {
            call.parts[party].state = .connect
            call.parts[party].answered = now
        }
        call.analysis = false
        if call.parties.count == 2 { call.former = nil }
        if let added = call.added.removeValue(forKey: device) {
            call.isToBeConferenced = call.parties.count > 2 ? (added: device, by: added) : nil
        }
        calls[call.id] = call
        for part in call.parts { checkConnects(part.device) }
    }

    private mutating func failed(_ occurrence: Occurrence, _ code: FailedCode, _ message: String) {
        guard var call = calls[occurrence.call], let caller = call.parts.first(where: \.isCaller)?.device else {
            return complain("E19", "failed in \(occurrence.call)")
        }
        requireReceivers(occurrence, [caller])
        require(call.analysis, "E19", "failed in \(call.id), where nobody asked for it")
        require(message == code.message, "E19", "\(code) is \(message)")
        call.failed = (occurrence.device, code)
        calls[call.id] = call
    }

    // MARK: Holding

    private mutating func held(_ occurrence: Occurrence) {
        guard var call = calls[occurrence.call], let index = call.index(of: occurrence.device),
            call.parts[index].state == .connect
        else { return complain("hold", "held by \(occurrence.device), which does not talk, in \(occurrence.call)") }
        requireReceivers(occurrence, call.receivers(about: occurrence.device))
        call.parts[index].state = .hold
        call.parts[index].heldSince = now
        calls[call.id] = call
    }

    private mutating func retrieved(_ occurrence: Occurrence) {
        guard var call = calls[occurrence.call], let index = call.index(of: occurrence.device),
            call.parts[index].state == .hold
        else {
            return complain("hold", "retrieved by \(occurrence.device), which does not hold, in \(occurrence.call)")
        }
        requireReceivers(occurrence, call.receivers(about: occurrence.device))
        call.parts[index].state = .connect
        call.parts[index].heldMilliseconds = call.parts[index].held(until: now)
        call.parts[index].heldSince = nil
        call.parts[index].isToBeRetrieved = false
        calls[call.id] = call
    }
}

extension ShadowCall {
    fileprivate mutating func takeExpected(_ device: DeviceID) -> ShadowExpected? {
        expectedIndex(of: device).map { expected.remove(at: $0) }
    }

    /// A party comes back to a device because somebody else could not be had, and there was nobody to tell that.
    mutating func comeBackUntold(_ device: DeviceID) {
        guard let back = comesBack, back.to == device, isUntold, expectedIndex(of: device) == nil else { return }
        comesBack = nil
        queue = nil
        expected.removeAll { $0.kind != .listening }
        expected.append(ShadowExpected(device: device, calling: back.party, kind: .comesBack))
    }

    /// Somebody outside has rung while there was nobody to be told.
    fileprivate mutating func ringUntold(_ device: DeviceID, at now: Instant) {
        guard isUntold, self[device] == nil, let index = expectedIndex(of: device) else { return }
        let expected = expected.remove(at: index)
        if case .added(let by) = expected.kind { added[device] = by }
        var part = ShadowPart(device: device, isInternal: false, state: .alerting, isCaller: false, began: now)
        part.hasRungUntold = true
        parts.append(part)
    }

    /// E11
    mutating func setOriginal(_ calling: DeviceID, _ called: DeviceID) {
        userData["originalANI"] = calling.text
        userData["originalDNIS"] = called.text
        userData["originalCallId"] = id.text
    }
}
