import CSTA
import CallCenter
import GRDB
import RingsideTesting
import Testing

@testable import Journal

@Suite("Records")
struct RecordTests {
    private static func moment(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    private static func callID(_ text: String) -> CallID { CallID(text) ?? .none }

    /// A part with nothing that may be left out.
    private static func bare(_ call: String, _ number: Int, _ began: Int64, _ ended: Int64, last: Bool) -> CallPart {
        CallPart(
            conversation: callID(call), call: callID(call), callType: .internal, device: device(number),
            isInternal: true, callingDevice: device(8001), calledDevice: device(8002), isCalled: number != 8001,
            began: moment(began), ended: moment(ended), endsCall: last)
    }

    private static func time(_ agent: AgentID, _ mode: AgentMode, _ began: Int64, _ ended: Int64) -> AgentTime {
        AgentTime(agent: agent, device: device(8001), mode: mode, began: moment(began), ended: moment(ended))
    }

    private func store(_ records: [CallCenter.Record], in journal: SQLiteJournal, namespace: Namespace = demo)
        async throws
    {
        let last = try await journal.load(namespace).lastSerial
        try await journal.append(
            JournalBatch(namespace: namespace, events: [], state: [], records: records, lastSerial: last))
    }

    private func calls(
        _ journal: SQLiteJournal, _ filter: CallRecordFilter = CallRecordFilter(), limit: Int = 1000,
        in namespace: Namespace = demo
    ) async throws -> [CallRecord] {
        var (found, position) = ([CallRecord](), nil as CallRecordPosition?)
        repeat {
            let page = try await journal.calls(in: namespace, matching: filter, after: position, limit: limit)
            #expect(page.calls.count <= limit)
            found += page.calls
            position = page.next
        } while position != nil
        return found
    }

    @Test("Everything that a part says is there again, also after a restart")
    func roundTrip() async throws {
        try await withDirectory { directory in
            var full = Self.bare("c-2", 8002, 1000, 9000, last: true)
            full.conversation = Self.callID("c-1")
            full.callType = .inbound
            full.agent = agent(5001)
            full.isListener = true
            full.isInternal = false
            full.trunkGroup = "trunk, \"1\""
            full.offered = Self.moment(1500)
            full.answered = Self.moment(2000)
            full.heldMilliseconds = 700
            full.cause = .normalClearing
            full.hangupDevice = device(8003)
            full.transferredTo = device(8004)
            full.continuedIn = Self.callID("c-3")
            full.recordings = ["/a/b.wav", "/a/c \"d\"\n.wav"]
            full.split = device(7000)
            full.queuedMilliseconds = 400
            let bare = Self.bare("c-2", 8001, 900, 8000, last: false)
            var journal = try open(directory)
            try await store([.part(bare), .part(full)], in: journal)
            try await journal.close()
            journal = try open(directory)
            #expect(
                try await calls(journal)
                    == [CallRecord(call: Self.callID("c-2"), ended: Self.moment(9000), parts: [bare, full])])
            try await journal.close()
        }
    }

    @Test("A call is listed once it has ended, with the parts that ended before; another tenant has none of it")
    func upIsNotListed() async throws {
        try await withJournal { journal in
            let parts = [
                Self.bare("c", 8001, 0, 10, last: false), Self.bare("c", 8002, 0, 20, last: false),
                Self.bare("c", 8003, 10, 30, last: true),
            ]
            for (index, part) in parts.enumerated() {
                #expect(try await calls(journal).isEmpty, "before part \(index)")
                try await store([.part(part)], in: journal)
            }
            #expect(try await calls(journal).map(\.parts) == [parts])
            #expect(try await calls(journal, in: namespace("other.cc")).isEmpty)
            try await store([.part(Self.bare("c", 8001, 0, 5, last: true))], in: journal, namespace: namespace("o.cc"))
            #expect(try await calls(journal).map(\.parts) == [parts])
        }
    }

    @Test("A batch that is refused leaves no record")
    func refused() async throws {
        try await withJournal { journal in
            let part = Self.bare("c", 8001, 0, 10, last: true)
            let broken = JournalBatch(
                namespace: demo, events: [event(2)], state: [], records: [.part(part)], lastSerial: Serial(2))
            await #expect(throws: JournalError.self) { try await journal.append(broken) }
            let found = try await calls(journal)
            #expect(found.isEmpty)
        }
    }

    @Test("Filters give in pages of any size what a plain search gives", arguments: [1, 2, 3, 4] as [UInt64])
    func filters(seed: UInt64) async throws {
        try await withJournal({ $0.recordEntriesPerRead = 20 }) { journal in
            var random = SeededGenerator(seed: seed)
            var model: [CallRecord] = []
            for number in 1...120 {
                let call = Self.randomCall(number, &random)
                model.append(call)
                var rest = call.parts[...]
                while !rest.isEmpty {
                    let count = Int.random(in: 1...rest.count, using: &random)
                    try await store(rest.prefix(count).map(CallCenter.Record.part), in: journal)
                    rest = rest.dropFirst(count)
                }
            }
            model.sort { ($0.ended.milliseconds, $0.call.text) < ($1.ended.milliseconds, $1.call.text) }
            for _ in 0..<60 {
                let filter = Self.randomFilter(&random)
                let expected = model.filter { Self.matches($0, filter) }
                let limit = [1, 2, 7, 1000].randomElement(using: &random) ?? 1
                let found = try await calls(journal, filter, limit: limit)
                #expect(found == expected, "seed \(seed): \(filter)")
            }
        }
    }

