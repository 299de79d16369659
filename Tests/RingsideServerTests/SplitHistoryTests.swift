import CSTA
import CallCenter
import Journal
import RingsideTesting
import Testing

@testable import RingsideServer

@Suite("The history of splits, on the sandbox", .timeLimit(.minutes(5)), .serialized)
struct SplitHistoryTests {
    private static let split = "7000@demo.cc"

    @Test(
        "Scenarios of splits with a restart before each step: the history adds up to the counts of today",
        arguments: try Scenario.splits())
    func scenarios(scenario: Scenario) async throws {
        let bench = RestartingBench(bench: try await SandboxBench())
        try await scenario.play(on: bench)
        try await bench.bench.endAllCalls()
        let split = try #require(DeviceID(Self.split))
        let now = bench.bench.clock.instant
        let status = try #require(await bench.bench.runner.read { $0.status(of: split, at: now) })
        let quarters = try await bench.bench.journal.splitQuarters(
            of: split, in: bench.bench.runner.namespace, from: Instant(milliseconds: 0), to: now.advanced(bySeconds: 1))
        var sum = SplitCounts()
        for quarter in quarters { sum.add(quarter.counts) }
        #expect(sum == status.today.counts)
        #expect(sum.entered == sum.left, "all calls have ended")
        // Who has answered has the split in its part, and the caller too.
        let parts = try await bench.bench.storedCalls().map { call in call.parts.filter { $0.split == split } }
        #expect(
            parts.joined().count { $0.isCalled && $0.answered != nil && $0.queuedMilliseconds == 0 } == sum.answered)
        #expect(parts.allSatisfy { $0.isEmpty || $0.contains { part in part.agent == nil || !part.isCalled } })
        try await bench.bench.close()
    }

    @Test("After kill -9 the history is what was told before it, and what the restart ends")
    func killed() async throws {
        let server = try ServerProcess(
            configuration: """
                tenants:
                  - namespace: demo.cc
                    agents: [{ id: 5001, password: secret, role: supervisor }, { id: 5002, password: secret }]
                    devices: [{ id: 8001-8002 }]
                    splits: [{ id: 7000, agents: [5001] }]
                """, port: 28777)
        try await server.start()
        let session = try await server.logIn("5001")
        let caller = try await server.logIn("5002")
        try await server.logInAgent("5002", session: caller)
        for count in 1...3 {
            let call = try await server.request(
                "POST", "/api/csta/callControl/calls", session: caller, json: #"{"from":"8002","to":"7000"}"#)
            #expect(call.status == 200)
            // The phone is picked up first.
            var live = try await split(session, server)
            while live?["entered"]?.integer != Int64(count) { live = try await split(session, server) }
            await server.kill9()
            try await server.start()
            while live?["abandoned"]?.integer != Int64(count) { live = try await split(session, server) }
            let history = try await server.request(
                "GET", "/api/csta/splits/7000/history?interval=86400", session: session)
            let today = try #require(history.body?["intervals"]?.array?.last)
            for measure in ["entered", "answered", "answeredInTime", "abandoned", "overflowed", "givenUp"] {
                #expect(today[measure]?.integer == live?[measure]?.integer, "\(measure)")
            }
        }
        await server.end()
    }

    private func split(_ session: String, _ server: ServerProcess) async throws -> JSON? {
        try await server.request("GET", "/api/csta/splits", session: session).body?["splits"]?.array?.first
    }

    @Test(
        "Over HTTP: the intervals' sum is what GET /splits says; what makes no sense is refused, each with its reason")
    func http() async throws {
        let gateway = try await SandboxGateway()
        let bench = gateway.bench
        for seconds in [40, 2000] as [Int64] {
            try await bench.perform(.dial(from: .a, to: .number("4100")), calls: [:])
            await bench.pass(milliseconds: 4000)
            try await bench.perform(.press(.a, .hangUp), calls: [:])
            await bench.pass(milliseconds: seconds * 1000)
        }
        let supervisor = try await gateway.logIn("5010")
        let live = try JSON.parse((try await gateway.get("/api/csta/splits", supervisor)).body)
        let split = try #require(live["splits"]?.array?.first { $0["splitId"]?.string == Self.split })
        let path = "/api/csta/splits/7000/history"
        for interval in [900, 1800, 3600, 86_400] {
            let answer = try await gateway.get("\(path)?interval=\(interval)", supervisor)
            #expect(answer.status == 200)
            let history = try JSON.parse(answer.body)
            #expect(history["splitId"]?.string == Self.split && history["intervalSeconds"]?.integer == Int64(interval))
            let intervals = try #require(history["intervals"]?.array)
            #expect(
                intervals.first?["beginTime"]?.string?.hasSuffix(" 00:00:00") == true, "today on the tenant's clock")
            for measure in ["entered", "answered", "answeredInTime", "abandoned", "overflowed", "givenUp"] {
                let sum = intervals.reduce(0) { $0 + ($1[measure]?.integer ?? 0) }
                #expect(sum == split[measure]?.integer, "\(measure) of \(interval)")
            }
            #expect(intervals.contains { $0["longestWaitMilliseconds"]?.integer == 4000 })
        }
        #expect(split["entered"]?.integer == 2 && split["abandoned"]?.integer == 2)
        let refused = [
            "\(path)?interval=60": "400 malformed", "\(path)?from=yesterday": "400 malformed",
            "\(path)?from=2026.01.02&to=2026.01.01": "400 malformed",
            "\(path)?from=2020.01.01&interval=900": "400 malformed",
            "/api/csta/splits/7009/history": "404 noSuchSplit",
            "/api/csta/splits/7000@two.cc/history": "404 noSuchSplit",
            "/api/csta/splits/70%2F/history": "400 malformed",
        ]
        for (path, expected) in refused {
            let answer = try await gateway.get(path, supervisor)
            let code = try JSON.parse(answer.body)["code"]?.string
            #expect("\(answer.status) \(code ?? "")" == expected, "\(path)")
        }
        let member = try await gateway.logIn("5001")
        #expect(try await gateway.get(path, member).status == 200, "an agent of the split, as GET /splits")
        try await gateway.close()
    }
}
