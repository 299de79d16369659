import CSTA
import SwitchDriver
import Testing

@testable import AsteriskSwitch

/// Listeners, ringing legs that move, recordings, digits and transfers: commands in, requests and told events out.
struct MediaStateMachineTests {
    private static func channel(_ id: String, _ number: String, _ state: ARIChannel.State) -> ARIChannel {
        ARIChannel(
            id: id, name: "PJSIP/\(number)-1", state: state, callerNumber: "", extensionDialled: "s", runs: "Stasis",
            runsWith: "csta,dialled", variables: ["RINGSIDE_NS": "zhen04.cc"])
    }

    private static func dialled(
        _ leg: String, _ number: String, _ state: ARIChannel.State, mix: String? = nil, _ replay: inout Replay
    ) {
        replay.dial(leg, .phone(device(number)), mix: mix)
        replay.feed(.message(.stasisStart(channel(leg, number, .down), arguments: ["dialled"])))
        replay.feed(.message(.stateChange(channel(leg, number, state))))
    }

    /// With `recorded` as what is recorded in the mix `m`.
    private static func recorded(_ name: String, mix: String = "m", path: String? = nil) -> SwitchCommand {
        .startRecording(
            RecordingRequest(recording: RecordingID(name), mix: MixID(mix), path: path ?? "f/\(name).wav"))
    }

    // MARK: - Mixes

