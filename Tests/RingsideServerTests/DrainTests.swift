import CSTA
import CallCenter
import Gateway
import Logging
import RingsideTesting
import ServiceLifecycle
import SwitchDriver
import Testing

@testable import RingsideServer

@Suite("The server ends when it is told to")
struct DrainTests {
    /// Lets wait until it is opened.
    private struct Gate: Sendable {
        private let stream = AsyncStream.makeStream(of: Void.self)

        func open() { stream.continuation.finish() }
        func wait() async { for await _ in stream.stream {} }
    }

    private func services(_ bench: RunnerBench, drainTime: @escaping @Sendable () async -> Void) -> ServiceGroup {
        let table = TenantTable()
        table.start(bench.runner)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let tenants = Tenants(
            table: table, journal: bench.journal, now: { bench.wallClock.instant }, logger: logger,
            drainTime: drainTime)
        return ServiceGroup(services: [tenants, Drain(tenants: tenants)], logger: logger)
    }

    @Test("While the journal takes nothing, what is not stored is given up when the time is over, and counted")
    func fullDisk() async throws {
        let bench = try await RunnerBench()
        let gate = Gate()
        let services = services(bench, drainTime: { await gate.wait() })
        let running = Task { try await services.run() }
        bench.linkUp()
        try await bench.logIn(5001)
        bench.journal.setFull(true)
        async let reply = bench.runner.perform(
            .setMode(RunnerBench.agent(5001), .notReady, reason: nil), by: RunnerBench.requester(5001))
        await bench.journal.refused(atLeast: 1)
        bench.runner.receive(.deviceUnregistered(RunnerBench.device(8002)))
        async let mode = bench.runner.read { $0.agents[RunnerBench.agent(5001)]?.mode }
        await services.triggerGracefulShutdown()
        // The command, what the switch told, the reading, and the draining.
        while bench.runner.inboxCounts.waiting < 3 { await Task.yield() }
        #expect(!bench.journal.isClosed)

        gate.open()
        #expect(await reply == .refused(.overloaded))
        #expect(await mode == .ready)
        await #expect(throws: Tenants.NotStored(inputs: 3)) { try await running.value }
        #expect(bench.journal.isClosed)
        #expect(bench.events == ["8001 agentLoggedOn", "8001 agentReady"])
        #expect(
            bench.log.lines(beginning: "the server ends") == [
                "the server ends before the journal has taken what came last: no client was told of it"
                    + " commands=2 events=1 inputs=3 tenant=demo.cc"
            ])
    }

    @Test("When the disk has room again in time, nothing is lost")
    func roomInTime() async throws {
        let bench = try await RunnerBench()
        let never = Gate()
        let services = services(bench, drainTime: { await never.wait() })
        let running = Task { try await services.run() }
        bench.linkUp()
        try await bench.logIn(5001)
        bench.journal.setFull(true)
        async let reply = bench.runner.perform(
            .setMode(RunnerBench.agent(5001), .notReady, reason: nil), by: RunnerBench.requester(5001))
        await bench.journal.refused(atLeast: 1)
        await services.triggerGracefulShutdown()
        while bench.runner.inboxCounts.waiting < 1 { await Task.yield() }
        bench.journal.setFull(false)
        #expect(await reply == .done)
        // The time that draining may take is not waited for.
        try await running.value
        #expect(bench.journal.isClosed)
        #expect(bench.events.last == "8001 agentNotReady")
        #expect(bench.log.lines(beginning: "the server ends") == [])
    }

    @Test("A tenant that has stopped alone does not end the others, nor keep the server from ending")
    func stoppedTenant() async throws {
        let bench = try await RunnerBench(journal: TestJournal(maximumEventBytes: 1000))
        let services = services(bench, drainTime: {})
        let running = Task { try await services.run() }
        bench.linkUp()
        try await bench.logIn(5001)
        let reply = await bench.runner.perform(
            .setMode(RunnerBench.agent(5001), .notReady, reason: String(repeating: "x", count: 1000)),
            by: RunnerBench.requester(5001))
        #expect(reply == .refused(.overloaded))
        #expect(!bench.journal.isClosed)
        await services.triggerGracefulShutdown()
        try await running.value
        #expect(bench.journal.isClosed)
    }
}
