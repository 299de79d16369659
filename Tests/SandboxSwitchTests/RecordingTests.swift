import SwitchDriver
import Testing

@testable import SandboxSwitch

@Suite("Recordings")
struct RecordingTests {
    let folder = TemporaryFolder()
    let lab: Lab
    let mix = MixID("m")
    let r = RecordingID("r")

    /// Legs a and b talk at phones 8001 and 8002.
    init() throws {
        lab = try Lab(settings: SandboxSettings(recordingsFolder: folder.path))
        try lab.dial("a", phone: 8001, mix: "m", answersItself: true)
        try lab.dial("b", phone: 8002, mix: "m", answersItself: true)
        _ = lab.takeTold()
    }

    private func start(_ recording: String = "r", mix: String = "m", path: String = "one/two/r.wav") {
        lab.do(
            .startRecording(RecordingRequest(recording: RecordingID(recording), mix: MixID(mix), path: path)))
    }

    /// The seconds of tone and silence by turns, tone first: `[2, 1, 3]`. A second counts as tone if most of it is.
    private func sound(_ path: String = "one/two/r.wav") throws -> [Int] {
        let bytes = try #require(folder.bytes(path))
        #expect(Array(bytes.prefix(44)) == Array(WaveFile.header(dataBytes: bytes.count - 44)))
        let loud = stride(from: 44, to: bytes.count, by: 16_000).map { second in
            let samples = bytes[second..<min(second + 16_000, bytes.count)]
            return samples.count { $0 != 0 } > samples.count / 2
        }
        var result = [0]
        for isTone in loud {
            if isTone != (result.count % 2 == 1) { result.append(0) }
            result[result.count - 1] += 1
        }
        return result
    }

    @Test func `a recording is a WAV file as long as it ran`() throws {
        start()
        #expect(folder.files == ["one/two/r.wav"])
        lab.pass(seconds: 3)
        lab.do(.stopRecording(r))
        #expect(lab.takeTold() == ["0 recording r", "3000 recorded r well"])
        #expect(try sound() == [3])
        #expect(try #require(folder.bytes("one/two/r.wav")).count == 44 + 3 * 16_000)
    }

