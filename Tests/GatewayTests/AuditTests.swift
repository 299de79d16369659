import CSTA
import RingsideTesting
import Testing

@testable import Gateway

@Suite("The audit trail", .timeLimit(.minutes(1)))
struct AuditTests {
    private static func line(
        _ account: String, _ role: String, _ what: String, _ outcome: String
    ) -> String {
        let tenant = account == "-" ? "-" : "one.cc"
        return "notice audit account=\(account) address=127.0.0.1 outcome=\(outcome) role=\(role) tenant=\(tenant) "
            + "what=\(what)"
    }

    @Test func whatIsWrittenDown() async throws {
        var world = try World()
        world.configuration.access.proxies = TrustedProxies()
        try await LiveWorld.with(world, keys: MemoryKeys()) { live in
            let agent = ["sessionId": try await live.logIn("5001")]
            _ = try await live.send("POST", "/login", body: "username=5001&password=geheim&namespace=one.cc")
            _ = try await live.send("POST", "/login", body: "username=geheim&password=geheim&namespace=one.cc")
            _ = try await live.send("GET", "/api/csta/callControl/calls", agent)
            _ = try await live.send("POST", "/api/csta/agent/heartbeat/5002", agent)
            _ = try await live.send("GET", KeyTests.path, agent)
            let admin = ["sessionId": try await live.logIn("5999")]
            let made = try await live.send("POST", KeyTests.path, admin, body: #"{"name":"geheim"}"#)
            let id = try #require(made["id"])
            _ = try await live.send("DELETE", "\(KeyTests.path)/\(id)", admin)
            _ = try await live.send("POST", "/api/security/logout", agent)
            let (one, boss) = ("5001@one.cc", "5999@one.cc")
            #expect(
                live.world.audit.all.split(separator: "\n").map(String.init) == [
                    Self.line(one, "agent", "POST /login", "done"),
                    Self.line(one, "agent", "POST /login", "401 badCredentials"),
                    Self.line("-", "-", "POST /login", "401 badCredentials"),
                    Self.line(one, "agent", "POST /api/csta/agent/heartbeat/{agentId}", "403 notYours"),
                    Self.line(one, "agent", "GET /api/admin/keys", "403 notYours"),
                    Self.line(boss, "admin", "POST /login", "done"),
                    Self.line(boss, "admin", "POST /api/admin/keys", "done"),
                    Self.line(boss, "admin", "DELETE /api/admin/keys/{id}", "done"),
                    Self.line(one, "agent", "POST /api/security/logout", "done"),
                ])
            #expect(!live.world.audit.all.contains("geheim"))
        }
    }

    /// The status, or 101.
    private static func upgrade(
        _ live: LiveWorld, _ target: String, _ headers: [String: String] = [:], frames: [String] = []
    ) async throws -> Int {
        try await ClientSocket.with(port: live.port) { socket in
            try await socket.request("GET", target, ClientSocket.upgradeHeaders.merging(headers) { $1 })
            let status = try await socket.readHead().status
            for frame in frames { try await socket.sendStomp(frame) }
            if !frames.isEmpty { _ = try await socket.restOfStomp() }
            return status
        }
    }

    @Test("Streams of events that are refused, by WebSocket, SSE and STOMP")
    func refusedStreams() async throws {
        let world = try World()
        try await LiveWorld.with(world, keys: MemoryKeys()) { live in
            let session = ["sessionId": try await live.logIn("5001")]
            let (stream, stomp) = (["Accept": "text/event-stream"], "/mvc/stomp/websocket")
            #expect(try await Self.upgrade(live, "/events") == 401)
            #expect(try await live.send("GET", "/events?sessionId=geheim", stream).status == 401)
            #expect(try await Self.upgrade(live, "/events?ticket=geheim") == 401)
            let foreign = session.merging(["Origin": "https://geheim.example"]) { $1 }
            #expect(try await Self.upgrade(live, "/events", foreign) == 403)
            #expect(try await Self.upgrade(live, "/events?agent=5002", session) == 403)
            // Neither what cannot be read nor what is allowed is worth a line.
            #expect(try await Self.upgrade(live, "/events?after=geheim", session) == 400)
            #expect(try await Self.upgrade(live, "/events?after=0", session) == 101)
            #expect(try await Self.upgrade(live, stomp, foreign) == 403)
            let connects = [
                "CONNECT\naccept-version:1.2\nhost:a\n\n\0",
                "CONNECT\naccept-version:1.2\nhost:a\nlogin:5001@one.cc\npasscode:geheim\n\n\0",
                "CONNECT\naccept-version:1.2\nhost:a\nlogin:geheim@one.cc\npasscode:geheim\n\n\0",
            ]
            for connect in connects {
                #expect(try await Self.upgrade(live, stomp, frames: [connect]) == 101)
            }
            let subscribe = "SUBSCRIBE\nid:1\ndestination:/topic/event.agent.*.5002@one_cc\n\n\0"
            let good = connects[1].replacing("geheim", with: "secret-5001")
            #expect(try await Self.upgrade(live, stomp, frames: [good, subscribe]) == 101)
            let one = "5001@one.cc"
            #expect(
                live.world.audit.all.split(separator: "\n").map(String.init) == [
                    Self.line(one, "agent", "POST /login", "done"),
                    Self.line("-", "-", "GET /events", "401 noSession"),
                    Self.line("-", "-", "GET /events", "401 noSession"),
                    Self.line("-", "-", "GET /events", "401 badTicket"),
                    Self.line("-", "-", "GET /events", "403 foreignOrigin"),
                    Self.line(one, "agent", "GET /events", "403 notYours"),
                    Self.line("-", "-", "GET \(stomp)", "403 foreignOrigin"),
                    Self.line("-", "-", "CONNECT \(stomp)", "401 noSession"),
                    Self.line(one, "agent", "CONNECT \(stomp)", "401 badCredentials"),
                    Self.line("-", "-", "CONNECT \(stomp)", "401 badCredentials"),
                    Self.line(one, "agent", "CONNECT \(stomp)", "done"),
                    Self.line(one, "agent", "SUBSCRIBE \(stomp)", "403 notYours"),
                ])
            #expect(!live.world.audit.all.contains("geheim"))
        }
    }

    @Test("Full numbers do not stand in it where a tenant does not want them to")
    func masked() async throws {
        var world = try World()
        world.policies[try #require(Namespace("one.cc"))] = TenantPolicy(masksNumbers: true)
        try await LiveWorld.with(world) { live in
            _ = try await live.logIn("5001")
            let session = ["sessionId": try await live.logIn("5002", in: "two.cc")]
            _ = try await live.send("POST", "/login", body: "username=5001&password=wrong&namespace=one.cc")
            #expect(try await Self.upgrade(live, "/events?agent=5001", session) == 403)
            let accounts = live.world.audit.all.split(separator: "\n").map { $0.split(separator: " ")[2] }
            #expect(
                accounts == [
                    "account=***1@one.cc", "account=5002@two.cc", "account=***1@one.cc", "account=5002@two.cc",
                ])
        }
    }
}
