import CSTA
import CallCenter
import RingsideTesting
import Synchronization
import Testing

@testable import Gateway

/// Keys in memory, which can be broken.
final class MemoryKeys: KeyArchive {
    private struct Broken: Error {}

    private struct State {
        var kept: [String: StoredKey] = [:]
        var isBroken = false
    }

    private let state = Mutex(State())

    var kept: [StoredKey] { state.withLock { Array($0.kept.values) } }

    func breakDown(_ isBroken: Bool = true) { state.withLock { $0.isBroken = isBroken } }

    private func change(_ body: (inout [String: StoredKey]) -> Void) throws {
        try state.withLock {
            if $0.isBroken { throw Broken() }
            body(&$0.kept)
        }
    }

    func keys(atMost maximum: Int) async throws -> [StoredKey] { Array(kept.prefix(maximum)) }

    func add(_ key: StoredKey) async throws { try change { $0[key.id] = key } }

    func remove(_ id: String, in namespace: Namespace) async throws {
        try change { if $0[id]?.namespace == namespace { $0[id] = nil } }
    }

    func noteUses(of keys: [(id: String, at: Instant)]) async throws {
        try change { kept in
            for (id, instant) in keys { kept[id]?.lastUse = instant }
        }
    }
}

@Suite("API keys", .timeLimit(.minutes(1)))
struct KeyTests {
    static let path = "/api/admin/keys"
    private let archive = MemoryKeys()

