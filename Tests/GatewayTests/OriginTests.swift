import RingsideTesting
import Testing

@testable import Gateway

@Suite("Pages of other origins", .timeLimit(.minutes(1)))
struct OriginTests {
    static let crm = "https://crm.example"
    static let evil = "https://evil.example"

    private func world() throws -> World {
        var world = try World()
        world.configuration.access.origins = OriginRules([Self.crm])
        return world
    }

    @Test(arguments: [
        ([], "none"), ([""], "none"), (["https://crm.example"], "listed"), (["HTTPS://CRM.example"], "listed"),
        (["http://crm.example"], "foreign"), (["https://crm.example:8443"], "foreign"),
        (["https://crm.example.evil.example"], "foreign"), (["null"], "foreign"), (["file://"], "foreign"),
        (["https://crm.example", "https://evil.example"], "foreign"), (["http://cti.example:8750"], "own"),
        (["https://cti.example:8750"], "own"), (["http://cti.example"], "foreign"),
        (["ftp://cti.example:8750"], "foreign"),
    ])
    func judged(values: [String], expected: String) {
        let origin = OriginRules([Self.crm]).judge(values, authority: "cti.example:8750")
        #expect("\(origin)".hasPrefix(expected), "\(origin)")
    }

    @Test func theDefaultPortIsTheSameWrittenOut() {
        let rules = OriginRules()
        #expect(rules.judge(["https://cti.example"], authority: "cti.example:443") == .own)
        #expect(rules.judge(["https://cti.example:443"], authority: "CTI.example") == .own)
        #expect(rules.judge(["https://cti.example"], authority: "cti.example:80") == .foreign)
        #expect(rules.judge(["https://cti.example"], authority: nil) == .foreign)
    }

    @Test(arguments: [
        ("https://crm.example", true), ("http://10.0.0.1:3000", true), ("http://[::1]:3000", true),
        ("app+x://localhost", true), ("crm.example", false), ("https://", false), ("://x", false),
        ("https://crm.example/", false), ("*", false), ("null", false), ("https://*.example", false),
    ])
    func spelling(text: String, isOrigin: Bool) { #expect(OriginRules.isOrigin(text) == isOrigin) }

    @Test func aListedPageMayPreflightAndReadAnswers() async throws {
        try await LiveWorld.with(world()) { live in
            for path in ["/login", "/api/csta/callControl/calls", "/events"] {
                let preflight = try await live.send(
                    "OPTIONS", path,
                    [
                        "Origin": Self.crm, "Access-Control-Request-Method": "POST",
                        "Access-Control-Request-Headers": "content-type,sessionid",
                    ])
                #expect(preflight.status == 204)
                #expect(preflight.headers["access-control-allow-origin"] == Self.crm)
                #expect(preflight.headers["access-control-allow-credentials"] == "true")
                #expect(preflight.headers["vary"] == "Origin")
                #expect(preflight.headers["access-control-max-age"] == "600")
                let headers = try #require(preflight.headers["access-control-allow-headers"])
                for name in ["Content-Type", "Authorization", "X-Requested-With", "sessionId", "Last-Event-ID"] {
                    #expect(headers.contains(name))
                }
                let methods = try #require(preflight.headers["access-control-allow-methods"])
                #expect(methods.contains("POST") && methods.contains("DELETE") && methods.contains("GET"))
            }
            let session = try await live.logIn("5001", ["Origin": Self.crm])
            // Also an answer that is an error is for the page to read.
            for (headers, status) in [(["sessionId": session], 200), ([:], 401)] {
                let answer = try await live.send(
                    "GET", "/api/csta/callControl/calls", headers.merging(["Origin": Self.crm]) { $1 })
                #expect(answer.status == status)
                #expect(answer.headers["access-control-allow-origin"] == Self.crm)
            }
        }
    }

    @Test func anotherPageGetsNoHeaderOfIt() async throws {
        try await LiveWorld.with(world()) { live in
            let preflight = try await live.send(
                "OPTIONS", "/login", ["Origin": Self.evil, "Access-Control-Request-Method": "POST"])
            #expect(preflight.brief == "405 wrongMethod")
            let answer = try await live.send("GET", "/healthz", ["Origin": Self.evil])
            #expect(answer.status == 200)
            for headers in [preflight.headers, answer.headers] {
                #expect(headers["vary"] == "Origin")
                #expect(headers.keys.allSatisfy { !$0.hasPrefix("access-control") })
            }
        }
    }

    /// With the cookie alone the page has said nothing: the browser would send it for any page.
    @Test func aForeignPageChangesNothingByTheCookie() async throws {
        try await LiveWorld.with(world()) { live in
            let session = try await live.logIn("5001")
            let cookie = ["Cookie": "sessionId=\(session)"]
            func post(_ path: String, _ headers: [String: String]) async throws -> String {
                try await live.send("POST", path, headers).brief
            }
            let path = "/api/security/ticket"
            let refused = try await live.send("POST", path, cookie.merging(["Origin": Self.evil]) { $1 })
            #expect(refused.brief == "403 foreignOrigin")
            #expect(refused["message"]?.contains("http.origins") == true)
            #expect(
                try await post("/api/security/logout", cookie.merging(["Origin": "null"]) { $1 }) == "403 foreignOrigin"
            )
            for origin in ["http://test", Self.crm] {
                #expect(try await post(path, cookie.merging(["Origin": origin]) { $1 }) == "200")
            }
            #expect(try await post(path, cookie) == "200", "no browser")
            // Who names the session has it from this server, and not from the browser.
            #expect(try await post(path, ["sessionId": session, "Origin": Self.evil]) == "200")
            #expect(try await post(path, ["Authorization": "Bearer \(session)", "Origin": Self.evil]) == "200")
        }
    }

    @Test(arguments: ["/events", "/mvc/stomp/websocket"])
    func webSocketsOfForeignPagesAreRefused(path: String) async throws {
        try await LiveWorld.with(world()) { live in
            let session = try await live.logIn("5001")
            for headers in [["Cookie": "sessionId=\(session)"], ["Authorization": "Bearer \(session)"]] {
                func upgrade(_ origin: String?) async throws -> ClientSocket.Head {
                    try await ClientSocket.with(port: live.port) { socket in
                        var all = ClientSocket.upgradeHeaders.merging(headers) { $1 }
                        all["Origin"] = origin
                        try await socket.request("GET", path, all)
                        return try await socket.readHead()
                    }
                }
                #expect(try await upgrade(Self.evil).status == 403)
                #expect(try await upgrade("null").status == 403)
                #expect(try await upgrade(Self.crm).status == 101)
                #expect(try await upgrade("http://test").status == 101)
                #expect(try await upgrade(nil).status == 101)
            }
        }
    }

    @Test func aStreamOfAListedPageIsReadable() async throws {
        try await LiveWorld.with(world()) { live in
            let session = try await live.logIn("5001")
            func head(_ origin: String, _ session: String) async throws -> ClientSocket.Head {
                try await ClientSocket.with(port: live.port) { socket in
                    try await socket.request(
                        "GET", "/events?sessionId=\(session)", ["Accept": "text/event-stream", "Origin": origin])
                    return try await socket.readHead()
                }
            }
            for (id, status) in [(session, 200), ("guess", 401)] {
                let listed = try await head(Self.crm, id)
                #expect(listed.status == status)
                #expect(listed.headers["access-control-allow-origin"] == Self.crm)
                #expect(listed.headers["vary"] == "Origin")
                let foreign = try await head(Self.evil, id)
                #expect(foreign.headers["access-control-allow-origin"] == nil)
            }
        }
    }
}
