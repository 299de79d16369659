import CSTA
import SwitchDriver

extension ARIStateMachine {
    // MARK: - In

    mutating func handle(_ command: SwitchCommand, of namespace: Namespace) {
        guard linked else { return ignore(.commandWhileDown, "\(command.leg?.text ?? "")") }
        if case .dial(let request) = command {
            guard admit(request, of: namespace) else { return }
        } else if let leg = command.leg, legs[leg]?.namespace != namespace {
            ignore(.unknownLeg, leg.text)
            if command.isRefusedAloud { act(.tell(namespace, .commandRefused(leg))) }
            return
        }
        if let recording = command.recording, !admit(command, for: recording, of: namespace) { return }
        if case .hangUp(let leg, let cause) = command {
            guard legs[leg]?.endWanted == nil else { return ignore(.duplicate, leg.text) }
            legs[leg]?.endWanted = cause
            cutShort(leg)
            guard legs[leg] != nil else { return }
        }
        enqueue(command, of: namespace)
    }

    /// Takes a leg in that is to be dialled; tells why not.
    private mutating func admit(_ request: DialRequest, of namespace: Namespace) -> Bool {
        let id = request.leg
        guard legs[id] == nil else {
            ignore(.duplicate, id.text)
            act(.tell(namespace, .commandRefused(id)))
            return false
        }
        guard id.isUsable, legs.count < Self.maximumLegs else {
            ignore(.tooManyLegs, id.text)
            act(.tell(namespace, .legEnded(id, cause: .switchCongestion)))
            return false
        }
        var leg = Leg(namespace: namespace, dialled: true, channel: id.text)
        leg.request = request
        if case .phone(let device) = request.endpoint { leg.phone = lines.phone(device) }
        add(leg, as: id)
        return true
    }

    /// A hang-up overtakes a dial that waits, or has not come to its INVITE.
    private mutating func cutShort(_ id: LegID) {
        for job in queues[.leg(id)] ?? [] {
            guard let running = jobs[job], case .dial = running.command else { continue }
            if running.steps == nil {
                end(id, legs[id]?.endWanted ?? .originatorCancel)
                return finish(job)
            }
            for (ticket, awaited) in awaited where awaited == .stasis(job) {
                self.awaited[ticket] = nil
                finish(job)
            }
        }
    }

    private mutating func enqueue(_ command: SwitchCommand, of namespace: Namespace) {
        var resources: [Job.Resource] = []
        if let leg = command.leg {
            resources.append(.leg(leg))
            if let planned = legs[leg]?.plannedMix { resources.append(.mix(planned)) }
        }
        if let recording = command.recording { resources.append(.recording(recording)) }
        let mix = command.mix ?? command.recording.flatMap { recordings[$0]?.mix }
        if let mix, !resources.contains(.mix(mix)) { resources.append(.mix(mix)) }
        // What ends a leg or a recording comes once for each, so that it needs no bound and is never refused.
        if resources.contains(where: { queues[$0, default: []].count >= Self.maximumJobsPerQueue }), !command.isEnding {
            return refuse(command, of: namespace)
        }
        switch command {
        case .dial(let request): legs[request.leg]?.plannedMix = request.mix
        case .connect(let leg, let mix, _): legs[leg]?.plannedMix = mix
        case .takeOut(let leg): legs[leg]?.plannedMix = nil
        default: break
        }
        let job = Job(id: nextNumber(), command: command, namespace: namespace, resources: resources)
        jobs[job.id] = job
        for resource in resources { queues[resource, default: []].append(job.id) }
        ready.append(job.id)
    }

    private mutating func refuse(_ command: SwitchCommand, of namespace: Namespace) {
        ignore(.queueFull, command.leg?.text ?? command.mix?.text ?? "")
        switch command {
        case .dial(let request): end(request.leg, .switchCongestion)
        case .startRecording(let request): end(request.recording, isSuccess: false)
        case .answerTransferRequest: return
        default: if let leg = command.leg { act(.tell(namespace, .commandRefused(leg))) }
        }
    }

    // MARK: - Through

    mutating func runReadyJobs() {
        while let id = ready.first {
            ready.removeFirst()
            guard let job = jobs[id], job.steps == nil, job.resources.allSatisfy({ queues[$0]?.first == id }) else {
                continue
            }
            guard let steps = plan(job) else {
                if let leg = job.command.leg, job.command.isRefusedAloud {
                    act(.tell(job.namespace, .commandRefused(leg)))
                }
                finish(id)
                continue
            }
            jobs[id]?.steps = steps
            proceed(id)
        }
    }

