import CSTA
import CallCenter
import Gateway
import Journal
import Logging
import RingsideTesting
import Testing

@testable import RingsideServer

extension SandboxBench {
    /// The campaigns of the tenant as it runs now, whose rounds a test has to begin.
    func campaigns() -> CampaignDesk {
        let table = TenantTable()
        table.start(runner)
        let clock = clock
        return CampaignDesk(
            journal: journal, tenants: table, now: { clock.instant }, newCall: { SystemClock.newCall() },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Lets time pass, with a round each second, and B's client alive.
    func pass(seconds: Int, with desk: CampaignDesk) async {
        for second in 0..<seconds {
            if second % 60 == 0, let agent = AgentID("5001", in: runner.namespace) {
                _ = await runner.perform(.heartbeat(agent), by: Requester(agent: agent, role: .agent))
            }
            await desk.round()
            await pass(milliseconds: 1000)
        }
    }
}

@Suite("Campaigns on the sandbox", .serialized, .timeLimit(.minutes(2)))
struct CampaignTests {
    private let demo = Namespace("demo.cc")

    private func campaign(
        _ numbers: [String], on desk: CampaignDesk, _ settings: JSONObject = [:]
    ) async throws -> Campaign {
        var all: JSONObject = ["name": .string("Winback"), "split": .string("7000"), "prefix": .string("9")]
        for (key, value) in settings { all[key] = value }
        let campaign = try await desk.create(all, in: try #require(demo)).campaign
        let results = try await desk.add(
            numbers.map { NewContact(number: $0) }, to: campaign.id, in: try #require(demo))
        #expect(results == numbers.map { _ in nil })
        return try await desk.set(campaign.id, to: .running, in: try #require(demo)).campaign
    }

    private func progress(_ campaign: Campaign, on desk: CampaignDesk) async throws -> CampaignProgress {
        try await desk.campaign(campaign.id, in: campaign.namespace).progress
    }

    /// Nobody is Allocated without a call that is under way.
    private func expectNobodyStuck(_ bench: SandboxBench) async {
        let modes = await bench.runner.read { tenant in tenant.agents.values.map(\.mode) }
        #expect(!modes.contains(.allocated))
    }

    @Test("A list from its beginning to its end: each contact has its outcome, with retries by the failed code")
    func wholeList() async throws {
        let bench = try await SandboxBench()
        try await Scenario("ready", "only B is Ready").play(on: bench)
        let desk = bench.campaigns()
        try await desk.addDoNotCall(["13800000100"], in: try #require(demo))
        let numbers = ["13800000001", "13800000008", "13800000100", "0900123456", "13800000011"]
        let campaign = try await campaign(
            numbers, on: desk, ["retries": .object(["1": .number("5")]), "attempts": .number("2")])
        await bench.pass(seconds: 120, with: desk)
        var found = try await progress(campaign, on: desk)
        #expect(found.outcomes == ["8": 1, "11": 1, "doNotCall": 1, "barred": 1])
        #expect(found.left == 1 && found.underWay == 0)
        await bench.pass(seconds: 320, with: desk)
        found = try await progress(campaign, on: desk)
        #expect(found.outcomes["1"] == 1 && found.left == 0 && found.done == found.contacts)
        await expectNobodyStuck(bench)
        try await bench.close()
    }

    @Test("The contact's data comes with the call, and the agent who talked gets the next one after the wrap-up")
    func answered() async throws {
        let bench = try await SandboxBench()
        try await Scenario("ready", "only B is Ready").play(on: bench)
        let desk = bench.campaigns()
        let campaign = try await campaign([], on: desk)
        let list = ["13800000000", "13800000100"].map {
            NewContact(number: $0, data: UserData(["name": .string("李")]) ?? UserData())
        }
        _ = try await desk.add(list, to: campaign.id, in: try #require(demo))
        for _ in 0..<2 {
            await bench.pass(seconds: 2, with: desk)
            try await Scenario("call", "B answers\nB hangs up").play(on: bench)
            await bench.pass(seconds: 11, with: desk)
        }
        #expect(try await progress(campaign, on: desk).outcomes == ["answered": 2])
        let delivered = bench.allEvents.filter { $0.name == "delivered" }.map {
            String(decoding: $0.json, as: UTF8.self)
        }
        #expect(delivered.count == 2 && delivered.allSatisfy { $0.contains(#""name":"李""#) })
        await expectNobodyStuck(bench)
        try await bench.close()
    }

    @Test("Paused, what is under way goes on; stopped, who is reserved is released; then it can be removed")
    func states() async throws {
        let bench = try await SandboxBench()
        try await Scenario("ready", "only B is Ready").play(on: bench)
        let (desk, demo) = (bench.campaigns(), try #require(demo))
        let campaign = try await campaign(["13800000040", "13800000140"], on: desk)
        await bench.pass(seconds: 2, with: desk)
        _ = try await desk.set(campaign.id, to: .paused, in: demo)
        await #expect(throws: CampaignError.notStopped) { try await desk.remove(campaign.id, in: demo) }
        #expect(try await progress(campaign, on: desk).underWay == 1)
        #expect(await bench.runner.read(\.contactsUnderWay).count == 1)
        _ = try await desk.change(campaign.id, ["ringSeconds": .number("5")], in: demo)
        _ = try await desk.set(campaign.id, to: .stopped, in: demo)
        await bench.pass(seconds: 2, with: desk)
        await expectNobodyStuck(bench)
        let found = try await progress(campaign, on: desk)
        #expect(found.left == 2 && found.underWay == 0)
        try await desk.remove(campaign.id, in: demo)
        await #expect(throws: CampaignError.noSuchCampaign) { try await desk.campaign(campaign.id, in: demo) }
        try await bench.close()
    }

    @Test("Killed with contacts under way: each is called on, or again, and counted once")
    func restart() async throws {
        let bench = try await SandboxBench()
        try await Scenario("ready", "only B is Ready").play(on: bench)
        var desk = bench.campaigns()
        let campaign = try await campaign(["13800000040", "13800000001"], on: desk)
        await bench.pass(seconds: 2, with: desk)
        // Taken, and never asked for: the server ended between the two.
        let taken = try await bench.journal.takeDue(
            of: campaign, at: bench.clock.instant, limit: 5, called: { [$0.number] }
        ) {
            _ in nil
        }
        #expect(taken.map(\.number) == ["13800000001"])
        try await bench.restart()
        desk = bench.campaigns()
        try await desk.restore()
        await desk.round()
        var found = try await progress(campaign, on: desk)
        #expect(found.underWay == 1 && found.left == 1, "the one that rings goes on, the other is left")
        await bench.pass(seconds: 40, with: desk)
        found = try await progress(campaign, on: desk)
        #expect(found.left == 2 && found.underWay == 0 && found.contacts == 2)
        await expectNobodyStuck(bench)
        try await bench.close()
    }

    @Test("Contacts are called when it is day where they are")
    func hours() async throws {
        let bench = try await SandboxBench()
        try await Scenario("ready", "only B is Ready").play(on: bench)
        let (desk, demo) = (bench.campaigns(), try #require(demo))
        // The clock begins on 2026-11-22 10:00 UTC, a Sunday: 18:00 in Shanghai, 10:00 in London.
        let campaign = try await campaign(
            [], on: desk, ["hours": .object(["sun": .array([.string("09:00-17:00")])])])
        let list = [("13800000008", "Asia/Shanghai"), ("13800000108", "Europe/London"), ("1", "Mars/Olympus")]
        let results = try await desk.add(
            list.map { NewContact(number: $0.0, timeZone: $0.1) }, to: campaign.id, in: demo)
        #expect(results == [nil, nil, .unknownTimeZone])
        await bench.pass(seconds: 5, with: desk)
        let found = try await progress(campaign, on: desk)
        #expect(found.outcomes == ["8": 1] && found.left == 1)
        try await bench.close()
    }

    @Test("What another tenant has is not there, and what is wrong is refused with the field")
    func refused() async throws {
        let bench = try await SandboxBench()
        let desk = bench.campaigns()
        let campaign = try await campaign(["1"], on: desk)
        let other = try #require(Namespace("other.cc"))
        await #expect(throws: CampaignError.noSuchCampaign) { try await desk.campaign(campaign.id, in: other) }
        await #expect(throws: CampaignError.noSuchCampaign) { try await desk.remove(campaign.id, in: other) }
        let demo = try #require(demo)
        await #expect(throws: CampaignError.field(.init(field: "split", problem: "there is no such split."))) {
            try await desk.create(["name": .string("x"), "split": .string("7999")], in: demo)
        }
        await #expect(throws: CampaignError.self) {
            try await desk.change(campaign.id, ["timeZone": .string("Mars/Olympus")], in: demo)
        }
        #expect(try await desk.add([NewContact(number: "1")], to: campaign.id, in: demo) == [.repeated])
        try await bench.close()
    }
}

@Suite("Campaigns over HTTP", .serialized, .timeLimit(.minutes(2)))
struct CampaignInterfaceTests {
    private func send(
        _ method: String, _ path: String, _ session: String, _ body: String = "", type: String = "application/json",
        on gateway: SandboxGateway
    ) async throws -> (status: Int, json: JSON?) {
        try await ClientSocket.with(port: gateway.port) { socket in
            try await socket.send(
                "\(method) \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer \(session)\r\n"
                    + "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            let (head, body) = try await socket.readResponse()
            return (head.status, try? JSON.parse(Array(body.utf8)))
        }
    }

    @Test("Made, filled with a list that is wrong in part, run with previews, watched, stopped and deleted")
    func campaign() async throws {
        let gateway = try await SandboxGateway()
        let bench = gateway.bench
        try await Scenario("ready", "only B is Ready").play(on: bench)
        let (admin, agent) = (try await gateway.logIn("5010"), try await gateway.logIn("5001"))
        let path = "/api/csta/campaigns"
        #expect(try await send("GET", path, agent, on: gateway).status == 403)
        let made = try await send(
            "POST", path, admin, #"{"name":"Winback","split":"7000","prefix":"9","type":"PreView"}"#, on: gateway)
        let id = try #require(made.json?["id"]?.integer)
        #expect(made.json?["state"]?.string == "stopped")
        let csv = "number,name\n13800000001,Li\nnone,Wu\n13800000001,Li\n13800000108,Wang\n"
        let added = try await send("POST", "\(path)/\(id)/contacts", admin, csv, type: "text/csv", on: gateway)
        #expect(added.json?["accepted"]?.integer == 2 && added.json?["refusedCount"]?.integer == 2)
        #expect(added.json?["refused"]?.array?.map { $0["line"]?.integer } == [3, 4])
        #expect(try await send("POST", "\(path)/\(id)/start", admin, on: gateway).json?["state"]?.string == "running")
        await gateway.campaigns.round()
        let state = try await send("GET", "/api/csta/agent/client-state", agent, on: gateway).json?["agent"]
        #expect(state?["agentMode"]?.string == "Allocated")
        #expect(state?["preview"]?["number"]?.string == "913800000001")
        #expect(state?["preview"]?["userData"]?["data"]?["name"]?.string == "Li")
        let outbound = "/api/csta/outbound"
        #expect(try await send("POST", "\(outbound)/preview/5001/skip", agent, on: gateway).status == 204)
        #expect(try await send("POST", "\(outbound)/preview/5001/skip", agent, on: gateway).status == 409)
        await gateway.campaigns.round()
        #expect(try await send("POST", "\(outbound)/preview/5001/accept", agent, on: gateway).status == 204)
        await bench.pass(milliseconds: 2000)
        await gateway.campaigns.round()
        let list = try await send("GET", path, admin, on: gateway).json?["campaigns"]?.array
        let progress = list?.first?["progress"]
        #expect(progress?["outcomes"]?["skipped"]?.integer == 1 && progress?["outcomes"]?["8"]?.integer == 1)
        #expect(progress?["contacts"]?.integer == 2 && progress?["done"]?.integer == 2)
        #expect(try await send("DELETE", "\(path)/\(id)", admin, on: gateway).status == 409)
        #expect(try await send("POST", "\(path)/\(id)/stop", admin, on: gateway).status == 200)
        #expect(try await send("DELETE", "\(path)/\(id)", admin, on: gateway).status == 204)
        #expect(try await send("GET", "\(path)/\(id)", admin, on: gateway).status == 404)
        try await gateway.close()
    }

    @Test("Released: who is Allocated; of others, with their statuses")
    func release() async throws {
        let gateway = try await SandboxGateway()
        let path = "/api/csta/outbound/release"
        let scenario = try Scenario(
            "reserved", "only B is Ready\nthe dialler calls 913800000040\nB: agentAllocated")
        try await scenario.play(on: gateway.bench)
        let (agent, other) = (try await gateway.logIn("5001"), try await gateway.logIn("5002"))
        let supervisor = try await gateway.logIn("5010")
        #expect(try await send("POST", "\(path)/5001", other, on: gateway).status == 403)
        #expect(try await send("POST", "\(path)/5001@other.cc", agent, on: gateway).status == 403)
        let call = try await send(
            "POST", "/api/csta/callControl/calls", agent, #"{"from":"8001","to":"8002"}"#, on: gateway)
        #expect(call.status == 409 && call.json?["code"]?.string == "agentAllocated")
        #expect(try await send("POST", "\(path)/5001", agent, on: gateway).status == 204)
        let again = try await send("POST", "\(path)/5001", supervisor, on: gateway)
        #expect(again.status == 409 && again.json?["state"]?.string == "Ready")
        #expect(try await send("POST", "\(path)/5999", supervisor, on: gateway).status == 452)
        try await gateway.close()
    }
}
