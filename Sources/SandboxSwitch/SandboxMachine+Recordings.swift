import CSTA
public import SwitchDriver

/// Recordings: when they begin and end, and what is to be in their files. The files are others' work.
extension SandboxMachine {
    /// One for each call that a tenant may have, as `TenantLimits` says.
    public static let maximumRecordings = 50_000

    /// What is to be done with files since the last time; ask after each other call.
    public mutating func takeRecordingWork() -> [RecordingWork] {
        defer { recordingWork = [] }
        return recordingWork
    }

    /// The file has been made or completed, or could not be.
    public mutating func recordingWorkDone(
        _ id: RecordingID, isSuccess: Bool, at milliseconds: Int64
    ) -> [SwitchEvent] {
        letHappen(until: milliseconds)
        switch (recordings[id]?.state, isSuccess) {
        case (.beginning(let isStopWanted), true):
            let isHeard = recordings[id].map { isTalkHeard(in: $0.mix) } ?? false
            recordings[id]?.goOn(isTalkHeard: isHeard, at: nowMilliseconds)
            // Only now, so that nothing of before is in the file.
            recordings[id]?.state = .running
            tell(.recordingStarted(id))
            if isStopWanted { complete(id) }
        case (.beginning, false):
            if let recording = recordings.removeValue(forKey: id) { leave(recording.mix, id) }
            tell(.recordingEnded(id, isSuccess: false))
        case (.ending, _):
            recordings[id] = nil
            tell(.recordingEnded(id, isSuccess: isSuccess))
        case (.running, _), (nil, _): break
        }
        return takeTold()
    }

    /// A second start of what begins, runs or is being completed is left: what becomes of that one is told in any case.
    mutating func startRecording(_ request: RecordingRequest) {
        let id = request.recording
        guard recordings[id] == nil else { return }
        guard settings.recordingsFolder != nil, recordings.count < Self.maximumRecordings,
            (1...RecordingID.maximumBytes).contains(id.text.utf8.count), request.hasUsablePath,
            mixes[request.mix] != nil
        else { return tell(.recordingEnded(id, isSuccess: false)) }
        recordings[id] = Recording(mix: request.mix, path: request.path)
        mixes[request.mix]?.recordings.insert(id)
        recordingWork.append(RecordingWork(recording: id, path: request.path, task: .begin))
    }

    mutating func setPaused(_ isPaused: Bool, _ id: RecordingID) {
        recordings[id]?.setPaused(isPaused, at: nowMilliseconds)
    }

    mutating func stopRecording(_ id: RecordingID) {
        switch recordings[id]?.state {
        case .beginning: recordings[id]?.state = .beginning(isStopWanted: true)
        case .running: complete(id)
        case .ending: break
        case nil: tell(.recordingEnded(id, isSuccess: false))
        }
    }

    private mutating func complete(_ id: RecordingID) {
        recordings[id]?.goOn(isTalkHeard: false, at: nowMilliseconds)
        recordings[id]?.state = .ending
        guard let recording = recordings[id] else { return }
        leave(recording.mix, id)
        recordingWork.append(
            RecordingWork(
                recording: id, path: recording.path, task: .complete(recording.stretches, toneHertz: id.toneHertz)))
    }

    private mutating func leave(_ mix: MixID, _ id: RecordingID) { changeMix(mix) { $0.recordings.remove(id) } }

    /// Somebody came into a mix, went out of it, or is heard in it otherwise than before.
    mutating func soundChanged(in mix: MixID) {
        guard let running = mixes[mix]?.recordings, !running.isEmpty else { return }
        let isTalkHeard = isTalkHeard(in: mix)
        for id in running { recordings[id]?.goOn(isTalkHeard: isTalkHeard, at: nowMilliseconds) }
    }
}
