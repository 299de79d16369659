import CSTA
import CallCenter
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Gateway

/// Keeps what it was asked, and gives what it was told to.
private final class TestRecords: RecordArchive {
    private struct State {
        var calls: [CallRecord] = []
        var times: [AgentTime] = []
        var isAway = false
        var callFilter: CallRecordFilter?
        var timeFilter: AgentTimeFilter?
        var limit = 0
    }

    private let state = Mutex(State())

    init(calls: [CallRecord] = [], times: [AgentTime] = [], isAway: Bool = false) {
        state.withLock { ($0.calls, $0.times, $0.isAway) = (calls, times, isAway) }
    }

    var callFilter: CallRecordFilter? { state.withLock(\.callFilter) }
    var timeFilter: AgentTimeFilter? { state.withLock(\.timeFilter) }
    var limit: Int { state.withLock(\.limit) }

    func calls(
        in namespace: Namespace, matching filter: CallRecordFilter, after position: CallRecordPosition?, limit: Int
    ) async throws(RecordError) -> CallRecordPage {
        let (calls, isAway) = state.withLock { state in
            (state.callFilter, state.limit) = (filter, limit)
            return (state.calls, state.isAway)
        }
        if isAway { throw .unavailable }
        guard namespace.name == "one.cc" else { return CallRecordPage(calls: [], next: nil) }
        let found = calls.filter { $0.parts.contains(where: filter.names) }
        let first = position.flatMap { position in found.firstIndex { $0.position == position } }.map { $0 + 1 } ?? 0
        let page = Array(found.dropFirst(first).prefix(limit))
        return CallRecordPage(calls: page, next: first + page.count < found.count ? page.last?.position : nil)
    }

    func agentTimes(
        in namespace: Namespace, matching filter: AgentTimeFilter, after position: AgentTimePosition?, limit: Int
    ) async throws(RecordError) -> AgentTimePage {
        state.withLock { ($0.timeFilter, $0.limit) = (filter, limit) }
        let all = (state.withLock(\.times) + filter.running.values)
            .filter { filter.agent == nil || filter.agent == $0.agent }
        return AgentTimePage(
            times: all, next: position == nil ? all.first.map { AgentTimePosition(endOf: $0.agent) } : nil)
    }

    func agentTimeSums(
        in namespace: Namespace, matching filter: AgentTimeFilter, after agent: AgentID?, limit: Int
    ) async throws(RecordError) -> AgentTimeSumPage {
        state.withLock { ($0.timeFilter, $0.limit) = (filter, limit) }
        var sums: [AgentID: AgentTimeSum] = [:]
        for time in state.withLock(\.times) + filter.running.values {
            sums[time.agent, default: AgentTimeSum(agent: time.agent)].add(time)
        }
        return AgentTimeSumPage(sums: sums.values.sorted { $0.agent.text < $1.agent.text }, next: agent)
    }

    func splitQuarters(
        of split: DeviceID, in namespace: Namespace, from: Instant, to: Instant
    ) async throws(RecordError) -> [SplitQuarter] { throw .unavailable }
}

@Suite("Records over HTTP")
struct APIRecordTests {
    private static let began: Int64 = 1_767_225_600_000  // 2026-01-01 00:00:00 UTC
    private static let calls = "/api/csta/records/calls"
    private static let agents = "/api/csta/records/agents"

    private static func moment(_ seconds: Int64) -> Instant { Instant(milliseconds: began + seconds * 1000) }
    private static func device(_ number: String) -> DeviceID { DeviceID("\(number)@one.cc")! }
    private static func agent(_ number: Int) -> AgentID { AgentID("\(number)@one.cc")! }

