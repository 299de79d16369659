import CSTA
import SandboxSwitch
import SwitchDriver
import Testing

@Suite("Mixes")
struct MixTests {
    let lab: Lab
    let a = LegID("a")
    let b = LegID("b")
    let first = MixID("first")
    let second = MixID("second")

    /// Legs a and b are up, at phones 8001 and 8002, in no mix.
    init() throws {
        lab = try Lab()
        try lab.dial("a", phone: 8001, answersItself: true)
        try lab.dial("b", phone: 8002, answersItself: true)
        _ = lab.takeTold()
    }

    func members(_ mix: MixID) -> Set<LegID> { lab.sandbox.members(of: mix, in: lab.namespace) }

    func hearing(_ leg: String) -> Set<String> {
        Set(lab.sandbox.hearing(of: LegID(leg), in: lab.namespace).map(\.text))
    }

    @Test func `legs come in, go over and are taken out`() throws {
        lab.do(.connect(a, mix: first), .connect(b, mix: first))
        #expect(members(first) == [a, b])
        lab.do(.connect(b, mix: second))
        #expect(members(first) == [a])
        #expect(members(second) == [b])
        lab.do(.takeOut(b), .takeOut(b), .connect(a, mix: first))
        #expect(members(second) == [])
        #expect(members(first) == [a])
        #expect(
            lab.takeTold() == [
                "0 connected a first", "0 connected b first", "0 connected b second", "0 takenOut b", "0 refused b",
                "0 connected a first",
            ])
    }

    @Test func `a leg dialled into a mix is in it from its answer on, without a word`() throws {
        try lab.dial("c", phone: 8003, mix: "first")
        #expect(members(first) == [])
        try lab.press(.answer, 8003)
        #expect(members(first) == [LegID("c")])
        #expect(lab.takeTold() == ["0 ringing c", "0 answered c"])
    }

    @Test func `a leg that rings is moved to another mix, and comes into that when it answers`() throws {
        try lab.dial("c", phone: 8003, mix: "first")
        lab.do(.connect(LegID("c"), mix: second))
        #expect(members(second) == [])
        lab.do(.endMix(first))
        try lab.press(.answer, 8003)
        #expect(members(first) == [])
        #expect(members(second) == [LegID("c")])
        #expect(lab.takeTold() == ["0 ringing c", "0 connected c second", "0 answered c"])
    }

    @Test func `a leg whose mix has ended answers into none`() throws {
        try lab.dial("c", phone: 8003, mix: "first")
        lab.do(.endMix(first))
        try lab.press(.answer, 8003)
        #expect(members(first) == [])
        #expect(lab.takeTold() == ["0 ringing c", "0 answered c"])
    }

    @Test func `a leg that rings is kept out of the mix it was dialled into`() throws {
        try lab.dial("c", phone: 8003, mix: "first")
        lab.do(.takeOut(LegID("c")))
        try lab.press(.answer, 8003)
        #expect(members(first) == [])
        #expect(lab.takeTold() == ["0 ringing c", "0 takenOut c", "0 answered c"])
    }

    @Test func `all hear all, of any number`() throws {
        try lab.dial("c", phone: 8003, mix: "first", answersItself: true)
        lab.do(.connect(a, mix: first), .connect(b, mix: first))
        #expect(hearing("a") == ["b", "c"])
        #expect(hearing("c") == ["a", "b"])
        #expect(lab.sandbox.whoHears(b, in: lab.namespace) == [a, LegID("c")])
        lab.do(.takeOut(a))
        #expect(hearing("a") == [])
        #expect(hearing("c") == ["b"])
        #expect(lab.sandbox.whoHears(LegID("nobody"), in: lab.namespace) == [])
    }

    @Test func `a listener hears all and is heard by nobody`() throws {
        try lab.dial("c", phone: 8003, answersItself: true)
        try lab.dial("d", phone: 8004)
        lab.do(.connect(a, mix: first), .connect(b, mix: first))
        lab.do(.connect(LegID("c"), mix: first, as: .listener), .connect(LegID("d"), mix: first, as: .listener))
        try lab.press(.answer, 8004)
        #expect(hearing("a") == ["b"])
        #expect(hearing("c") == ["a", "b"])
        #expect(hearing("d") == ["a", "b"])
        lab.do(.connect(LegID("c"), mix: first, as: .talker))
        #expect(hearing("a") == ["b", "c"])
        lab.do(.connect(LegID("d"), mix: second))
        #expect(hearing("d") == [])
        lab.do(.connect(a, mix: second))
        #expect(hearing("a") == ["d"])
    }

    @Test func `who holds hears nothing and is not heard, who is muted is not heard`() throws {
        lab.do(.connect(a, mix: first), .connect(b, mix: first))
        try lab.press(.mute, 8001)
        #expect(hearing("a") == ["b"])
        #expect(hearing("b") == [])
        try lab.press(.mute, 8001)
        try lab.press(.hold, 8001)
        #expect(hearing("a") == [])
        #expect(hearing("b") == [])
        try lab.press(.retrieve, 8001)
        #expect(hearing("b") == ["a"])
    }

    @Test func `a sound is heard by those in the mix, and stands on their phones`() throws {
        let sound = try #require(SoundName("custom/closed"))
        lab.do(.play(sound, first))
        #expect(lab.sandbox.announcements(in: lab.namespace).isEmpty)
        lab.do(.connect(a, mix: first), .play(sound, first), .play(sound, second))
        let announcements = lab.sandbox.announcements(in: lab.namespace)
        #expect(announcements.map(\.content) == [.sound(sound)])
        #expect(announcements.map(\.hearers) == [[a]])
        #expect(try lab.phone(8001).announcement == "custom/closed")
    }

    @Test func `digits are heard by those in the mix, and the last of them are kept`() throws {
        try lab.dial("c", phone: 8003, mix: "first")
        lab.do(.connect(a, mix: first), .connect(b, mix: first, as: .listener), .sayDigits("5001", first))
        let announcements = lab.sandbox.announcements(in: lab.namespace)
        #expect(announcements.map(\.content) == [.digits("5001")])
        #expect(announcements.map(\.mix) == [first])
        #expect(announcements.map(\.hearers) == [[a, b]])
        #expect(lab.sandbox.phones(in: lab.namespace).map(\.announcement) == ["5001", "5001", nil, nil])
        lab.do(.sayDigits("1", second), .sayDigits("", first), .sayDigits("5 1", first))
        lab.do(.sayDigits(String(repeating: "1", count: 41), first))
        #expect(lab.sandbox.announcements(in: lab.namespace).count == 1)
        for number in 0..<150 { lab.do(.sayDigits("\(number)", first)) }
        #expect(lab.sandbox.announcements(in: lab.namespace).count == 100)
        #expect(lab.sandbox.announcements(in: lab.namespace).last?.content == .digits("149"))
        try lab.press(.hangup, 8001)
        #expect(try lab.phone(8001).announcement == "149")
        try lab.dial("d", phone: 8001)
        #expect(try lab.phone(8001).announcement == nil)
    }

    @Test func `nothing hangs up the other party`() throws {
        lab.do(.connect(a, mix: first), .connect(b, mix: first))
        try lab.press(.hangup, 8001)
        lab.pass(seconds: 3600)
        #expect(members(first) == [b])
        lab.do(.endMix(first))
        #expect(members(first) == [])
        #expect(lab.takeTold() == ["0 connected a first", "0 connected b first", "0 ended a NORMAL_CLEARING"])
        #expect(lab.sandbox.phones(in: lab.namespace).map(\.state) == [.idle, .talking, .idle, .idle])
    }

    @Test func `music tells nothing, and lasts until it is stopped or the mix ends`() throws {
        var machine = SandboxMachine(lines: try Lab.lines(lab.namespace, inbound: []), namePrefix: "m")
        #expect(machine.execute(.startMusic(first), at: 0) == [])
        #expect(machine.hasMusic(first))
        #expect(machine.execute(.stopMusic(first), at: 0) == [])
        #expect(!machine.hasMusic(first))
        #expect(machine.execute(.startMusic(first), at: 0) == [])
        #expect(machine.execute(.endMix(first), at: 0) == [])
        #expect(!machine.hasMusic(first))
    }

    @Test func `commands for legs that are not there are refused, for mixes they do nothing`() throws {
        let leg = LegID("nobody")
        lab.do(
            .answer(leg), .connect(leg, mix: first), .takeOut(leg), .retrieveAtPhone(leg),
            .hangUp(leg, cause: .normalClearing), .stopMusic(first), .endMix(first))
        #expect(lab.takeTold() == Array(repeating: "0 refused nobody", count: 5))
        #expect(members(first) == [])
    }

    @Test func `another tenant's legs are not there`() throws {
        lab.sandbox.execute([.hangUp(a, cause: .normalClearing)], for: lab.other)
        lab.pass(seconds: 1)
        #expect(lab.takeTold() == [])
        #expect(lab.sandbox.phones(in: lab.namespace).first?.state == .talking)
    }
}
