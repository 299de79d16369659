import CSTA
import SwitchDriver

/// One input on its way through the rules: when it came, and what comes of it.
struct Step {
    let now: Instant
    let localTime: LocalTime
    /// What is being done: the input itself, or one that had waited. Nil where nothing can have to wait.
    var input: Input?
    var effects: [Effect] = []
    /// Recordings that have been given up: what waits for them goes on when the input is done.
    var abandoned: [RecordingID] = []
    /// Whether it is found out what has happened while the switch was away.
    var isReconciling = false
    /// Devices that have become free and are not set up any more.
    var freed: [DeviceID] = []

    mutating func tell(_ command: SwitchCommand) { effects.append(.switchCommand(command)) }
    mutating func ignore(_ reason: IgnoredReason) { effects.append(.ignored(reason)) }

    mutating func set(_ timer: TimerID, afterSeconds seconds: Int) {
        effects.append(.setTimer(timer, at: now.advanced(bySeconds: seconds)))
    }
}

extension Tenant {
    /// Takes one input and says what is to be done: the only way in which a tenant changes.
    ///
    /// The cost of an input does not grow with the number of calls, agents or devices, but for
    /// ``SwitchEvent/linkUp(_:)``, ``Input/resumed``, ``Input/configured(_:)`` and ``TimerID/sweep``, which look at all of them,
    /// and for a caller's position in a split's queue, which is counted out when it is said (``SplitProfile/announceSeconds``).
    ///
    /// - Parameter now: not before the moment of the input before; an earlier one does no harm but to the times shown.
    public mutating func apply(_ input: Input, at now: Instant) -> [Effect] {
        var step = Step(now: now, localTime: localTime(at: now))
        step.effects.reserveCapacity(Self.usualEffects)
        take(input, &step)
        while let recording = step.abandoned.popLast() { proceed(after: recording, &step) }
        distribute(&step)
        for device in step.freed { drop(device) }
        return step.effects
    }

    func localTime(at now: Instant) -> LocalTime {
        LocalTime(milliseconds: now.milliseconds, offsetSeconds: configuration.zone.offset(at: now))
    }

    /// Most inputs lead to no more.
    private static var usualEffects: Int { 4 }

    /// Does what an input says, unless it has to wait.
    mutating func take(_ input: Input, _ step: inout Step) {
        if !postponed.isEmpty, postpones(input) { return }
        step.input = recordings.isEmpty ? nil : input
        switch input {
        case .command(let command, let requester, let request):
            let reply: Reply?
            do throws(Refusal) {
                reply = try perform(command, by: requester, &step)
            } catch {
                reply = .refused(error)
            }
            if let reply { step.effects.append(.reply(request, reply)) }
        case .switchEvent(let event, let newCall): handle(event, newCall: newCall, &step)
        case .timer(let timer): fire(timer, &step)
        case .resumed: resume(&step)
        case .configured(let configuration): configure(configuration, &step)
        }
    }

