import CSTA
import CallCenter
import HTTPTypes
import Testing

@testable import Gateway

@Suite struct APIAgentTests {
    private static let state = "/api/csta/agent/state"
    private static let long = String(repeating: "x", count: Fields.maximumReasonBytes + 1)

    /// The statuses of an agent's login, as the rules refuse.
    static let refusals: [(Refusal, String, [String: String])] = {
        guard let device = DeviceID("8002@one.cc"), let agent = AgentID("5002@one.cc") else { return [] }
        return [
            (.agentDisabled, "423 agentDisabled", [:]),
            (.deviceNotRegistered, "451 deviceNotRegistered", [:]),
            (.noSuchAgent, "452 noSuchAgent", [:]),
            (.noSuchDevice, "453 noSuchDevice", [:]),
            (.alreadyLoggedInHere, "454 alreadyLoggedInHere", [:]),
            (.loggedInElsewhere(device), "455 loggedInElsewhere", ["deviceId": "8002@one.cc"]),
            (.deviceNotUsable, "456 deviceNotUsable", [:]),
            (.deviceNotAllowed, "457 deviceNotAllowed", [:]),
            (.agentLoggedOut, "458 agentLoggedOut", [:]),
            (.deviceInUse(agent), "459 deviceInUse", ["agent": "Agent 5002", "agentId": "5002@one.cc"]),
            (.deviceInCall(.alerting), "460 deviceInCall", ["state": "Alerting"]),
            (.tooManyAgents, "461 tooManyAgents", [:]),
            (.modeNotSettable(.allocated), "400 malformed", ["field": "agentMode"]),
            (.agentAllocated, "409 agentAllocated", ["state": "Allocated"]),
            (.notYours, "403 notYours", [:]),
            (.switchAway, "503 switchAway", [:]),
            (.shuttingDown, "503 shuttingDown", [:]),
        ]
    }()

