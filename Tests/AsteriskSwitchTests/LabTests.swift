import AsteriskSwitch
import CSTA
import RingsideTesting
import SwitchDriver
import Testing

/// What the conformance suite does not ask: Asterisk's own ways, on a lab of its own.
@Suite(.serialized, .enabled(if: Lab.isInstalled, "the lab is not installed: see Tests/Lab/README.md"))
struct LabTests {
    @Test func `A killed Asterisk comes back without the legs`() async throws {
        let bench = try await AsteriskBench()
        let running = Running(bench.makeAsteriskSwitch())
        _ = try await running.expectLinkUp()
        let (a, b, mix) = (LegID("a"), LegID("b"), MixID("m"))
        running.dial(a, "8001", mix: mix)
        try await running.expect(.legRinging(a))
        try await bench.press(.answer, at: bench.phoneA)
        try await running.expect(.legAnswered(a))
        running.dial(b, "8002", mix: mix)
        try await running.expect(.legRinging(b))
        try await bench.lab.kill9()
        try await running.expect(.linkDown)
        try await bench.lab.start()
        let snapshot = try await running.expectLinkUp()
        #expect(snapshot.legs.isEmpty)
        // Asterisk writes its database once a second: registrations younger than that are lost with it.
        #expect(snapshot.registered.isSubset(of: [bench.phoneA, bench.phoneB]))
        await running.stop()
        await bench.end()
    }

    @Test func `A driver that is started anew finds the legs of the one before`() async throws {
        let bench = try await AsteriskBench()
        let first = Running(bench.makeAsteriskSwitch())
        _ = try await first.expectLinkUp()
        first.dial(LegID("a"), "8001", mix: MixID("m"))
        try await first.expect(.legRinging(LegID("a")))
        try await bench.press(.answer, at: bench.phoneA)
        try await first.expect(.legAnswered(LegID("a")))
        try await bench.customerCalls()
        let offered = try await first.expectOffered()
        first.dial(LegID("b"), "8002")
        try await first.expect(.legRinging(LegID("b")))
        await first.stop()

        let second = Running(bench.makeAsteriskSwitch())
        let snapshot = try await second.expectLinkUp()
        #expect(snapshot.legs == [LegID("a"): .up, LegID("b"): .ringing, offered.leg: .pending])
        second.do(.takeOut(LegID("a")), .connect(LegID("a"), mix: MixID("n")))
        try await second.expect(.legTakenOut(LegID("a")))
        try await second.expect(.legConnected(LegID("a"), mix: MixID("n")))
        second.do(
            .hangUp(LegID("a"), cause: .normalClearing), .hangUp(LegID("b"), cause: .originatorCancel),
            .hangUp(offered.leg, cause: .userBusy))
        try await second.expect(.legEnded(LegID("a"), cause: .normalClearing))
        try await second.expect(.legEnded(LegID("b"), cause: .originatorCancel))
        try await second.expect(.legEnded(offered.leg, cause: .userBusy))
        await second.stop()
        await bench.end()
    }

    @Test func `Phones are made to answer, to hold and to retrieve`() async throws {
        let bench = try await AsteriskBench()
        let talker = try await LabPhone.scripted("8003", at: bench.lab)
        let auto = try await LabPhone.scripted("8004", at: bench.lab, options: ["auto"])
        let running = Running(bench.makeAsteriskSwitch())
        _ = try await running.expectLinkUp()

        running.dial(LegID("by-itself"), "8003", answersItself: true)
        try await running.expect(.legAnswered(LegID("by-itself")))
        running.do(.connect(LegID("by-itself"), mix: MixID("m")))
        try await running.expect(.legConnected(LegID("by-itself"), mix: MixID("m")))
        try talker.press(.hold)
        try await running.expect(.legHeld(LegID("by-itself")))
        running.do(.retrieveAtPhone(LegID("by-itself")))
        try await running.expect(.legRetrieved(LegID("by-itself")))
        running.do(.hangUp(LegID("by-itself"), cause: .normalClearing))
        try await running.expect(.legEnded(LegID("by-itself"), cause: .normalClearing))

        running.dial(LegID("asked"), "8003")
        try await running.expect(.legRinging(LegID("asked")))
        running.do(.answer(LegID("asked")))
        try await running.expect(.legAnswered(LegID("asked")))

        running.dial(LegID("header"), "8004", answersItself: true)
        try await running.expect(.legAnswered(LegID("header")))
        running.do(.hangUp(LegID("header"), cause: .normalClearing))
        try await running.expect(.legEnded(LegID("header"), cause: .normalClearing))

        running.dial(LegID("successor"), "8004", mix: MixID("m"))
        try await running.expect(.legRinging(LegID("successor")))
        running.do(.answer(LegID("successor")))
        try await running.expect(.legAnswered(LegID("successor")))
        try await auto.wait(for: "ended")
        running.do(.takeOut(LegID("successor")))
        try await running.expect(.legTakenOut(LegID("successor")))
        running.do(.hangUp(LegID("successor"), cause: .normalClearing))
        try await running.expect(.legEnded(LegID("successor"), cause: .normalClearing))

        running.dial(LegID("deskphone"), "8001")
        try await running.expect(.legRinging(LegID("deskphone")))
        running.do(.answer(LegID("deskphone")))
        try await running.expect(.commandRefused(LegID("deskphone")))
        await talker.end()
        await auto.end()
        await running.stop()
        await bench.end()
    }

