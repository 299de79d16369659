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

    @Test func `a leg that rings is moved to another mix and stays there when it answers`() throws {
        try lab.dial("c", phone: 8003, mix: "first")
        lab.do(.connect(LegID("c"), mix: second))
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
