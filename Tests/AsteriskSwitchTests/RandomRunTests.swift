import CSTA
import SwitchDriver
import Testing

@testable import AsteriskSwitch

/// Numbers that look random and are the same for the same seed (SplitMix64, by S. Vigna, public domain).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Whatever Asterisk says and however it fails: nothing traps, and each leg ends once.
struct RandomRunTests {
    @Test(arguments: 0..<200)
    func `Broken messages do no harm`(seed: UInt64) throws {
        var chance = SeededGenerator(state: seed)
        var replay = Replay()
        replay.dial("d1", .phone(device("8001")))
        replay.dial("v2", .phone(device("8005")), mix: "vb")
        let captures = Replay.captures
        for _ in 0..<20 {
            for line in try Replay.lines(of: captures[Int.random(in: captures.indices, using: &chance)]) {
                guard let message = ARIMessage(Self.broken(Array(line.utf8), &chance)) else { continue }
                replay.feed(.message(message))
            }
        }
        for leg in ["d1", "v2"] {
            // A StasisStart that has lost its argument, or is played again, offers the channel anew.
            let begun = 1 + replay.told.count { $0.hasPrefix("legOffered \(leg) ") }
            #expect(replay.told.count { $0.hasPrefix("legEnded \(leg) ") } <= begun, "seed \(seed)")
        }
    }

