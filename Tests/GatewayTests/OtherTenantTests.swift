import CSTA
import CallCenter
import HTTPTypes
import RingsideTesting
import SwitchDriver
import Synchronization
import Testing

@testable import Gateway

/// Every path and every subscription, asked for with a session or key of another namespace.
@Suite("Nothing of another namespace", .timeLimit(.minutes(1)))
struct OtherTenantTests {
    /// Who has nothing to do with `one.cc`, whatever the role.
    static let outsiders = ["5001", "5900", "5999", "key"]

    /// Those that answer with 2xx, of the outsider's own namespace, or without any.
    static let harmless: Set = [
        "GET /healthz", "GET /readyz", "POST /api/security/logout", "POST /api/security/renew",
        "POST /api/security/ticket", "GET /api/csta/callControl/calls", "GET /api/csta/splits",
        "GET /api/csta/agent/client-state",
        "GET /api/admin/keys", "GET /sandbox/devices", "GET /api/csta/records/calls", "GET /api/csta/records/agents",
        "GET /api/csta/recordings", "GET /docs", "GET /openapi.json", "GET /asyncapi.json",
        "GET /api/csta/campaigns", "GET /api/csta/doNotCall",
    ]

    /// All that bodies and queries can name, of `one.cc`.
    static let body = """
        {"func":"SetState","agentId":"5001@one.cc","loginId":"5001@one.cc","device":"8001@one.cc","deviceId":"8001@one.cc",\
        "agentMode":"NotReady","password":"wrong","from":"8001@one.cc","to":"8002@one.cc","number":"8001@one.cc",\
        "transferTo":"8003@one.cc","conferenceParticipant":"8003@one.cc","consultationParticipant":"8003@one.cc",\
        "consultCallId":"c-1","entries":[{"key":"k","value":"v"}],"name":"x","namespace":"one.cc",\
        "username":"5001@one.cc"}
        """
    static let query = "?deviceId=8001@one.cc&extension=8001@one.cc&device=8001@one.cc&agent=5001@one.cc"

    private func world() async throws -> World {
        let world = try World()
        let one = try world.one
        for (agent, device) in [("5001", "8001"), ("5002", "8002")] {
            let agent = try #require(AgentID(agent, in: one.namespace))
            let login = Command.logIn(agent, device: try #require(DeviceID(device, in: one.namespace)), mode: .ready)
            #expect(await one.perform(login, by: Requester(agent: agent, role: .agent)) == .done)
        }
        let caller = try #require(AgentID("5001", in: one.namespace))
        let call = MakeCall(
            call: try #require(CallID("c-1")), from: try #require(DeviceID("8001", in: one.namespace)), to: "8002")
        _ = await one.perform(.makeCall(call), by: Requester(agent: caller, role: .agent))
        one.feed(.legAnswered(LegID("c-1-1")))
        one.feed(.legAnswered(LegID("c-1-2")))
        return world
    }

    @Test(arguments: outsiders)
    func paths(outsider: String) async throws {
        let world = try await world()
        let one = try world.one
        let asked = one.asked.count
        let before = await one.read { $0.calls }
        #expect(before.count == 1)
        let campaigns = TestCampaigns()
        try await LiveWorld.with(world, keys: MemoryKeys(), campaigns: campaigns) { live in
            let admin = ["sessionId": try await live.logIn("5999")]
            let key = try await live.send("POST", KeyTests.path, admin, body: #"{"name":"crm"}"#)
            let id = try #require(key["id"])
            let routes = RouteTable(live.services).all
            #expect(routes.count > 30)
            for (method, path) in routes {
                let headers = try await self.headers(of: outsider, live)
                let target =
                    path.replacing("{callId}", with: "c-1").replacing("{connectionId}", with: "8001@one.cc%7Cc-1")
                    .replacing("{agentId}", with: "5001@one.cc").replacing("{namespace}", with: "one.cc")
                    .replacing("{id}", with: path.contains("campaigns") ? "1" : id)
                    .replacing("{number}", with: "13800000000").replacing("{device}", with: "8001@one.cc")
                    .replacing("{key}", with: "k").replacing("{recordId}", with: "r-1")
                #expect(!target.contains("{"), "a parameter that this test does not know: \(path)")
                for (query, body) in [("", Self.body), (Self.query, Self.body), ("", "")] {
                    let answer = try await live.send(method.rawValue, target + query, headers, body: body)
                    let isPassed = (200..<300).contains(answer.status)
                    let name = "\(method.rawValue) \(path)"
                    #expect(!isPassed || Self.harmless.contains(name) || path == KeyTests.path, "\(name): \(answer)")
                    #expect(!isPassed || !answer.body.contains("one.cc"), "\(name): \(answer)")
                    #expect(answer.status < 500, "\(name): \(answer)")
                }
            }
            #expect(try await live.send("GET", KeyTests.path, admin).body.contains(id), "the key is there still")
        }
        #expect(campaigns.touched.withLock(\.self) == 0)
        #expect(one.asked.count == asked, "no command has come to the tenant")
        #expect(await one.read { $0.calls } == before)
    }

    @Test(arguments: outsiders)
    func subscriptions(outsider: String) async throws {
        let world = try await world()
        try await LiveWorld.with(world, keys: MemoryKeys()) { live in
            let headers = try await self.headers(of: outsider, live)
            for accept in [["Accept": "text/event-stream"], ClientSocket.upgradeHeaders] {
                for query in ["agent=5001@one.cc", "device=8001@one.cc", "agent=5001@one.cc&after=0"] {
                    let answer = try await live.send("GET", "/events?\(query)", headers.merging(accept) { $1 })
                    #expect(answer.brief == "403 otherNamespace")
                }
            }
            let request = EventRequest(target: "/events", headers: HTTPFields(headers))
            let granted = try await SessionEventAuthorizer(live.services).authorize(request).get()
            #expect(granted.namespace.name == "two.cc")
        }
    }

    private func headers(of outsider: String, _ live: LiveWorld) async throws -> [String: String] {
        guard outsider == "key" else {
            return ["Authorization": "Bearer \(try await live.logIn(outsider, in: "two.cc"))"]
        }
        let admin = ["sessionId": try await live.logIn("5999", in: "two.cc")]
        let answer = try await live.send(
            "POST", KeyTests.path, admin, body: #"{"name":"x","scopes":["read","control"]}"#)
        return ["Authorization": "Bearer \(try #require(answer["key"]))"]
    }
}

extension HTTPFields {
    fileprivate init(_ headers: [String: String]) {
        self.init()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { append(HTTPField(name: name, value: value)) }
        }
    }
}
