import CSTA
import SwitchDriver

extension ARIStateMachine {
    /// Recordings at one time: one for every second leg.
    static let maximumRecordings = maximumLegs / 2
    /// RecordingStarted follows the request within milliseconds, and RecordingFinished the stop.
    static let recordingLimit = Duration.seconds(5)

    /// How often a recording is asked for: once for each folder that may be made at the same time by another one.
    static let maximumRecordingAttempts = 5

    // MARK: - In

    /// Takes a recording in that is to begin, and each stop once; false if the command ends here.
    mutating func admit(_ command: SwitchCommand, for id: RecordingID, of namespace: Namespace) -> Bool {
        if let known = recordings[id], known.namespace != namespace {
            ignore(.unknownRecording, id.text)
            return false
        }
        switch command {
        case .startRecording(let request):
            guard recordings[id] == nil else {
                ignore(.duplicate, id.text)
                return false
            }
            guard id.isUsable, let name = request.recordingName, recordingOfName[name] == nil,
                recordings.count < Self.maximumRecordings
            else {
                ignore(.badRecording, request.path)
                act(.tell(namespace, .recordingEnded(id, isSuccess: false)))
                return false
            }
            add(Recording(namespace: namespace, name: name, mix: request.mix), as: id)
        case .stopRecording:
            guard recordings[id]?.isStopWanted != true else {
                ignore(.duplicate, id.text)
                return false
            }
            guard recordings[id] != nil || (id.isUsable && recordings.count < Self.maximumRecordings) else {
                act(.tell(namespace, .recordingEnded(id, isSuccess: false)))
                return false
            }
            recordings[id]?.isStopWanted = true
        default: return recordings[id] != nil || id.isUsable
        }
        return true
    }

    private mutating func add(_ recording: Recording, as id: RecordingID) {
        recordings[id] = recording
        recordingOfName[recording.name] = id
    }

    // MARK: - Through

    mutating func planRecording(_ request: RecordingRequest) -> [Job.Step] {
        guard recordings[request.recording] != nil else { return [] }
        guard mixes.contains(request.mix) else {
            end(request.recording, isSuccess: false)
            return []
        }
        return [.noteRecording, .record(request), .awaitRecording]
    }

    /// What has to be done before anything can be done about a recording.
    func recalled(_ id: RecordingID) -> [Job.Step] { recordings[id] == nil ? [.recallRecording] : [] }

    func request(for step: Job.Step, of id: RecordingID) -> ARIRequest? {
        if step == .recallRecording { return .global(id.variable) }
        guard let recording = recordings[id] else { return nil }
        return switch step {
        case .noteRecording: .setGlobal(id.variable, "\(recording.namespace.name) \(recording.name)")
        case .record(let request): .record(request.mix, name: recording.name)
        case .pauseRecording: .pauseRecording(recording.name)
        case .resumeRecording: .resumeRecording(recording.name)
        case .stopRecording: .stopRecording(recording.name)
        default: nil
        }
    }

    /// Finds a recording of before by its note.
    mutating func recall(_ job: Job, _ reply: JSON?) {
        guard let id = job.command.recording, recordings[id] == nil else { return }
        let note = reply?["value"]?.string?.split(separator: " ", maxSplits: 1).map(String.init) ?? []
        guard note.count == 2, note[0] == job.namespace.name, recordings.count < Self.maximumRecordings,
            recordingOfName[note[1]] == nil
        else { return }
        var recording = Recording(namespace: job.namespace, name: note[1])
        recording.isRunning = true
        if case .stopRecording = job.command { recording.isStopWanted = true }
        add(recording, as: id)
    }

    // MARK: - What came of it

    /// The only place where a recording's end is told: it is unknown from here on.
    mutating func end(_ id: RecordingID, isSuccess: Bool) {
        guard let recording = recordings.removeValue(forKey: id) else { return }
        recordingOfName[recording.name] = nil
        act(.send(.setGlobal(id.variable, nil), nil))
        act(.tell(recording.namespace, .recordingEnded(id, isSuccess: isSuccess)))
        hasBegun(id)
        for job in queues[.recording(id)] ?? [] where jobs[job]?.steps == nil { finish(job) }
    }

    /// The job that waits for the beginning of a recording goes on.
    private mutating func hasBegun(_ id: RecordingID) {
        for (ticket, awaited) in awaited {
            if case .recording(let job) = awaited, jobs[job]?.command.recording == id {
                self.awaited[ticket] = nil
                stepDone(job)
            }
        }
    }

