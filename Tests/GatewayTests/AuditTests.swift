import CSTA
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
}
