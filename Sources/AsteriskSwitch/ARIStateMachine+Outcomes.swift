import CSTA
import SwitchDriver

extension ARIStateMachine {
    /// All steps of a job are done.
    mutating func completed(_ job: Job) {
        switch job.command {
        case .connect(let leg, let mix, _):
            tell(leg, .legConnected(leg, mix: mix))
            startRingback(in: mix)
        case .takeOut(let leg):
            legs[leg]?.mix = nil
            legs[leg]?.part = nil
            tell(leg, .legTakenOut(leg))
        case .hangUp(let leg, _): lookAfter(leg)
        case .answer(let id): if let leg = legs[id], leg.cameAnswered { up(id, leg.channel) }
        case .stopRecording(let id): lookAfter(id)
        case .dial, .startMusic, .stopMusic, .retrieveAtPhone, .endMix, .sayDigits, .play,
            .answerTransferRequest, .startRecording, .pauseRecording, .resumeRecording:
            return
        }
    }

    mutating func stepFailed(_ id: Job.ID, _ reply: ARIReply) {
        guard let job = jobs[id], let step = job.steps?.first else { return }
        if case .record(let request) = step, mayAgain(request.recording, reply) { return proceed(id) }
        switch job.command {
        case .dial(let request): dialFailed(request, step, reply)
        case .hangUp(let leg, _): lookAfter(leg)
        case .answer(let leg): answerFailed(leg, reply)
        case .startRecording, .stopRecording, .pauseRecording, .resumeRecording: recordingFailed(job, step, reply)
        case .endMix, .stopMusic, .startMusic, .sayDigits, .play, .answerTransferRequest:
            ignore(.requestRefused, "\(step): \(reply)")
        case .connect, .takeOut, .retrieveAtPhone: refused(job)
        }
        finish(id)
    }

    mutating func refused(_ job: Job) {
        ignore(.requestRefused, "\(job.command)")
        if case .stopRecording(let id) = job.command {
            act(.tell(job.namespace, .recordingEnded(id, isSuccess: false)))
        }
        if let leg = job.command.leg, legs[leg] != nil { tell(leg, .commandRefused(leg)) }
    }

    private mutating func dialFailed(_ request: DialRequest, _ step: Job.Step, _ reply: ARIReply) {
        let id = request.leg
        guard let leg = legs[id] else { return }
        ignore(.requestRefused, "\(step): \(reply)")
        if case .create = step {
            if reply == .lost { act(.send(.hangUp(leg.channel, reason: .named("normal")), nil)) }
            return end(id, leg.endWanted ?? creationFailure(request, reply))
        }
        // Gone already if 404 or 409: ChannelDestroyed tells why.
        if reply != .refused(status: 404), reply != .refused(status: 409) {
            legs[id]?.endSent = .normalTemporaryFailure
        }
        act(.send(.hangUp(leg.channel, reason: .named("normal")), nil))
        lookAfter(id)
    }

    private func creationFailure(_ request: DialRequest, _ reply: ARIReply) -> HangupCause {
        switch (reply, request.endpoint) {
        // "Allocation failed": there is no way to the endpoint.
        case (.refused(status: 500), .phone): .subscriberAbsent
        case (.refused(status: 500), .external): .networkOutOfOrder
        case (.refused(status: 409), _): .requestedChannelUnavailable
        default: .normalTemporaryFailure
        }
    }

    private mutating func answerFailed(_ id: LegID, _ reply: ARIReply) {
        guard let leg = legs[id] else { return }
        ignore(.requestRefused, "answer \(id): \(reply)")
        if let successor = leg.successor {
            legOfChannel[successor] = nil
            legs[id]?.successor = nil
            act(.send(.hangUp(successor, reason: .named("normal")), nil))
        }
        tell(id, .commandRefused(id))
    }

    // MARK: - What is dialled

    /// `PJSIP/8001`, `PJSIP/18005551000@pstn`; nil if there is no such line, or the number is none.
    func dialString(_ request: DialRequest, of namespace: Namespace) -> String? {
        switch request.endpoint {
        case .phone(let device):
            guard device.isIn(namespace) else { return nil }
            return lines.phone(device).map { "PJSIP/" + $0.endpoint }
        case .external(let number, let group, let member):
            guard DeviceID.isNumber(number) else { return nil }
            return lines.trunk(group: group, member: member, of: namespace).map { "PJSIP/\(number)@\($0.endpoint)" }
        }
    }

    func creation(
        _ request: DialRequest, _ channel: String, _ answersItself: Bool, of namespace: Namespace
    ) -> ARIRequest? {
        guard let dialString = dialString(request, of: namespace) else { return nil }
        // What a phone shows is the connected line: CALLERID is its own number here.
        let number = request.presenting.number.printable
        let name = request.presenting.name?.printable ?? ""
        // With ari-only a REFER of the phone moves nothing by itself.
        if answersItself {
            return .create(
                channel, dialString: dialString, application: application,
                variables: [
                    ARIRequest.namespaceVariable: namespace.name, "PJSIP_TRANSFER_HANDLING()": "ari-only",
                    "CONNECTEDLINE(num,i)": number, "CONNECTEDLINE(name)": name,
                    "PJSIP_HEADER(add,Call-Info)": "<sip:127.0.0.1>;answer-after=0",
                ])
        }
        return .create(
            channel, dialString: dialString, application: application,
            variables: [
                ARIRequest.namespaceVariable: namespace.name, "PJSIP_TRANSFER_HANDLING()": "ari-only",
                "CONNECTEDLINE(num,i)": number, "CONNECTEDLINE(name)": name,
            ])
    }
}

extension String {
    /// Longest number or name that is shown.
    private static let maximumShownCharacters = 80

    /// Without control characters and quotes, so that nothing outside the display name can come of it.
    fileprivate var printable: String {
        String(
            unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F && !"\"\\<>".unicodeScalars.contains($0) }
                .prefix(Self.maximumShownCharacters).map(Character.init))
    }
}