    @Test func `A listener is added muted, and added again to talk`() {
        var replay = Replay()
        Self.dialled("a", "8001", .up, &replay)
        replay.sent = []
        let (a, m) = (LegID("a"), MixID("m"))
        replay.do(.connect(a, mix: m, as: .listener), .connect(a, mix: m), .connect(a, mix: m))
        #expect(
            replay.sent.map(\.target).dropFirst() == [
                "/ari/bridges/m/addChannel?channel=a&mute=true", "/ari/bridges/m/addChannel?channel=a",
            ], "what is so already is not done again")
        #expect(replay.told.count { $0 == "legConnected a m" } == 3)
        // The bridge has gone, though that is not told yet.
        replay.do(.endMix(m), .connect(a, mix: m))
        #expect(replay.sent.last?.target == "/ari/bridges/m/addChannel?channel=a")
    }

    @Test func `The ringing tone follows a leg that rings`() {
        var replay = Replay()
        Self.dialled("a", "8001", .up, mix: "m", &replay)
        Self.dialled("b", "8002", .up, mix: "n", &replay)
        Self.dialled("c", "8003", .ringing, mix: "m", &replay)
        replay.sent = []
        let c = Self.channel("c", "8003", .ringing)
        replay.do(.connect(LegID("c"), mix: MixID("n")))
        replay.feed(.message(.leftBridge(c, bridge: "m")))
        replay.feed(.message(.enteredBridge(c, bridge: "n")))
        #expect(
            replay.sent.map { "\($0.method.rawValue) \($0.path)" } == [
                "POST /bridges/n/addChannel", "POST /channels/b/ring", "DELETE /channels/a/ring",
            ])
        #expect(replay.told.last == "legConnected c n")
        // Who talks to somebody needs no tone, and one who comes to wait gets it.
        replay.sent = []
        replay.do(.connect(LegID("a"), mix: MixID("n")))
        #expect(replay.sent.map(\.path) == ["/bridges/n/addChannel"])
        replay.do(.takeOut(LegID("a")))
        replay.sent = []
        replay.feed(.message(.destroyed(c, cause: 17, sipStatus: 486)))
        #expect(replay.sent.map { "\($0.method.rawValue) \($0.path)" } == ["DELETE /channels/b/ring"])
    }

    @Test func `A phone made to answer by its header answers into the mix that its leg has moved to`() {
        var replay = Replay()
        Self.dialled("a", "8002", .ringing, mix: "m", &replay)
        replay.do(.answer(LegID("a")))
        let successor = LegID("a").successorChannel
        replay.feed(.message(.stasisStart(Self.channel(successor, "8002", .down), arguments: ["dialled"])))
        replay.do(.connect(LegID("a"), mix: MixID("n"), as: .listener))
        replay.sent = []
        replay.feed(.message(.stateChange(Self.channel(successor, "8002", .up))))
        #expect(replay.sent.contains { $0.target == "/ari/bridges/n/addChannel?channel=a~answer&mute=true" })
        #expect(replay.told.last == "legAnswered a")
    }

    @Test(arguments: [("5001", 1), ("*9#", 1), ("", 0), ("5001,sound:x", 0), (String(repeating: "1", count: 41), 0)])
    func `Digits are said to a mix that is there`(digits: String, count: Int) {
        var replay = Replay()
        replay.do(.sayDigits(digits, MixID("m")))
        #expect(replay.sent.isEmpty)
        replay.do(.startMusic(MixID("m")), .sayDigits(digits, MixID("m")))
        #expect(replay.sent.count { $0.path == "/bridges/m/play" } == count)
        #expect(replay.told.isEmpty)
    }

    @Test func `A sound is played to a mix that is there`() throws {
        let sound = try #require(SoundName("custom/closed"))
        var replay = Replay()
        replay.do(.play(sound, MixID("m")))
        #expect(replay.sent.isEmpty)
        replay.do(.startMusic(MixID("m")), .play(sound, MixID("m")))
        #expect(replay.sent.last?.target == "/ari/bridges/m/play?media=sound%3Acustom%2Fclosed")
        #expect(replay.told.isEmpty)
    }

    // MARK: - Recordings

    @Test func `A pause waits for the recording to run`() {
        var replay = Replay()
        replay.do(.startMusic(MixID("m")), Self.recorded("r"), .pauseRecording(RecordingID("r")))
        #expect(replay.sent.contains { $0.target == "/ari/bridges/m/record?name=f%2Fr&format=wav&ifExists=fail" })
        #expect(!replay.sent.contains { $0.path.hasSuffix("/pause") })
        for _ in 0..<2 { replay.feed(.message(.recording(name: "f/r", .started))) }
        #expect(replay.sent.last?.target == "/ari/recordings/live/f%2Fr/pause")
        replay.do(.resumeRecording(RecordingID("r")), .stopRecording(RecordingID("r")))
        #expect(replay.sent.suffix(2).map(\.method) == [.delete, .post])
        for _ in 0..<2 { replay.feed(.message(.recording(name: "f/r", .finished))) }
        #expect(replay.sent.contains { $0.target == "/ari/recordings/stored/f%2Fr" })
        #expect(replay.told == ["recordingStarted r", "recordingEnded r true"])
    }

    @Test(arguments: [
        "x", "x.mp3", "/x.wav", "../x.wav", "a/../x.wav", "a//x.wav", "a/./x.wav", "a b.wav", "a&b.wav", "ä.wav",
        ".wav",
        "a/.wav", String(repeating: "x", count: 252) + ".wav",
    ])
    func `What leads out of the folder is not recorded`(path: String) {
        var replay = Replay()
        replay.do(.startMusic(MixID("m")), Self.recorded("r", path: path))
        #expect(replay.told == ["recordingEnded r false"])
        #expect(replay.sent.count == 2)
    }

    @Test func `A mix that is not there, a file that is, and two of one name cannot be recorded`() {
        var replay = Replay(repliesAtOnce: false)
        replay.do(Self.recorded("r"))
        #expect(replay.told == ["recordingEnded r false"])
        replay.do(.startMusic(MixID("m")))
        replay.reply(.success(nil))
        replay.reply(.success(nil))
        replay.do(Self.recorded("s"), Self.recorded("s"), Self.recorded("t", path: "f/s.wav"))
        #expect(replay.told.last == "recordingEnded t false")
        replay.reply(.lost)
        for _ in 0..<ARIStateMachine.maximumRecordingAttempts { replay.reply(.refused(status: 409)) }
        #expect(replay.open.isEmpty)
        #expect(replay.told == ["recordingEnded r false", "recordingEnded t false", "recordingEnded s false"])
        #expect(replay.machine.queues.isEmpty)
    }

    @Test func `A folder made at the same time by another recording is no hindrance`() {
        var replay = Replay()
        replay.do(.startMusic(MixID("m")))
        replay.repliesAtOnce = false
        replay.do(Self.recorded("r"))
        replay.reply(.success(nil))
        replay.reply(.refused(status: 409))
        replay.reply(.success(nil))
        #expect(replay.sent.count { $0.path == "/bridges/m/record" } == 2)
        replay.feed(.message(.recording(name: "f/r", .started)))
        #expect(replay.told == ["recordingStarted r"])
    }

    @Test func `What Asterisk calls done is none if somebody is still there`() {
        for (channels, isSuccess) in [([JSON.string("a")], false), ([], true)] {
            var replay = Replay()
            replay.do(.startMusic(MixID("m")), Self.recorded("r"))
            replay.feed(.message(.recording(name: "f/r", .started)))
            replay.repliesAtOnce = false
            replay.feed(.message(.recording(name: "f/r", .finished)))
            #expect(replay.open.map(\.request.path) == ["/bridges/m"])
            replay.reply(.success(.object(["channels": .array(channels)])))
            if isSuccess { replay.reply(.success(nil)) }
            #expect(replay.told == ["recordingStarted r", "recordingEnded r \(isSuccess)"])
        }
    }

    @Test(arguments: [(200, "recordingEnded r true"), (404, "recordingEnded r false")])
    func `A stop of what Asterisk no longer has looks for the file`(status: Int, told: String) {
        var replay = Replay()
        replay.do(.startMusic(MixID("m")), Self.recorded("r"))
        replay.feed(.message(.recording(name: "f/r", .started)))
        replay.repliesAtOnce = false
        replay.do(.stopRecording(RecordingID("r")), .stopRecording(RecordingID("r")))
        #expect(replay.open.map(\.request.path) == ["/recordings/live/f%2Fr/stop"])
        replay.reply(.refused(status: 404))
        #expect(replay.open.map(\.request.path) == ["/recordings/live/f%2Fr"])
        replay.reply(.refused(status: 404))
        #expect(replay.open.map(\.request.path) == ["/recordings/stored/f%2Fr"])
        replay.reply(status == 200 ? .success(nil) : .refused(status: status))
        #expect(replay.told == ["recordingStarted r", told])
    }

    @Test func `A stop whose end is never told is looked after, and sent again`() {
        var replay = Replay()
        replay.do(.startMusic(MixID("m")), Self.recorded("r"))
        replay.feed(.message(.recording(name: "f/r", .started)))
        replay.do(.stopRecording(RecordingID("r")))
        replay.sent = []
        replay.ring()
        #expect(replay.sent.map(\.path) == ["/recordings/live/f%2Fr", "/recordings/live/f%2Fr/stop"])
        replay.feed(.message(.recording(name: "f/r", .finished)))
        #expect(replay.told == ["recordingStarted r", "recordingEnded r true"])
    }

    @Test func `A recording of a driver before this one is found by Asterisk's note`() {
        var replay = Replay(repliesAtOnce: false)
        replay.do(.pauseRecording(RecordingID("r")), .stopRecording(RecordingID("r")))
        #expect(replay.sent.map(\.target) == ["/ari/asterisk/variable?variable=RINGSIDE_RECORDING_r"])
        replay.reply(.success(.object(["value": .string("zhen04.cc f/r")])))
        replay.reply(.success(nil))
        replay.reply(.success(nil))
        #expect(
            replay.sent.map(\.path).dropFirst() == ["/recordings/live/f%2Fr/pause", "/recordings/live/f%2Fr/stop"])
        replay.do(.stopRecording(RecordingID("s")), .stopRecording(RecordingID("x y")))
        replay.reply(.success(.object(["value": .string("other.cc f/s")])))
        #expect(replay.told == ["recordingEnded x y false", "recordingEnded s false"])
    }

    @Test func `What happened to recordings without a link is told at the next one`() {
        var replay = Replay()
        replay.do(.startMusic(MixID("m")), Self.recorded("gone"), Self.recorded("here"), Self.recorded("lost"))
        for name in ["gone", "here", "lost"] { replay.feed(.message(.recording(name: "f/" + name, .started))) }
        replay.told = []
        replay.feed(.linkDown)
        replay.repliesAtOnce = false
        replay.feed(.linkUp(ARISnapshot(), held: []))
        replay.reply(.refused(status: 404))
        replay.reply(.success(.object(["state": .string("recording")])))
        replay.reply(.refused(status: 404))
        replay.reply(.success(nil))
        replay.reply(.refused(status: 404))
        #expect(replay.told == ["linkDown", "linkUp ", "recordingEnded gone true", "recordingEnded lost false"])
        // Another Asterisk than before.
        replay.feed(.linkDown)
        replay.feed(.linkUp(ARISnapshot(startup: "later"), held: []))
        #expect(replay.told.last == "recordingEnded here false")
    }

    // MARK: - Transfers

    @Test func `A phone's transfer is told, and answered once`() {
        var replay = Replay()
        Self.dialled("a", "8001", .up, &replay)
        Self.dialled("b", "8001", .up, &replay)
        replay.told = []
        replay.sent = []
        let a = Self.channel("a", "8001", .up)
        replay.do(.answerTransferRequest(LegID("a"), isAccepted: true))
        #expect(replay.sent.isEmpty)
        replay.feed(.message(.transfer(a, ARITransfer(state: nil, number: "8003"))))
        replay.do(.answerTransferRequest(LegID("a"), isAccepted: true))
        replay.feed(.message(.transfer(a, ARITransfer(state: "channel_answered", number: "8003"))))
        replay.do(.answerTransferRequest(LegID("a"), isAccepted: true))
        #expect(replay.sent.map(\.target) == ["/ari/channels/a/transfer_progress?states=channel_answered"])
        replay.feed(.message(.transfer(a, ARITransfer(state: nil, number: "8002", replaces: true, channel: "b"))))
        replay.do(
            .answerTransferRequest(LegID("a"), isAccepted: false), .answerTransferRequest(LegID("x"), isAccepted: true))
        #expect(replay.sent.last?.target == "/ari/channels/a/transfer_progress?states=channel_declined")
        #expect(replay.told == ["transferRequested a to 8003", "transferRequested a to leg b"])
    }

    @Test(arguments: [
        ARITransfer(state: nil, number: ""), ARITransfer(state: nil, number: "8003", replaces: true, channel: nil),
        ARITransfer(state: nil, number: "8003", replaces: true, channel: "nobody"),
        ARITransfer(state: nil, number: String(repeating: "8", count: 81)),
    ])
    func `A transfer that leads nowhere is refused`(transfer: ARITransfer) {
        var replay = Replay()
        Self.dialled("a", "8001", .up, &replay)
        replay.told = []
        replay.feed(.message(.transfer(Self.channel("a", "8001", .up), transfer)))
        #expect(replay.told.isEmpty)
        #expect(replay.sent.last?.target == "/ari/channels/a/transfer_progress?states=channel_declined")
    }
}
