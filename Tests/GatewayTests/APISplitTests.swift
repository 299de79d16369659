import CSTA
import CallCenter
import SwitchDriver
import Testing

@testable import Gateway

@Suite("GET /api/csta/splits", .timeLimit(.minutes(1)))
struct APISplitTests {
    @Test func supervisorsSeeAllAndAgentsTheirOwn() async throws {
        let world = try World { setup in
            let ids = ["7000", "7001"].compactMap { DeviceID($0, in: setup.namespace) }
            let agents = ["5001", "5002"].compactMap { AgentID($0, in: setup.namespace) }
            setup.splits = zip(ids, agents).map { SplitProfile(id: $0, name: "Sales", members: [$1: .init()]) }
            setup.inbound["4700"] = InboundRoute(to: ids[0])
        }
        let one = try world.one
        try await world.run { browser in
            let agent = try await browser.loggedIn()
            let own = try await agent.get("/api/csta/splits").json
            #expect(own?["splits"]?.array?.map { $0["splitId"]?.string } == ["7000@one.cc"])
            for number in 1...2 {
                one.feed(
                    .legOffered(
                        OfferedLeg(
                            leg: LegID("in-\(number)"),
                            origin: .trunk(group: "1", member: "a", number: "1380000000\(number)"), dialled: "4700")),
                    newCall: CallID("in-\(number)"))
            }
            one.feed(.legEnded(LegID("in-2"), cause: .normalClearing))
            let all = try await (try await browser.loggedIn("5900")).get("/api/csta/splits").json
            let split = try #require(all?["splits"]?.array?.first)
            #expect(all?["splits"]?.array?.count == 2)
            #expect(split["waiting"]?.integer == 1 && split["longestWaitMilliseconds"]?.integer != nil)
            #expect(split["entered"]?.integer == 2 && split["abandoned"]?.integer == 1)
            #expect(split["serviceLevelPercent"]?.integer == 0 && split["occupancyPercent"] == nil)
            #expect(split["agents"]?["loggedOff"]?.integer == 1)
        }
    }
}
