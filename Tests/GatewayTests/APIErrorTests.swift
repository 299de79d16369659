import CSTA
import CallCenter
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway

@Suite struct APIErrorTests {
    @Test(arguments: [
        ("GET", "/", "404 noSuchPath"), ("GET", "/api", "404 noSuchPath"),
        ("POST", "/api/csta/agent", "404 noSuchPath"),
        ("GET", "/sandbox/devices", "404 noSuchPath"), ("POST", "/sandbox/calls", "404 noSuchPath"),
        ("GET", "/login", "405 wrongMethod"), ("DELETE", "/login", "405 wrongMethod"),
        ("PUT", "/api/csta/callControl/calls", "405 wrongMethod"),
        ("GET", "/api/csta/agent/heartbeat/5001", "405 wrongMethod"), ("POST", "/healthz", "405 wrongMethod"),
        ("BREW", "/healthz", "404 noSuchPath"),
    ])
    func wrongPathsAndMethods(method: String, path: String, brief: String) async throws {
        try await World().run { browser in
            let answer = try await browser.send(try #require(HTTPRequest.Method(method)), path)
            #expect(answer.brief == brief)
            #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
            #expect((answer.headers[.allow] != nil) == (answer.status == 405))
        }
    }

    @Test func health() async throws {
        let world = try World()
        try await world.run { browser in
            #expect(try await browser.get("/healthz").text == #"{"status":"ok"}"#)
            #expect(try await browser.send(.head, "/healthz").status == 200)
            #expect(try await browser.get("/readyz").status == 200)
            world.reasons.change { $0 = ["one.cc: the link to the switch is down"] }
            let answer = try await browser.get("/readyz")
            #expect(answer.brief == "503 notReady")
            #expect(answer.json?["reasons"]?.array?.first == .string("one.cc: the link to the switch is down"))
            #expect(try await browser.get("/healthz").status == 200)
        }
    }

    static let hostile: [(String, [UInt8])] = [
        ("nothing", []), ("half an object", Array(#"{"func""#.utf8)),
        ("bad UTF-8", Array("{\"func\":\"".utf8) + [0xFF, 0x22, 0x7D]),
        ("deep arrays", Array(String(repeating: "[", count: 60_000).utf8)),
        ("deep objects", Array(String(repeating: #"{"a":"#, count: 10_000).utf8)),
        ("two values", Array("{}{}".utf8)), ("a byte order mark", [0xEF, 0xBB, 0xBF] + Array("{}".utf8)),
        ("many members", Array(("{" + (0..<2000).map { "\"\($0)\":0," }.joined() + "\"x\":0}").utf8)),
        ("a lone surrogate", Array(#"{"func":"\ud800"}"#.utf8)),
    ]

    @Test(arguments: hostile)
    func whatIsNoJSON(name: String, body: [UInt8]) async throws {
        try await World().run { browser in
            let agent = try await browser.loggedIn()
            for path in ["/api/csta/agent/state", "/api/csta/callControl/calls"] {
                let answer = try await agent.send(.post, path, bytes: body)
                #expect(answer.brief == "400 notJSON", "\(name)")
                #expect(answer["field"] == "body")
                #expect(answer.json?["offset"]?.integer != nil)
            }
        }
    }

    @Test func ofTwoMembersWithOneNameTheLastCounts() async throws {
        try await World().run { browser in
            let answer = try await browser.loggedIn().post(
                "/api/csta/agent/state", #"{"func":"Login","func":"Logout","agentId":"6666","agentId":"5001"}"#)
            #expect(answer.brief == "458 agentLoggedOut")
        }
    }

    @Test func theContentTypeDoesNotMatter() async throws {
        try await World().run { browser in
            let agent = try await browser.loggedIn()
            let answer = try await agent.send(
                .post, "/api/csta/agent/state", #"{"func":"Logout","agentId":"5001"}"#,
                headers: [.contentType: "application/x-www-form-urlencoded"])
            #expect(answer.brief == "458 agentLoggedOut")
        }
    }

    @Test func largeBodiesAreRefused() async throws {
        try await World().run { browser in
            let agent = try await browser.loggedIn()
            let fits = #"{"x":""# + String(repeating: "x", count: APIRequest.maximumBodyBytes - 8) + #""}"#
            #expect(try await agent.post("/api/csta/agent/state", fits)["field"] == "func")
            for path in ["/api/csta/agent/state", "/login", "/api/csta/callControl/calls"] {
                let answer = try await agent.post(path, fits + " ")
                #expect(answer.brief == "413 bodyTooLarge")
                #expect(answer.json?["maximumBytes"]?.integer == 65_536)
            }
        }
    }

    @Test func largeBodiesOfUnknownLengthAreRefused() async throws {
        let world = try World()
        let responder = makeRouter(world.services()).buildResponder()
        let pieces = AsyncStream<ByteBuffer> { pieces in
            for _ in 0..<100 { pieces.yield(ByteBuffer(repeating: UInt8(ascii: " "), count: 1024)) }
            pieces.finish()
        }
        let response = try await responder.respond(
            to: Request(
                head: HTTPRequest(method: .post, scheme: "http", authority: "localhost", path: "/login"),
                body: RequestBody(asyncSequence: pieces)),
            context: GatewayContext(
                source: ApplicationRequestContextSource(channel: NIOAsyncTestingChannel(), logger: world.log.logger)))
        #expect(response.status.code == 413)
    }

    @Test func aBodyInBrokenChunksIsNoFaultOfTheServer() async throws {
        let world = try World()
        try await world.run(.live) { browser in
            let answer = try await browser.exchange(
                "POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
        }
        #expect(!world.log.all.contains("request failed"))
    }

    @Test func longAndOddPathsDoNoHarm() async throws {
        try await World().run { browser in
            let agent = try await browser.loggedIn()
            for path in [
                "/" + String(repeating: "a/", count: 20_000), "/" + String(repeating: "x", count: 60_000),
                "/api/csta/agent/heartbeat/" + String(repeating: "5", count: 10_000), "//////", "/%", "/%00", "/?%",
                "/api/csta/agent/client-state?sessionId=%zz",
                "/api/csta/agent/client-state?" + String(repeating: "&", count: 9999),
                "/api/csta/agent/client-state?" + String(repeating: "a&", count: 9999), "", "x", "/login?=", "*",
            ] {
                let answer = try await agent.post(path)
                #expect((400..<500).contains(answer.status), "\(path.prefix(60)) \(answer.status)")
                #expect(answer["code"] != nil)
            }
            #expect(try await agent.get("/api/csta/agent/client-state?a=%zz").brief == "400 malformed")
            #expect(try await agent.get("/api/csta/agent/client-state?a&&=&b=+").status == 200)
        }
    }

    @Test func aTenantThatIsNotServedIsAway() async throws {
        let world = try World()
        let nowhere = try #require(AgentID("5001@nowhere.cc"))
        world.accounts.change {
            $0[nowhere] = Account(agent: nowhere, name: "", role: .agent, password: .plain("secret-5001"))
        }
        try await world.run { browser in
            let agent = try await browser.loggedIn("5001", in: "nowhere.cc")
            #expect(try await agent.get("/api/csta/callControl/calls").brief == "503 tenantAway")
        }
    }

    @Test func aUserWhoIsNoAgentHasNoClientState() async throws {
        let world = try World()
        let user = try #require(AgentID("crm@one.cc"))
        world.accounts.change {
            $0[user] = Account(agent: user, name: "CRM", role: .supervisor, password: .plain("secret-crm"))
        }
        try await world.run { browser in
            let crm = try await browser.loggedIn("crm")
            #expect(try await crm.get("/api/csta/agent/client-state").brief == "404 noSuchAgent")
            #expect(try await crm.get("/api/csta/callControl/calls").status == 200)
        }
    }

    @Test func theLogTellsSessionAgentAndCall() async throws {
        var world = try World()
        world.policies[try #require(Namespace("two.cc"))] = TenantPolicy(masksNumbers: true)
        try await world.run { browser in
            let first = try await browser.loggedIn("5001")
            _ = try await first.get("/api/csta/callControl/calls/c-17")
            _ = try await browser.loggedIn("5002", in: "two.cc").get("/api/csta/agent/client-state")
            // Who has no session is told nothing about, whatever it sends.
            _ = try await Browser(client: browser.client, session: "guessed").get("/api/csta/callControl/calls/c-18")
        }
        let log = world.log.all.split(separator: "\n").filter { $0.contains(" request ") }
        let hash = RequestNotes.shortHash("hidden-session-1")
        #expect(hash.count == 8)
        #expect(log.filter { $0.contains("session=\(hash)") && $0.contains("agent=5001@one.cc") }.count == 2)
        #expect(log.filter { $0.contains("call=c-17") && $0.contains(hash) }.count == 1)
        #expect(log.filter { $0.contains("agent=***2@two.cc") }.count == 2)
        for secret in ["hidden-session", "5002", "guessed", "c-18", "secret-"] {
            #expect(!log.contains { $0.contains(secret) }, "\(secret)")
        }
    }

    @Test func anUnknownErrorTellsNothing() async throws {
        struct Leaky: Error { let secret = "hidden" }
        let world = try World()
        let router = makeRouter(world.services())
        router.get("/leaky") { _, _ -> Response in throw Leaky() }
        router.get("/forbidden") { _, _ -> Response in throw HTTPError(.forbidden, message: "hidden") }
        try await Application(router: router, logger: world.log.logger).test(.router) { client async throws -> Void in
            let browser = Browser(client: client, isDescribed: false)
            #expect(try await browser.get("/leaky").brief == "500 internalError")
            #expect(try await browser.get("/forbidden").brief == "403 refused")
        }
        #expect(world.log.all.contains("Leaky"))
        #expect(!world.log.all.contains("hidden"))
    }
}

@Suite struct APISandboxTests {
    @Test func buttonsAndCustomers() async throws {
        let world = try World()
        let sandbox = world.sandbox
        try await world.run(sandbox: sandbox) { browser in
            let admin = try await browser.loggedIn("5999")
            for button in ["answer", "reject", "hangup", "hold", "retrieve", "unregister", "register", "mute"] {
                #expect(try await admin.post("/sandbox/devices/8001/\(button)").status == 204)
            }
            #expect(try await admin.post("/sandbox/devices/8001@one.cc/dial", #"{"number":"8002"}"#).status == 204)
            #expect(try await admin.post("/sandbox/devices/8001/transfer", #"{"number":"8003@one.cc"}"#).status == 204)
            for body in ["", "{}", #"{"number":null}"#] {
                #expect(try await admin.post("/sandbox/devices/8001/transfer", body).status == 204)
            }
            #expect(try await admin.post("/sandbox/devices/8001/transfer", "[]")["field"] == "body")
            #expect(try await admin.post("/sandbox/devices/8001/transfer", #"{"number":"*/"}"#)["field"] == "number")
            #expect(try await admin.post("/sandbox/calls", #"{"from":"13800000000","to":"4001"}"#).status == 204)
            #expect(
                try await admin.get("/sandbox/devices").text
                    == #"{"devices":[{"deviceId":"8001@one.cc","isRegistered":true,"isMuted":false,"state":"ringing","#
                    + #""display":"13800000000","transfer":"accepted","announcement":"5001"}]}"#)

            #expect(try await admin.post("/sandbox/devices/8001/dial")["field"] == "body")
            #expect(try await admin.post("/sandbox/devices/8001/dial", "{}")["field"] == "number")
            #expect(try await admin.post("/sandbox/devices/8001/smash").brief == "404 noSuchPath")
            #expect(try await admin.post("/sandbox/devices/8001@two.cc/answer").brief == "403 notYours")
            #expect(try await admin.post("/sandbox/devices/%2A%2F/answer")["field"] == "device")
            #expect(try await admin.post("/sandbox/calls", #"{"from":"","to":"4001"}"#)["field"] == "from")
            #expect(try await admin.post("/sandbox/devices/404/answer").brief == "404 notFound")
            let answer = try await admin.post("/sandbox/devices/409/answer")
            #expect(answer.brief == "409 wrongState")
            #expect(answer["state"] == "idle")
            #expect(try await admin.post("/sandbox/calls", #"{"from":"1","to":"429"}"#).brief == "429 tooManyCalls")
            #expect(try await browser.loggedIn("5900").post("/sandbox/devices/8001/answer").brief == "403 notYours")
            #expect(try await browser.post("/sandbox/devices/8001/answer").brief == "401 noSession")
        }
        #expect(sandbox.pressed.contains("dial 8001@one.cc 8002"))
        #expect(
            sandbox.pressed.filter { $0.hasPrefix("transfer") } == ["transfer 8001@one.cc 8003"]
                + Array(repeating: "transfer 8001@one.cc -", count: 3))
        #expect(sandbox.pressed.contains("call 13800000000 4001 one.cc"))
    }
}
