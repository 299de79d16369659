import CSTA
import RingsideTesting
import Testing

@Suite(
    "The whole server on a real Asterisk with real phones",
    .enabled(if: Lab.isInstalled, "the lab is not installed: Tests/Lab/README.md"), .serialized)
struct AsteriskScenarioTests {
    @Test("Two parties, line by line, at each desktop's WebSocket")
    func twoParties() async throws {
        let centre = try await AsteriskCentre(network: "127.61.0", port: 28751)
        let scenarios = try Scenario.twoParties()
        let baresip = AsteriskScenarioBench.withBaresip(centre)
        for scenario in scenarios where !scenario.needsRemoteAnswer {
            try await play(scenario, on: baresip, "baresip")
        }
        let remoteAnswer = AsteriskScenarioBench.withRemoteAnswer(centre)
        for scenario in scenarios { try await play(scenario, on: remoteAnswer, "NOTIFY talk") }
        await centre.end()
    }

    private func play(_ scenario: Scenario, on bench: AsteriskScenarioBench, _ phones: String) async throws {
        do {
            try await scenario.play(on: bench)
        } catch {
            Issue.record("\(phones): \(error)\n\(bench.centre.server.log.suffix(2000))")
        }
        try await bench.centre.clearCalls()
    }
}
