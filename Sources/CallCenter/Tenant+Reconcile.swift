import CSTA
import SwitchDriver

extension Tenant {
    /// What a connection ends with when its leg was gone after the link to the switch came back: why, nobody knows.
    static var lostLegCause: HangupCause { .normalTemporaryFailure }

    /// The link is there: makes what is believed and what is up the same, by the rules for what happened unseen.
    mutating func reconcile(with snapshot: SwitchSnapshot, _ step: inout Step) {
        isSwitchUp = true
        forgetDeadlines()
        step.isReconciling = true
        defer { step.isReconciling = false }
        for device in devices.keys { devices[device]?.isRegistered = snapshot.registered.contains(device) }
        // Whatever came while the link was down has been offered to nobody; who was free first is first again.
        for agent in agents.values.filter({ $0.login != nil }).sorted(by: Self.isReadyLonger) {
            touch(agent.profile.id)
        }
        endingLegs.formIntersection(snapshot.legs.keys)
        // What waits and tells where a leg was before is told anew by what follows.
        for call in postponed.keys { postponed[call]?.inputs.removeAll(where: \.tellsWhereLegIs) }
        // Commands that were under way when the link was lost may not have been carried out.
        for call in calls.values.sorted(by: { ($0.began, $0.id.text) < ($1.began, $1.id.text) }) {
            for connection in call.connections {
                if let recording = connection.recording, recording.isStopping {
                    step.tell(.stopRecording(recording.id))
                }
                reconcile(connection, snapshot.legs[connection.leg], call.id, &step)
            }
        }
        for recording in endingRecordings.sorted(by: { $0.text < $1.text }) { step.tell(.stopRecording(recording)) }
        for leg in snapshot.legs.keys.sorted(by: { $0.text < $1.text }) where legs[leg] == nil {
            if !endingLegs.contains(leg) { step.ignore(.unknownLeg) }
            end(leg, .normalClearing, &step)
        }
    }

    private static func isReadyLonger(_ a: Agent, _ b: Agent) -> Bool {
        guard let first = a.login?.since, let second = b.login?.since, first != second else {
            return a.profile.id.text < b.profile.id.text
        }
        return first < second
    }

    /// Commands that were given while the link was down have not been carried out: says again where a leg belongs.
    private mutating func reassert(_ id: ConnectionID, _ step: inout Step) {
        guard var call = calls[id.call], let index = call.index(of: id.device) else { return }
        let connection = call.connections[index]
        if connection.request == .hold {
            if waitingConsultation(of: id.device, from: id.call) != nil { return step.tell(.takeOut(connection.leg)) }
            // Whether it was carried out is not known: it begins anew from the mix.
            call.connections[index].request = nil
            updateMusic(&call, &step)
            put(call)
        } else if connection.holds.contains(.byService), connection.request == nil {
            return
        }
        if let entry = call.queue, entry.caller == id.device {
            step.tell(.connect(connection.leg, mix: call.mix, as: connection.mixPart))
            if entry.isAnswered { step.tell(.startMusic(call.mix)) }
            return
        }
        if call.announcement != nil {
            step.tell(.connect(connection.leg, mix: call.mix))
            if connection.legState == .up { play(in: call, &step) }
            return
        }
        // One that rings may have been moved here from another call; one that listens comes in when it answers.
        let isComing = connection.answerTime == nil && connection.isCalled && connection.part == .party
        guard connection.answerTime != nil || isComing, legs[connection.leg] == id.call else { return }
        step.tell(.connect(connection.leg, mix: MixID(id.call), as: connection.mixPart))
    }

    private mutating func reconcile(
        _ connection: Connection, _ found: SwitchSnapshot.LegState?, _ call: CallID, _ step: inout Step
    ) {
        guard legs[connection.leg] != nil else { return }  // It has ended with the one before it.
        if found != nil { reassert(ConnectionID(device: connection.device, call: call), &step) }
        let isToBeUp =
            connection.state == .connect || calls[call]?.announcement != nil
            || calls[call]?.queue.map { $0.isAnswered && $0.caller == connection.device } == true
        switch (found, connection.legState) {
        case (nil, _):
            happened(.legEnded(connection.leg, cause: Self.lostLegCause), &step)
            // It may have been dialled after the snapshot was made, by a command that was under way.
            end(connection.leg, Self.lostLegCause, &step)
        case (_, _) where connection.isClearing: step.tell(.hangUp(connection.leg, cause: .normalClearing))
        case (.up, .dialling), (.up, .ringing): happened(.legAnswered(connection.leg), &step)
        case (.up, .waiting) where isToBeUp: happened(.legAnswered(connection.leg), &step)
        case (.pending, .waiting) where isToBeUp: step.tell(.answer(connection.leg))
        case (.ringing, .dialling): happened(.legRinging(connection.leg), &step)
        default: break
        }
        setRingTimer(ConnectionID(device: connection.device, call: call), &step)
    }

    /// The time of somebody whom a split has called does not run out while the link is down.
    private mutating func setRingTimer(_ id: ConnectionID, _ step: inout Step) {
        guard let call = calls[id.call], let connection = call.connection(of: id.device), connection.isOffered,
            let seconds = connection.split.flatMap({ splits[$0]?.profile.ringSeconds })
        else { return }
        step.set(call.answerTimer(of: connection), afterSeconds: seconds)
    }

    /// Something that was not told when it happened. It may have to wait; the snapshot, which tells of this moment, must not.
    private mutating func happened(_ event: SwitchEvent, _ step: inout Step) {
        take(.switchEvent(event), &step)
    }
}

extension Input {
    fileprivate var tellsWhereLegIs: Bool {
        switch self {
        case .switchEvent(.legConnected, _), .switchEvent(.legTakenOut, _), .switchEvent(.commandRefused, _): true
        default: false
        }
    }
}
