import CSTA
import SwitchDriver

// Recordings (E18): when they begin, pause and end. How their end is waited for stands in Tenant+Waiting.swift.
extension Tenant {
    mutating func startRecording(
        of device: DeviceID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        let id = try talking(device, for: requester)
        guard configuration.recording.mode != .forbidden else { throw .recordingForbidden }
        guard connection(id)?.recording == nil else { throw .alreadyRecording(state(of: device, in: id.call)) }
        try requireSwitch()
        guard var call = calls.removeValue(forKey: id.call), let index = call.index(of: device) else {
            throw .noSuchCall
        }
        startRecording(&call, index, &step)
        put(call)
        return .done
    }

    mutating func stopRecording(
        of device: DeviceID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        let id = try talking(device, for: requester)
        guard configuration.recording.mode != .forbidden else { throw .recordingForbidden }
        guard let recording = connection(id)?.recording, !recording.isStopping else {
            throw .notRecording(state(of: device, in: id.call))
        }
        try requireSwitch()
        stop(recording.id, &step)
        return .done
    }

    /// The call that a device talks in, or holds.
    private func talking(_ device: DeviceID, for requester: Requester) throws(Refusal) -> ConnectionID {
        guard let phone = devices[device] else { throw .noSuchDevice }
        guard requester.role.supervises || phone.agent == requester.agent else { throw .notYours }
        let candidates = phone.calls.map { ConnectionID(device: device, call: $0) }
            .filter { connection($0)?.answerTime != nil && connection($0)?.part != .listener }
        guard
            let id = candidates.first(where: { connection($0)?.state == .connect }) ?? candidates.first
        else { throw .wrongState(phone.calls.last.map { state(of: device, in: $0) } ?? .none) }
        return id
    }

    /// Starts what the tenant wants recorded without being asked: each internal device with an agent, once a call.
    mutating func recordByPolicy(_ call: inout Call, _ step: inout Step) {
        let policy = configuration.recording.mode
        guard policy != .forbidden else { return }
        for index in call.connections.indices where call.connections[index].mayBeRecorded {
            guard let phone = devices[call.connections[index].device], phone.agent != nil,
                phone.profile.recordsCalls ?? (policy == .automatic)
            else { continue }
            startRecording(&call, index, &step)
        }
    }

    private mutating func startRecording(_ call: inout Call, _ index: Int, _ step: inout Step) {
        let device = call.connections[index].device
        call.recordingCount += 1
        let id = RecordingID("\(call.id.text)-r\(call.recordingCount)")
        let path = recordingPath(of: device, &call, step)
        call.connections[index].recording = Recording(id: id, path: path)
        recordings[id] = ConnectionID(device: device, call: call.id)
        step.tell(.startRecording(RecordingRequest(recording: id, mix: call.mix, path: path)))
        if call.connections[index].state == .hold { step.tell(.pauseRecording(id)) }
        step.set(.recording(id), afterSeconds: configuration.limits.recordingSeconds)
    }

    /// E18; no two recordings of a call are of the same second.
    private func recordingPath(of device: DeviceID, _ call: inout Call, _ step: Step) -> String {
        var moment = step.now
        if let last = call.lastRecording, moment.milliseconds / 1000 <= last.milliseconds / 1000 {
            moment = last.advanced(bySeconds: 1)
        }
        call.lastRecording = moment
        let parts = LocalTime(
            milliseconds: moment.milliseconds, offsetSeconds: configuration.zone.offset(at: moment)
        ).parts
        return
            "\(namespace.name)/\(parts[0])/\(parts[1])\(parts[2])/\(device.text)/\(parts.joined())_\(call.id.text).wav"
    }

    mutating func stop(_ id: RecordingID, _ step: inout Step) {
        guard let owner = recordings[id], connection(owner)?.recording?.isStopping == false else { return }
        update(owner) { $0.recording?.isStopping = true }
        step.tell(.stopRecording(id))
        step.set(.recording(id), afterSeconds: configuration.limits.recordingSeconds)
    }