    @Test(arguments: refusals)
    func eachRefusalHasItsStatus(refusal: Refusal, brief: String, details: [String: String]) async throws {
        let world = try World()
        try world.one.script(.refused(refusal))
        try await world.run { browser in
            let agent = try await browser.loggedIn()
            let answer = try await agent.post(
                Self.state, #"{"func":"Login","loginId":"5001@one.cc","device":"8001@one.cc","password":"secret-5001"}"#
            )
            #expect(answer.brief == brief)
            #expect(answer.json?["status"]?.integer.map(Int.init) == answer.status)
            #expect(answer["message"]?.isEmpty == false)
            for (key, value) in details { #expect(answer[key] == value) }
        }
    }

    @Test(arguments: [("5001@one.cc", "8001@one.cc"), ("5001", "8001")])
    func loginByEitherSpelling(agent: String, device: String) async throws {
        let world = try World()
        try await world.run { browser in
            let own = try await browser.loggedIn()
            let answer = try await own.post(
                Self.state,
                #"{"func":"Login","loginId":"\#(agent)","device":"\#(device)","password":"secret-5001","agentMode":""}"#
            )
            #expect(answer.status == 204)
            #expect(answer.text.isEmpty)
            #expect(answer.headers[.contentLength] == nil || answer.headers[.contentLength] == "0")
        }
        let expected = try #require(AgentID("5001@one.cc"))
        #expect(
            try world.one.asked == [
                .init(
                    command: .logIn(expected, device: try #require(DeviceID("8001@one.cc")), mode: .notReady),
                    requester: Requester(agent: expected, role: .agent))
            ])
    }

    @Test(arguments: [
        (#"{"func":"Login","loginId":"5001","device":"8001","password":"wrong"}"#, "401 wrongPassword"),
        (#"{"func":"Login","loginId":"5002","device":"8001","password":"secret-5002"}"#, "403 notYours"),
        (#"{"func":"Login","loginId":"6666","device":"8001","password":"secret-5001"}"#, "452 noSuchAgent"),
        (#"{"func":"Login","loginId":"5001@two.cc","device":"8001","password":"secret-5001"}"#, "403 notYours"),
        (#"{"func":"Login","loginId":"5001","device":"8001@two.cc","password":"secret-5001"}"#, "403 notYours"),
        (#"{"func":"Logout","agentId":"5001@two.cc"}"#, "403 notYours"),
        (#"{"func":"Logout","agentId":"5001","namespace":"two.cc"}"#, "403 notYours"),
        (#"{"func":"Logout","agentId":"5002"}"#, "403 notYours"),
        (#"{"func":"SetState","agentId":"5002","agentMode":"Ready"}"#, "403 notYours"),
        (#"{"func":"SetState","agentId":"5001","agentMode":"Ready"}"#, "458 agentLoggedOut"),
        (#"{"func":"Login","loginId":"5001","device":"8999","password":"secret-5001"}"#, "453 noSuchDevice"),
        (
            #"{"func":"Login","loginId":"5001","device":"8001","password":"secret-5001","agentMode":"Allocated"}"#,
            "400 malformed"
        ),
    ])
    func wrongRequests(body: String, brief: String) async throws {
        try await World().run { browser in
            let answer = try await browser.loggedIn().post(Self.state, body)
            #expect(answer.brief == brief)
        }
    }

    @Test(arguments: [
        (#"{}"#, "func"), (#"{"func":"login"}"#, "func"), (#"{"func":1}"#, "func"), (#"[]"#, "body"), (#""x""#, "body"),
        (#"{"func":"Login","device":"8001","password":"x"}"#, "loginId"),
        (#"{"func":"Login","loginId":5001,"device":"8001","password":"x"}"#, "loginId"),
        (#"{"func":"Login","loginId":"50 01","device":"8001","password":"x"}"#, "loginId"),
        (#"{"func":"Login","loginId":"5001@","device":"8001","password":"x"}"#, "loginId"),
        (#"{"func":"Login","loginId":"5001@one.cc@one.cc","device":"8001","password":"x"}"#, "loginId"),
        (#"{"func":"Login","loginId":"5001","password":"x"}"#, "device"),
        (#"{"func":"Login","loginId":"5001","device":"8\u0000","password":"x"}"#, "device"),
        (#"{"func":"Login","loginId":"5001","device":"８００１","password":"x"}"#, "device"),
        (#"{"func":"Login","loginId":"5001","device":"8001"}"#, "password"),
        (#"{"func":"Login","loginId":"5001","device":"8001","password":["x"]}"#, "password"),
        (#"{"func":"Login","loginId":"5001","device":"8001","password":"x","agentMode":"ready"}"#, "agentMode"),
        (#"{"func":"Login","loginId":"5001","device":"8001","password":"x","agentMode":{}}"#, "agentMode"),
        (#"{"func":"Logout"}"#, "agentId"), (#"{"func":"Logout","agentId":null}"#, "agentId"),
        (#"{"func":"Logout","agentId":"5001","namespace":7}"#, "namespace"),
        (#"{"func":"Logout","agentId":"5001","namespace":"a b"}"#, "namespace"),
        (#"{"func":"SetState","agentMode":"Ready"}"#, "agentId"),
        (#"{"func":"SetState","agentId":"5001"}"#, "agentMode"),
        (#"{"func":"SetState","agentId":"5001","agentMode":"Ready","device":"*&^"}"#, "device"),
        (#"{"func":"SetState","agentId":"5001","agentMode":"Ready","reason":[]}"#, "reason"),
        (
            #"{"func":"SetState","agentId":"5001","agentMode":"Ready","reason":"\#(long)"}"#,
            "reason"
        ),
    ])
    func malformedBodies(body: String, field: String) async throws {
        let world = try World()
        try await world.run { browser in
            let answer = try await browser.loggedIn().post(Self.state, body)
            #expect(answer.brief == "400 malformed")
            #expect(answer["field"] == field)
        }
        #expect(try world.one.asked.isEmpty)
    }

    @Test func aModeDuringACallIsKept() async throws {
        let world = try World()
        try await world.run { browser in
            let agent = try await browser.loggedIn()
            try world.one.script(.pending(.ready))
            let answer = try await agent.post(
                Self.state, #"{"func":"SetState","agentId":"5001","device":"8001","agentMode":"Ready","reason":1}"#)
            #expect(answer.status == 200)
            #expect(answer.text == #"{"pendingMode":"Ready"}"#)
        }
        #expect(
            try world.one.asked.last?.command == .setMode(try #require(AgentID("5001@one.cc")), .ready, reason: "1"))
    }

    @Test func byTheRealRules() async throws {
        try await World().run { browser in
            let first = try await browser.loggedIn("5001")
            let second = try await browser.loggedIn("5002")
            let supervisor = try await browser.loggedIn("5900")
            try await first.onDevice("8001", as: "5001")
            let login = { (agent: String, device: String) in
                #"{"func":"Login","loginId":"\#(agent)","device":"\#(device)","password":"secret-\#(agent)"}"#
            }
            #expect(try await first.post(Self.state, login("5001", "8001")).brief == "454 alreadyLoggedInHere")
            let elsewhere = try await first.post(Self.state, login("5001", "8002"))
            #expect(elsewhere.brief == "455 loggedInElsewhere")
            #expect(elsewhere["deviceId"] == "8001@one.cc")
            let inUse = try await second.post(Self.state, login("5002", "8001"))
            #expect(inUse.brief == "459 deviceInUse")
            #expect(inUse["agent"] == "Agent 5001")
            #expect(inUse["agentId"] == "5001@one.cc")

            let setState = #"{"func":"SetState","agentId":"5001","agentMode":"NotReady","reason":"1"}"#
            #expect(try await second.post(Self.state, setState).brief == "403 notYours")
            #expect(try await supervisor.post(Self.state, setState).status == 204)
            #expect(try await supervisor.post(Self.state, login("5002", "8002")).brief == "403 notYours")
            #expect(try await first.post("/api/csta/agent/heartbeat/5001").status == 204)
            #expect(try await first.post("/api/csta/agent/heartbeat/5001%40one.cc").status == 204)
            #expect(try await first.post("/api/csta/agent/heartbeat/5001@two.cc").brief == "403 notYours")
            #expect(try await second.post("/api/csta/agent/heartbeat/5001").brief == "403 notYours")
            #expect(try await second.post("/api/csta/agent/heartbeat/5002").brief == "458 agentLoggedOut")
            #expect(try await first.post("/api/csta/agent/heartbeat/%3F%3F")["field"] == "agentId")
            #expect(try await first.post("/api/csta/agent/heartbeat/%ff")["field"] == "agentId")
            #expect(try await second.post(Self.state, #"{"func":"Logout","agentId":"5001"}"#).brief == "403 notYours")
            #expect(try await supervisor.post(Self.state, #"{"func":"Logout","agentId":"5001"}"#).status == 204)
            #expect(try await first.post(Self.state, setState).brief == "458 agentLoggedOut")
        }
    }

    @Test func theDiallingPrefixes() async throws {
        try await World().run { browser in
            let agent = try await browser.loggedIn()
            let path = "/api/operation/operation/tenants/"
            let answer = try await agent.get(path + "one.cc/agents/5001@one.cc")
            #expect(
                answer.text
                    == #"{"agentId":"5001@one.cc","agentName":"Agent 5001","agentTrunks":[{"scanPrefix":"9"}]}"#)
            #expect(try await agent.get(path + "one.cc/agents/5001").status == 200)
            #expect(try await agent.get(path + "two.cc/agents/5001").brief == "404 noSuchTenant")
            #expect(try await agent.get(path + "nowhere.cc/agents/5001").brief == "404 noSuchTenant")
            #expect(try await agent.get(path + "one.cc/agents/5002").brief == "403 notYours")
            #expect(try await browser.loggedIn("5900").get(path + "one.cc/agents/5002").status == 200)
            #expect(try await browser.loggedIn("5900").get(path + "one.cc/agents/6666").brief == "404 noSuchAgent")
            #expect(try await browser.get(path + "one.cc/agents/5001").brief == "401 noSession")
        }
    }
}
