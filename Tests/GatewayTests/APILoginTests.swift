import CSTA
import CallCenter
import HTTPTypes
import Testing

@testable import Gateway

@Suite struct APILoginTests {
    @Test(arguments: ["/login", "/api/security/login", "/loginTrusted"])
    func loginGivesASession(path: String) async throws {
        try await World().run { browser in
            let answer = try await browser.post(path, "username=5001&password=secret-5001&namespace=one.cc")
            #expect(answer.status == 200)
            #expect(answer.text == #"{"sessionId":"hidden-session-1"}"#)
            #expect(
                answer.headers[.setCookie] == "sessionId=hidden-session-1; Path=/; HttpOnly; SameSite=Lax")
            #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
        }
    }

    @Test(arguments: [
        "username=5001%40one.cc&password=secret-5001",
        "username=5001@one.cc&password=secret%2D5001&namespace=one.cc",
        "username=nobody&username=5001&password=secret-5001&namespace=one.cc",
        #" {"username":"5001","password":"secret-5001","namespace":"one.cc"}"#,
    ])
    func otherSpellings(body: String) async throws {
        try await World().run { browser in
            let answer = try await browser.post("/login", body)
            #expect(answer.status == 200)
        }
    }

    @Test func whateverIsWrongTheAnswerIsTheSame() async throws {
        let world = try World()
        world.accounts.change { accounts in
            for key in accounts.keys where key.number == "5003" { accounts[key]?.isDisabled = true }
            for key in accounts.keys where key.number == "5004" { accounts[key]?.password = .scrypt("$scrypt$ln=60") }
        }
        try await world.run { browser in
            var answers: Set<String> = []
            for body in [
                "username=5001&password=wrong&namespace=one.cc",
                "username=6666&password=secret-5001&namespace=one.cc",
                "username=5001&password=secret-5001&namespace=nowhere.cc",
                "username=5001&password=secret-5001&namespace=%20%20",
                "username=%3Cscript%3E&password=x&namespace=one.cc",
                "username=5001@two.cc&password=secret-5001&namespace=one.cc",
                "username=5003&password=secret-5003&namespace=one.cc",
                "username=5004&password=$scrypt$ln=60&namespace=one.cc",
            ] {
                let answer = try await browser.post("/login", body)
                #expect(answer.status == 401)
                #expect(answer.headers[.setCookie] == nil)
                answers.insert(answer.text)
            }
            #expect(answers.count == 1)
        }
    }

    @Test(arguments: [
        ("", "username"), ("password=x&namespace=one.cc", "username"), ("username=5001&namespace=one.cc", "password"),
        ("username=5001&password=&namespace=one.cc", "password"), ("username=5001&password=x", "namespace"),
        ("username=%zz&password=x&namespace=one.cc", "body"), ("username=%ff&password=x&namespace=one.cc", "body"),
        ("{", "body"), (#"{"username":5001}"#, "username"),
        (String(repeating: "a=1&", count: 100), "body"),
    ])
    func malformedForms(body: String, field: String) async throws {
        try await World().run { browser in
            let answer = try await browser.post("/login", body)
            #expect(answer.status == 400)
            #expect(answer["field"] == field)
        }
    }

    @Test func guessingIsSlowedDown() async throws {
        let world = try World()
        try await world.run { browser in
            let wrong = "username=5001&password=wrong&namespace=one.cc"
            let right = "username=5001&password=secret-5001&namespace=one.cc"
            for _ in 0..<10 { #expect(try await browser.post("/login", wrong).status == 401) }
            let answer = try await browser.post("/login", right)
            #expect(answer.brief == "429 tooManyFailures")
            #expect(answer.headers[.retryAfter] == "1")
            #expect(
                try await browser.post("/login", "username=5002&password=secret-5002&namespace=one.cc").status == 200)
            world.clock.advance(seconds: 1)
            #expect(try await browser.post("/login", right).status == 200)
            #expect(try await browser.post("/login", wrong).status == 401)
        }
    }

    @Test func aSessionIsTakenFromEachPlace() async throws {
        let name = try #require(HTTPField.Name("sessionId"))
        try await World().run { browser in
            let id = try #require(try await browser.loggedIn().session)
            let path = "/api/csta/agent/client-state"
            #expect(try await browser.send(.get, path, headers: [.authorization: "bearer  \(id) "]).status == 200)
            #expect(try await browser.send(.get, path, headers: [.cookie: "a=b; sessionId=\(id)"]).status == 200)
            #expect(try await browser.send(.get, path, headers: [name: id]).status == 200)
            #expect(try await browser.send(.get, path + "?sessionId=\(id)").status == 200)
            #expect(try await browser.send(.get, path).brief == "401 noSession")
            #expect(try await browser.send(.get, path, headers: [name: ""]).brief == "401 noSession")
            #expect(try await browser.send(.get, path, headers: [name: "guess"]).brief == "401 noSession")
            let long = String(repeating: "x", count: 5000)
            #expect(try await browser.send(.get, path, headers: [name: long]).brief == "401 noSession")
            // What is said on purpose goes before the cookie.
            #expect(
                try await browser.send(.get, path, headers: [name: "guess", .cookie: "sessionId=\(id)"]).status == 401)
            let body = #"{"func":"Logout","agentId":"5001","sessionId":"\#(id)"}"#
            #expect(try await browser.post("/api/csta/agent/state", body).brief == "458 agentLoggedOut")
            #expect(
                try await browser.post("/api/csta/agent/state", #"{"func":"Logout","sessionId":7}"#)["field"]
                    == "sessionId")
        }
    }

    @Test func aSessionExpiresAndCanBeEnded() async throws {
        var world = try World()
        world.configuration.sessions.idleSeconds = 100
        world.configuration.sessions.lifetimeSeconds = 250
        let clock = world.clock
        try await world.run { browser in
            let path = "/api/csta/agent/client-state"
            let agent = try await browser.loggedIn()
            for _ in 0..<2 {
                clock.advance(seconds: 99)
                #expect(try await agent.get(path).status == 200)
            }
            clock.advance(seconds: 99)
            #expect(try await agent.get(path).brief == "401 sessionExpired")
            let login = #"{"func":"Login","loginId":"5001","device":"8001","password":"secret-5001"}"#
            #expect(try await agent.post("/api/csta/agent/state", login).brief == "426 sessionExpired")
            #expect(
                try await agent.post("/api/csta/agent/state", #"{"func":"Logout","agentId":"5001"}"#).brief
                    == "401 sessionExpired")

            let again = try await browser.loggedIn()
            let answer = try await again.post("/api/security/logout")
            #expect(answer.status == 204)
            #expect(answer.text.isEmpty)
            #expect(answer.headers[.setCookie] == "sessionId=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
            #expect(try await again.get(path).brief == "401 noSession")
            #expect(try await again.post("/api/csta/agent/state", login).brief == "426 sessionExpired")
            #expect(try await again.post("/api/security/logout").status == 204)
        }
    }

    @Test func aSessionEndsWithItsAccount() async throws {
        let world = try World()
        try await world.run { browser in
            let agent = try await browser.loggedIn()
            world.accounts.change { accounts in
                for key in accounts.keys where key.number == "5001" { accounts[key]?.isDisabled = true }
            }
            #expect(try await agent.get("/api/csta/agent/client-state").brief == "401 noSession")
            let login = #"{"func":"Login","loginId":"5001","device":"8001","password":"secret-5001"}"#
            #expect(try await agent.post("/api/csta/agent/state", login).brief == "423 agentDisabled")
            world.accounts.change { $0 = [:] }
            #expect(try await agent.post("/api/csta/agent/state", login).brief == "426 sessionExpired")
        }
    }

    /// Clients in the field log in again by themselves at 426, and at nothing else.
    @Test func loggingAnAgentInWithASessionThatNobodyKnows() async throws {
        try await World().run { browser in
            let login = #"{"func":"Login","loginId":"5001","device":"8001","password":"secret-5001""#
            let path = "/api/csta/agent/state"
            var stranger = browser
            for id in ["hidden-session-9", String(repeating: "x", count: 5000)] {
                stranger.session = id
                let answer = try await stranger.post(path, login + "}")
                #expect(answer.brief == "426 sessionExpired")
                #expect(answer.headers[.wwwAuthenticate] == nil)
                #expect(try await browser.post(path, login + #","sessionId":"\#(id)"}"#).brief == "426 sessionExpired")
            }
            #expect(try await browser.post(path, login + "}").brief == "401 noSession")
            #expect(try await stranger.post(path, #"{"func":"Logout","agentId":"5001"}"#).brief == "401 noSession")
        }
    }

    @Test func theCookieNeedsTLSWhereItIsSet() async throws {
        var world = try World()
        world.configuration.cookieNeedsTLS = true
        try await world.run { browser in
            let answer = try await browser.post("/login", "username=5001&password=secret-5001&namespace=one.cc")
            #expect(answer.headers[.setCookie]?.hasSuffix("; HttpOnly; SameSite=Lax; Secure") == true)
        }
    }

    @Test func nothingSecretIsLogged() async throws {
        var world = try World()
        world.policies[try #require(Namespace("one.cc"))] = TenantPolicy(masksNumbers: true)
        try await world.run(sandbox: world.sandbox) { browser in
            let agent = try await browser.loggedIn()
            try await agent.onDevice("8001", as: "5001")
            _ = try await browser.post("/login", "username=5001&password=mistyped-pass&namespace=one.cc")
            _ = try await browser.get("/api/csta/agent/client-state?sessionId=hidden-session-1")
            _ = try await agent.post("/api/csta/agent/state", #"{"func":"Login","password":"mistyped-pass""#)
            _ = try await agent.post(
                "/api/csta/callControl/calls", #"{"from":"8001","to":"8002","contextId":"{\"a\":\"private-data\"}"}"#)
            _ = try await agent.get("/hidden-session-1/private-data")
            _ = try await agent.send(HTTPRequest.Method("hidden") ?? .get, "/hidden-session-1")
        }
        let text = world.log.all
        for secret in ["secret-", "mistyped", "hidden", "private", "5001"] {
            #expect(!text.contains(secret), "\(secret) in \(text)")
        }
        let session = RequestNotes.shortHash("hidden-session-1")
        let request = "info request agent=***1@one.cc method="
        #expect(text.contains("\(request)POST milliseconds=0 path=/login session=\(session) status=200"))
        #expect(
            text.contains(
                "\(request)GET milliseconds=0 path=/api/csta/agent/client-state session=\(session) status=200"))
        #expect(text.contains("path=NotFound status=404"))
    }
}
