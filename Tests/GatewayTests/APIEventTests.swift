import CSTA
import CallCenter
import HTTPTypes
import Testing

@testable import Gateway

@Suite struct APIEventTests {
    /// Who asks, for what, and `agent device event after` of what is granted, or the refusal.
    @Test(arguments: [
        ("5001", "", "5001@one.cc - - -"), ("5001", "agent=5001", "5001@one.cc - - -"),
        ("5001", "agent=5001@one.cc&event=held&after=0", "5001@one.cc - held 0"),
        ("5001", "device=8001", "5001@one.cc 8001@one.cc - -"), ("5001", "device=8004", "5001@one.cc 8004@one.cc - -"),
        ("5001", "device=8002", "403 notYours"), ("5001", "agent=5002", "403 notYours"),
        ("5001", "agent=6666", "403 notYours"), ("5001", "agent=5001@two.cc", "403 otherNamespace"),
        ("5001", "device=8001@two.cc", "403 otherNamespace"), ("5001", "device=%3C", "400 malformed"),
        ("5001", "after=-1", "400 malformed"), ("5001", "after=x", "400 malformed"),
        ("5001", "after=99999999999999999999", "400 malformed"), ("5001", "after=1.0", "400 malformed"),
        ("5001", "a=%zz", "400 malformed"),
        ("5900", "", "- - - -"), ("5900", "agent=5001&device=8002&after=17", "5001@one.cc 8002@one.cc - 17"),
        ("5999", "", "- - - -"),
    ])
    func scopes(number: String, query: String, expected: String) async throws {
        let world = try World()
        let one = try world.one
        let second = try #require(AgentID("5002@one.cc"))
        let device = try #require(DeviceID("8002@one.cc"))
        let login = await one.perform(
            .logIn(second, device: device, mode: .ready), by: Requester(agent: second, role: .agent))
        #expect(login == .done)
        let services = world.services()
        let session = try world.session(of: number, in: services)
        let answer = await SessionEventAuthorizer(services).authorize(
            EventRequest(target: "/events?\(query)", headers: [.authorization: "Bearer \(session)"]))
        #expect(brief(answer) == expected)
    }

    @Test func aSessionFromEachPlaceAndTheLastEventID() async throws {
        let world = try World()
        let services = world.services()
        let session = try world.session(of: "5001", in: services)
        let lastEventID = try #require(HTTPField.Name("Last-Event-ID"))
        let authorizer = SessionEventAuthorizer(services)
        func ask(_ target: String, _ headers: HTTPFields = [:]) async -> String {
            brief(await authorizer.authorize(EventRequest(target: target, headers: headers)))
        }
        #expect(await ask("/events?sessionId=\(session)") == "5001@one.cc - - -")
        #expect(await ask("/events", [.cookie: "sessionId=\(session)", lastEventID: "41"]) == "5001@one.cc - - 41")
        #expect(await ask("/events", [.cookie: "sessionId=\(session)", lastEventID: "-4"]) == "400 malformed")
        #expect(await ask("/events") == "401 noSession")
        #expect(await ask("/events?sessionId=guess") == "401 noSession")
        world.clock.advance(seconds: 9 * 3600)
        #expect(await ask("/events?sessionId=\(session)") == "401 sessionExpired")
    }

    @Test func whatIsFollowedKnowsItsSession() async throws {
        let world = try World()
        let services = world.services()
        func follow(_ number: String) async throws -> (id: String, isLive: () -> Bool) {
            let id = try world.session(of: number, in: services)
            let answer = await SessionEventAuthorizer(services).authorize(
                EventRequest(target: "/events", headers: [.authorization: "Bearer \(id)"]))
            let session = try #require(try answer.get().session)
            return (id, { session.isLive() })
        }
        let (left, stayed, disabled) = (try await follow("5001"), try await follow("5900"), try await follow("5002"))
        #expect(left.isLive() && stayed.isLive() && disabled.isLive())
        services.authenticator.sessions.end(left.id)
        world.accounts.change { accounts in
            for key in accounts.keys where key.number == "5002" { accounts[key]?.isDisabled = true }
        }
        #expect(!left.isLive() && stayed.isLive() && !disabled.isLive())
        // An open stream counts as use, until the session's time is over in any case.
        for _ in 0..<3 {
            world.clock.advance(seconds: 7 * 3600)
            #expect(stayed.isLive())
        }
        world.clock.advance(seconds: 3 * 3600)
        #expect(!stayed.isLive())
    }

    private func brief(_ answer: Result<EventSubscription, EventRefusal>) -> String {
        switch answer {
        case .success(let granted):
            [
                granted.filter.agent?.text, granted.filter.device?.text, granted.filter.name,
                granted.after.map { String($0.value) },
            ].map { $0 ?? "-" }.joined(separator: " ")
        case .failure(let refusal): "\(refusal.status) \(refusal.code)"
        }
    }
}