    /// The requests of a command, as things are now; nil if it cannot be carried out.
    private mutating func plan(_ job: Job) -> [Job.Step]? {
        switch job.command {
        case .dial(let request): return planDial(request)
        case .answer(let id):
            guard let leg = legs[id] else { return nil }
            guard leg.dialled else { return [.answer] }
            return leg.state == .ringing ? planRemoteAnswer(id, leg) : nil
        case .connect(let leg, let mix, let part):
            guard let leg = legs[leg] else { return nil }
            // Adding it anew would take it out first, which ends the recording of a mix with nobody else in it.
            return leg.mix == mix && leg.part == part ? [] : ensured(mix) + [.add(mix, part)]
        case .takeOut(let leg): return legs[leg]?.mix.map { [.remove($0)] }
        case .startMusic(let mix): return ensured(mix) + [.startMusic(mix)]
        case .stopMusic(let mix): return mixes.contains(mix) ? [.stopMusic(mix)] : []
        case .retrieveAtPhone(let leg):
            return hasManager && legs[leg]?.phone?.remoteAnswer == .notifyTalk ? [.talk] : nil
        case .hangUp(let leg, let cause): return legs[leg] == nil ? nil : [.hangUp(cause)]
        case .endMix(let mix): return mixes.remove(mix) == nil ? [] : [.endBridge(mix)]
        case .sayDigits(let digits, let mix):
            return mixes.contains(mix) && digits.areSayable ? [.sayDigits(digits, mix)] : []
        case .play(let sound, let mix): return mixes.contains(mix) ? [.play(sound, mix)] : []
        case .answerTransferRequest(let leg, let isAccepted):
            return legs[leg]?.asksForTransfer == true ? [.answerTransfer(isAccepted: isAccepted)] : []
        case .startRecording(let request): return planRecording(request)
        case .pauseRecording(let id): return recalled(id) + [.pauseRecording]
        case .resumeRecording(let id): return recalled(id) + [.resumeRecording]
        case .stopRecording(let id): return recalled(id) + [.stopRecording]
        }
    }

    private func ensured(_ mix: MixID) -> [Job.Step] { mixes.contains(mix) ? [] : [.makeBridge(mix)] }

    private mutating func planDial(_ request: DialRequest) -> [Job.Step] {
        let id = request.leg
        guard let leg = legs[id] else { return [] }
        if case .phone(let device) = request.endpoint, !isRegistered(device) {
            end(id, .subscriberAbsent)
            return []
        }
        guard dialString(request, of: leg.namespace) != nil else {
            end(id, .invalidNumberFormat)
            return []
        }
        let answersItself = request.answersItself && leg.phone?.remoteAnswer == .autoAnswerHeader
        let joining = request.mix.map { ensured($0) + [.add($0, .talker)] } ?? []
        return [.create(channel: leg.channel, answersItself: answersItself), .enterStasis] + joining
            + [.invite(channel: leg.channel, limitSeconds: request.ringLimitSeconds)]
    }

    private mutating func planRemoteAnswer(_ id: LegID, _ leg: Leg) -> [Job.Step]? {
        switch leg.phone?.remoteAnswer {
        case .notifyTalk: return hasManager ? [.talk] : nil
        case .autoAnswerHeader:
            guard leg.request != nil, leg.successor == nil else { return nil }
            let successor = id.successorChannel
            legs[id]?.successor = successor
            legs[id]?.successorMix = leg.mix
            legOfChannel[successor] = id
            let part = leg.part ?? .talker
            let joining = leg.mix.map { ensured($0) + [.addChannel(successor, $0, part)] } ?? []
            return [.create(channel: successor, answersItself: true), .enterStasis] + joining
                + [.invite(channel: successor, limitSeconds: Self.successorLimitSeconds)]
        case .some(.none), nil: return nil
        }
    }

    /// A phone that answers by itself does so at once, or not at all.
    private static let successorLimitSeconds = 3

