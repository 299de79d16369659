import CSTA
import RingsideTesting
import Testing

@Suite(
    "Fifty calls of a split on a real Asterisk",
    .enabled(if: Lab.isInstalled, "the lab is not installed: Tests/Lab/README.md"), .serialized,
    .timeLimit(.minutes(3)))
struct AsteriskCrowdTests {
    private static let count = 50

    @Test("Customers call in: each is answered once or gives up, in the order of arrival, and nothing is left")
    func customers() async throws {
        let crowd = try await AsteriskCrowd(port: 28766)
        let customers = try SIPPCustomers(
            Self.count, dialling: AsteriskCrowd.number, perSecond: 5, talkMilliseconds: nil, at: crowd.centre.lab)
        #expect(try await customers.areContent(within: .seconds(100)), "a customer was let down")
        try await crowd.expectQuiet()

        let records = try await crowd.centre.server.request(
            "GET", "/api/csta/records/calls?limit=1000", session: crowd.session)
        let calls = (records.body?["calls"]?.array ?? []).compactMap(CustomerCall.init)
        #expect(calls.count == Self.count && Set(calls.map(\.customer)).count == Self.count, "\(records)")
        #expect(calls.filter { !$0.isAnswered && !$0.isHurried }.isEmpty)
        expectInOrder(calls)

        let answered = calls.filter(\.isAnswered)
        #expect(answered.count < calls.count, "nobody had to wait")
        _ = await crowd.follower.wait { events in
            events.count { $0.name == "agentWorkingAfterCall" } == answered.count
        }
        #expect(crowd.follower.events.count { $0.name == "agentWorkingAfterCall" } == answered.count)
        #expect(
            crowd.expectOneAtATime(in: .ready) == Dictionary(uniqueKeysWithValues: answered.map { ($0.call, 1) }))
        // The split's own measures say the same.
        let state = try await crowd.state()
        #expect(state["entered"]?.integer == Int64(calls.count))
        #expect(state["answered"]?.integer == Int64(answered.count))
        #expect(state["abandoned"]?.integer == Int64(calls.count - answered.count))
        let longest = answered.compactMap { call in call.offers.last.map { $0.begin - call.begin } }.max() ?? 0
        print(
            "\(calls.count) customers: \(answered.count) answered, \(calls.count - answered.count) gave up; "
                + "the longest wait that came to an agent was \(longest) ms")
        await customers.end()
        await crowd.end()
    }

    /// Who has come earlier is offered earlier: all have the same priority.
    private func expectInOrder(_ calls: [CustomerCall]) {
        let offers = calls.flatMap { call in call.offers.map { (begin: $0.begin, arrival: call.begin) } }
        let overtaken = offers.filter { one in
            offers.contains { $0.begin < one.begin && $0.arrival > one.arrival }
        }
        #expect(overtaken.isEmpty)
    }

    @Test("A campaign calls a list: each number once, with its outcome, and nobody stays Allocated")
    func campaign() async throws {
        let crowd = try await AsteriskCrowd(port: 28767)
        // What the carrier does with a number stands in its last two digits.
        let endings = ["00", "00", "00", "01", "08"]
        let numbers = (0..<Self.count).map { "1380000\(100 + $0)\(endings[$0 % endings.count])" }
        let answering = numbers.filter { $0.hasSuffix("00") }
        let path = try await crowd.centre.startCampaign(numbers, split: AsteriskCrowd.split)
        let ended = await crowd.follower.wait(within: .seconds(100)) { events in
            events.count { $0.name == "agentWorkingAfterCall" } >= answering.count
                && events.count { $0.name == "agentAllocated" } >= numbers.count
        }
        #expect(ended, "\(crowd.centre.server.log.suffix(2000))")
        try await crowd.expectQuiet()
        try await AsteriskCentre.eventually {
            let campaign = try await crowd.centre.server.request("GET", path, session: crowd.session)
            let progress = campaign.body?["progress"]
            let outcomes = Dictionary(
                uniqueKeysWithValues: (progress?["outcomes"]?.object ?? [:]).map { ($0.key, $0.value.integer) })
            guard progress?["done"]?.integer == Int64(numbers.count),
                outcomes == ["answered": Int64(answering.count), "1": 10, "8": 10]
            else { throw AsteriskCentre.Failure(description: "\(campaign)") }
        }
        let events = crowd.follower.events
        #expect(events.count { $0.name == "agentAllocated" } == numbers.count)
        let answered = crowd.expectOneAtATime(in: .allocated)
        #expect(answered.count == answering.count && answered.values.allSatisfy { $0 == 1 })
        let customers = events.compactMap { event -> String? in
            guard case .call(let call) = event.body, case .established(let established) = call.detail else {
                return nil
            }
            return String(established.callingDevice.number)
        }
        #expect(customers.sorted() == answering.map { "9\($0)" }.sorted())
        print("\(numbers.count) numbers: \(answered.count) answered, 10 busy, 10 not there")
        await crowd.end()
    }
}
