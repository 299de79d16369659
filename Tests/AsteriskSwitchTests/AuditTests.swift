import CSTA
import RingsideTesting
import SwitchDriver
import Testing

@testable import AsteriskSwitch

/// What two looks in a row find that the messages have not told.
struct AuditTests {
    private static func channel(_ id: String, _ state: ARIChannel.State) -> ARIChannel {
        ARIChannel(
            id: id, name: "PJSIP/8003-1", state: state, callerNumber: "", extensionDialled: "s", runs: "Stasis",
            runsWith: "csta,dialled", variables: ["RINGSIDE_NS": "zhen04.cc"])
    }

    private static func look(
        _ channels: [ARIChannel], online: ClosedRange<Int> = 8001...8009
    ) -> ARIStateMachine.Input {
        var snapshot = ARISnapshot()
        snapshot.channels = channels
        snapshot.endpoints = (8001...8010).map {
            ARIEndpoint(technology: "PJSIP", resource: String($0), online: online.contains($0))
        }
        return .audit(snapshot)
    }

    /// `a` has been dialled and has come to the application.
    private static func replay() -> Replay {
        var replay = Replay()
        replay.dial("a", .phone(device("8003")))
        replay.feed(.message(.stasisStart(channel("a", .down), arguments: ["dialled"])))
        return replay
    }

    @Test func `What agrees is left alone`() {
        var replay = Self.replay()
        for _ in 0..<3 { replay.feed(Self.look([Self.channel("a", .down)])) }
        #expect(replay.mended.isEmpty && replay.told.isEmpty)
    }

    @Test func `A leg without a channel ends with the second look, once`() {
        var replay = Self.replay()
        replay.feed(Self.look([]))
        #expect(replay.told.isEmpty, "its creation may be under way")
        replay.feed(Self.look([]))
        #expect(replay.told == ["legEnded a RECOVERY_ON_TIMER_EXPIRE"] && replay.mended == [.end])
        replay.feed(Self.look([]))
        #expect(replay.told.count == 1)
    }

    @Test func `What was missing in one look and is there in the next is left alone`() {
        var replay = Self.replay()
        for _ in 0..<3 {
            replay.feed(Self.look([]))
            replay.feed(Self.look([Self.channel("a", .down)]))
        }
        #expect(replay.mended.isEmpty && replay.told.isEmpty)
    }

    @Test func `Ringing and the answer are told with the second look`() {
        var replay = Self.replay()
        for _ in 0..<2 { replay.feed(Self.look([Self.channel("a", .ringing)])) }
        #expect(replay.told == ["legRinging a"])
        for _ in 0..<3 { replay.feed(Self.look([Self.channel("a", .up)])) }
        #expect(replay.told == ["legRinging a", "legAnswered a"] && replay.mended == [.change, .change])
    }

    @Test func `A channel that no leg stands for is hung up, and others' channels are not touched`() {
        var replay = Replay()
        var foreign = Self.channel("foreign", .up)
        foreign.runsWith = "other,dialled"
        var announcer = Self.channel("announcer", .up)
        announcer.name = "Announcer/ARI-0000002;1"
        for _ in 0..<2 { replay.feed(Self.look([Self.channel("stray", .up), foreign, announcer])) }
        #expect(replay.sent.map(\.target) == ["/ari/channels/stray?reason_code=41"])
        #expect(replay.mended == [.channel])
    }

    @Test func `Phones that came or went untold are told with the second look`() {
        var replay = Replay()
        for _ in 0..<3 { replay.feed(Self.look([], online: 8002...8010)) }
        #expect(Set(replay.told) == ["deviceUnregistered 8001@zhen04.cc", "deviceRegistered 8010@zhen04.cc"])
        #expect(replay.mended == [.phone, .phone])
    }

    @Test func `A new link forgets the doubts of the one before`() {
        var replay = Self.replay()
        replay.feed(Self.look([]))
        replay.feed(.linkDown)
        replay.feed(Self.look([]))
        replay.feed(.linkUp(ARISnapshot(), held: []))
        replay.told = []
        replay.feed(Self.look([]))
        #expect(replay.mended.isEmpty)
    }
}

@Suite(.serialized, .enabled(if: Lab.isInstalled, "the lab is not installed: see Tests/Lab/README.md"))
struct LabAuditTests {
    @Test func `A real Asterisk that does not tell of a phone's hang-up is found out, and of its answer`() async throws
    {
        let bench = try await AsteriskBench()
        let running = Running(bench.makeAsteriskSwitch(auditInterval: .milliseconds(500)))
        _ = try await running.expectLinkUp()
        let (a, mix) = (LegID("a"), MixID("m"))
        running.dial(a, "8001", mix: mix)
        try await running.expect(.legRinging(a))
        try await bench.withhold(["ChannelStateChange", "ChannelDestroyed", "ChannelHangupRequest", "StasisEnd"])
        try await bench.press(.answer, at: bench.phoneA)
        try await running.expect(.legAnswered(a))
        try await bench.press(.hangUp, at: bench.phoneA)
        try await running.expect(.legEnded(a, cause: .recoveryOnTimerExpire))
        #expect(running.vendor.mendedCounts[AsteriskSwitch.Mended.change.rawValue] == 1)
        #expect(running.vendor.mendedCounts[AsteriskSwitch.Mended.end.rawValue] == 1)
        await running.stop()
        await bench.end()
    }
}

extension AsteriskBench {
    /// Has Asterisk keep messages of these types from the driver, as if they were lost.
    fileprivate func withhold(_ types: [String]) async throws {
        let client = ARIClient(
            AsteriskConfiguration(
                host: lab.host, port: lab.port, user: "ringside", password: "ringside", application: "ringside"))
        let reply = await client.send(.filterEvents(application: "ringside", without: types))
        await client.close()
        guard case .success = reply else { throw LabAuditError(reply: "\(reply)") }
    }
}

private struct LabAuditError: Error { let reply: String }