    mutating func recordingChanged(_ name: String, _ state: ARIRecordingState) {
        // A bridge's come twice.
        guard let id = recordingOfName[name], let recording = recordings[id] else {
            return ignore(.unknownRecording, name)
        }
        switch state {
        case .started:
            guard !recording.isRunning else { return ignore(.duplicate, name) }
            runs(id, recording)
        case .finished:
            guard !recording.isOver else { return ignore(.duplicate, name) }
            recordings[id]?.isOver = true
            // Asterisk says "done" also when it could not write.
            if let mix = recording.mix, !recording.isStopWanted {
                act(.send(.bridge(mix), ticket(for: .whetherLeft(id))))
            } else {
                lookIntoStore(id)
            }
        case .failed: end(id, isSuccess: false)
        }
    }

    private mutating func runs(_ id: RecordingID, _ recording: Recording) {
        recordings[id]?.isRunning = true
        act(.tell(recording.namespace, .recordingStarted(id)))
        hasBegun(id)
    }

    /// Asterisk 22.10.1 also says that there is such a file if another recording was making the same folder just then.
    mutating func mayAgain(_ id: RecordingID, _ reply: ARIReply) -> Bool {
        guard reply == .refused(status: 409), let recording = recordings[id],
            recording.attempts + 1 < Self.maximumRecordingAttempts
        else { return false }
        recordings[id]?.attempts += 1
        return true
    }

    mutating func recordingFailed(_ job: Job, _ step: Job.Step, _ reply: ARIReply) {
        guard let id = job.command.recording else { return }
        if step == .recallRecording { return refused(job) }
        ignore(.requestRefused, "\(step): \(reply)")
        switch (job.command, reply) {
        case (.startRecording, .refused):
            // One that is there already, or a mix that is not.
            end(id, isSuccess: false)
        case (.startRecording, _), (.stopRecording, _): if recordings[id]?.isOver != true { lookAt(id) }
        default: return
        }
    }

    // MARK: - Whether it is still there

    /// After a stop RecordingFinished follows; if not, the driver looks.
    mutating func lookAfter(_ id: RecordingID) {
        guard recordings[id] != nil else { return }
        act(.setAlarm(ticket(for: .lookAfterRecording(id)), after: Self.recordingLimit))
    }

    mutating func lookAt(_ id: RecordingID) {
        guard let recording = recordings[id] else { return }
        act(.send(.liveRecording(recording.name), ticket(for: .whetherLive(id))))
    }

    mutating func isLive(_ id: RecordingID, _ reply: ARIReply) {
        guard let recording = recordings[id] else { return }
        switch reply {
        case .success(let json):
            let isQueued = json?["state"]?.string == "queued"
            if !isQueued, !recording.isRunning { runs(id, recording) }
            if recording.isStopWanted { act(.send(.stopRecording(recording.name), nil)) }
            if recording.isStopWanted || isQueued { lookAfter(id) }
        case .refused(status: 404): lookIntoStore(id)
        case .refused, .lost: lookAfter(id)
        }
    }

    private mutating func lookIntoStore(_ id: RecordingID) {
        guard let recording = recordings[id] else { return }
        act(.send(.storedRecording(recording.name), ticket(for: .whetherStored(id))))
    }

    /// One that ended unasked although somebody is still there could not be written.
    mutating func isLeft(_ id: RecordingID, _ reply: ARIReply) {
        if case .success(let bridge) = reply, bridge?["channels"]?.array?.isEmpty == false {
            ignore(.brokenOff, id.text)
            return end(id, isSuccess: false)
        }
        lookIntoStore(id)
    }

    mutating func isStored(_ id: RecordingID, _ reply: ARIReply) {
        switch reply {
        case .success: end(id, isSuccess: true)
        case .refused(status: 404): end(id, isSuccess: false)
        case .refused, .lost: lookAfter(id)
        }
    }

    /// What was missed while there was no link.
    mutating func recordingsAfterLink(isSameAsterisk: Bool) {
        for id in recordings.keys.sorted(by: { $0.text < $1.text }) {
            // An Asterisk that died has left a file whose head was not written.
            if isSameAsterisk { lookAt(id) } else { end(id, isSuccess: false) }
        }
    }
}
