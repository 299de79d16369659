import AsteriskSwitch
import CSTA
import Foundation
import RingsideTesting
import SwitchDriver
import Testing

/// Recordings of the real Asterisk, as files.
@Suite(.serialized, .enabled(if: Lab.isInstalled, "the lab is not installed: see Tests/Lab/README.md"))
struct RecordingTests {
    private let a = LegID("a")
    private let b = LegID("b")
    private let m = MixID("m")

    private func request(_ name: String, mix: String = "m") -> RecordingRequest {
        RecordingRequest(recording: RecordingID(name), mix: MixID(mix), path: "zhen04.cc/2026/11/\(name).wav")
    }

    private func recording(_ request: RecordingRequest, at lab: ScriptedLab) throws -> LabRecording {
        try LabRecording(contentsOf: lab.lab.recordingsFolder + "/" + request.path)
    }

    /// Two phones that talk in one mix.
    private func talk(_ steps: (ScriptedLab) async throws -> Void) async throws {
        try await ScriptedLab.run(phones: 2) { lab in
            try await lab.running.dialAndAnswer(a, "8001", at: lab.phones[0], mix: m)
            try await lab.running.dialAndAnswer(b, "8002", at: lab.phones[1], mix: m)
            try await lab.phones[0].waitUntilHears(["8002"])
            try await lab.phones[1].waitUntilHears(["8001"])
            try await steps(lab)
        }
    }

    @Test func `Both are in it, what was said in a pause is not`() async throws {
        try await talk { lab in
            let running = lab.running
            let (whole, paused) = (request("whole"), request("paused"))
            running.do(.takeOut(b))
            try await running.expect(.legTakenOut(b))
            running.do(.startRecording(whole), .startRecording(paused), .pauseRecording(paused.recording))
            try await running.expect(.recordingStarted(whole.recording))
            try await running.expect(.recordingStarted(paused.recording))
            try await running.connect(b, m)
            try await Task.sleep(for: .seconds(2))
            running.do(.takeOut(b))
            try await running.expect(.legTakenOut(b))
            // What was said last may still be on its way through the mix.
            try await Task.sleep(for: .milliseconds(300))
            running.do(.resumeRecording(paused.recording))
            try await Task.sleep(for: .seconds(1))
            running.do(.stopRecording(paused.recording))
            try await running.expect(.recordingEnded(paused.recording, isSuccess: true))
            running.do(.stopRecording(whole.recording), .stopRecording(whole.recording))
            try await running.expect(.recordingEnded(whole.recording, isSuccess: true))
            let (long, short) = (try recording(whole, at: lab), try recording(paused, at: lab))
            #expect(long.heard == ["8001", "8002"])
            #expect(short.heard == ["8001"])
            #expect(short.seconds > 0.5)
            #expect(short.seconds < 0.6 * long.seconds, "\(short.seconds) s of \(long.seconds) s")

            // It ends by itself when nobody is left, and then can be stopped no more.
            let last = request("last")
            running.do(.startRecording(last))
            try await running.expect(.recordingStarted(last.recording))
            try await running.connect(b, m)
            try await Task.sleep(for: .seconds(1))
            try await running.hangUp(a, b)
            try await running.expect(.recordingEnded(last.recording, isSuccess: true))
            #expect(try recording(last, at: lab).heard == ["8001", "8002"])
            running.do(.stopRecording(last.recording))
            try await running.expect(.recordingEnded(last.recording, isSuccess: false))
            let told = running.tape.elements.count { event in
                if case .recordingStarted = event { true } else { false }
            }
            #expect(told == 3)
        }
    }

    @Test func `A file that is there is not written over, and none can be had where none can be written`() async throws
    {
        try await talk { lab in
            let running = lab.running
            let first = request("first")
            running.do(.startRecording(first))
            try await running.expect(.recordingStarted(first.recording))
            running.do(.stopRecording(first.recording))
            try await running.expect(.recordingEnded(first.recording, isSuccess: true))
            let again = RecordingRequest(recording: RecordingID("again"), mix: m, path: first.path)
            running.do(.startRecording(again))
            try await running.expect(.recordingEnded(again.recording, isSuccess: false))
            // A file stands where the folder ought to be.
            let folder = lab.lab.recordingsFolder + "/full"
            #expect(FileManager.default.createFile(atPath: folder, contents: nil))
            let impossible = RecordingRequest(recording: RecordingID("impossible"), mix: m, path: "full/x.wav")
            running.do(.startRecording(impossible))
            try await running.expect(.recordingEnded(impossible.recording, isSuccess: false))
            try await lab.phones[0].waitUntilHears(["8002"])
        }
    }

    @Test func `What ended while the link was cut is told afterwards`() async throws {
        try await talk { lab in
            let running = lab.running
            let (ended, goesOn) = (request("ended"), request("goes-on", mix: "n"))
            running.dial(LegID("c"), "8001", mix: MixID("n"))
            try await running.expect(.legRinging(LegID("c")))
            running.do(.startRecording(ended), .startRecording(goesOn))
            try await running.expect(.recordingStarted(ended.recording))
            try await running.expect(.recordingStarted(goesOn.recording))
            try await lab.lab.cutLink()
            try await running.expect(.linkDown)
            for phone in lab.phones { try phone.press(.hangUp) }
            for phone in lab.phones { try await phone.wait(for: "ended") }
            try await lab.lab.joinLink()
            _ = try await running.expectLinkUp()
            try await running.expect(.recordingEnded(ended.recording, isSuccess: true))
            #expect(try recording(ended, at: lab).seconds > 0)

            // A driver that is started anew knows the other one by Asterisk's own note.
            await running.stop()
            let second = Running(AsteriskBench.makeAsteriskSwitch(at: lab.lab))
            _ = try await second.expectLinkUp()
            second.do(.pauseRecording(goesOn.recording), .stopRecording(goesOn.recording))
            try await second.expect(.recordingEnded(goesOn.recording, isSuccess: true))
            #expect(second.vendor.ignored[.requestRefused] == nil)
            await second.stop()
        }
    }

    @Test func `A recording of an Asterisk that was killed is lost`() async throws {
        try await talk { lab in
            let running = lab.running
            running.do(.startRecording(request("lost")))
            try await running.expect(.recordingStarted(RecordingID("lost")))
            try await lab.lab.kill9()
            try await running.expect(.linkDown)
            try await lab.lab.start()
            _ = try await running.expectLinkUp()
            try await running.expect(.recordingEnded(RecordingID("lost"), isSuccess: false))
        }
    }
}
