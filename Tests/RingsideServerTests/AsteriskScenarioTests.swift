import CSTA
import RingsideTesting
import Testing

@Suite(
    "The whole server on a real Asterisk with real phones",
    .enabled(if: Lab.isInstalled, "the lab is not installed: Tests/Lab/README.md"), .serialized)
struct AsteriskScenarioTests {
    @Test("Two parties, line by line, at each desktop's WebSocket")
    func twoParties() async throws {
        let centre = try await AsteriskCentre(port: 28751)
        let scenarios = try Scenario.twoParties()
        let baresip = AsteriskScenarioBench.withBaresip(centre)
        for scenario in scenarios where !scenario.needsRemoteAnswer {
            try await play(scenario, on: baresip, "baresip")
        }
        let remoteAnswer = AsteriskScenarioBench.withRemoteAnswer(centre)
        for scenario in scenarios { try await play(scenario, on: remoteAnswer, "NOTIFY talk") }
        await centre.end()
    }

    @Test("E9, E10, E14-E18: transfers, conferences, consultations, supervisors, phones, recordings; who hears whom")
    func severalParties() async throws {
        let centre = try await AsteriskCentre(port: 28755)
        let bench = AsteriskScenarioBench.withRemoteAnswer(centre)
        for scenario in try Scenario.severalParties() { try await play(scenario, on: bench, "NOTIFY talk") }
        await centre.end()
    }

    @Test("Splits: who is offered a call, who waits, and what comes after it")
    func splits() async throws {
        let centre = try await AsteriskCentre(port: 28758)
        let bench = AsteriskScenarioBench.withRemoteAnswer(centre)
        for scenario in try Scenario.splits() { try await play(scenario, on: bench, "NOTIFY talk") }
        await centre.end()
    }

    @Test("Campaigns: who is reserved, whom the carrier reaches, and what comes of it")
    func outbound() async throws {
        let centre = try await AsteriskCentre(port: 28756)
        let bench = AsteriskScenarioBench.withRemoteAnswer(centre)
        for scenario in try Scenario.outbound() { try await play(scenario, on: bench, "NOTIFY talk") }
        await centre.end()
    }

    @Test("All sixteen events of the protocol come to one desktop")
    func allEvents() async throws {
        let centre = try await AsteriskCentre(port: 28757)
        let bench = AsteriskScenarioBench.withRemoteAnswer(centre)
        let before = try await bench.lastSerial()
        for scenario in try Scenario.allEvents() { try await play(scenario, on: bench, "NOTIFY talk") }
        let events = try await bench.events(of: .b, after: before, atLeast: 0, withAgents: true)
        let counts = Dictionary(grouping: events, by: \.name).mapValues(\.count)
        print("Events at one desktop on the real Asterisk:")
        for name in Self.names { print("  \(name) \(counts[name] ?? 0)") }
        #expect(Self.names.filter { counts[$0] == nil } == [])
        await centre.end()
    }

    /// In the order of the protocol.
    private static let names = [
        "agentLoggedOn", "agentLoggedOff", "agentReady", "agentNotReady", "delivered", "established",
        "connectionCleared", "transferred", "conferenced", "retrieved", "held", "agentWorkingAfterCall",
        "agentAllocated", "recordStarted", "recordStopped", "failed",
    ]