    @Test func `A number that nobody has is refused, and nobody is told`() async throws {
        let bench = try await AsteriskBench()
        let running = Running(bench.makeAsteriskSwitch())
        _ = try await running.expectLinkUp()
        let customer = try await LabPhone.customer("+15550001111", at: bench.lab)
        try customer.press(.dial("4999"))
        #expect(try await customer.wait(for: "ended") == "404")
        #expect(running.vendor.ignored[.unknownNumber] == 1)
        #expect(running.tape.elements.count == 1)
        await customer.end()
        await running.stop()
        await bench.end()
    }

    @Test func `Phones that come and go are told`() async throws {
        let bench = try await AsteriskBench()
        let running = Running(bench.makeAsteriskSwitch())
        let snapshot = try await running.expectLinkUp()
        #expect(snapshot.registered == [bench.phoneA, bench.phoneB])
        let phone = try await LabPhone.scripted("8005", at: bench.lab)
        try await running.expect(.deviceRegistered(device("8005")))
        try phone.say("unregister")
        try await running.expect(.deviceUnregistered(device("8005")))
        await phone.end()
        await running.stop()
        await bench.end()
    }

    @Test func `A second controller with our name is the loss of the link`() async throws {
        let bench = try await AsteriskBench()
        let first = Running(bench.makeAsteriskSwitch())
        _ = try await first.expectLinkUp()
        let second = Running(bench.makeAsteriskSwitch())
        _ = try await second.expectLinkUp()
        try await first.expect(.linkDown)
        #expect(!second.tape.elements.contains(.linkDown))
        await first.stop()
        await second.stop()
        await bench.end()
    }

    @Test func `A link that falls silent is given up`() async throws {
        let bench = try await AsteriskBench()
        let running = Running(bench.makeAsteriskSwitch(pingInterval: .milliseconds(100)))
        _ = try await running.expectLinkUp()
        // Longer than the silence that is allowed: the pongs keep the link.
        running.dial(LegID("a"), "8001")
        try await running.expect(.legRinging(LegID("a")))
        let limit = DialRequest(
            leg: LegID("b"), endpoint: .phone(bench.phoneB), presenting: Presentation(number: "1"),
            ringLimitSeconds: 1)
        running.do(.dial(limit))
        try await running.expect(.legEnded(LegID("b"), cause: .noAnswer))
        #expect(!running.tape.elements.contains(.linkDown))
        try await bench.lab.freezeLink()
        try await running.expect(.linkDown)
        await running.stop()
        await bench.end()
    }

    @Test func `A crowd of customers is served, each once`() async throws {
        let bench = try await AsteriskBench()
        let running = Running(bench.makeAsteriskSwitch())
        _ = try await running.expectLinkUp()
        let count = 100
        let customers = try SIPPCustomers(
            count, dialling: "4001", perSecond: 50, talkMilliseconds: 300, at: bench.lab)
        var legs: [LegID] = []
        for number in 0..<count {
            let leg = try await running.expectOffered().leg
            let mix = MixID("crowd-\(number)")
            running.do(.answer(leg), .connect(leg, mix: mix), .startMusic(mix))
            legs.append(leg)
        }
        for (number, leg) in legs.enumerated() {
            try await running.expect(.legAnswered(leg))
            try await running.expect(.legConnected(leg, mix: MixID("crowd-\(number)")))
            try await running.expect(.legEnded(leg, cause: .normalClearing))
            running.do(.endMix(MixID("crowd-\(number)")))
        }
        #expect(try await customers.areContent())
        #expect(Set(legs).count == count)
        let endings = running.tape.elements.count { if case .legEnded = $0 { true } else { false } }
        #expect(endings == count)
        #expect(running.vendor.ignored[.requestRefused] == nil, "music or bridge was refused")
        await customers.end()
        await running.stop()
        await bench.end()
    }
}