    /// +86… calls 8001, who talks, holds and hands over to 8002; a supervisor listens at 8003.
    private static let parts: [CallPart] = {
        let (call, customer) = (CallID("c-1")!, device("+8613800000000"))
        var one = CallPart(
            conversation: call, call: call, callType: .inbound, device: device("8001"), isInternal: true,
            agent: agent(5001), callingDevice: customer, calledDevice: device("8001"), isCalled: true,
            trunkGroup: "=cmd|'/c'!A1", began: moment(0), offered: moment(1), answered: moment(3),
            heldMilliseconds: 2000, ended: moment(10), cause: .normalClearing, hangupDevice: device("8001"),
            transferredTo: device("8002"), recordings: ["/r/a,\"1\".wav", "/r/b.wav"])
        var two = one
        (two.device, two.agent, two.began, two.offered, two.answered) =
            (device("8002"), agent(5002), moment(10), moment(10), nil)
        (two.heldMilliseconds, two.ended, two.recordings, two.transferredTo) = (0, moment(20), [], nil)
        var listener = two
        (listener.device, listener.agent, listener.isListener, listener.ended) =
            (device("8003"), agent(5900), true, moment(9))
        var outside = two
        (outside.device, outside.agent, outside.isInternal, outside.isCalled, outside.began) =
            (customer, nil, false, false, moment(0))
        outside.offered = nil
        outside.endsCall = true
        one.conversation = CallID("c-0")!
        outside.conversation = one.conversation
        return [listener, one, two, outside]
    }()

    private static let call = CallRecord(call: CallID("c-1")!, ended: moment(20), parts: parts)

    private func run(
        _ records: TestRecords, as number: String = "5900", in namespace: String = "one.cc",
        _ body: @escaping @Sendable (Browser, World) async throws -> Void
    ) async throws {
        let world = try World()
        let app = Application(router: makeRouter(world.services(records: records)), logger: world.log.logger)
        try await app.test(.router) { client in
            try await body(try await Browser(client: client).loggedIn(number, in: namespace), world)
        }
    }

