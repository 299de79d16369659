import CSTA
import CallCenter
import RingsideServer
import RingsideTesting
import Testing

@Suite("A STOMP client that others wrote", .timeLimit(.minutes(3)))
struct SandboxStompTests {
    @Test(
        "gets the events of two agents and their calls, as they are stored and in order",
        .enabled(if: Lab.hasTools, "stomp.py is not installed: Tests/Lab/README.md"))
    func order() async throws {
        let gateway = try await SandboxGateway()
        let bench = gateway.bench
        // Clients subscribe before they log the agent in.
        for number in [5001, 5002] { try await tell(bench, number) { agent, _ in .logOut(agent) } }
        let before = await bench.lastSerial()
        let client = try StompClient(
            port: gateway.port, login: "5009@demo.cc", passcode: "demo",
            destinations: ["/topic/event.agent.*.5001@demo_cc", "/topic/event.agent.*.5002@demo_cc"])
        try await client.waitUntilSubscribed()
        for number in [5001, 5002] {
            try await tell(bench, number) { .logIn($0, device: $1, mode: .ready) }
        }
        try await bench.perform(.call(from: .b, to: .party(.c), analysis: false), calls: [:])
        // Another's, which is not for this client.
        try await bench.perform(.dial(from: .a, to: .party(.d)), calls: [:])
        try await bench.perform(.ask(.c, .act(.answer), call: nil), calls: [:])
        try await bench.perform(.ask(.b, .act(.hold), call: nil), calls: [:])
        try await bench.perform(.ask(.b, .act(.retrieve), call: nil), calls: [:])
        try await bench.perform(.ask(.c, .act(.hangUp), call: nil), calls: [:])
        for number in [5001, 5002] { try await tell(bench, number) { agent, _ in .logOut(agent) } }
        let expected = bench.allEvents.filter { $0.serial > before && ["5001", "5002"].contains($0.agent?.number) }
        #expect(expected.count > 10 && bench.allEvents.count > expected.count)
        let got = try await client.events(expected.count)
        #expect(got.map(\.json) == expected.map { String(decoding: $0.json, as: UTF8.self) })
        #expect(got.map(\.destination) == expected.map { $0.agent?.number == "5001" ? 0 : 1 })
        await client.end()
        try await gateway.close()
    }

    /// Gives a command of an agent, with the device that has its number.
    private func tell(
        _ bench: SandboxBench, _ number: Int, _ command: (AgentID, DeviceID) -> Command
    ) async throws {
        let agent = try #require(AgentID("\(number)@demo.cc"))
        let device = try #require(DeviceID("\(number + 3000)@demo.cc"))
        let reply = await bench.runner.perform(command(agent, device), by: Requester(agent: agent, role: .agent))
        #expect(reply == .done)
    }

    @Test(
        "is refused with a wrong password",
        .enabled(if: Lab.hasTools, "stomp.py is not installed: Tests/Lab/README.md"))
    func refused() async throws {
        let gateway = try await SandboxGateway()
        let client = try StompClient(
            port: gateway.port, login: "5009@demo.cc", passcode: "guess",
            destinations: ["/topic/event.agent.*.5001@demo_cc"])
        try await client.waitUntilRefused("badCredentials")
        await client.end()
        try await gateway.close()
    }
}
