import CallCenter
import RingsideTesting
import Testing

@testable import Gateway

@Suite("Tickets and renewal", .timeLimit(.minutes(1)))
struct TicketTests {
    private func ticket(_ live: LiveWorld, _ session: String) async throws -> String {
        let answer = try await live.send("POST", "/api/security/ticket", ["sessionId": session])
        #expect(answer.status == 200)
        #expect(answer.body.contains(#""expiresInSeconds":30"#))
        return try #require(answer["ticket"])
    }

    /// `101`, or the refusal.
    private func open(_ live: LiveWorld, _ ticket: String) async throws -> String {
        try await ClientSocket.with(port: live.port) { socket in
            try await socket.request("GET", "/events?ticket=\(ticket)", ClientSocket.upgradeHeaders)
            let head = try await socket.readHead()
            return head.status == 101 ? "101" : "\(head.status)"
        }
    }

    @Test func opensOneStreamOnce() async throws {
        try await LiveWorld.with(World()) { live in
            let session = try await live.logIn("5001")
            let ticket = try await ticket(live, session)
            #expect(ticket != session)
            #expect(try await open(live, ticket) == "101")
            #expect(try await open(live, ticket) == "401")
            let again = try await live.send("GET", "/events?ticket=\(ticket)", ["Accept": "text/event-stream"])
            #expect(again.brief == "401 badTicket")
            #expect(try await open(live, "guess") == "401")
            // It is no session.
            let other = try await self.ticket(live, session)
            #expect(try await live.send("GET", "/api/csta/callControl/calls", ["sessionId": other]).status == 401)
            #expect(live.world.log.all.contains(ticket) == false)
        }
    }

    @Test func opensAnEventStream() async throws {
        try await LiveWorld.with(World()) { live in
            let ticket = try await ticket(live, try await live.logIn("5001"))
            let status = try await ClientSocket.with(port: live.port) { socket in
                try await socket.request("GET", "/events?ticket=\(ticket)", ["Accept": "text/event-stream"])
                return try await socket.readHead().status
            }
            #expect(status == 200)
        }
    }

    @Test func isWorthNothingLateOrWithoutItsSession() async throws {
        try await LiveWorld.with(World()) { live in
            let session = try await live.logIn("5001")
            let late = try await ticket(live, session)
            live.world.clock.advance(seconds: 29)
            let inTime = try await ticket(live, session)
            live.world.clock.advance(seconds: 1)
            #expect(try await open(live, late) == "401")
            #expect(try await open(live, inTime) == "101")
            let orphan = try await ticket(live, session)
            #expect(try await live.send("POST", "/api/security/logout", ["sessionId": session]).status == 204)
            #expect(try await open(live, orphan) == "401")
            #expect(
                try await live.send("POST", "/api/security/ticket", ["sessionId": session]).brief == "401 noSession")
        }
    }

    @Test func itsStreamEndsWithTheSession() async throws {
        try await LiveWorld.with(World()) { live in
            let session = try await live.logIn("5001")
            let ticket = try await ticket(live, session)
            try await ClientSocket.with(port: live.port) { socket in
                try await socket.upgrade("/events?ticket=\(ticket)")
                #expect(try await live.send("POST", "/api/security/logout", ["sessionId": session]).status == 204)
                await live.hub.runRound()
                #expect(try await socket.nextClose()?.closeCode == 4401)
            }
        }
    }

    @Test func unusedOnesAreBounded() {
        let counter = Counter()
        let store = TicketStore(limits: .init(maximumPerSession: 3, maximumTickets: 10)) { "t\(counter.next())" }
        let now = Instant(milliseconds: 0)
        let own = (0..<4).map { _ in store.issue(for: [1], at: now) }
        #expect(store.count == 3)
        #expect(store.redeem(own[0], at: now) == nil, "the oldest has gone")
        #expect(store.redeem(own[3], at: now) == [1])
        for number in 0..<1000 {
            let ticket = store.issue(for: [UInt8(number % 250), 7], at: now)
            if number % 3 == 0 { #expect(store.redeem(ticket, at: now) != nil) }
            #expect(store.count <= 10)
        }
    }

    @Test func aSessionThatIsRenewedGoesOn() async throws {
        try await LiveWorld.with(World()) { live in
            let session = try await live.logIn("5001")
            let headers = ["sessionId": session]
            for _ in 0..<20 {
                live.world.clock.advance(seconds: 7 * 3600)
                let answer = try await live.send("POST", "/api/security/renew", headers)
                #expect(answer.body == #"{"sessionId":"\#(session)","expiresInSeconds":86400,"idleSeconds":28800}"#)
            }
            for _ in 0..<3 {
                live.world.clock.advance(seconds: 7 * 3600)
                #expect(try await live.send("GET", "/api/csta/callControl/calls", headers).status == 200)
            }
            // Its day is over since the last renewal, though it was used.
            live.world.clock.advance(seconds: 3 * 3600)
            #expect(try await live.send("POST", "/api/security/renew", headers).brief == "401 sessionExpired")
            let login = try await live.send(
                "POST", "/api/csta/agent/state", headers,
                body: #"{"func":"Login","loginId":"5001","device":"8001","password":"secret-5001"}"#)
            #expect(login.brief == "426 sessionExpired")
            #expect(try await live.send("POST", "/api/security/renew").brief == "401 noSession")
        }
    }
}
