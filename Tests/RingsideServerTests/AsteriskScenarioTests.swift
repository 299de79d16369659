import CSTA
import RingsideTesting
import Testing

@Suite(
    "The whole server on a real Asterisk with real phones",
    .enabled(if: Lab.isInstalled, "the lab is not installed: Tests/Lab/README.md"), .serialized)
struct AsteriskScenarioTests {
    @Test("Two parties, line by line, at each desktop's WebSocket")
    func twoParties() async throws {
        let bench = try await AsteriskScenarioBench(network: "127.61.0", port: 28751)
        for scenario in try Scenario.twoParties() {
            do {
                try await scenario.play(on: bench)
                try await bench.clearCalls()
            } catch {
                Issue.record("\(scenario): \(error)\n\(bench.server.log.suffix(3000))")
                try await bench.clearCalls()
            }
        }
        await bench.end()
    }
}
