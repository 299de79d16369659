import CSTA
import CallCenter

// Recordings, agents and records.
extension Shadow {
    // MARK: Recordings (E18)

    mutating func take(_ event: RecordingEvent, _ copy: EventCopy) {
        let device = event.device
        require(copy.device == device, "E9", "\(event) reached \(copy.device)")
        guard let id = copy.call, let index = calls[id]?.index(of: device), let part = calls[id]?.parts[index] else {
            return complain("E18", "\(device) is recorded in no call: \(event)")
        }
        touched.insert(id)
        require(copy.event.conversation == calls[id]?.conversation, "conversation", "\(copy) in another one")
        require(part.answered != nil && !part.isListener, "E18", "\(device) does not talk in \(id): \(event)")
        switch event.detail {
        case .started(let call, let fileName):
            require(call == id, "E18", "\(copy)")
            require(fileName.hasSuffix("_\(id.text).wav") && fileName.contains("/\(device.text)/"), "E18", fileName)
            require(part.recording == nil, "E18", "\(device) is recorded twice in \(id)")
            require(!part.recordings.contains(fileName), "E18", "\(fileName) comes twice")
            calls[id]?.parts[index].recordings.append(fileName)
            if event.isSuccess { calls[id]?.parts[index].recording = event.recording }
        case .stopped:
            require(part.recording == event.recording, "E18", "\(event) does not run")
            calls[id]?.parts[index].recording = nil
        }
    }

    // MARK: Agents

    mutating func take(_ event: AgentEvent, _ copy: EventCopy) {
        require(copy.device == event.device && copy.agent == event.agent, "E7", "\(copy)")
        let mode: AgentMode? =
            switch event.kind {
            case .loggedOn: logins[event.agent]?.mode ?? event.mode
            case .loggedOff: .logout
            case .ready: .ready
            case .notReady: .notReady
            case .workingAfterCall: .workNotReady
            case .allocated: .allocated
            }
        require(event.mode == mode, "agent", "\(event)")
        if case .loggedOn = event.kind {
            require(logins[event.agent] == nil && agentOn[event.device] == nil, "agent", "logged on twice: \(event)")
            logins[event.agent] = Login(device: event.device, mode: event.mode, reason: event.reason, since: now)
            agentOn[event.device] = event.agent
            return
        }
        guard let login = logins[event.agent], login.device == event.device else {
            return complain("agent", "not logged on there: \(event)")
        }
        if case .loggedOff = event.kind {
            require(takeTime(of: event.agent), "records", "the time of \(event.agent) is not written down")
            logins[event.agent] = nil
            agentOn[event.device] = nil
        } else if login.isNew {
            require(event.mode == login.mode, "agent", "\(event) after a login as \(login.mode)")
            logins[event.agent]?.isNew = false
        } else {
            if case .allocated = event.kind { reserve(event.device) }
            require(takeTime(of: event.agent), "records", "the time of \(event.agent) is not written down")
            logins[event.agent] = Login(
                device: event.device, mode: event.mode, reason: event.reason, since: now, isNew: false)
        }
    }

    /// The times of a login follow each other without a gap.
    mutating func take(_ time: AgentTime) {
        guard let login = logins[time.agent] else { return complain("records", "\(time) without a login") }
        require(
            time.began == login.since && time.ended == now && time.device == login.device && time.mode == login.mode
                && time.reason == login.reason, "records", "\(time) is not \(login)")
        agentRecords.append(time)
    }

    private mutating func takeTime(of agent: AgentID) -> Bool {
        guard let index = agentRecords.firstIndex(where: { $0.agent == agent }) else { return false }
        agentRecords.remove(at: index)
        return true
    }

    // MARK: Records of calls

    /// Each part that has ended has its record, and says what the events said.
    mutating func checkRecords() {
        if let time = agentRecords.first { complain("records", "nothing was told of \(time)") }
        let ended = self.ended
        self.ended = []
        for (id, end) in ended {
            guard let index = records.firstIndex(where: { $0.device == id.device && $0.call == id.call }) else {
                complain("records", "none of \(id)")
                break
            }
            check(records.remove(at: index), end)
        }
        let others = records
        let now = now
        // Whoever never was in the call has a record if a leg was dialled.
        for record in others where !leaveUntold(record) {
            calls[record.call]?.expected.removeAll { $0.device == record.device && $0.kind == .listening }
            require(
                record.answered == nil && (record.offered == nil || !record.isInternal), "records",
                "of somebody who was not in the call: \(record)")
            require(record.ended == now && record.began <= now, "records", "\(record)")
        }
        records.removeAll(keepingCapacity: true)
    }

    private mutating func check(_ record: CallPart, _ end: EndedPart) {
        let part = end.part
        let now = now
        require(record.ended == now, "records", "it ended at \(now): \(record)")
        require(
            part.hasMoved ? record.began == part.began : record.began <= part.began, "records",
            "it began at \(part.began): \(record)")
        require(
            part.hasRungUntold || record.offered == part.offered, "records",
            "offered at \(part.offered.map { "\($0)" } ?? "no time"): \(record)")
        require(
            record.answered == part.answered, "records",
            "answered at \(part.answered.map { "\($0)" } ?? "no time"): \(record)")
        require(
            record.heldMilliseconds == part.held(until: now), "records", "held \(part.held(until: now)) ms: \(record)")
        require(record.isListener == part.isListener, "records", "\(record)")
        require(record.isInternal == part.isInternal, "records", "\(record)")
        guard !end.isUntold else { return }
        require(record.cause == end.cause && record.hangupDevice == end.hangup, "records", "\(end) is not \(record)")
        require(
            record.continuedIn == end.continuedIn && record.transferredTo == end.transferredTo, "records",
            "\(end) is not \(record)")
        require(record.recordings == part.recordings, "records", "recordings \(part.recordings): \(record)")
        if let calling = part.calling, let called = part.called {
            require(record.callingDevice == calling && record.calledDevice == called, "E10", "\(record)")
        }
    }
}