    /// Refuses by throwing, before anything has changed. Without a reply it waits, and is done later.
    private mutating func perform(
        _ command: Command, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply? {
        switch command {
        case .logIn(let agent, let device, let mode): try logIn(agent, on: device, mode: mode, by: requester, &step)
        case .logOut(let agent): try requestLogOut(agent, by: requester, &step)
        case .setMode(let agent, let mode, let reason):
            try setMode(of: agent, to: mode, reason: reason, by: requester, &step)
        case .heartbeat(let agent): try heartbeat(of: agent, by: requester, &step)
        case .makeCall(let request): try makeCall(request, by: requester, &step)
        case .answerCall(let connection): try answerCall(connection, by: requester, &step)
        case .clearConnection(let connection): try clearConnection(connection, by: requester, &step)
        case .holdCall(let connection): try holdCall(connection, by: requester, &step)
        case .retrieveCall(let connection): try retrieveCall(connection, by: requester, &step)
        case .singleStepTransferCall(let connection, let to, let returns):
            try singleStepTransfer(connection, to: to, returns: returns, by: requester, &step)
        case .singleStepConferenceCall(let connection, let participant, let isSilent):
            try singleStepConference(connection, participant: participant, isSilent: isSilent, by: requester, &step)
        case .consultationCall(let connection, let participant, let call):
            try consult(connection, participant: participant, newCall: call, by: requester, &step)
        case .cancelConsultation(let held, let consultation):
            try cancelConsultation(held: held, consultation: consultation, by: requester, &step)
        case .transferCall(let held, let active, let returns):
            try transfer(held: held, active: active, returns: returns, by: requester, &step)
        case .conferenceCall(let held, let active): try conference(held: held, active: active, by: requester, &step)
        case .listen(let call, let device): try listen(to: call, device: device, by: requester, &step)
        case .agentGreeting(let call, let agent, let device):
            try greet(in: call, agent, at: device, by: requester, &step)
        case .setUserData(let call, let userData): try setUserData(of: call, userData, by: requester)
        case .startRecording(let device): try startRecording(of: device, by: requester, &step)
        case .stopRecording(let device): try stopRecording(of: device, by: requester, &step)
        case .placeOutboundCall(let order): try placeOutboundCall(order, by: requester, &step)
        case .release(let agent): try release(agent, by: requester, &step)
        case .releaseCampaign(let campaign): try releaseCampaign(campaign, by: requester, &step)
        case .answerPreview(let agent, let isAccepted):
            try answerPreview(of: agent, isAccepted: isAccepted, by: requester, &step)
        case .drain: drain()
        }
    }

    private mutating func drain() -> Reply {
        isDraining = true
        return .done
    }

    private mutating func fire(_ timer: TimerID, _ step: inout Step) {
        switch timer {
        case .answer(let call): answerTimeExpired(call, &step)
        case .listening(let leg): listeningTimeExpired(leg, &step)
        case .recording(let id): recordingTimeExpired(id, &step)
        case .clearing(let leg): clearingTimeExpired(leg, &step)
        case .heartbeat(let agent): heartbeatTimeExpired(agent, &step)
        case .waitLimit(let call): waitLimitExpired(call, &step)
        case .wrapUp(let agent): wrapUpExpired(agent, &step)
        case .announcement(let call): announcementDue(call, &step)
        case .allocation(let agent): allocationExpired(agent, &step)
        case .redial(let agent): redial(agent, &step)
        case .sweep: sweep(&step)
        }
    }

    /// Sets the timers of what the journal gave back. Clients get a whole heartbeat's time to come back.
    private mutating func resume(_ step: inout Step) {
        step.set(.sweep, afterSeconds: Self.sweepSeconds)
        forgetDeadlines()
        for (agent, login) in droppedLogins { record(login, of: agent, &step) }
        droppedLogins = []
        for agent in agentsInOrder {
            updateFree(agent, &step)
            guard let login = agents[agent]?.login else { continue }
            setHeartbeatTimer(agent, &step)
            resumeWrapUp(agent, login, &step)
        }
        expelWhoMayNotStay(&step)
        resumeOutbound(&step)
        for call in callsInOrder {
            resumeWaiting(call, &step)
            setAnnouncementLimit(call, &step)
            for connection in call.connections {
                // Who waits in a queue is answered by whom that is offered to; who hears an announcement, by nobody.
                if connection.answerTime == nil, connection.device != call.queue?.caller, call.announcement == nil {
                    step.set(call.answerTimer(of: connection), afterSeconds: ringLimit(of: connection, in: call))
                }
                if connection.isClearing { setClearingTimer(connection.leg, &step) }
                if let recording = connection.recording, !recording.isRunning || recording.isStopping {
                    step.set(.recording(recording.id), afterSeconds: configuration.limits.recordingSeconds)
                }
            }
        }
    }
}
