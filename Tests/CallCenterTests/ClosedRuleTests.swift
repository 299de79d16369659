import CSTA
import SwitchDriver
import Testing

@testable import CallCenter

@Suite("Out of hours a number leads to an announcement, and the call is ended")
struct ClosedRuleTests {
    private static let call = CallID("q-1") ?? .none
    private static let leg = LegID("trunk-1")
    private static let mix = MixID(call)
    private static let limits = TenantLimits()

    private static func configuration(_ periods: [OpeningHours.Weekday: [OpeningHours.Period]] = [:]) throws
        -> TenantConfiguration
    {
        var configuration = SplitRuleTests.configuration()
        let sound = try #require(SoundName("custom/closed"))
        configuration.inbound["4700"] = InboundRoute(
            to: SplitRuleTests.split, hours: OpeningHours(periods: periods),
            closedAnnouncement: Announcement(sound, seconds: 12))
        return configuration
    }

    /// A customer has called, while an agent of the split is ready.
    private static func desk() throws -> Desk {
        var desk = Desk(configuration: try configuration())
        desk.apply(.resumed)
        desk.logIn(5001, on: 8001)
        desk.customer(1)
        return desk
    }

    private static func play() throws -> SwitchCommand { .play(try #require(SoundName("custom/closed")), mix) }

    @Test("The caller is answered, hears it and is hung up on; nobody is called, gets an event or is counted")
    func played() throws {
        var desk = try Self.desk()
        #expect(desk.commands == [.connect(Self.leg, mix: Self.mix), .answer(Self.leg)])
        #expect(desk.seconds(of: .announcement(Self.call)) == 12 + Self.limits.answerSeconds)
        #expect(desk.events.isEmpty)
        desk.tell(.legAnswered(Self.leg))
        #expect(desk.commands == [try Self.play()] && desk.events.isEmpty)
        #expect(desk.seconds(of: .announcement(Self.call)) == 12)
        desk.tell(.legConnected(Self.leg, mix: Self.mix))
        desk.tell(.legAnswered(Self.leg))
        #expect(desk.ignored == [.repeated] && desk.isUnmoved)
        desk.now = desk.now.advanced(bySeconds: 12)
        desk.apply(.timer(.announcement(Self.call)))
        #expect(desk.commands == [.hangUp(Self.leg, cause: .normalClearing), .endMix(Self.mix)])
        #expect(desk.events.isEmpty && desk.tenant.calls.isEmpty && desk.tenant.legs.isEmpty)
        #expect(desk.tenant.agents[Desk.agent(5001)]?.mode == .ready)
        #expect(desk.tenant.splits[SplitRuleTests.split]?.count.tally.counts.entered == 0)
        let part = try #require(desk.parts.first)
        #expect(desk.parts.count == 1 && part.device.number == "13800000001" && part.trunkGroup == "1")
        #expect(part.calledDevice == SplitRuleTests.split && part.hangupDevice == SplitRuleTests.split)
        #expect(part.answered == nil && part.cause == .normalClearing && part.endsCall && part.split == nil)
        desk.tell(.legEnded(Self.leg, cause: .normalClearing))
        #expect(desk.ignored.isEmpty && desk.isUnmoved)
    }

    @Test("Whoever hangs up before is gone at once, with the timer", arguments: [false, true])
    func callerGoes(isUp: Bool) throws {
        var desk = try Self.desk()
        if isUp { desk.tell(.legAnswered(Self.leg)) }
        desk.tell(.legEnded(Self.leg, cause: .normalClearing))
        #expect(desk.commands == [.endMix(Self.mix)] && desk.events.isEmpty && desk.tenant.calls.isEmpty)
        #expect(desk.effects.contains(.cancelTimer(.announcement(Self.call))))
        #expect(desk.parts.map(\.cause) == [.originatorCancel])
        #expect(desk.parts.map(\.hangupDevice?.number) == ["13800000001"])
        desk.apply(.timer(.announcement(Self.call)))
        #expect(desk.ignored == [.unknownTimer] && desk.isUnmoved)
    }

    @Test("In hours the split takes the call")
    func open() throws {
        let days = OpeningHours.Weekday.allCases.map { ($0, [0..<1440]) }
        var desk = Desk(configuration: try Self.configuration(Dictionary(uniqueKeysWithValues: days)))
        desk.logIn(5001, on: 8001)
        desk.customer(1)
        #expect(desk.dialled == [Desk.device(8001)])
    }

    @Test("No command reaches such a call")
    func commands() throws {
        var desk = try Self.desk()
        desk.tell(.legAnswered(Self.leg))
        #expect(desk.ask(.listen(Self.call, device: Desk.device(8004)), by: 5004, role: .supervisor) != .done)
        #expect(desk.isUnmoved)
        let customer = try #require(desk.tenant.calls[Self.call]?.connections.first?.device)
        let connection = ConnectionID(device: customer, call: Self.call)
        #expect(desk.ask(.holdCall(connection), by: 5001) != .done && desk.isUnmoved)
    }

    @Test("After a restart it ends within its time", arguments: [false, true])
    func restarted(isUp: Bool) throws {
        var desk = try Self.desk()
        if isUp { desk.tell(.legAnswered(Self.leg)) }
        let before = desk.tenant.calls
        let entries = desk.tenant.takeChanges()
        desk.tenant = try Tenant(configuration: Self.configuration(), serial: desk.tenant.serial, entries: entries)
        #expect(desk.tenant.calls == before)
        desk.apply(.resumed)
        #expect(desk.seconds(of: .announcement(Self.call)) == 12 + (isUp ? 0 : Self.limits.answerSeconds))
        #expect(desk.seconds(of: .answer(Self.call)) == nil)
        desk.tell(.linkUp(SwitchSnapshot(legs: [Self.leg: isUp ? .up : .pending])))
        let told = isUp ? try Self.play() : .answer(Self.leg)
        #expect(desk.commands == [.connect(Self.leg, mix: Self.mix), told])
        desk.apply(.timer(.announcement(Self.call)))
        #expect(desk.commands.contains(.hangUp(Self.leg, cause: .normalClearing)) && desk.tenant.calls.isEmpty)
    }

    @Test(
        "When the link comes back it is played to who is up, also if that was not told, and whose leg is gone has gone")
    func relinked() throws {
        var desk = try Self.desk()
        desk.tell(.linkDown)
        desk.tell(.linkUp(SwitchSnapshot(legs: [Self.leg: .up])))
        #expect(desk.commands == [.connect(Self.leg, mix: Self.mix), try Self.play()])
        #expect(desk.seconds(of: .announcement(Self.call)) == 12)
        desk.tell(.linkDown)
        desk.tell(.linkUp(SwitchSnapshot(legs: [Self.leg: .up])))
        #expect(desk.commands == [.connect(Self.leg, mix: Self.mix), try Self.play()])
        #expect(desk.seconds(of: .announcement(Self.call)) == nil, "its time goes on")
        desk.tell(.linkDown)
        desk.tell(.linkUp(SwitchSnapshot()))
        #expect(desk.tenant.calls.isEmpty && desk.parts.count == 1 && desk.events.isEmpty)
    }

    @Test("While the link is down it ends for us, and for the switch when the link is back")
    func endedWithoutLink() throws {
        var desk = try Self.desk()
        desk.tell(.legAnswered(Self.leg))
        desk.tell(.linkDown)
        desk.apply(.timer(.announcement(Self.call)))
        #expect(desk.tenant.calls.isEmpty && desk.parts.count == 1)
        desk.tell(.linkUp(SwitchSnapshot(legs: [Self.leg: .up])))
        #expect(desk.commands == [.hangUp(Self.leg, cause: .normalClearing)])
    }

    @Test("A sweep does not take the caller for somebody who rings, and ends the call if its timer was lost")
    func lostTimer() throws {
        var desk = try Self.desk()
        desk.tell(.legAnswered(Self.leg))
        var mended: [Mend] = []
        var sweeps = 0
        while mended.isEmpty, sweeps < 10 {
            desk.apply(.timer(.sweep))
            sweeps += 1
            mended = desk.effects.compactMap { if case .mended(let mend, _) = $0 { mend } else { nil } }
        }
        #expect(mended == [.announcement])
        #expect(sweeps * Tenant.sweepSeconds > 12 + Self.limits.answerSeconds)
        #expect(desk.commands == [.hangUp(Self.leg, cause: .normalClearing), .endMix(Self.mix)])
        #expect(desk.tenant.calls.isEmpty)
    }

    @Test("State of before, without announcements, is read; one that makes no sense is not")
    func stored() throws {
        var desk = try Self.desk()
        let entry = try #require(desk.tenant.takeChanges().first { $0.key == "call:q-1" })
        let text = String(decoding: try #require(entry.value), as: UTF8.self)
        let announcement = #","announcement":{"sound":"custom/closed","seconds":12}"#
        let parts = text.split(separator: announcement, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        let older = Array(parts.joined().utf8)
        #expect(try StateCoding.call(StateCoding.object(older)).announcement == nil)
        let wrong = Array(parts.joined(separator: #","announcement":{"sound":"../x","seconds":12}"#).utf8)
        #expect(throws: StateCoding.Failure.self) { try StateCoding.call(StateCoding.object(wrong)) }
    }

    @Test(
        "Names of sounds",
        arguments: [
            ("closed", true), ("custom/closed-2_a", true), ("A9", true), (String(repeating: "a", count: 64), true),
            (String(repeating: "a", count: 65), false), ("", false), ("..", false), ("a/../b", false),
            ("/etc/x", false),
            ("a.wav", false), ("a b", false), ("a,sound:b", false), ("a&b", false), ("ä", false),
        ])
    func names(text: String, isName: Bool) {
        #expect(SoundName(text)?.text == (isName ? text : nil))
    }
}

extension Desk {
    fileprivate var parts: [CallPart] {
        effects.compactMap { if case .record(.part(let part)) = $0 { part } else { nil } }
    }
}