    private static func broken(_ bytes: [UInt8], _ chance: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        switch Int.random(in: 0..<6, using: &chance) {
        case 0: return Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &chance)))
        case 1:
            for _ in 0..<4 {
                bytes[Int.random(in: bytes.indices, using: &chance)] = .random(in: 0...255, using: &chance)
            }
        case 2:
            let start = Int.random(in: bytes.indices, using: &chance)
            bytes.removeSubrange(start..<min(start + 8, bytes.count))
        case 3:
            let digits = Array("99999999999999999999999".utf8)
            bytes.insert(contentsOf: digits, at: Int.random(in: bytes.indices, using: &chance))
        default: break
        }
        return bytes
    }

    /// A random Asterisk: replies succeed, fail and get lost, channels die at any moment, the link goes and comes.
    @Test(arguments: 0..<300)
    func `Each leg ends once, or is missing from a snapshot`(seed: UInt64) {
        var chance = SeededGenerator(state: seed)
        var replay = Replay(repliesAtOnce: false)
        var dialled: [String] = []
        for step in 0..<400 {
            switch Int.random(in: 0..<12, using: &chance) {
            case 0, 1:
                let number = Int.random(in: 8001...8010, using: &chance)
                let mix = Bool.random(using: &chance) ? "m\(step % 3)" : nil
                dialled.append("leg\(step)")
                replay.dial("leg\(step)", .phone(device(String(number))), mix: mix, answersItself: step % 2 == 0)
            case 2, 3, 4:
                let replies: [ARIReply] = [
                    .success(nil), .success(nil), .success(nil), .refused(status: 404), .refused(status: 409), .lost,
                ]
                replay.reply(replies[Int.random(in: replies.indices, using: &chance)])
            case 5, 6, 7, 8: randomMessage(&replay, &chance)
            case 9, 10: randomCommand(&replay, dialled, &chance)
            default:
                guard step % 10 == 0 else { continue }
                replay.feed(.linkDown)
                dialled = []
                replay.open = []
                replay.feed(.linkUp(ARISnapshot(), held: []))
                replay.told.removeAll { !$0.hasPrefix("recording") }
            }
        }
        finish(&replay)
        for leg in dialled {
            let endings = replay.told.count { $0.hasPrefix("legEnded \(leg) ") }
            #expect(endings == 1, "seed \(seed): \(leg) ended \(endings) times")
        }
        // Whatever became of each recording: between two beginnings there is an end.
        for recording in 0..<4 {
            let told = replay.told.filter { $0.hasPrefix("recording") && $0.contains(" r\(recording)") }
            let starts = zip(told, told.dropFirst()).count { $0 == $1 && $0.hasPrefix("recordingStarted") }
            #expect(starts == 0, "seed \(seed): \(told)")
        }
        #expect(replay.machine.recordings.isEmpty, "seed \(seed)")
        #expect(replay.machine.recordingOfName.isEmpty, "seed \(seed)")
        #expect(replay.machine.ringing.isEmpty, "seed \(seed)")
        #expect(replay.machine.legs.isEmpty, "seed \(seed)")
        #expect(replay.machine.legOfChannel.isEmpty, "seed \(seed)")
        #expect(replay.machine.jobs.isEmpty, "seed \(seed)")
        #expect(replay.machine.queues.isEmpty, "seed \(seed)")
    }

    private func randomMessage(_ replay: inout Replay, _ chance: inout SeededGenerator) {
        guard let id = replay.machine.legOfChannel.keys.sorted().randomElement(using: &chance) else { return }
        let states: [ARIChannel.State] = [.down, .ringing, .up]
        let channel = ARIChannel(
            id: id, name: "PJSIP/8001-1", state: states[Int.random(in: 0..<3, using: &chance)], callerNumber: "",
            extensionDialled: "", runs: "Stasis", runsWith: "csta,dialled", variables: [:])
        let messages: [ARIMessage] = [
            .stasisStart(channel, arguments: ["dialled"]), .stateChange(channel), .hold(channel), .unhold(channel),
            .enteredBridge(channel, bridge: "m1"), .leftBridge(channel, bridge: "m1"), .bridgeDestroyed("m1"),
            .destroyed(channel, cause: 16, sipStatus: nil),
            .transfer(channel, ARITransfer(state: nil, number: "8002")),
            .transfer(channel, ARITransfer(state: nil, number: "8002", replaces: true, channel: id)),
            .recording(name: "f/r\(Int.random(in: 0..<4, using: &chance))", .started),
            .recording(name: "f/r\(Int.random(in: 0..<4, using: &chance))", .finished),
            .recording(name: "f/r\(Int.random(in: 0..<4, using: &chance))", .failed),
        ]
        replay.feed(.message(messages[Int.random(in: messages.indices, using: &chance)]))
    }

    private func randomCommand(_ replay: inout Replay, _ dialled: [String], _ chance: inout SeededGenerator) {
        guard let leg = dialled.randomElement(using: &chance).map({ LegID($0) }) else { return }
        let mix = MixID("m\(Int.random(in: 0..<3, using: &chance))")
        let number = Int.random(in: 0..<4, using: &chance)
        let recording = RecordingID("r\(number)")
        let request = RecordingRequest(recording: recording, mix: mix, path: "f/r\(number).wav")
        let commands: [SwitchCommand] =
            [
                .answer(leg), .connect(leg, mix: mix), .takeOut(leg), .startMusic(mix), .stopMusic(mix),
                .retrieveAtPhone(leg), .hangUp(leg, cause: .normalClearing), .endMix(mix),
                .connect(leg, mix: mix, as: .listener), .sayDigits("5001", mix), .startRecording(request),
                .startRecording(request), .pauseRecording(recording), .resumeRecording(recording),
                .stopRecording(recording), .answerTransferRequest(leg, isAccepted: true),
            ] + (SoundName("closed").map { [.play($0, mix)] } ?? [])
        replay.do(commands[Int.random(in: commands.indices, using: &chance)])
    }

    /// Lets all that is open come to its end: replies come, and every channel goes.
    private func finish(_ replay: inout Replay) {
        while !replay.open.isEmpty { replay.reply(.success(nil)) }
        for leg in replay.machine.legs.keys { replay.do(.hangUp(leg, cause: .normalClearing)) }
        for _ in 0..<3 {
            while !replay.open.isEmpty { replay.reply(.success(nil)) }
            for name in replay.machine.recordingOfName.keys.sorted() {
                replay.feed(.message(.recording(name: name, .failed)))
            }
            for id in replay.machine.legOfChannel.keys.sorted() {
                let channel = ARIChannel(
                    id: id, name: "PJSIP/8001-1", state: .down, callerNumber: "", extensionDialled: "", runs: "",
                    runsWith: "", variables: [:])
                replay.feed(.message(.destroyed(channel, cause: 16, sipStatus: nil)))
            }
        }
    }
}
