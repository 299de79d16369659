import CSTA
import CallCenter
import Journal
import RingsideServer
import RingsideTesting
import Testing

// One after the other: each has a journal open, and beside them tests start programs (see Scripts/test.sh).
@Suite("Records add up, on the sandbox", .timeLimit(.minutes(5)), .serialized)
struct SandboxRecordTests {
    @Test("Scenarios: parts add up to calls, modes to logins, and both are what the events say", arguments: try all())
    func scenarios(scenario: Scenario) async throws {
        let bench = try await SandboxBench()
        try await scenario.play(on: bench)
        try await finish(bench)
        try await bench.close()
    }

    /// Whatever happens between two steps, the server is begun anew there from its journal.
    @Test("Scenarios with a restart before each step lose nothing and double nothing", arguments: try all())
    func restarts(scenario: Scenario) async throws {
        let bench = RestartingBench(bench: try await SandboxBench())
        try await scenario.play(on: bench)
        try await finish(bench.bench)
        try await bench.bench.close()
    }

    @Test("Agents change their modes; what runs is added from the state, and no moment counts twice")
    func modes() async throws {
        let bench = try await SandboxBench()
        let agent = try #require(AgentID("5001@demo.cc"))
        let began = bench.clock.milliseconds
        for (mode, reason) in [(AgentMode.notReady, "1"), (.notReady, "2"), (.ready, nil), (.notReady, "1")] {
            await bench.pass(milliseconds: 5000)
            let reply = await bench.runner.perform(
                .setMode(agent, mode, reason: reason), by: Requester(agent: agent, role: .agent))
            #expect(reply == .done)
        }
        await bench.pass(milliseconds: 7000)
        let now = bench.clock.instant
        let filter = try await running(bench, until: now)
        let sums = try await bench.journal.agentTimeSums(
            in: bench.runner.namespace, matching: filter, after: nil, limit: 10
        ).sums
        let sum = try #require(sums.first { $0.agent == agent })
        #expect(sum.total == now.milliseconds - began)
        #expect(
            sum.milliseconds == [
                .init(mode: .ready, reason: nil): 10_000, .init(mode: .notReady, reason: "1"): 12_000,
                .init(mode: .notReady, reason: "2"): 5000,
            ])
        try await finish(bench)
        // What was read as running has ended since: read by the older state, it still counts once.
        let later = try await bench.journal.agentTimeSums(
            in: bench.runner.namespace, matching: filter, after: nil, limit: 10)
        #expect(later.sums == sums)
        try await bench.close()
    }

    /// With a customer as A, and with an agent.
    private static func all() throws -> [Scenario] {
        let scenarios =
            try Scenario.twoParties() + Scenario.singleStep() + Scenario.consultations()
            + Scenario.consultedTransfersAndConferences() + Scenario.phonesAndSupervisors()
        return scenarios
    }

    private func running(_ bench: SandboxBench, until now: Instant) async throws -> AgentTimeFilter {
        let agents = await bench.runner.read(\.agents)
        var filter = AgentTimeFilter(from: Instant(milliseconds: 0), to: now)
        for (id, agent) in agents { filter.running[id] = agent.login?.runningTime(of: id, until: now) }
        return filter
    }

    /// Ends what is left, and compares.
    private func finish(_ bench: SandboxBench) async throws {
        let early = try await bench.storedCalls()
        let up = await bench.runner.read { Set($0.calls.keys) }
        #expect(up.isDisjoint(with: early.map(\.call)), "a call that is up is listed")
        try await bench.endAllCalls()
        for number in 5001...5004 {
            let agent = try #require(AgentID("\(number)@demo.cc"))
            _ = await bench.runner.perform(.logOut(agent), by: Requester(agent: agent, role: .agent))
        }
        let shadow = try RecordShadow(try await bench.storedEvents())
        let calls = try await bench.storedCalls()
        #expect(Array(calls.prefix(early.count)) == early)
        check(calls, shadow)
        let times = try await bench.storedTimes(try await running(bench, until: bench.clock.instant))
        try check(times, shadow)
    }

    private func check(_ calls: [CallRecord], _ shadow: RecordShadow) {
        #expect(Set(calls.map(\.call)).count == calls.count, "a call is there twice")
        #expect(Set(calls.map(\.call)) == Set(shadow.conversations.keys), "not the calls that events tell of")
        let known = Dictionary(calls.map { ($0.call, $0) }, uniquingKeysWith: { first, _ in first })
        for call in calls {
            checkCoverage(call)
            for part in call.parts {
                check(part, in: call)
                #expect(part.conversation == shadow.conversations[call.call], "\(part)")
                if let next = part.continuedIn {
                    let follower = known[next]?.parts.first { $0.device == part.device && $0.ended >= part.ended }
                    #expect(follower != nil && follower?.began ?? part.ended <= part.ended, "\(part) leads nowhere")
                    #expect(known[next]?.parts.first?.conversation == part.conversation, "\(part)")
                }
                if part.isInternal { compare(part, call, shadow) }
            }
        }
        // No part is missing.
        for (part, account) in shadow.parts where !account.cleared.isEmpty {
            let found = known[part.call]?.parts.filter { $0.device == part.device && $0.cause != nil } ?? []
            #expect(found.count == account.cleared.count, "\(part)")
        }
    }

    /// The parts of a call leave no gap between its beginning and its end.
    private func checkCoverage(_ call: CallRecord) {
        var covered = call.began
        for part in call.parts.sorted(by: { $0.began < $1.began }) {
            #expect(part.began <= covered, "nobody is in \(call.call) at \(covered)")
            covered = max(covered, part.ended)
        }
        #expect(covered == call.ended)
        #expect(call.parts.map(\.endsCall) == call.parts.map { $0 == call.parts.last })
    }

    private func check(_ part: CallPart, in call: CallRecord) {
        #expect(part.call == call.call)
        let order = [part.began, part.offered, part.answered, part.ended].compactMap(\.self)
        #expect(order == order.sorted(), "\(part)")
        #expect(part.heldMilliseconds >= 0, "\(part)")
        if let answered = part.answered {
            #expect(
                part.talkMilliseconds + part.heldMilliseconds == part.ended.milliseconds - answered.milliseconds,
                "\(part)")
        } else {
            #expect(part.heldMilliseconds == 0, "\(part)")
        }
        #expect((part.cause == nil) == (part.continuedIn != nil), "\(part)")
        #expect((part.cause == nil) == (part.hangupDevice == nil), "\(part)")
    }

    /// With what the device was told itself.
    private func compare(_ part: CallPart, _ call: CallRecord, _ shadow: RecordShadow) {
        let own = call.parts.filter { $0.device == part.device }
        let account = shadow.parts[RecordShadow.Part(call: part.call, device: part.device)]
        #expect(own.flatMap(\.recordings) == account?.files ?? [], "\(part)")
        // A device that was in a call twice has one account for both parts, and one that moved in began elsewhere.
        let movedIn = part.offered == part.began || part.answered == part.began
        guard own.count == 1, !movedIn, part.cause != nil, let account else { return }
        #expect(part.answered?.milliseconds == account.answered || !part.isCalled, "\(part)")
        if part.isCalled, !part.isListener { #expect(part.offered?.milliseconds == account.rang, "\(part)") }
        #expect([part.ended.milliseconds] == account.cleared, "\(part)")
        #expect(part.heldMilliseconds == account.held, "\(part)")
        #expect(part.cause.map(Cause.hangup) == account.cause, "\(part)")
        #expect(part.hangupDevice == account.hangupDevice, "\(part)")
    }

    private func check(_ times: [AgentTime], _ shadow: RecordShadow) throws {
        for (agent, logins) in shadow.logins {
            let own = times.filter { $0.agent == agent }
            for (one, next) in zip(own, own.dropFirst()) { #expect(one.ended <= next.began, "\(one), \(next)") }
            let total = try logins.reduce(0) { try $0 + #require($1.ended) - $1.began }
            #expect(own.reduce(0) { $0 + $1.milliseconds } == total, "\(agent)")
            #expect(own.first?.began.milliseconds == logins.first?.began || total == 0)
            #expect(own.last?.ended.milliseconds == logins.last?.ended || total == 0)
        }
        #expect(Set(times.map(\.agent)).isSubset(of: shadow.logins.keys))
    }
}

/// A bench whose server is begun anew before each step of a scenario.
struct RestartingBench: ScenarioBench {
    let bench: SandboxBench

    func device(of party: Scenario.Party) -> DeviceID { bench.device(of: party) }
    func hasDesktop(_ party: Scenario.Party) -> Bool { bench.hasDesktop(party) }

    func perform(_ step: Scenario.Step, calls: [CallID: Int]) async throws {
        await bench.settle()
        try await bench.restart()
        try await bench.perform(step, calls: calls)
    }

    func lastSerial() async -> Serial { await bench.lastSerial() }

    func events(
        of party: Scenario.Party, after serial: Serial, atLeast count: Int, withAgents: Bool
    ) async throws -> [Event] {
        try await bench.events(of: party, after: serial, atLeast: count, withAgents: withAgents)
    }

    func heard(by party: Scenario.Party, wanted: Set<Scenario.Party>) async throws -> Set<Scenario.Party>? {
        try await bench.heard(by: party, wanted: wanted)
    }

    func recordedSeconds(_ fileName: String) async throws -> Double? { try await bench.recordedSeconds(fileName) }
}
