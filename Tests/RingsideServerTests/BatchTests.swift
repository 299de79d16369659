import CSTA
import CallCenter
import Gateway
import Journal
import RingsideTesting
import SwitchDriver
import Testing

@testable import RingsideServer

@Suite("Batches stay below the journal's bounds")
struct BatchTests {
    /// A call of two agents that talk, `c-1` for the first pair.
    private func talk(_ bench: RunnerBench, pair: Int) async throws {
        let (caller, callee) = (5000 + 2 * pair - 1, 5000 + 2 * pair)
        try await bench.logIn(caller)
        try await bench.logIn(callee)
        let call = try #require(CallID("c-\(pair)"))
        let reply = await bench.runner.perform(
            .makeCall(MakeCall(call: call, from: RunnerBench.device(caller + 3000), to: "\(callee + 3000)")),
            by: RunnerBench.requester(caller))
        guard case .refused(let refusal) = reply else {
            bench.runner.receive(.legAnswered(LegID("\(call)-1")))
            bench.runner.receive(.legRinging(LegID("\(call)-2")))
            bench.runner.receive(.legAnswered(LegID("\(call)-2")))
            return await bench.settle()
        }
        Issue.record("\(refusal)")
    }

    @Test("A batch ends once it has enough events, or bytes", arguments: [(3, 1 << 20), (100, 1000)])
    func ends(events: Int, bytes: Int) async throws {
        var bounds = TenantRunner.Bounds()
        bounds.batchEvents = events
        bounds.batchBytes = bytes
        let bench = try await RunnerBench(bounds: bounds)
        try await bench.run {
            bench.linkUp()
            try await bench.logIn(5001)
            bench.journal.setFull(true)
            async let first = bench.runner.perform(
                .setMode(RunnerBench.agent(5001), .notReady, reason: "first"), by: RunnerBench.requester(5001))
            await bench.journal.refused(atLeast: 1)
            let replies = Task {
                await withTaskGroup(of: Reply.self, returning: [Reply].self) { group in
                    for number in 0..<40 {
                        group.addTask {
                            await bench.runner.perform(
                                .setMode(RunnerBench.agent(5001), .notReady, reason: "\(number)"),
                                by: RunnerBench.requester(5001))
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
            }
            while bench.runner.inboxCounts.waiting < 40 { await Task.yield() }
            bench.journal.setFull(false)
            #expect(await first == .done)
            #expect(await replies.value == Array(repeating: .done, count: 40))
            await bench.settle()
            #expect(bench.serials == Array(1...43))
            #expect(bench.journal.batches.map(\.events.count).max() ?? 0 <= 3)
        }
    }

    @Test("What one input leads to is stored in parts, each call's state with its last event")
    func largeOutcome() async throws {
        var bounds = TenantRunner.Bounds()
        bounds.journal.events = 9
        let bench = try await RunnerBench(journal: TestJournal(maximumEvents: 9), bounds: bounds)
        try await bench.run {
            bench.linkUp()
            for pair in 1...5 { try await talk(bench, pair: pair) }
            #expect(await bench.runner.read(\.calls.count) == 5)
            let before = bench.journal.batches.count
            // All calls are gone: three copies each.
            bench.runner.receive(.linkUp(SwitchSnapshot(registered: [])))
            #expect(await bench.runner.read(\.calls.count) == 0)
            let parts = bench.journal.batches.dropFirst(before)
            #expect(parts.map(\.events.count) == [6, 6, 3])
            #expect(parts.map(\.state.count) == [2, 2, 1])
            #expect(parts.map(\.records.count) == [4, 4, 2])
            for part in parts {
                #expect(part.lastSerial == part.events.last?.serial)
                #expect(Set(part.state.map(\.key)) == Set(part.events.compactMap(\.call).map { "call:\($0)" }))
                #expect(Set(part.records.map(StateEntry.key(ofWhatIsToldBy:))) == Set(part.state.map(\.key)))
            }
            #expect(bench.serials == Array(1...Int64(bench.serials.count)))
        }
    }

    @Test("An event that the journal can never take stops its tenant alone, and nobody is shown what was not stored")
    func impossibleEvent() async throws {
        let bench = try await RunnerBench(journal: TestJournal(maximumEventBytes: 1000))
        let running = Task { try await bench.runner.run() }
        bench.linkUp()
        try await bench.logIn(5001)
        let reply = await bench.runner.perform(
            .setMode(RunnerBench.agent(5001), .notReady, reason: String(repeating: "x", count: 1000)),
            by: RunnerBench.requester(5001))
        #expect(reply == .refused(.overloaded))
        // It does not throw, as that would end all tenants.
        try await running.value
        #expect(bench.runner.status.journalTrouble != nil)
        #expect(await bench.runner.read { $0.agents[RunnerBench.agent(5001)]?.mode } == .ready)
        let later = await bench.runner.perform(
            .heartbeat(RunnerBench.agent(5001)), by: RunnerBench.requester(5001))
        #expect(later == .refused(.overloaded))
        #expect(bench.log.lines(beginning: "the tenant has stopped").count == 1)
    }

    @Test("State that comes without events is split too, and goes with the last serial")
    func stateAlone() throws {
        let configuration = TenantConfiguration(namespace: RunnerBench.device(8001).namespace)
        let login = Array(#"{"device":"8001@demo.cc","mode":"Ready","since":0}"#.utf8)
        // Logins on one device: all but the first are dropped.
        let logins = (5001...5006).map { StateEntry(key: "agent:\($0)@demo.cc", value: login) }
        var tenant = try Tenant(configuration: configuration, serial: Serial(7), entries: logins)
        var outcome = TenantOutcome()
        outcome.takeState(of: &tenant)
        var bounds = JournalParts.Bounds()
        bounds.stateEntries = 2
        let parts = JournalParts(bounds).split(outcome, upTo: tenant.serial, of: tenant.namespace)
        #expect(parts.map(\.state.count) == [2, 2, 1])
        #expect(parts.map(\.lastSerial) == [Serial(7), Serial(7), Serial(7)])
        #expect(JournalParts(bounds).split(TenantOutcome(), upTo: Serial(7), of: tenant.namespace) == [])
    }

    @Test("A call that is too much for a part is split within, and its state comes with its end")
    func largeCall() throws {
        var outcome = TenantOutcome()
        let device = RunnerBench.device(8001)
        for (number, call) in ["a", "a", "a", "b", "b", "b"].enumerated() {
            outcome.add(
                EncodedEvent(
                    serial: Serial(Int64(number) + 11), name: "held", device: device, agent: nil, call: CallID(call),
                    timestamp: 0, json: []))
        }
        var bounds = JournalParts.Bounds()
        bounds.events = 2
        let parts = JournalParts(bounds).split(outcome, upTo: Serial(16), of: device.namespace)
        #expect(parts.map { $0.events.map(\.serial.value) } == [[11, 12], [13, 14], [15, 16]])
        #expect(parts.map(\.lastSerial.value) == [12, 14, 16])
    }
}
