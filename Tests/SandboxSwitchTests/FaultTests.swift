import CSTA
import SwitchDriver
import Testing

@testable import SandboxSwitch

@Suite("Faults")
struct FaultTests {
    /// Twenty calls to subscribers, and a phone that is pressed now and then.
    private func tape(_ faults: SandboxFaults?) throws -> [String] {
        let lab = try Lab(faults: faults)
        try lab.dial("a", phone: 8001, answersItself: true)
        for call in 0..<20 {
            lab.dial("x\(call)", number: "13800000031")
            try lab.press(call.isMultiple(of: 2) ? .hold : .retrieve, 8001)
            lab.pass(seconds: 1)
        }
        lab.pass(seconds: 60)
        return lab.takeTold()
    }

    private func names(_ tape: [String]) -> [Substring] {
        tape.map { $0.drop { $0 != " " } }
    }

    @Test("The same seed gives the same events, another one others", arguments: [1, 2, 3] as [UInt64])
    func seeds(seed: UInt64) throws {
        let faults = SandboxFaults(seed: seed, late: 20, doubled: 20, lost: 20, reordered: 20)
        let tape = try tape(faults)
        #expect(try self.tape(faults) == tape)
        #expect(try self.tape(SandboxFaults(seed: seed + 1000, late: 20, doubled: 20, lost: 20, reordered: 20)) != tape)
    }

    /// A thousand things at random, with all faults and a link that breaks now and then.
    private func storm(seed: UInt64) throws -> [String] {
        let lab = try Lab(faults: SandboxFaults(seed: seed, late: 10, doubled: 10, lost: 10, reordered: 10))
        var chance = SplitMix64(seed: seed)
        for step in 0..<1000 {
            let phone = Int.random(in: 8001...8004, using: &chance)
            switch Int.random(in: 0..<10, using: &chance) {
            case 0: try lab.dial("a\(step)", phone: phone, mix: "m", answersItself: true)
            case 1: lab.dial("x\(step)", number: "1380000\(step + 1000)", ringLimitSeconds: 30)
            case 2: _ = try? lab.press(.dial("8002"), phone)
            case 3: _ = try? lab.press(.hangup, phone)
            case 4: _ = try? lab.press(step.isMultiple(of: 2) ? .unregister : .register, phone)
            case 5: try lab.customerCalls(from: "1380000\(step + 1000)")
            case 6: lab.do(.hangUp(LegID("x\(step - 9)"), cause: .normalClearing))
            case 7 where step.isMultiple(of: 5): lab.sandbox.breakLink(forSeconds: 3)
            default: lab.pass(milliseconds: Int64.random(in: 0..<3000, using: &chance))
            }
        }
        lab.sandbox.breakLink(forSeconds: 3600)
        lab.pass(seconds: 3600)
        return lab.takeTold()
    }

    @Test("A storm is the same for the same seed, and the truth comes after it", arguments: [1, 2, 3, 4] as [UInt64])
    func storms(seed: UInt64) throws {
        let tape = try storm(seed: seed)
        #expect(try storm(seed: seed) == tape)
        #expect(tape.count > 300)
        let words = names(tape).filter { $0.hasPrefix(" link") }.map { $0.prefix(6) }
        #expect(words.count > 4)
        for (index, word) in words.enumerated() { #expect(word == (index.isMultiple(of: 2) ? " linkD" : " linkU")) }
        // After an hour only those are up whom nobody hangs up: the last word is what is left, told once and whole.
        #expect(tape.last?.contains(" linkUp, ") == true)
    }

    @Test func `late events keep their order`() throws {
        let (late, good) = (try tape(SandboxFaults(seed: 7, late: 30)), try tape(nil))
        #expect(names(late) == names(good))
        #expect(late != good)
    }

    @Test func `events out of order all come, in another order`() throws {
        let (mixed, good) = (try tape(SandboxFaults(seed: 7, reordered: 50)), try tape(nil))
        #expect(names(mixed) != names(good))
        #expect(names(mixed).sorted() == names(good).sorted())
    }

    @Test func `doubled events all come, and some twice`() throws {
        let (doubled, good) = (try tape(SandboxFaults(seed: 7, doubled: 100)), try tape(nil))
        #expect(names(doubled).sorted() == (names(good) + names(good)).sorted())
    }

    @Test func `lost events do not come`() throws {
        #expect(try tape(SandboxFaults(seed: 7, lost: 100)) == [])
        let (some, good) = (try tape(SandboxFaults(seed: 7, lost: 30)), try tape(nil))
        #expect(some.count < good.count)
        #expect(Set(some).isSubset(of: good))
    }

    @Test func `percentages are cut to what there is`() {
        let faults = SandboxFaults(seed: 1, late: -5, doubled: 101, lost: .max, reordered: .min)
        #expect(faults == SandboxFaults(seed: 1, late: 0, doubled: 100, lost: 100, reordered: 0))
    }

    @Test func `faults are taken away and given at run time`() throws {
        let lab = try Lab(faults: SandboxFaults(seed: 1, lost: 100))
        try lab.dial("a", phone: 8001)
        #expect(lab.takeTold() == [])
        lab.sandbox.setFaults(nil)
        try lab.press(.answer, 8001)
        lab.sandbox.setFaults(SandboxFaults(seed: 1, lost: 100))
        try lab.press(.hangup, 8001)
        #expect(lab.takeTold() == ["0 answered a"])
    }
}

@Suite("The link")
struct LinkTests {
    @Test func `a broken link drops commands and loses events, and comes back with what is up`() throws {
        let lab = try Lab()
        try lab.dial("a", phone: 8001, answersItself: true)
        try lab.dial("b", phone: 8002)
        lab.sandbox.breakLink()
        lab.sandbox.breakLink()
        lab.pass(seconds: 1)
        lab.do(.hangUp(LegID("a"), cause: .normalClearing))
        try lab.press(.dial("8001"), 8003)
        try lab.press(.reject, 8002)
        try lab.press(.unregister, 8004)
        lab.pass(seconds: 1)
        lab.sandbox.restoreLink()
        lab.sandbox.restoreLink()
        lab.pass(seconds: 1)
        try lab.press(.hangup, 8001)
        #expect(
            lab.takeTold() == [
                "0 ringing a", "0 answered a", "0 ringing b", "0 linkDown",
                "2000 linkUp, 3 phones, a up, sb1-0-1 pending",
                "3000 ended a NORMAL_CLEARING",
            ])
    }

