import CSTA
import CallCenter
import RingsideServer
import RingsideTesting
import SwitchDriver
import Testing

@Suite("When more comes than a tenant has room for")
struct OverflowTests {
    private static let small: TenantRunner.Bounds = {
        var bounds = TenantRunner.Bounds()
        bounds.waitingItems = 8
        bounds.batchInputs = 4
        return bounds
    }()

    /// A tenant whose journal takes nothing, with a batch in the runner's hands and no more room.
    private func overflow(_ bench: RunnerBench) async throws {
        bench.linkUp()
        await bench.settle()
        bench.journal.setFull(true)
        // Whatever changes: the runner holds it until the journal takes it.
        async let reply = bench.runner.perform(
            .logIn(RunnerBench.agent(5001), device: RunnerBench.device(8001), mode: .ready),
            by: RunnerBench.requester(5001))
        await bench.journal.refused(atLeast: 1)
        for _ in 0..<Self.small.waitingItems { bench.runner.receive(.deviceRegistered(RunnerBench.device(8001))) }
        // This one finds no room, and neither do those behind it.
        bench.runner.receive(.deviceUnregistered(RunnerBench.device(8002)))
        #expect(bench.runner.inboxCounts.lost == 1)
        bench.journal.setFull(false)
        #expect(await reply == .done)
        await bench.settle()
    }

    @Test("Events of the switch that found no room are made up for by a snapshot")
    func switchEvents() async throws {
        let bench = try await RunnerBench(bounds: Self.small)
        try await bench.run {
            try await overflow(bench)
            await bench.settle()
            #expect(bench.telephoneSwitch.snapshotsAskedFor == 1)
            #expect(
                bench.log.lines(beginning: "events of the switch found no room") == [
                    "events of the switch found no room; it is asked what is up lost=1 tenant=demo.cc"
                ])
            // What comes before the snapshot may build on what was lost.
            bench.runner.receive(.deviceRegistered(RunnerBench.device(8003)))
            #expect(bench.runner.inboxCounts.lost == 2)
            #expect(await bench.runner.read { $0.isSwitchUp } == false)

            bench.runner.receive(.linkUp(SwitchSnapshot(registered: [RunnerBench.device(8001)])))
            bench.runner.receive(.deviceRegistered(RunnerBench.device(8004)))
            let (isUp, registered) = await bench.runner.read { tenant in
                (tenant.isSwitchUp, tenant.devices.values.filter(\.isRegistered).map(\.profile.id.number).sorted())
            }
            #expect(isUp)
            #expect(registered == ["8001", "8004"])
            #expect(bench.telephoneSwitch.snapshotsAskedFor == 1)
        }
    }

    @Test("A snapshot that finds no room either is asked for again")
    func snapshot() async throws {
        let bench = try await RunnerBench(bounds: Self.small)
        try await bench.run {
            try await overflow(bench)
            await bench.settle()
            try #require(bench.telephoneSwitch.snapshotsAskedFor == 1)
            bench.journal.setFull(true)
            async let reply = bench.runner.perform(
                .setMode(RunnerBench.agent(5001), .notReady, reason: nil), by: RunnerBench.requester(5001))
            await bench.journal.refused(atLeast: 2)
            async let replies = withTaskGroup(of: Reply.self, returning: [Reply].self) { group in
                for _ in 0..<Self.small.waitingItems {
                    group.addTask {
                        await bench.runner.perform(
                            .heartbeat(RunnerBench.agent(5001)), by: RunnerBench.requester(5001))
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            while bench.runner.inboxCounts.waiting < Self.small.waitingItems { await Task.yield() }
            bench.linkUp()
            bench.journal.setFull(false)
            #expect(await reply == .done)
            #expect(await replies == Array(repeating: .done, count: Self.small.waitingItems))
            await bench.settle()
            await bench.settle()
            #expect(bench.telephoneSwitch.snapshotsAskedFor == 2)
        }
    }

    @Test("Timers that find no room wait until there is some")
    func timers() async throws {
        let bench = try await RunnerBench(bounds: Self.small)
        try await bench.run {
            try await overflow(bench)
            bench.linkUp()
            try await bench.logIn(5002)
            bench.journal.setFull(true)
            async let reply = bench.runner.perform(
                .setMode(RunnerBench.agent(5002), .notReady, reason: nil), by: RunnerBench.requester(5002))
            await bench.journal.refused(atLeast: 2)
            for _ in 0..<Self.small.waitingItems { bench.runner.receive(.deviceRegistered(RunnerBench.device(8001))) }
            bench.steadyClock.advance(seconds: 180)
            bench.runner.fireDueTimers()
            bench.journal.setFull(false)
            #expect(await reply == .done)
            await bench.settle()
            #expect(!bench.events.contains("8001 agentLoggedOff"))
            await bench.pass(seconds: 0)
            #expect(
                bench.events.filter { $0.hasSuffix("agentLoggedOff") }.sorted() == [
                    "8001 agentLoggedOff", "8002 agentLoggedOff",
                ])
        }
    }
}