    @Test("kill -9 with a call up: it comes back with the call, the agents and the serials, and the call goes on")
    func killedServer() async throws {
        let centre = try await AsteriskCentre(port: 28752)
        let bench = AsteriskScenarioBench.withRemoteAnswer(centre)
        let supervisor = EventFollower(
            port: 28752, target: "/events?after=0", session: try await centre.server.logIn("5009"))
        try await Scenario("up", "B calls C\nC answers\nB: si or delivered established\nC: delivered established")
            .play(on: bench)
        let before = try await bench.events(of: .b, after: Serial(0), atLeast: 4, withAgents: false)
        await centre.server.kill9()
        try await centre.server.start()
        // A desktop that logs in again goes on after the last event that it has had.
        let session = try await centre.server.logIn("5003")
        let resumed = EventFollower(
            port: 28752, target: "/events?after=\(before.last?.serial.value ?? 0)", session: session)
        let state = try await centre.server.request("GET", "/api/csta/agent/client-state", session: session)
        #expect(state.body?["agent"]?["agentMode"] == .string("Ready"))
        #expect(state.body?["agent"]?["activeCall"]?["state"] == .string("Connect"))
        guard case .call(let call)? = before.last?.body else { return #expect(Bool(false), "no call: \(before)") }
        let connection = ConnectionID(device: bench.device(of: .b), call: call.call)
        for service in ["hold", "retrieve", nil] {
            let answer = try await centre.server.act(service, on: connection, session: session)
            #expect(answer.status == 204, "\(service ?? "hang up"): \(answer)")
            let expected = ["hold": 1, "retrieve": 2][service ?? ""] ?? 3
            #expect(await resumed.wait { $0.count >= expected })
        }
        #expect(resumed.events.map(\.name) == ["held", "retrieved", "connectionCleared"])
        // The supervisor's session has outlived the server: its stream has come back by itself, without a gap.
        let last = resumed.events.last?.serial ?? Serial(0)
        #expect(await supervisor.wait { ($0.last?.serial ?? Serial(0)) >= last })
        let serials = supervisor.events.map(\.serial.value)
        #expect(serials == Array(1...Int64(serials.count)))
        for follower in [supervisor, resumed] { follower.end() }
        await centre.end()
    }

    @Test(
        "The link is cut with a call up: unready, no commands; back, the call goes on, and what ended unseen is cleared"
    )
    func cutLink() async throws {
        let centre = try await AsteriskCentre(port: 28753)
        let bench = AsteriskScenarioBench.withRemoteAnswer(centre)
        try await Scenario("up", "B calls C\nC answers\nB: si or delivered established\nC: delivered established")
            .play(on: bench)
        try await centre.lab.cutLink()
        try await centre.server.waitUntilReady(false)
        let refused = await #expect(throws: AsteriskCentre.Failure.self) {
            try await bench.perform(.call(from: .d, to: .party(.e), analysis: false), calls: [:])
        }
        #expect(refused?.description.contains("switchAway") == true)
        try await centre.lab.joinLink()
        try await centre.server.waitUntilReady()
        try await Scenario("goes on", "B holds\nB: held(B)\nC: held(B)\nB retrieves\nB: held(B) retrieved(B)")
            .play(on: bench)

        try await centre.lab.cutLink()
        try await centre.server.waitUntilReady(false)
        let before = try await bench.lastSerial()
        try await bench.perform(.press(.c, .hangUp), calls: [:])
        try await centre.lab.joinLink()
        try await centre.server.waitUntilReady()
        let events = try await bench.events(of: .b, after: before, atLeast: 2, withAgents: false)
        #expect(events.map(\.name) == ["connectionCleared", "connectionCleared"])
        try await centre.clearCalls()
        try await Scenario("afterwards", "B calls C\nC answers\nB: si or delivered established").play(on: bench)
        await centre.end()
    }

    @Test("Asterisk is killed and restarted with a call up: the call is cleared, and new ones can be made")
    func killedAsterisk() async throws {
        let centre = try await AsteriskCentre(port: 28754)
        let bench = AsteriskScenarioBench.withRemoteAnswer(centre)
        try await Scenario("up", "B calls C\nC answers\nB: si or delivered established\nC: delivered established")
            .play(on: bench)
        let before = try await bench.lastSerial()
        try await centre.lab.kill9()
        try await centre.server.waitUntilReady(false)
        try await centre.lab.start()
        try await centre.server.waitUntilReady()
        let events = try await bench.events(of: .c, after: before, atLeast: 2, withAgents: false)
        #expect(events.map(\.name) == ["connectionCleared", "connectionCleared"])
        let causes = events.compactMap { if case .call(let call) = $0.body { call.cause } else { nil } }
        #expect(causes == [.hangup(.normalTemporaryFailure), .hangup(.normalTemporaryFailure)])
        // The phones still believe in their call: they are told that there is none when they hang up.
        for party in [Scenario.Party.b, .c] { try await bench.perform(.press(party, .hangUp), calls: [:]) }
        // A registration that Asterisk had not written down yet is gone with it.
        for device in ["8005", "8006"] { try centre.desks[device]?.phone.say("register") }
        try await AsteriskCentre.eventually {
            try await bench.perform(.call(from: .d, to: .party(.e), analysis: false), calls: [:])
        }
        try await bench.perform(.press(.e, .answer), calls: [:])
        #expect(
            try await bench.events(of: .e, after: Serial(0), atLeast: 2, withAgents: false).map(\.name) == [
                "delivered", "established",
            ])
        await centre.end()
    }

    private func play(_ scenario: Scenario, on bench: AsteriskScenarioBench, _ phones: String) async throws {
        do {
            try await scenario.play(on: bench)
        } catch {
            Issue.record("\(phones): \(error)\n\(bench.centre.server.log.suffix(2000))")
        }
        try await bench.stopCampaigns()
        try await bench.centre.clearCalls()
    }
}
