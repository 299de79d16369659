import CallCenter
import Testing

@testable import Gateway

@Suite("Rates", .timeLimit(.minutes(1)))
struct RateTests {
    @Test func aBurstThenTheRate() {
        let limiter = RateLimiter<Int>(maximumEntries: 10)
        func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }
        for _ in 0..<40 { #expect(limiter.admit(1, perSecond: 10, at: at(0)) == nil) }
        #expect(limiter.admit(1, perSecond: 10, at: at(0)) == 1)
        #expect(limiter.admit(2, perSecond: 10, at: at(0)) == nil, "each has its own")
        #expect(limiter.admit(1, perSecond: 10, at: at(99)) == 1)
        #expect(limiter.admit(1, perSecond: 10, at: at(100)) == nil)
        #expect(limiter.admit(1, perSecond: 10, at: at(100)) == 1)
        for _ in 0..<40 { #expect(limiter.admit(1, perSecond: 10, at: at(60_000)) == nil) }
        #expect(limiter.admit(1, perSecond: 10, at: at(60_000)) == 1)
        // A clock that is set back by an hour stops nobody for an hour.
        #expect(limiter.admit(1, perSecond: 10, at: at(-3_600_000)) == 1)
        #expect(limiter.admit(1, perSecond: 10, at: at(-3_599_900)) == nil)
    }

    @Test func whatWasNotDoneIsTakenBack() {
        let limiter = RateLimiter<Int>(maximumEntries: 10)
        let now = Instant(milliseconds: 0)
        limiter.takeBack(1, perSecond: 1)
        for _ in 0..<3 { #expect(limiter.admit(1, perSecond: 1, at: now) == nil) }
        for _ in 0..<100 {
            #expect(limiter.admit(1, perSecond: 1, at: now) == nil)
            limiter.takeBack(1, perSecond: 1)
        }
        #expect(limiter.admit(1, perSecond: 1, at: now) == nil)
        #expect(limiter.admit(1, perSecond: 1, at: now) == 1)
    }

    @Test func theTableStaysSmall() {
        let limiter = RateLimiter<Int>(maximumEntries: 10)
        for key in 0..<1000 {
            #expect(limiter.admit(key, perSecond: 1, at: Instant(milliseconds: Int64(key))) == nil)
            #expect(limiter.count <= 10)
        }
    }

    @Test func aSessionAsksSoOftenAndNotMore() async throws {
        var world = try World()
        world.configuration.requestsPerSecond = 2
        try await LiveWorld.with(world) { live in
            let (one, two) = (["sessionId": try await live.logIn("5001")], ["sessionId": try await live.logIn("5001")])
            func ask(_ headers: [String: String]) async throws -> LiveWorld.Answer {
                try await live.send("GET", "/api/csta/callControl/calls", headers)
            }
            for _ in 0..<8 { #expect(try await ask(one).status == 200) }
            let refused = try await ask(one)
            #expect(refused.brief == "429 tooManyRequests")
            #expect(refused.headers["retry-after"] == "1")
            #expect(try await ask(two).status == 200)
            live.world.clock.advance(seconds: 1)
            #expect(try await ask(one).status == 200)
        }
    }

    @Test func aTenantDialsSoOftenAndNotMore() async throws {
        var world = try World()
        world.policies[try world.one.namespace] = TenantPolicy(callsPerSecond: 1)
        try await LiveWorld.with(world) { live in
            func dial(_ headers: [String: String], _ reply: Reply = .done) async throws -> String {
                try live.world.one.script(reply)
                return try await live.send(
                    "POST", "/api/csta/callControl/calls", headers, body: #"{"from":"8001","to":"8002"}"#
                ).brief
            }
            let (one, two) = (["sessionId": try await live.logIn("5001")], ["sessionId": try await live.logIn("5900")])
            for headers in [one, two, one, two] { #expect(try await dial(headers) == "204") }
            for headers in [one, two] { #expect(try await dial(headers) == "429 tooManyCalls") }
            #expect(try live.world.one.asked.count == 4)
            live.world.clock.advance(seconds: 1)
            #expect(try await dial(two) == "204")
            #expect(try await dial(two) == "429 tooManyCalls")
            // Who is refused by the rules again and again takes nothing from those who are not.
            live.world.clock.advance(seconds: 1)
            for _ in 0..<20 { #expect(try await dial(one, .refused(.switchAway)) == "503 switchAway") }
            #expect(try await dial(two) == "204")
            #expect(try await dial(two) == "429 tooManyCalls")
        }
    }
}