    @Test func `a link broken for a time comes back by itself, with what was up then`() throws {
        let lab = try Lab()
        lab.dial("x", number: "13800000038")
        lab.sandbox.breakLink(forSeconds: 5)
        // Wakes that come late must not let the snapshot tell of later.
        lab.pass(seconds: 20)
        #expect(
            lab.takeTold() == [
                "0 ringing x", "0 linkDown", "5000 linkUp, 4 phones, x up", "9000 ended x NORMAL_CLEARING",
            ])
    }

    @Test func `what is under way when the link breaks is lost`() throws {
        let lab = try Lab(faults: SandboxFaults(seed: 3, late: 100))
        try lab.dial("a", phone: 8001)
        lab.sandbox.breakLink(forSeconds: 0)
        lab.pass(seconds: 60)
        #expect(lab.takeTold() == ["0 linkDown", "0 linkUp, 4 phones, a ringing"])
    }

    @Test func `a link broken again before it was told tells it once`() throws {
        let lab = try Lab()
        lab.sandbox.breakLink()
        lab.sandbox.restoreLink()
        lab.sandbox.breakLink()
        lab.pass(seconds: 1)
        lab.sandbox.restoreLink()
        lab.sandbox.breakLink()
        lab.sandbox.restoreLink()
        lab.pass(seconds: 1)
        #expect(lab.takeTold() == ["0 linkDown", "1000 linkUp, 4 phones"])
    }

    @Test func `commands before the switch runs are dropped, and what is up when it runs again is told`() throws {
        let lab = try Lab()
        #expect(throws: SandboxError.alreadyRunning) { try lab.sandbox.attach { _, _ in } }
        try lab.dial("a", phone: 8001)
        lab.sandbox.detach()
        try lab.dial("b", phone: 8002)
        lab.pass(seconds: 1)
        #expect(lab.takeTold() == ["0 ringing a"])
        lab.sandbox.breakLink()
        try lab.listenAgain()
        lab.pass(seconds: 1)
        #expect(lab.takeTold() == [])
        lab.sandbox.restoreLink()
        lab.pass(seconds: 0)
        #expect(lab.takeTold() == ["2000 linkUp, 4 phones, a ringing"])
    }

    @Test func `more events under way than there may be are made good by a new snapshot`() throws {
        let namespace = try #require(Namespace("zhen04.cc"))
        var state = TenantState(machine: SandboxMachine(lines: try Lab.lines(namespace, inbound: []), namePrefix: "m"))
        state.link.setFaults(SandboxFaults(seed: 1, late: 100), salt: 0)
        state.link.attach(state.machine.snapshot, at: 0)
        #expect(state.link.takeArrived(at: 0).count == 1)
        let events = Array(repeating: SwitchEvent.legRinging(LegID("x")), count: SandboxLink.maximumEventsUnderWay)
        state.carry(events, at: 0)
        #expect(state.link.takeArrived(at: 10_000) == [.linkDown, .linkUp(state.machine.snapshot)])
    }
}
