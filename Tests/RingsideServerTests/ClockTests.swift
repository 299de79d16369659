import CSTA
import CallCenter
import RingsideServer
import RingsideTesting
import Testing

@Suite("Timers run by a clock that nobody sets")
struct ClockTests {
    @Test(
        "A time of day that is set by minutes logs nobody out, and three minutes of silence do", arguments: [-600, 600])
    func clockStep(seconds: Int) async throws {
        let bench = try await RunnerBench()
        try await bench.run {
            bench.linkUp()
            try await bench.logIn(5001)
            bench.wallClock.set(milliseconds: bench.wallClock.milliseconds + Int64(seconds) * 1000)
            await bench.pass(seconds: 0)
            #expect(bench.events == ["8001 agentLoggedOn", "8001 agentReady"])

            await bench.pass(seconds: 179)
            #expect(bench.events.count == 2)

            await bench.pass(seconds: 1)
            #expect(bench.events.last == "8001 agentLoggedOff")
        }
    }

    @Test("A heartbeat begins the three minutes anew")
    func heartbeat() async throws {
        let bench = try await RunnerBench()
        try await bench.run {
            bench.linkUp()
            try await bench.logIn(5001)
            await bench.pass(seconds: 100)
            let reply = await bench.runner.perform(
                .heartbeat(RunnerBench.agent(5001)), by: RunnerBench.requester(5001))
            #expect(reply == .done)
            await bench.pass(seconds: 179)
            #expect(bench.events.count == 2)
            await bench.pass(seconds: 1)
            #expect(bench.events.last == "8001 agentLoggedOff")
        }
    }
}
