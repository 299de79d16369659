import CSTA
import CallCenter
import RingsideServer
import SandboxSwitch
import SwitchDriver
import Testing

@Suite("Out of hours, on the sandbox", .serialized)
struct ClosedNumberTests {
    @Test("A customer hears the announcement once and is hung up on, also across a restart", arguments: [false, true])
    func announced(restarts: Bool) async throws {
        let bench = try await SandboxBench()
        let sound = try #require(SoundName("custom/closed"))
        var configuration = await bench.runner.read(\.configuration)
        let route = try #require(configuration.inbound["4001"])
        configuration.inbound["4001"] = InboundRoute(
            to: route.destination, hours: OpeningHours(periods: [:]),
            closedAnnouncement: Announcement(sound, seconds: 12))
        bench.runner.configure(configuration)
        await bench.settle()
        let leg = try bench.sandbox.customerCalls(from: "13800000040", to: "4001")
        await bench.pass(milliseconds: 5000)
        let namespace = bench.runner.namespace
        #expect(bench.sandbox.announcements(in: namespace).map(\.content) == [.sound(sound)])
        #expect(bench.sandbox.announcements(in: namespace).map(\.hearers) == [[leg]])
        #expect(try await bench.storedCalls().isEmpty)
        if restarts {
            try await bench.restart()
            #expect(bench.sandbox.announcements(in: namespace).map(\.content) == [.sound(sound), .sound(sound)])
        }
        await bench.pass(milliseconds: 12_000)
        #expect(await bench.runner.read { $0.calls.isEmpty })
        let call = try #require(try await bench.storedCalls().first)
        let part = try #require(call.parts.first)
        #expect(call.parts.count == 1 && part.device.number == "13800000040" && part.answered == nil)
        #expect(part.cause == .normalClearing && part.hangupDevice == route.destination)
        #expect(bench.allEvents.isEmpty)
        #expect(throws: SandboxError.unknownLeg) { try bench.sandbox.hangUpOutside(leg, in: namespace) }
        try await bench.close()
    }
}
