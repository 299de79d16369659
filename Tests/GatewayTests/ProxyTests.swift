import Testing

@testable import Gateway

@Suite("Trusted proxies", .timeLimit(.minutes(1)))
struct ProxyTests {
    /// Peer, X-Forwarded-For, and who it is; 10.0.0.0/8, 192.0.2.7 and fd00::/8 are trusted.
    @Test(arguments: [
        ("203.0.113.1", ["198.51.100.1"], "203.0.113.1"),
        ("10.1.2.3", ["198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3", [], "10.1.2.3"),
        ("10.1.2.3", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3", ["1.1.1.1", "198.51.100.1, 192.0.2.7"], "198.51.100.1"),
        ("10.1.2.3", ["10.9.9.9"], "10.9.9.9"),
        ("10.1.2.3", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.1.2.3", ["[2001:db8::1]:4711"], "2001:db8:0:0:0:0:0:1"),
        ("10.1.2.3", ["198.51.100.1, nonsense"], "10.1.2.3"),
        ("10.1.2.3", ["198.51.100.1,, 10.0.0.1"], "198.51.100.1"),
        ("::ffff:10.1.2.3", ["198.51.100.1"], "198.51.100.1"),
        ("fd00::1", ["2001:db8::1"], "2001:db8:0:0:0:0:0:1"),
        ("fe80::1", ["2001:db8::1"], "fe80::1"),
    ])
    func clients(peer: String, forwarded: [String], expected: String) {
        let proxies = TrustedProxies(["10.0.0.0/8", "192.0.2.7", "fd00::/8"].compactMap(TrustedProxies.Network.init))
        #expect(proxies.client(peer: peer, forwarded: forwarded) == expected)
        #expect(TrustedProxies().client(peer: peer, forwarded: forwarded) == peer)
    }

    @Test(arguments: ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "fd00::/129", "", "/8", "host", "10.0.0.0/8/8"])
    func notNetworks(text: String) { #expect(TrustedProxies.Network(text) == nil) }

    private func guesses(_ live: LiveWorld, _ address: String) async throws -> [Int] {
        var statuses: [Int] = []
        for number in 0..<101 {
            let body = "username=9\(number)&password=x&namespace=one.cc"
            statuses.append(
                try await live.send("POST", "/login", ["X-Forwarded-For": address], body: body).status)
        }
        return statuses
    }

    @Test func aTrustedProxysClientsAreCountedEach() async throws {
        var world = try World()
        world.configuration.access.proxies = TrustedProxies(
            ["127.0.0.1", "::1"].compactMap(TrustedProxies.Network.init))
        try await LiveWorld.with(world) { live in
            #expect(try await guesses(live, "198.51.100.1").last == 429)
            _ = try await live.logIn("5001", ["X-Forwarded-For": "198.51.100.2"])
            // What the client itself has written before does not help it.
            let answer = try await live.send(
                "POST", "/login", ["X-Forwarded-For": "198.51.100.9, 198.51.100.1"],
                body: "username=5001&password=secret-5001&namespace=one.cc")
            #expect(answer.brief == "429 tooManyFailures")
            #expect(answer.headers["retry-after"] == "1")
            let cookie = try await live.send(
                "POST", "/login", ["X-Forwarded-Proto": "https"],
                body: "username=5001&password=secret-5001&namespace=one.cc"
            ).headers["set-cookie"]
            #expect(cookie?.hasSuffix("; Secure") == true)
        }
    }

    @Test func nobodyElseIsBelieved() async throws {
        try await LiveWorld.with(World()) { live in
            #expect(try await guesses(live, "198.51.100.1").last == 429)
            let answer = try await live.send(
                "POST", "/login", ["X-Forwarded-For": "198.51.100.2", "X-Forwarded-Proto": "https"],
                body: "username=5001&password=secret-5001&namespace=one.cc")
            #expect(answer.brief == "429 tooManyFailures")
            live.world.clock.advance(seconds: 1000)
            let cookie = try await live.send(
                "POST", "/login", ["X-Forwarded-Proto": "https"],
                body: "username=5001&password=secret-5001&namespace=one.cc"
            ).headers["set-cookie"]
            #expect(cookie?.contains("Secure") == false)
        }
    }
}