    @Test func `the header says RIFF, WAVE, PCM, mono, 8 kHz and 16 bits`() {
        #expect(
            Array(WaveFile.header(dataBytes: 0x1234)) == Array("RIFF".utf8) + [0x58, 0x12, 0, 0]
                + Array("WAVEfmt ".utf8) + [16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0]
                + Array("data".utf8) + [0x34, 0x12, 0, 0])
    }

    @Test func `what is paused is left out, what is held is silent`() throws {
        start()
        lab.pass(seconds: 2)
        lab.do(.pauseRecording(r), .pauseRecording(r))
        lab.pass(seconds: 10)
        lab.do(.resumeRecording(r), .resumeRecording(r))
        lab.pass(seconds: 1)
        try lab.press(.hold, 8001)
        lab.pass(seconds: 4)
        try lab.press(.retrieve, 8001)
        lab.pass(seconds: 1)
        lab.do(.takeOut(LegID("b")))
        lab.pass(seconds: 2)
        lab.do(.connect(LegID("b"), mix: mix))
        lab.pass(seconds: 1)
        try lab.press(.hangup, 8002)
        lab.pass(seconds: 1)
        lab.do(.stopRecording(r))
        #expect(try sound() == [3, 4, 1, 2, 1, 1])
    }

    @Test func `an hour takes no time, and more than the limit is not in the file`() throws {
        start()
        lab.pass(seconds: 3 * 3600)
        lab.do(.stopRecording(r))
        #expect(lab.takeTold().last == "10800000 recorded r well")
        let bytes = try #require(folder.bytes("one/two/r.wav")).count
        #expect(bytes == 44 + Int(Recording.maximumMilliseconds) * 16)
    }

    @Test func `a recording of a mix that ends is ended, also one that has not begun`() throws {
        start()
        lab.pass(seconds: 1)
        lab.sandbox.execute(
            [.startRecording(RecordingRequest(recording: RecordingID("s"), mix: mix, path: "s.wav")), .endMix(mix)],
            for: lab.namespace)
        lab.pass(milliseconds: 0)
        #expect(
            Set(lab.takeTold()) == [
                "0 recording r", "1000 recorded r well", "1000 recording s", "1000 recorded s well",
            ])
        #expect(try sound() == [1])
        #expect(try sound("s.wav") == [0])
        lab.do(.stopRecording(r))
        #expect(lab.takeTold() == ["1000 recorded r in vain"])
    }

    @Test func `a mix that is recorded is there until it is ended`() throws {
        start()
        try lab.press(.hangup, 8001)
        try lab.press(.hangup, 8002)
        lab.pass(seconds: 1)
        try lab.dial("c", phone: 8003, mix: "m", answersItself: true)
        lab.do(.endMix(mix))
        #expect(lab.takeTold().last == "1000 recorded r well")
    }

    @Test func `a second start of the same recording is left`() throws {
        start()
        start(path: "other.wav")
        lab.pass(seconds: 1)
        lab.do(.stopRecording(r), .stopRecording(r))
        #expect(folder.files == ["one/two/r.wav"])
        #expect(lab.takeTold() == ["0 recording r", "1000 recorded r well"])
    }

    @Test func `another recording does not take a file that is there`() throws {
        start()
        start("s")
        lab.pass(seconds: 1)
        lab.do(.stopRecording(r))
        start("t")
        #expect(
            lab.takeTold() == [
                "0 recording r", "0 recorded s in vain", "1000 recorded r well", "1000 recorded t in vain",
            ])
        #expect(try sound() == [1])
    }

    @Test(
        "A path that is no WAV file below the folder is refused",
        arguments: [
            "", ".wav/", "/r.wav", "../r.wav", "a/../../r.wav", "a/./r.wav", "a//r.wav", "r.mp3", "a/..", "r\0.wav",
            String(repeating: "a", count: 256) + ".wav", String(repeating: "a/", count: 600) + "r.wav",
        ])
    func refused(path: String) throws {
        start(path: path)
        #expect(lab.takeTold() == ["0 recorded r in vain"])
        #expect(folder.files == [])
    }

    @Test func `what cannot be had is told without a beginning`() throws {
        try folder.put([1], into: "file")
        start(mix: "none")
        start(path: "file/r.wav")
        start("", path: "empty.wav")
        start(String(repeating: "r", count: 151), path: "long.wav")
        lab.do(.pauseRecording(r), .resumeRecording(r))
        #expect(lab.takeTold().count { $0.hasSuffix("in vain") } == 4)
        #expect(folder.files == [])
        let bare = try Lab()
        try bare.dial("a", phone: 8001, mix: "m", answersItself: true)
        bare.do(.startRecording(RecordingRequest(recording: r, mix: mix, path: "r.wav")))
        #expect(bare.takeTold().last == "0 recorded r in vain")
    }

    @Test func `a file that is gone when it is to be written is told`() throws {
        start()
        lab.pass(seconds: 1)
        folder.remove()
        lab.do(.stopRecording(r))
        #expect(lab.takeTold() == ["0 recording r", "1000 recorded r in vain"])
    }

    @Test func `a full disk is told, and leaves nothing`() throws {
        let isWritten = WaveFile(path: "/dev/full", flags: 0)?.write([], toneHertz: 300)
        #expect(isWritten == false)
        let work = RecordingWork(recording: r, path: "r.wav", task: .complete([], toneHertz: 300))
        let files = WaveFolder(path: folder.path)
        #expect(!files.carryOut(work))
        try folder.put([1], into: "r.wav")
        #expect(files.carryOut(work))
        try folder.link("link.wav", to: "r.wav")
        #expect(!files.carryOut(RecordingWork(recording: r, path: "link.wav", task: .complete([], toneHertz: 300))))
    }

    @Test func `each recording has a tone of its own`() {
        let tones = Set((0..<20).map { RecordingID("recording-\($0)").toneHertz })
        #expect(tones.count > 10)
        #expect(tones.allSatisfy { (300...990).contains($0) })
    }

    @Test func `a tenant has so many recordings and no more`() throws {
        var machine = SandboxMachine(
            lines: try Lab.lines(lab.namespace, inbound: []), namePrefix: "m",
            settings: SandboxSettings(recordingsFolder: "recordings"))
        _ = machine.execute(.startMusic(mix), at: 0)
        for index in 0...SandboxMachine.maximumRecordings {
            let request = RecordingRequest(recording: RecordingID("\(index)"), mix: mix, path: "\(index).wav")
            let isOneTooMany = index == SandboxMachine.maximumRecordings
            let expected: [SwitchEvent] = isOneTooMany ? [.recordingEnded(request.recording, isSuccess: false)] : []
            #expect(machine.execute(.startRecording(request), at: 0) == expected)
        }
        #expect(machine.takeRecordingWork().count == SandboxMachine.maximumRecordings)
    }

    @Test func `turns of talk and silence without end are not kept`() {
        var recording = Recording(mix: mix, path: "r.wav")
        recording.state = .running
        for turn in 0..<10_000 { recording.goOn(isTalkHeard: turn.isMultiple(of: 2), at: Int64(turn)) }
        #expect(recording.stretches.count == Recording.maximumStretches)
        #expect(recording.stretches.reduce(0) { $0 + $1.milliseconds } == 9999)
    }

    @Test func `faults are those of all events`() throws {
        lab.sandbox.setFaults(SandboxFaults(seed: 1, doubled: 100))
        start()
        lab.pass(seconds: 1)
        #expect(lab.takeEvents() == [.recordingStarted(r), .recordingStarted(r)])
        lab.sandbox.setFaults(SandboxFaults(seed: 1, lost: 100))
        lab.do(.stopRecording(r))
        lab.pass(seconds: 10)
        #expect(lab.takeEvents() == [])
        #expect(try sound() == [1])
    }
}
