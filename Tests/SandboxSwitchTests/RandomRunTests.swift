import CSTA
import SwitchDriver
import Testing

@testable import SandboxSwitch

/// Commands, buttons, customers and time in any order, the same for the same seed.
private struct RandomRun {
    static let legs = (0..<24).map { LegID("leg\($0)") }
    static let mixes = (0..<5).map { MixID("mix\($0)") }
    static let recordings = (0..<6).map { RecordingID("recording\($0)") }
    static let paths = ["a.wav", "a/b.wav", "../a.wav", "a.mp3"]
    static let groups = ["pstn", "pstn", "pstn", "nowhere"]

    let devices: [DeviceID]
    var chance: SplitMix64
    var machine: SandboxMachine
    var shadow = Shadow()
    var now: Int64 = 0
    /// What is to be done with files, and has not been done.
    var fileWork: [RecordingWork] = []

    init(seed: UInt64) throws {
        let namespace = try #require(Namespace("zhen04.cc"))
        let lines = try Lab.lines(namespace, inbound: ["4001"])
        // One device more than there are phones.
        devices = lines.phones.map(\.device) + [try #require(DeviceID("8999", in: namespace))]
        chance = SplitMix64(seed: seed)
        machine = SandboxMachine(
            lines: lines, namePrefix: "r\(seed)",
            settings: SandboxSettings(
                setupMilliseconds: Int64(seed % 3) * 10, maximumLegs: 16, recordingsFolder: "recordings"))
    }

    mutating func step() {
        if below(3) == 0 { now += Int64(below(3000)) }
        hear(machine.advance(to: now))
        switch below(11) {
        case 0: press()
        case 1: customer()
        case 2: workWithFiles()
        default: execute(command())
        }
        check()
    }

    mutating func execute(_ command: SwitchCommand) {
        if case .dial(let request) = command, shadow.legs[request.leg] == nil {
            shadow.begin(request.leg, awaiting: request.mix)
            shadow.dialled.insert(request.leg)
        }
        if case .startRecording(let request) = command, shadow.recordings[request.recording] == nil {
            shadow.recordings[request.recording] = false
        }
        hear(machine.execute(command, at: now))
        if case .endMix(let mix) = command { shadow.endMix(mix) }
    }

    private mutating func press() {
        let buttons: [SandboxButton] = [
            .dial("8002"), .dial("no number"), .answer, .reject, .hangup, .hold, .retrieve, .transfer("8003"),
            .transfer(nil),
            .unregister, .register, .register, .mute,
        ]
        let (button, device) = (one(of: buttons), one(of: devices))
        if let events = try? machine.press(button, on: device, at: now) { hear(events) }
    }

    private mutating func customer() {
        if below(2) == 0, let leg = one(of: Array(shadow.legs.keys.map(\.text).sorted().suffix(9)), or: nil) {
            if let events = try? machine.hangUpOutside(LegID(leg), at: now) { hear(events) }
        } else {
            let (from, to) = (number(), below(9) == 0 ? "4002" : "4001")
            if let (_, events) = try? machine.customerCalls(from: from, to: to, at: now) { hear(events) }
        }
    }

    private mutating func command() -> SwitchCommand {
        let leg = below(4) == 0 ? LegID("r-\(below(9))") : one(of: Self.legs)
        let mix = one(of: Self.mixes)
        switch below(17) {
        case 0, 1, 2: return .dial(request())
        case 3, 4: return .answer(leg)
        case 5, 6: return .connect(leg, mix: mix, as: below(3) == 0 ? .listener : .talker)
        case 7: return .takeOut(leg)
        case 8: return below(2) == 0 ? .startMusic(mix) : .stopMusic(mix)
        case 9: return .retrieveAtPhone(leg)
        case 10: return .endMix(mix)
        case 11 where below(2) == 0: return SoundName("closed").map { .play($0, mix) } ?? .endMix(mix)
        case 11: return .sayDigits(one(of: ["5001", "", "5 1", "*#"]), mix)
        case 12, 13:
            return .startRecording(
                RecordingRequest(recording: one(of: Self.recordings), mix: mix, path: one(of: Self.paths)))
        case 14:
            let recording = one(of: Self.recordings)
            return below(2) == 0 ? .pauseRecording(recording) : .resumeRecording(recording)
        case 15: return below(2) == 0 ? .stopRecording(one(of: Self.recordings)) : .endMix(mix)
        default: return .hangUp(leg, cause: one(of: HangupCause.allCases))
        }
    }

    /// Files are made and written late, in any order, and sometimes in vain.
    mutating func workWithFiles() {
        guard !fileWork.isEmpty else { return }
        let done = fileWork.remove(at: below(fileWork.count))
        hear(machine.recordingWorkDone(done.recording, isSuccess: below(4) > 0, at: now))
    }

    private mutating func request() -> DialRequest {
        let endpoint: Endpoint =
            below(2) == 0
            ? .phone(one(of: devices)) : .external(number: number(), trunkGroup: one(of: Self.groups))
        return DialRequest(
            leg: one(of: Self.legs), endpoint: endpoint, presenting: Presentation(number: "100"),
            mix: below(2) == 0 ? one(of: Self.mixes) : nil, answersItself: below(3) == 0,
            ringLimitSeconds: one(of: [-1, 1, 5, 30, 60, .max]))
    }

    private mutating func number() -> String { "138\(below(100_000) + 100_000)" }
    private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &chance) }
    private mutating func one<Value>(of values: [Value]) -> Value { values[below(values.count)] }
    private mutating func one<Value>(of values: [Value], or none: Value?) -> Value? {
        values.isEmpty ? none : values[below(values.count)]
    }

    mutating func hear(_ events: [SwitchEvent]) {
        for event in events { shadow.hear(event) }
        for work in machine.takeRecordingWork() {
            #expect(!fileWork.contains { $0.recording == work.recording }, "two files of \(work.recording)")
            #expect(["a.wav", "a/b.wav"].contains(work.path))
            fileWork.append(work)
        }
    }

    private func check() {
        #expect(Set(machine.snapshot.legs.keys) == Set(shadow.legs.keys))
        for mix in Self.mixes { #expect(machine.members(of: mix) == shadow.members(of: mix)) }
        let live = Set(machine.legs.keys)
        #expect(machine.mixes.values.allSatisfy { $0.members.isSubset(of: live) && $0.awaited.isSubset(of: live) })
        for phone in machine.phones.values {
            #expect(phone.legs.count <= Phone.maximumLegs && live.isSuperset(of: phone.legs))
            #expect(phone.legs.count { machine.legs[$0]?.isHeld == false } <= 1)
        }
        #expect(Set(machine.recordings.keys) == Set(shadow.recordings.keys))
        #expect(machine.mixes.values.allSatisfy { $0.recordings.isSubset(of: machine.recordings.keys) })
        #expect(machine.announcements.count <= SandboxMachine.maximumAnnouncements)
        for leg in live { checkHearing(of: leg) }
        #expect(machine.agendaCount <= 2 * live.count + SandboxMachine.agendaSlackEntries + 1)
    }

    private func checkHearing(of leg: LegID) {
        let heard = machine.hearing(of: leg)
        for other in machine.legs.keys {
            #expect(heard.contains(other) == machine.whoHears(other).contains(leg))
        }
        #expect(!heard.contains(leg))
        guard !heard.isEmpty, let mix = shadow.legs[leg]?.flatMap({ $0 }) else { return #expect(heard.isEmpty) }
        #expect(heard.isSubset(of: shadow.members(of: mix)))
        #expect(heard.allSatisfy { machine.legs[$0]?.part == .talker })
        #expect(machine.isTalkHeard(in: mix))
    }
}

@Suite("Random runs")
struct RandomRunTests {
    @Test(
        "Anything in any order ends each leg once, and keeps mixes to live legs",
        arguments: [1, 2, 3, 4, 5, 6, 20_240_607, .max] as [UInt64])
    func run(seed: UInt64) throws {
        var run = try RandomRun(seed: seed)
        for _ in 0..<3000 { run.step() }
        #expect(run.shadow.began > 300)
        for leg in run.shadow.legs.keys { run.execute(.hangUp(leg, cause: .systemShutdown)) }
        #expect(run.shadow.began == run.shadow.ended)
        for mix in RandomRun.mixes { run.execute(.endMix(mix)) }
        #expect(run.machine.legs.isEmpty)
        while !run.fileWork.isEmpty { run.workWithFiles() }
        #expect(run.machine.recordings.isEmpty)
        #expect(run.shadow.recorded > 10)
        #expect(run.machine.mixes.isEmpty)
    }

    @Test func `twenty thousand legs come and go, and nothing is left`() throws {
        let namespace = try #require(Namespace("zhen04.cc"))
        var machine = SandboxMachine(lines: try Lab.lines(namespace, inbound: []), namePrefix: "m")
        var shadow = Shadow()
        for index in 0..<20_000 {
            let request = DialRequest(
                leg: LegID("x\(index)"), endpoint: .external(number: "1380000003\(index % 10)", trunkGroup: "pstn"),
                presenting: Presentation(number: "100"), mix: MixID("m\(index / 2)"), ringLimitSeconds: 60)
            shadow.begin(request.leg, awaiting: request.mix)
            for event in machine.execute(.dial(request), at: Int64(index / 100)) { shadow.hear(event) }
        }
        #expect(machine.legs.count == 20_000)
        for event in machine.advance(to: 60_000) { shadow.hear(event) }
        #expect(shadow.ended == 20_000)
        #expect(machine.mixes.isEmpty)
        #expect(machine.nextMilliseconds == nil)
    }

    @Test func `calls that end early do not fill the agenda`() throws {
        let namespace = try #require(Namespace("zhen04.cc"))
        var machine = SandboxMachine(lines: try Lab.lines(namespace, inbound: []), namePrefix: "m")
        for index in 0..<5000 {
            let leg = LegID("x\(index)")
            let request = DialRequest(
                leg: leg, endpoint: .external(number: "13800000040", trunkGroup: "pstn"),
                presenting: Presentation(number: "100"), ringLimitSeconds: 3600)
            _ = machine.execute(.dial(request), at: Int64(index))
            #expect(machine.execute(.hangUp(leg, cause: .loseRace), at: Int64(index)).count == 2)
            #expect(machine.agendaCount <= SandboxMachine.agendaSlackEntries + 2)
        }
    }

    @Test func `times without sense do not trap`() throws {
        let namespace = try #require(Namespace("zhen04.cc"))
        var machine = SandboxMachine(
            lines: try Lab.lines(namespace, inbound: []), namePrefix: String(repeating: "ü", count: 500))
        for time in [Int64.max, .min, 0, .max] {
            let (leg, events) = try machine.customerCalls(from: "13800000031", to: "1", at: time)
            #expect(leg.text.utf8.count <= LegID.maximumBytes)
            #expect(!events.isEmpty)
            #expect(machine.execute(.answer(leg), at: time) == [.legAnswered(leg)])
        }
    }
}