    @Test("A call with all its parts, times twice and durations")
    func json() async throws {
        try await run(TestRecords(calls: [Self.call])) { (browser, _) async throws in
            let answer = try await browser.get(Self.calls)
            #expect(answer.status == 200 && answer.json?["next"] == nil)
            let call = try #require(answer.json?["calls"]?.array?.first)
            #expect(call["callId"]?.string == "c-1" && call["conversationId"]?.string == "c-0")
            #expect(call["endTime"]?.string == "2026.01.01 00:00:20")
            #expect(call["endTimestamp"]?.integer == Self.began + 20_000)
            #expect(call["durationMilliseconds"]?.integer == 20_000)
            let parts = try #require(call["parts"]?.array)
            #expect(parts.map { $0["role"]?.string } == ["listener", "called", "called", "calling"])
            #expect(
                parts[1].encodedText == """
                    {"deviceId":"8001@one.cc","agentId":"5001@one.cc","callingDevice":"+8613800000000@one.cc",\
                    "calledDevice":"8001@one.cc","role":"called","isInternal":true,\
                    "beginTime":"2026.01.01 00:00:00","beginTimestamp":1767225600000,\
                    "ringTime":"2026.01.01 00:00:01","ringTimestamp":1767225601000,\
                    "answerTime":"2026.01.01 00:00:03","answerTimestamp":1767225603000,\
                    "endTime":"2026.01.01 00:00:10","endTimestamp":1767225610000,\
                    "ringMilliseconds":2000,"talkMilliseconds":5000,"heldMilliseconds":2000,\
                    "cause":"NORMAL_CLEARING","hangupDevice":"8001@one.cc","transferredToDevice":"8002@one.cc",\
                    "recordings":["/r/a,\\"1\\".wav","/r/b.wav"]}
                    """)
        }
    }

    @Test("A table has a row a part, quotes by RFC 4180, and no formulas", arguments: ["?format=csv", ""])
    func table(_ query: String) async throws {
        try await run(TestRecords(calls: [Self.call])) { (browser, _) async throws in
            let answer = try await browser.send(
                .get, Self.calls + query, headers: query.isEmpty ? [.accept: "text/csv;q=0.9, */*"] : [:])
            #expect(answer.headers[.contentType] == "text/csv; charset=utf-8; header=present")
            let rows = answer.text.split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(rows.count == 6 && rows[5].isEmpty)
            #expect(rows[0].hasPrefix("callId,conversationId,callType,trunkGroup,callBeginTime,callBeginTimestamp,"))
            #expect(
                rows[2] == """
                    c-1,c-0,Inbound,'=cmd|'/c'!A1,2026.01.01 00:00:00,1767225600000,2026.01.01 00:00:20,1767225620000,\
                    20000,8001@one.cc,5001@one.cc,'+8613800000000@one.cc,8001@one.cc,called,true,\
                    2026.01.01 00:00:00,1767225600000,2026.01.01 00:00:01,1767225601000,2026.01.01 00:00:03,\
                    1767225603000,2026.01.01 00:00:10,1767225610000,2000,5000,2000,NORMAL_CLEARING,8001@one.cc,\
                    8002@one.cc,,"/r/a,""1"".wav\n/r/b.wav",,
                    """)
            #expect(rows[4].hasSuffix(",8001@one.cc,,,,,"))
            let columns = rows[0].split(separator: ",").count
            #expect(rows[4].split(separator: ",", omittingEmptySubsequences: false).count == columns)
        }
    }

    @Test("What a spreadsheet would take for a formula is text", arguments: ["=1", "+1", "-1", "@a", "\tx", "\rx"])
    func formulas(_ text: String) {
        var table = CSVWriter(header: ["a", "b"])
        table.text(text)
        table.number(-1)
        table.endRow()
        let cell = text == "\rx" ? "\"'\(text)\"" : "'\(text)"
        #expect(String(decoding: table.bytes, as: UTF8.self) == "a,b\r\n\(cell),-1\r\n")
    }

    @Test("An agent gets its own parts, and nothing by asking for others")
    func ownOnly() async throws {
        let records = TestRecords(calls: [Self.call])
        try await run(records, as: "5001") { (browser, _) async throws in
            let parts = try await browser.get(Self.calls).json?["calls"]?.array?.first?["parts"]?.array
            #expect(parts?.map { $0["deviceId"]?.string } == ["8001@one.cc"])
            #expect(records.callFilter?.agent == Self.agent(5001))
            for path in [Self.calls, Self.agents] {
                #expect(try await browser.get("\(path)?agent=5002").brief == "403 notYours")
                #expect(try await browser.get("\(path)?agent=5001").status == 200)
            }
            #expect(records.timeFilter?.agent == Self.agent(5001))
            let text = try await browser.get("\(Self.calls)?device=8002").text
            #expect(!text.contains("8002@one.cc"))
        }
        try await run(records, as: "5900", in: "two.cc") { (browser, _) async throws in
            #expect(try await browser.get(Self.calls).text == #"{"calls":[]}"#)
            #expect(try await browser.get("\(Self.calls)?agent=5001@one.cc").brief == "403 notYours")
        }
    }

    @Test("Without a session there is nothing")
    func noSession() async throws {
        try await run(TestRecords(calls: [Self.call])) { (browser, _) async throws in
            let stranger = Browser(client: browser.client)
            for path in [Self.calls, Self.agents] { #expect(try await stranger.get(path).brief == "401 noSession") }
        }
    }

    @Test(
        "A filter that makes no sense is named",
        arguments: [
            ("calls?from=yesterday", "from"), ("calls?to=2026.13.01", "to"), ("calls?from=2&to=1", "to"),
            ("calls?agent=5%200", "agent"), ("calls?device=%3D", "device"), ("calls?call=a%20b", "call"),
            ("calls?conversation=%2F", "conversation"), ("calls?callType=Strange", "callType"),
            ("calls?trunkGroup=\(String(repeating: "x", count: 129))", "trunkGroup"),
            ("calls?answered=maybe", "answered"),
            ("calls?limit=0", "limit"), ("calls?limit=1001", "limit"), ("calls?limit=many", "limit"),
            ("calls?after=xyz", "after"), ("calls?format=xml", "format"), ("agents?from=x", "from"),
            ("agents?detail=some", "detail"), ("agents?device=8001", "device"), ("agents?answered=yes", "answered"),
            ("agents?after=%2B", "after"), ("agents?detail=1&after=Zm9v", "after"), ("agents?limit=-1", "limit"),
        ])
    func badFilters(_ query: String, _ field: String) async throws {
        try await run(TestRecords()) { (browser, _) async throws in
            let answer = try await browser.get("/api/csta/records/\(query)")
            #expect(answer.brief == "400 malformed" && answer["field"] == field, "\(answer.text)")
        }
    }

    @Test("Filters reach the archive as they were meant")
    func filters() async throws {
        let records = TestRecords()
        try await run(records) { (browser, _) async throws in
            let query =
                "from=2026.01.01%2008:00:00&to=2026.01.02&agent=5001&device=8001&call=c-1&conversation=c-0"
                + "&callType=Inbound&trunkGroup=out&answered=no&limit=7"
            #expect(try await browser.get("\(Self.calls)?\(query)").status == 200)
            var filter = CallRecordFilter()
            filter.from = Self.moment(8 * 3600)
            filter.to = Self.moment(24 * 3600)
            (filter.agent, filter.device) = (Self.agent(5001), Self.device("8001"))
            (filter.call, filter.conversation) = (CallID("c-1"), CallID("c-0"))
            (filter.callType, filter.trunkGroup, filter.isAnswered) = (.inbound, "out", false)
            #expect(records.callFilter == filter && records.limit == 7)
        }
    }

    @Test("Pages follow each other until there is no next, in both formats")
    func pages() async throws {
        let calls = (1...5).map { number in
            let call = CallID("c-\(number)")!
            let parts = Self.parts.map { part in
                var part = part
                part.call = call
                return part
            }
            return CallRecord(call: call, ended: Self.moment(Int64(number)), parts: parts)
        }
        try await run(TestRecords(calls: calls)) { (browser, _) async throws in
            var (found, next) = ([String](), "" as String?)
            while let position = next {
                let answer = try await browser.get("\(Self.calls)?limit=2&after=\(position)")
                found += (answer.json?["calls"]?.array ?? []).compactMap { $0["callId"]?.string }
                next = answer["next"]
            }
            #expect(found == ["c-1", "c-2", "c-3", "c-4", "c-5"])
            let table = try await browser.get("\(Self.calls)?limit=3&format=csv")
            let name = try #require(HTTPField.Name("Next-After"))
            let rest = try await browser.get("\(Self.calls)?format=csv&after=\(try #require(table.headers[name]))")
            #expect(rest.headers[name] == nil)
            #expect(rest.text.split(separator: "\r\n").count == 1 + 2 * 4)
        }
    }

    @Test("Agents' times with the one that runs, in sum and one by one")
    func agentTimes() async throws {
        let time = AgentTime(
            agent: Self.agent(5001), device: Self.device("8001"), mode: .notReady, reason: "1",
            began: Self.moment(-60), ended: Self.moment(-10))
        try await run(TestRecords(times: [time])) { (browser, world) async throws in
            let agent = try await Browser(client: browser.client).loggedIn("5001")
            try await agent.onDevice("8001", as: "5001")
            world.clock.advance(seconds: 30)
            let sum = try await browser.get(Self.agents)
            #expect(
                sum.text == """
                    {"agents":[{"agentId":"5001@one.cc","loggedInMilliseconds":80000,"modes":[\
                    {"agentMode":"NotReady","milliseconds":50000,"reasons":[{"reason":"1","milliseconds":50000}]},\
                    {"agentMode":"Ready","milliseconds":30000}]}],\
                    "untilTime":"2026.01.01 00:00:30","untilTimestamp":1767225630000}
                    """)
            let detail = try await browser.get("\(Self.agents)?detail=true")
            let times = try #require(detail.json?["times"]?.array)
            #expect(times.map { $0["isRunning"]?.bool } == [false, true])
            #expect(times[1]["beginTimestamp"]?.integer == Self.began)
            #expect(times[1]["endTimestamp"]?.integer == Self.began + 30_000)
            let next = try #require(detail["next"])
            #expect(try await browser.get("\(Self.agents)?detail=true&after=\(next)").json?["next"] == nil)
            #expect(
                try await browser.get("\(Self.agents)?format=csv").text
                    == "agentId,agentMode,reason,milliseconds,loggedInMilliseconds\r\n"
                    + "5001@one.cc,NotReady,1,50000,80000\r\n5001@one.cc,Ready,,30000,80000\r\n")
            #expect(
                try await browser.get("\(Self.agents)?format=csv&detail=1").text.hasSuffix(
                    "5001@one.cc,8001@one.cc,Ready,,2026.01.01 00:00:00,1767225600000,2026.01.01 00:00:30,"
                        + "1767225630000,30000,true\r\n"))
        }
    }

    @Test("While the journal cannot be read it is 503, with when to come again")
    func away() async throws {
        try await run(TestRecords(isAway: true)) { (browser, _) async throws in
            let answer = try await browser.get(Self.calls)
            #expect(answer.brief == "503 recordsAway" && answer.headers[.retryAfter] == "5")
        }
    }
}

extension JSON {
    fileprivate var encodedText: String { String(decoding: encoded(), as: UTF8.self) }
}