    private func make(
        _ live: LiveWorld, _ scopes: String = #"["read"]"#, in namespace: String = "one.cc"
    ) async throws -> (id: String, key: String) {
        let admin = try await live.logIn("5999", in: namespace)
        let answer = try await live.send(
            "POST", Self.path, ["sessionId": admin], body: #"{"name":"crm","scopes":\#(scopes)}"#)
        #expect(answer.status == 200, "\(answer)")
        return (try #require(answer["id"]), try #require(answer["key"]))
    }

    private func bearer(_ key: String) -> [String: String] { ["Authorization": "Bearer \(key)"] }

    @Test func aKeyReadsTheNamespaceAndNothingElse() async throws {
        try await LiveWorld.with(World(), keys: archive) { live in
            let (id, key) = try await make(live)
            #expect(key.hasPrefix("rsk_"))
            #expect(archive.kept.map(\.id) == [id])
            #expect(archive.kept.first?.hash == SessionStore.hash(key))
            #expect(try await live.send("GET", "/api/csta/callControl/calls", bearer(key)).status == 200)
            let refused = try await live.send(
                "POST", "/api/csta/callControl/calls", bearer(key), body: #"{"from":"8001","to":"8002"}"#)
            #expect(refused.brief == "403 keyScope")
            #expect(try live.world.one.asked.isEmpty)
            for headers in [["sessionId": key], ["Cookie": "sessionId=\(key)"]] {
                #expect(try await live.send("GET", "/api/csta/callControl/calls", headers).brief == "401 badKey")
            }
            #expect(try await live.send("GET", "/api/csta/callControl/calls?sessionId=\(key)").brief == "401 badKey")
            #expect(
                try await live.send("GET", "/api/csta/callControl/calls", bearer(key + "0")).brief == "401 badKey")
            #expect(!live.world.log.all.contains(key))
        }
    }

    @Test func withControlItActsAsASupervisor() async throws {
        try await LiveWorld.with(World(), keys: archive) { live in
            let (id, key) = try await make(live, #"["read","control"]"#)
            let answer = try await live.send(
                "POST", "/api/csta/callControl/calls", bearer(key), body: #"{"from":"8001","to":"8002"}"#)
            #expect(answer.status == 200)
            #expect(try live.world.one.asked.last?.requester.agent.text == "key-\(id)@one.cc")
            #expect(try live.world.one.asked.last?.requester.role == .service)
            let other = try await live.send(
                "POST", "/api/csta/callControl/calls", bearer(key), body: #"{"from":"8001@two.cc","to":"8002"}"#)
            #expect(other.status == 403)
            let login = try await live.send(
                "POST", "/api/csta/agent/state", bearer(key),
                body: #"{"func":"Login","loginId":"5001","device":"8001","password":"secret-5001"}"#)
            #expect(login.status == 403)
            // It is no admin, and has no session.
            #expect(try await live.send("GET", Self.path, bearer(key)).brief == "403 notYours")
            #expect(try await live.send("DELETE", "\(Self.path)/\(id)", bearer(key)).brief == "403 notYours")
            for path in ["ticket", "renew"] {
                #expect(try await live.send("POST", "/api/security/\(path)", bearer(key)).brief == "401 noSession")
            }
        }
    }

    @Test func onlyAdminsMakeAndSeeThoseOfTheirNamespace() async throws {
        try await LiveWorld.with(World(), keys: archive) { live in
            let (id, key) = try await make(live)
            for number in ["5001", "5900"] {
                let headers = ["sessionId": try await live.logIn(number)]
                #expect(try await live.send("GET", Self.path, headers).brief == "403 notYours")
                #expect(
                    try await live.send("POST", Self.path, headers, body: #"{"name":"x"}"#).brief == "403 notYours")
                #expect(try await live.send("DELETE", "\(Self.path)/\(id)", headers).brief == "403 notYours")
            }
            _ = try await live.send("GET", "/api/csta/callControl/calls", bearer(key))
            let admin = ["sessionId": try await live.logIn("5999")]
            let list = try await live.send("GET", Self.path, admin)
            #expect(
                list.body == #"{"keys":[{"id":"\#(id)","name":"crm","scopes":["read"],"createdBy":"5999@one.cc","#
                    + #""created":"2026.01.01 00:00:00","lastUse":"2026.01.01 00:00:00"}]}"#)
            let other = ["sessionId": try await live.logIn("5999", in: "two.cc")]
            #expect(try await live.send("GET", Self.path, other).body == #"{"keys":[]}"#)
            #expect(try await live.send("DELETE", "\(Self.path)/\(id)", other).brief == "404 noSuchKey")
            #expect(try await live.send("GET", "/api/csta/callControl/calls", bearer(key)).status == 200)
            for body in [
                "{}", #"{"name":""}"#, #"{"name":"x","scopes":[]}"#, #"{"name":"x","scopes":["admin"]}"#,
                #"{"name":"x","scopes":"read"}"#, #"{"name":"a\nb"}"#,
                #"{"name":"\#(String(repeating: "x", count: 65))"}"#,
            ] {
                #expect(try await live.send("POST", Self.path, admin, body: body).brief == "400 malformed")
            }
        }
    }

    @Test func aRevokedKeyAndItsStreamsEnd() async throws {
        try await LiveWorld.with(World(), keys: archive) { live in
            let (id, key) = try await make(live)
            let admin = ["sessionId": try await live.logIn("5999")]
            try await ClientSocket.with(port: live.port) { socket in
                try await socket.upgrade("/events", bearer(key))
                archive.breakDown()
                #expect(try await live.send("DELETE", "\(Self.path)/\(id)", admin).brief == "503 keysAway")
                // It is over although it may be there again after a restart; so it can be revoked again.
                #expect(try await live.send("GET", "/api/csta/callControl/calls", bearer(key)).brief == "401 badKey")
                archive.breakDown(false)
                #expect(try await live.send("DELETE", "\(Self.path)/\(id)", admin).status == 204)
                await live.hub.runRound()
                #expect(try await socket.nextClose()?.closeCode == 4401)
            }
            #expect(archive.kept.isEmpty)
            #expect(
                try await live.send("GET", "/events", bearer(key).merging(["Accept": "text/event-stream"]) { $1 })
                    .brief == "401 badKey")
            #expect(try await live.send("DELETE", "\(Self.path)/\(id)", admin).brief == "404 noSuchKey")
        }
    }

    @Test func keysGoOnAfterARestart() async throws {
        let world = try World()
        let key = try await LiveWorld.with(world, keys: archive) { live in
            let (_, key) = try await make(live)
            live.world.clock.advance(seconds: 60)
            _ = try await live.send("GET", "/api/csta/callControl/calls", bearer(key))
            try await live.services.keys?.writeUses()
            return key
        }
        #expect(archive.kept.first?.lastUse == world.clock.now)
        let status = try await LiveWorld.with(world, keys: archive) { live in
            try await live.send("GET", "/api/csta/callControl/calls", bearer(key)).status
        }
        #expect(status == 200)
    }

    @Test func aNamespaceHasABoundedNumber() async throws {
        let counter = Counter()
        let store = KeyStore(archive: archive) { "secret-\(counter.next())" }
        let admin = try #require(AgentID("5999@one.cc"))
        let now = Instant(milliseconds: 0)
        archive.breakDown()
        await #expect(throws: APIError.self) { try await store.create("x", [.read], by: admin, at: now) }
        archive.breakDown(false)
        for _ in 0..<KeyStore.maximumPerTenant { _ = try await store.create("x", [.read], by: admin, at: now) }
        await #expect(throws: APIError.self) { try await store.create("x", [.read], by: admin, at: now) }
        let other = try #require(AgentID("5999@two.cc"))
        _ = try await store.create("x", [.read], by: other, at: now)
    }
}