    private static func randomCall(_ number: Int, _ random: inout SeededGenerator) -> CallRecord {
        let id = callID("c-\(number)")
        // Several end at the same moment.
        let ended = Int64.random(in: 10...40, using: &random) * 100
        let count = Int.random(in: 1...4, using: &random)
        let conversation = Bool.random(using: &random) ? id : callID("c-\(Int.random(in: 1...number, using: &random))")
        let type = CallType.allCases.randomElement(using: &random) ?? .internal
        let group = Bool.random(using: &random) ? "g\(Int.random(in: 1...2, using: &random))" : nil
        let parts = (1...count).map { index in
            let partEnded = index == count ? ended : Int64.random(in: 500...1000, using: &random)
            var part = bare(id.text, Int.random(in: 8001...8004, using: &random), 100, partEnded, last: index == count)
            part.conversation = conversation
            part.callType = type
            part.trunkGroup = group
            if Bool.random(using: &random) { part.agent = agent(Int.random(in: 5001...5003, using: &random)) }
            if Bool.random(using: &random) { part.answered = moment(200) }
            return part
        }
        return CallRecord(call: id, ended: moment(ended), parts: parts)
    }

    private static func randomFilter(_ random: inout SeededGenerator) -> CallRecordFilter {
        var filter = CallRecordFilter()
        func may() -> Bool { Int.random(in: 0..<4, using: &random) == 0 }
        if may() { filter.from = moment(Int64.random(in: 10...40, using: &random) * 100) }
        if may() { filter.to = moment(Int64.random(in: 10...40, using: &random) * 100) }
        if may() { filter.agent = agent(Int.random(in: 5001...5004, using: &random)) }
        if may() { filter.device = device(Int.random(in: 8001...8005, using: &random)) }
        if may() { filter.call = callID("c-\(Int.random(in: 1...121, using: &random))") }
        if may() { filter.conversation = callID("c-\(Int.random(in: 1...121, using: &random))") }
        if may() { filter.callType = CallType.allCases.randomElement(using: &random) }
        if may() { filter.trunkGroup = "g\(Int.random(in: 1...3, using: &random))" }
        if may() { filter.isAnswered = Bool.random(using: &random) }
        return filter
    }

    private static func matches(_ call: CallRecord, _ filter: CallRecordFilter) -> Bool {
        if let from = filter.from, call.ended < from { return false }
        if let to = filter.to, call.ended >= to { return false }
        let named = call.parts.filter { part in
            (filter.agent == nil || part.agent == filter.agent)
                && (filter.device == nil || part.device == filter.device)
                && (filter.callType == nil || part.callType == filter.callType)
                && (filter.trunkGroup == nil || part.trunkGroup == filter.trunkGroup)
                && (filter.call == nil || part.call == filter.call)
                && (filter.conversation == nil || part.conversation == filter.conversation)
        }
        if named.isEmpty { return false }
        return filter.isAnswered.map { $0 == named.contains { $0.answered != nil } } ?? true
    }

    @Test("Old records are deleted in steps, whole calls only; younger ones and those of calls that are up stay")
    func retention() async throws {
        try await withJournal({ $0.maximumRecordAgeSeconds = 10 }) { journal in
            var records: [CallCenter.Record] = []
            for number in 1...1500 {
                let ended = Int64(number) * 10
                let parts = [8001, 8002].map {
                    Self.bare("c-\(number)", $0, 0, ended - ($0 == 8001 ? 5 : 0), last: $0 == 8002)
                }
                records += parts.map(CallCenter.Record.part)
                records.append(.agentTime(Self.time(agent(5001), .ready, ended - 10, ended)))
            }
            try await store(records, in: journal)
            try await store([.part(Self.bare("up", 8001, 0, 1, last: false))], in: journal)
            #expect(try await journal.prune(now: Self.moment(10_000)) == JournalPruning())
            let pruned = try await journal.prune(now: Self.moment(10_000 + 12_005))
            #expect(pruned == JournalPruning(records: 1200 * 3))
            let left = try await calls(journal)
            #expect(left.map(\.call.text).first == "c-1201" && left.count == 300)
            #expect(left.allSatisfy { $0.parts.count == 2 })
            let rows = try await journal.pool.read { db in
                try Int.fetchAll(db, sql: "SELECT count(*) FROM call_part UNION ALL SELECT count(*) FROM agent_time")
            }
            #expect(rows == [601, 300])
        }
    }

    @Test("The indexes are used: nothing scans a table")
    func plans() async throws {
        try await withJournal { journal in
            let plans = try await journal.pool.read { db in
                try [
                    "SELECT * FROM call_part WHERE tenant = 1 AND (call = 'a' OR conversation = 'a')"
                        + " AND (call_ended, call) > (1, '') AND call_ended < 9 ORDER BY call_ended, call",
                    "DELETE FROM call_part WHERE tenant = 1 AND call_ended < 9",
                    "DELETE FROM agent_time WHERE tenant = 1 AND ended < 9",
                    "DELETE FROM split_quarter WHERE tenant = 1 AND began < 9",
                    (1...4).reduce(SplitQuarterRow.selecting) { $0.replacing("?\($1)", with: "1") },
                    "UPDATE call_part SET call_ended = 1 WHERE tenant = 1 AND call = 'a' AND call_ended IS NULL",
                ].flatMap { try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \($0)").map { $0["detail"] as String } }
            }
            #expect(!plans.contains { $0.hasPrefix("SCAN") }, "\(plans)")
        }
    }
}