    /// Held time is not recorded.
    mutating func pauseRecording(_ call: inout Call, _ index: Int, _ step: inout Step) {
        guard let recording = call.connections[index].recording else { return }
        let isHeld = call.connections[index].state == .hold
        step.tell(isHeld ? .pauseRecording(recording.id) : .resumeRecording(recording.id))
    }

    // MARK: What the switch says

    mutating func recordingStarted(_ id: RecordingID, _ step: inout Step) {
        guard let owner = recordings[id], var call = calls.removeValue(forKey: owner.call),
            let index = call.index(of: owner.device), var recording = call.connections[index].recording
        else {
            step.tell(.stopRecording(id))
            return step.ignore(.unknownRecording)
        }
        if recording.isRunning {
            step.ignore(.repeated)
        } else {
            recording.isRunning = true
            call.connections[index].recording = recording
            if !recording.isStopping { step.effects.append(.cancelTimer(.recording(id))) }
            tellStarted(recording, isSuccess: true, call, owner.device, &step)
        }
        put(call)
    }

    mutating func recordingEnded(_ id: RecordingID, isSuccess: Bool, _ step: inout Step) {
        guard let owner = recordings.removeValue(forKey: id), var call = calls.removeValue(forKey: owner.call),
            let index = call.index(of: owner.device), let recording = call.connections[index].recording
        else { return endingRecordings.remove(id) == nil ? step.ignore(.unknownRecording) : () }
        step.effects.append(.cancelTimer(.recording(id)))
        finish(recording, isSuccess: isSuccess, &call, index, &step)
        put(call)
        proceed(after: id, &step)
    }

    /// The switch has said nothing in time: it has failed to.
    mutating func recordingTimeExpired(_ id: RecordingID, _ step: inout Step) {
        guard recordings[id] != nil else { return step.ignore(.unknownTimer) }
        recordingEnded(id, isSuccess: false, &step)
        end(id, &step)
    }

    /// Ends a recording of which nothing more will be told.
    private mutating func end(_ id: RecordingID, _ step: inout Step) {
        if endingRecordings.count < configuration.limits.maximumCalls { endingRecordings.insert(id) }
        step.tell(.stopRecording(id))
    }

    private mutating func finish(
        _ recording: Recording, isSuccess: Bool, _ call: inout Call, _ index: Int, _ step: inout Step
    ) {
        let device = call.connections[index].device
        call.connections[index].recording = nil
        call.connections[index].history.recordings.append(fileName(recording))
        guard recording.isRunning else {
            return tellStarted(recording, isSuccess: false, call, device, &step)
        }
        send(
            RecordingEvent(device: device, recording: recording.id.text, isSuccess: isSuccess, detail: .stopped),
            in: call, to: device, &step)
    }

    /// A device leaves whose recording nobody has waited for, as when the switch does not answer.
    mutating func abandonRecording(_ call: inout Call, _ index: Int, _ step: inout Step) {
        guard let recording = call.connections[index].recording else { return }
        recordings[recording.id] = nil
        step.effects.append(.cancelTimer(.recording(recording.id)))
        end(recording.id, &step)
        finish(recording, isSuccess: false, &call, index, &step)
        step.abandoned.append(recording.id)
    }

    private mutating func tellStarted(
        _ recording: Recording, isSuccess: Bool, _ call: borrowing Call, _ device: DeviceID, _ step: inout Step
    ) {
        let detail = RecordingEvent.Detail.started(call: call.id, fileName: fileName(recording))
        send(
            RecordingEvent(device: device, recording: recording.id.text, isSuccess: isSuccess, detail: detail),
            in: call, to: device, &step)
    }

    private func fileName(_ recording: Recording) -> String {
        configuration.recording.root.isEmpty ? recording.path : "\(configuration.recording.root)/\(recording.path)"
    }
}

extension Connection {
    /// Whether the tenant's policy is about it: it talks, and nothing of it has been recorded yet.
    fileprivate var mayBeRecorded: Bool {
        isInternal && part != .listener && answerTime != nil && recording == nil && history.recordings.isEmpty
    }
}
