import CSTA
import CallCenter
import RingsideTesting
import Testing

@testable import Journal

@Suite("Agents' times")
struct AgentTimeTests {
    private static func moment(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    private func times(
        _ journal: SQLiteJournal, _ filter: AgentTimeFilter, limit: Int
    ) async throws -> [AgentTime] {
        var (found, position) = ([AgentTime](), nil as AgentTimePosition?)
        repeat {
            let page = try await journal.agentTimes(in: demo, matching: filter, after: position, limit: limit)
            #expect(page.times.count <= limit)
            found += page.times
            position = page.next
        } while position != nil
        return found
    }

    private func sums(
        _ journal: SQLiteJournal, _ filter: AgentTimeFilter, limit: Int
    ) async throws -> [AgentTimeSum] {
        var (found, position) = ([AgentTimeSum](), nil as AgentID?)
        repeat {
            let page = try await journal.agentTimeSums(in: demo, matching: filter, after: position, limit: limit)
            #expect(page.sums.count <= limit)
            found += page.sums
            position = page.next
        } while position != nil
        return found
    }

    /// Logins of some agents with pauses between them, the last one running for some.
    private static func history(
        _ random: inout SeededGenerator
    ) -> (stored: [AgentTime], running: [AgentID: AgentTime]) {
        var stored: [AgentTime] = []
        var running: [AgentID: AgentTime] = [:]
        for number in 5001...5006 {
            var now = Int64.random(in: 0...50, using: &random)
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                if Int.random(in: 0..<4, using: &random) == 0 { now += Int64.random(in: 1...30, using: &random) }
                let ended = now + Int64.random(in: 0...20, using: &random)
                let mode: AgentMode = Bool.random(using: &random) ? .ready : .notReady
                stored.append(
                    AgentTime(
                        agent: agent(number), device: device(8001), mode: mode,
                        reason: mode == .notReady && Bool.random(using: &random) ? "1" : nil, began: moment(now),
                        ended: moment(ended)))
                now = ended
            }
            guard Bool.random(using: &random) else { continue }
            running[agent(number)] = AgentTime(
                agent: agent(number), device: device(8002), mode: .ready, began: moment(now), ended: moment(1000))
        }
        return (stored, running)
    }

    @Test("Ranges give in pages of any size what lies in them, once", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func ranges(seed: UInt64) async throws {
        try await withJournal { journal in
            var random = SeededGenerator(seed: seed)
            let (stored, running) = Self.history(&random)
            try await journal.append(
                JournalBatch(
                    namespace: demo, events: [], state: [],
                    records: stored.shuffled(using: &random).map(CallCenter.Record.agentTime),
                    lastSerial: Serial(0)))
            for _ in 0..<40 {
                let bounds = [0, 1].map { _ in Int64.random(in: 0...400, using: &random) }.sorted()
                var filter = AgentTimeFilter(from: Self.moment(bounds[0]), to: Self.moment(bounds[1]), running: running)
                if Int.random(in: 0..<3, using: &random) == 0 {
                    filter.agent = agent(Int.random(in: 5001...5007, using: &random))
                    filter.running = running.filter { $0.key == filter.agent }
                }
                let expected = (stored + filter.running.values)
                    .filter { filter.agent == nil || $0.agent == filter.agent }
                    .sorted { ($0.agent.text, $0.began, $0.ended) < ($1.agent.text, $1.began, $1.ended) }
                    .compactMap { $0.clipped(from: filter.from, to: filter.to) }
                let limit = [1, 2, 5, 1000].randomElement(using: &random) ?? 1
                let found = try await times(journal, filter, limit: limit)
                #expect(
                    found == expected,
                    "seed \(seed), \(filter.from)-\(filter.to) \(filter.agent?.text ?? ""), limit \(limit): \(difference(found, expected))"
                )
                var model: [AgentTimeSum] = []
                for time in expected {
                    if model.last?.agent != time.agent { model.append(AgentTimeSum(agent: time.agent)) }
                    model[model.count - 1].add(time)
                }
                #expect(try await sums(journal, filter, limit: limit) == model, "seed \(seed): \(filter)")
            }
        }
    }

    @Test("What was read as running and has ended since counts once, and what began after it not at all")
    func endedMeanwhile() async throws {
        try await withJournal { journal in
            let running = AgentTime(
                agent: agent(5001), device: device(8001), mode: .ready, began: Self.moment(100), ended: Self.moment(200)
            )
            let filter = AgentTimeFilter(
                from: Self.moment(0), to: Self.moment(200), running: [agent(5001): running])
            var ended = running
            ended.ended = Self.moment(250)
            var later = running
            (later.began, later.ended) = (Self.moment(250), Self.moment(260))
            for records in [[], [ended], [later]] as [[AgentTime]] {
                if !records.isEmpty {
                    try await journal.append(
                        JournalBatch(
                            namespace: demo, events: [], state: [], records: records.map(CallCenter.Record.agentTime),
                            lastSerial: Serial(0)))
                }
                #expect(try await times(journal, filter, limit: 10) == [running])
            }
        }
    }

    @Test("A place in somebody else's list leads nowhere")
    func foreignPosition() async throws {
        try await withJournal { journal in
            let time = AgentTime(
                agent: agent(5002), device: device(8001), mode: .ready, began: Self.moment(1), ended: Self.moment(2))
            try await journal.append(
                JournalBatch(
                    namespace: demo, events: [], state: [], records: [.agentTime(time)], lastSerial: Serial(0)))
            let page = try await journal.agentTimes(
                in: demo, matching: AgentTimeFilter(agent: agent(5001), from: Self.moment(0), to: Self.moment(9)),
                after: AgentTimePosition(agent: agent(5002), ended: Self.moment(0), row: 0), limit: 10)
            #expect(page == AgentTimePage(times: [], next: nil))
        }
    }
}

private func difference(_ found: [AgentTime], _ expected: [AgentTime]) -> String {
    func text(_ time: AgentTime) -> String {
        "\(time.agent.number) \(time.began.milliseconds)-\(time.ended.milliseconds) \(time.mode)"
    }
    return "found \(found.map(text)), not \(expected.map(text))"
}
