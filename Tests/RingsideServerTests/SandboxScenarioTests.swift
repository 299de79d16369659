import CSTA
import CallCenter
import RingsideTesting
import Testing

@testable import Gateway

// One after the other: each has a journal open, and beside them tests start programs (see Scripts/test.sh).
@Suite("Scenarios on the sandbox, line by line", .serialized)
struct SandboxScenarioTests {
    @Test("Two parties", arguments: try Scenario.twoParties())
    func twoParties(scenario: Scenario) async throws {
        let bench = try await SandboxBench()
        try await scenario.play(on: bench)
        try expectDescribed(bench.allEvents)
        try await bench.close()
    }

    @Test(
        "E9, E10, E14-E18: transfers, conferences, consultations; supervisors, phones, recordings", arguments: try all()
    )
    func severalParties(scenario: Scenario) async throws {
        let bench = try await SandboxBench()
        try await scenario.play(on: bench)
        try expectDescribed(bench.allEvents)
        try await bench.close()
    }

    @Test("Splits", arguments: try Scenario.splits())
    func splits(scenario: Scenario) async throws {
        let bench = try await SandboxBench()
        try await scenario.play(on: bench)
        try expectDescribed(bench.allEvents)
        try await bench.close()
    }

    @Test("Campaigns", arguments: try Scenario.outbound())
    func outbound(scenario: Scenario) async throws {
        let bench = try await SandboxBench()
        try await scenario.play(on: bench)
        try expectDescribed(bench.allEvents)
        try await bench.close()
    }

    @Test("All events", arguments: try Scenario.allEvents())
    func allEvents(scenario: Scenario) async throws {
        let bench = try await SandboxBench()
        try await scenario.play(on: bench)
        try expectDescribed(bench.allEvents)
        try await bench.close()
    }

    @Test("An agent who is Allocated is so after a restart for the rest of the time, and gets the customer who answers")
    func allocatedOverRestart() async throws {
        let bench = try await SandboxBench()
        try await Scenario(
            "before", "only B is Ready\nthe dialler calls 913800000040\nB: agentAllocated"
        ).play(on: bench)
        try await bench.restart()
        try await Scenario("time", "time runs out\nB: agentReady\nthe dialler calls 913800000029").play(on: bench)
        try await bench.restart()
        let after = "B answers\nB: delivered established\nB has a PreOccupied call\nB hangs up"
        try await Scenario("after", after).play(on: bench)
        try await bench.close()
    }

    @Test("A customer who waits in a split waits on after a restart, and gets the first who is Ready")
    func waitsOverRestart() async throws {
        let bench = try await SandboxBench()
        try await Scenario("before", "nobody is Ready\nA calls 4100\nB: nothing").play(on: bench)
        try await bench.restart()
        let after = "B is Ready\nB answers\nB: agentReady delivered established\nB is offered by 7000\nA hears B"
        try await Scenario("after", after).play(on: bench)
        try await bench.close()
    }

    /// Events are as AsyncAPI's document says.
    private func expectDescribed(_ events: [EncodedEvent]) throws {
        let validator = SchemaValidator(document: InterfaceDescription.asyncAPI)
        for event in events {
            let schema = try #require(EventSchemas.all.first { $0.name == event.name }?.schema, "\(event.name)")
            #expect(validator.problems(try JSON.parse(event.json), .object(schema.json)) == [], "\(event.name)")
        }
    }

    /// Each with a customer and with an agent as A.
    private static func all() throws -> [Scenario] {
        let scenarios = try Scenario.severalParties()
        return try scenarios
            + scenarios.map { scenario throws(Scenario.ScriptError) in try scenario.withInternalCaller() }
    }

    @Test("A line that does not hold is told")
    func failure() async throws {
        let bench = try await SandboxBench()
        let scenario = try Scenario("wrong", "B calls C\nC answers\nC: delivered established held(B)")
        let failure = await #expect(throws: ScenarioFailure.self) { try await scenario.play(on: bench) }
        #expect(
            failure?.description
                == "wrong: “C: delivered established held(B)”, but C got delivered established")
        try await bench.close()
    }

    @Test(
        "What is no step is refused",
        arguments: ["F calls B", "B jumps", "B calls", "cause WHATEVER", "B calls C twice"])
    func script(line: String) {
        #expect(throws: Scenario.ScriptError.self) { try Scenario("wrong", line) }
    }
}
