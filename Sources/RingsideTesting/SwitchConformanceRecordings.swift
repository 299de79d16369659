import CSTA
import Foundation
import SwitchDriver

extension SwitchConformance {
    /// Only on a bench that tells where the files are.
    static let recordings: [Check] = [
        Check("a recording is started, paused, resumed and stopped") { run in
            guard let mix = try await run.talkToBeRecorded() else { return }
            let (whole, paused) = (run.recording("whole"), run.recording("paused"))
            run.do(.startRecording(whole), .startRecording(paused))
            try await run.expect(.recordingStarted(whole.recording))
            try await run.expect(.recordingStarted(paused.recording))
            await run.bench.talk(seconds: 1)
            run.do(.pauseRecording(paused.recording))
            await run.bench.talk(seconds: 2)
            run.do(.resumeRecording(paused.recording))
            await run.bench.talk(seconds: 1)
            run.do(.stopRecording(paused.recording), .stopRecording(whole.recording))
            try await run.expect(.recordingEnded(paused.recording, isSuccess: true))
            try await run.expect(.recordingEnded(whole.recording, isSuccess: true))
            // 4 s and 2 s. How quick the bench is tells on both alike, so only their ratio counts.
            let (long, short) = (try run.length(of: whole), try run.length(of: paused))
            try run.require(short > 0, "nothing was recorded")
            try run.require(short / long < 0.75, "\(short) s of \(long) s though half was paused")
            try run.require(short / long > 0.25, "\(short) s of \(long) s though only half was paused")
            run.do(.endMix(mix))
        },
        Check("a recording ends with its mix") { run in
            guard let mix = try await run.talkToBeRecorded() else { return }
            let request = run.recording("1")
            run.do(.startRecording(request))
            try await run.expect(.recordingStarted(request.recording))
            await run.bench.talk(seconds: 1)
            run.do(.endMix(mix))
            try await run.expect(.recordingEnded(request.recording, isSuccess: true))
            try run.require(try run.length(of: request) > 0, "nothing was recorded")
        },
        Check("a recording that is not there is stopped in vain") { run in
            guard run.bench.recordingsFolder != nil else { return }
            let recording = run.recording("none").recording
            run.do(.pauseRecording(recording), .resumeRecording(recording), .stopRecording(recording))
            try await run.expect(.recordingEnded(recording, isSuccess: false))
            try run.requireNever("it was started") { $0 == .recordingStarted(recording) }
        },
        Check("a recording of a mix that is not there cannot be had") { run in
            guard run.bench.recordingsFolder != nil else { return }
            let request = run.recording("1")
            run.do(.startRecording(request))
            try await run.expect(.recordingEnded(request.recording, isSuccess: false))
            try await run.barrier("recording")
            try run.requireNever("it was started") { $0 == .recordingStarted(request.recording) }
        },
        Check("a recording outside the folder cannot be had") { run in
            guard let mix = try await run.talkToBeRecorded() else { return }
            for (index, path) in ["../\(run.slug).wav", "/\(run.slug).wav", "a/../../b.wav"].enumerated() {
                let recording = RecordingID("conformance-\(run.slug)-\(index)")
                run.do(.startRecording(RecordingRequest(recording: recording, mix: mix, path: path)))
                try await run.expect(.recordingEnded(recording, isSuccess: false))
                try run.requireNever("\(path) was started") { $0 == .recordingStarted(recording) }
            }
            run.do(.endMix(mix))
        },
    ]
}

extension ConformanceRun {
    /// The mix of two phones that talk; nil if the bench has no recordings.
    fileprivate func talkToBeRecorded() async throws -> MixID? {
        guard bench.recordingsFolder != nil else { return nil }
        let mix = mix("1")
        try await dialAndAnswer(leg("a"), at: bench.phoneA, mix: mix)
        try await dialAndAnswer(leg("b"), at: bench.phoneB, mix: mix)
        return mix
    }

    /// A recording of ``mix(_:)`` 1 into a folder that is not there yet, or is empty.
    fileprivate func recording(_ name: String) -> RecordingRequest {
        let request = RecordingRequest(
            recording: RecordingID("conformance-\(slug)-\(name)"), mix: mix("1"),
            path: "conformance/\(slug)/\(name).wav")
        // Left by an earlier run, if there.
        if let file = file(of: request) { try? FileManager.default.removeItem(at: file) }
        return request
    }

    private func file(of request: RecordingRequest) -> URL? {
        bench.recordingsFolder.map { URL(fileURLWithPath: $0).appending(path: request.path) }
    }

    /// The length in seconds of a recording whose end has been told: a RIFF file of PCM, mono, 8 kHz, 16 bits.
    fileprivate func length(of request: RecordingRequest) throws -> Double {
        guard let file = file(of: request), let bytes = (try? Data(contentsOf: file)).map([UInt8].init) else {
            throw failure("there is no file \(request.path)")
        }
        func number(_ offset: Int, _ count: Int) -> Int {
            guard offset + count <= bytes.count else { return -1 }
            return bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        func word(_ offset: Int) -> String {
            String(decoding: bytes.dropFirst(offset).prefix(4), as: UTF8.self)
        }
        try require(word(0) == "RIFF" && word(8) == "WAVE", "\(request.path) is no RIFF/WAVE")
        try require(
            number(4, 4) == bytes.count - 8, "\(request.path) has \(bytes.count) bytes, not \(number(4, 4)) + 8")
        var hasFormat = false
        var chunk = 12
        while chunk + 8 <= bytes.count {
            let size = number(chunk + 4, 4)
            switch word(chunk) {
            case "fmt ":
                hasFormat = true
                let format = (number(chunk + 8, 2), number(chunk + 10, 2), number(chunk + 12, 4), number(chunk + 22, 2))
                try require(format == (1, 1, 8000, 16), "\(request.path) has the format \(format)")
            case "data":
                try require(hasFormat, "\(request.path) has data before the format")
                try require(chunk + 8 + size <= bytes.count, "\(request.path) is shorter than its header says")
                return Double(size) / 16_000
            default: break
            }
            chunk += 8 + size + size % 2
        }
        throw failure("\(request.path) has no data")
    }
}