    /// Sends the step that is next; ends the job when there is none.
    mutating func proceed(_ id: Job.ID) {
        guard let job = jobs[id] else { return }
        let leg = job.command.leg.flatMap { legs[$0] }
        if case .dial = job.command, leg == nil || leg?.endWanted != nil {
            // It has ended, or its hang-up is next in the queue.
            return finish(id)
        }
        guard let step = job.steps?.first else {
            completed(job)
            return finish(id)
        }
        if step == .enterStasis {
            let hasEntered = leg?.successor == nil ? leg?.entered : leg?.successorEntered
            if hasEntered == true { return stepDone(id) }
            return act(.setAlarm(ticket(for: .stasis(id)), after: Self.stasisLimit))
        }
        if step == .talk {
            guard let leg else { return finish(id) }
            return act(.talk(channel: leg.channel, ticket(for: .step(id))))
        }
        if step == .awaitRecording {
            guard let recording = job.command.recording.flatMap({ recordings[$0] }), !recording.isRunning else {
                return stepDone(id)
            }
            return act(.setAlarm(ticket(for: .recording(id)), after: Self.recordingLimit))
        }
        guard let request = request(for: step, of: job, leg) else {
            refused(job)
            return finish(id)
        }
        if case .hangUp(let cause) = step, let leg = job.command.leg { legs[leg]?.endSent = cause }
        act(.send(request, ticket(for: .step(id))))
    }

    private func request(for step: Job.Step, of job: Job, _ leg: Leg?) -> ARIRequest? {
        switch step {
        case .makeBridge(let mix): return .makeBridge(mix, name: Self.bridgeName(job.namespace))
        case .startMusic(let mix): return .startMusic(mix)
        case .stopMusic(let mix): return .stopMusic(mix)
        case .endBridge(let mix): return .endBridge(mix)
        case .addChannel(let channel, let mix, let part): return .add(channel, to: mix, as: part)
        case .sayDigits(let digits, let mix): return .sayDigits(digits, to: mix)
        case .play(let sound, let mix): return .play(sound, to: mix)
        case .enterStasis, .talk, .awaitRecording: return nil
        case .create(let channel, let answersItself):
            return leg?.request.flatMap { creation($0, channel, answersItself, of: job.namespace) }
        case .invite(let channel, let limit): return .dial(channel, timeoutSeconds: min(max(limit, 1), 3600))
        case .add(let mix, let part): return leg.map { .add($0.channel, to: mix, as: part) }
        case .answerTransfer(let isAccepted): return leg.map { .answerTransfer($0.channel, isAccepted: isAccepted) }
        case .recallRecording, .noteRecording, .record, .pauseRecording, .resumeRecording, .stopRecording:
            return job.command.recording.flatMap { request(for: step, of: $0) }
        case .answer: return leg.map { .answer($0.channel) }
        case .remove(let mix): return leg.map { .remove($0.channel, from: mix) }
        case .hangUp(let cause): return leg.map { .hangUp($0.channel, reason: HangupReason(cause)) }
        }
    }

    /// - reply: what Asterisk's answer had in it.
    mutating func stepDone(_ id: Job.ID, _ reply: JSON? = nil) {
        guard let job = jobs[id], var steps = job.steps, !steps.isEmpty else { return }
        switch (steps[0], job.command.leg) {
        case (.makeBridge(let mix), _): mixes.insert(mix)
        case (.add(let mix, let part), let leg?):
            legs[leg]?.mix = mix
            legs[leg]?.part = part
        case (.endBridge(let mix), _): for leg in legs.keys where legs[leg]?.mix == mix { legs[leg]?.mix = nil }
        case (.invite, let leg?): legs[leg]?.invited = true
        case (.answerTransfer, let leg?): legs[leg]?.asksForTransfer = false
        case (.recallRecording, _): recall(job, reply)
        default: break
        }
        steps.removeFirst()
        jobs[id]?.steps = steps
        proceed(id)
    }

    mutating func finish(_ id: Job.ID) {
        guard let job = jobs.removeValue(forKey: id) else { return }
        for resource in job.resources {
            queues[resource]?.removeAll { $0 == id }
            if let next = queues[resource]?.first { ready.append(next) } else { queues[resource] = nil }
        }
    }
}

extension SwitchCommand {
    fileprivate var isEnding: Bool {
        switch self {
        case .hangUp, .stopRecording: true
        default: false
        }
    }
}

extension String {
    /// More would be no number that somebody listens to.
    private static let maximumDigitsSaid = 40

    fileprivate var areSayable: Bool {
        !isEmpty && utf8.count <= Self.maximumDigitsSaid && allSatisfy { "0123456789*#".contains($0) }
    }
}
