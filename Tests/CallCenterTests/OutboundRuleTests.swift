import CSTA
import SwitchDriver
import Testing

@testable import CallCenter

@Suite("Calls that the server places for agents who are reserved")
struct OutboundRuleTests {
    private static let agent = Desk.agent(5001)
    private static let customer = LegID("o-1-1")
    private static let phone = LegID("o-1-2")

    static func order(
        dials: Int = 1, number: String = "913800000001", isPreview: Bool = false
    ) -> OutboundCall {
        OutboundCall(
            contact: ContactID(7), campaign: CampaignID(3),
            calls: (1...dials).map { CallID("o-\($0)") ?? .none }, split: SplitRuleTests.split, number: number,
            userData: UserData(["k": .string("v")]) ?? UserData(), isPreview: isPreview, redialledAfter: [.busyNow])
    }

    /// 5001 is Ready on 8001, and reserved for the order if there is one.
    private static func desk(_ order: OutboundCall? = nil) -> Desk {
        var desk = Desk(configuration: SplitRuleTests.configuration())
        desk.logIn(5001, on: 8001)
        if let order { #expect(desk.place(order) == .done) }
        return desk
    }

    private static func reached() -> Desk {
        var desk = desk(order())
        desk.tell(.legRinging(customer))
        desk.tell(.legAnswered(customer))
        desk.tell(.legRinging(phone))
        return desk
    }

    // MARK: The end of a reservation

    @Test("An agent whose customer the switch says nothing of is Ready after 150 seconds, and the leg is ended")
    func lostEvents() {
        var desk = Self.desk(Self.order())
        #expect(desk.events == ["8001 agentAllocated"])
        #expect(desk.seconds(of: .allocation(Self.agent)) == 150)
        #expect(desk.seconds(of: .answer(CallID("o-1") ?? .none)) == 30)
        desk.apply(.timer(.allocation(Self.agent)))
        #expect(desk.events == ["8001 agentReady"])
        #expect(desk.commands.contains(.hangUp(Self.customer, cause: .originatorCancel)))
        #expect(desk.results == [.init(.failed(.notAnswer), dials: 1)])
        #expect(desk.tenant.calls.isEmpty)
        desk.tell(.legAnswered(Self.customer))
        #expect(desk.isUnmoved && desk.ignored == [.outOfOrder])
        desk.apply(.timer(.allocation(Self.agent)))
        #expect(desk.isUnmoved && desk.ignored == [.unknownTimer])
        #expect(desk.place(Self.order()) == .done, "the agent can be reserved again")
    }

    @Test("E19: dialled again for the same agent after the failures that are said, as often as is said")
    func redials() {
        var desk = Self.desk(Self.order(dials: 2))
        desk.tell(.legEnded(Self.customer, cause: .userBusy))
        #expect(desk.isUnmovedForAgents && desk.seconds(of: .redial(Self.agent)) == 5)
        desk.apply(.timer(.redial(Self.agent)))
        #expect(desk.dialledLegs == [LegID("o-2-1")] && desk.events.isEmpty)
        desk.tell(.legEnded(LegID("o-2-1"), cause: .userBusy))
        #expect(desk.events == ["8001 agentReady"])
        #expect(desk.results == [.init(.failed(.busyNow), dials: 2)])
        desk = Self.desk(Self.order(dials: 2))
        desk.tell(.legEnded(Self.customer, cause: .unallocatedNumber))
        #expect(desk.events == ["8001 agentReady"] && desk.results == [.init(.failed(.doesNotExist), dials: 1)])
        desk = Self.desk(Self.order(dials: 2))
        desk.tell(.legEnded(Self.customer, cause: .userBusy))
        desk.apply(.timer(.allocation(Self.agent)))
        #expect(desk.results == [.init(.failed(.busyNow), dials: 1)])
        desk.apply(.timer(.redial(Self.agent)))
        #expect(desk.isUnmoved && desk.ignored == [.unknownTimer])
    }

    @Test("A customer who does not answer in time counts so, and the leg is ended")
    func noAnswer() {
        var desk = Self.desk(Self.order())
        desk.tell(.legRinging(Self.customer))
        #expect(desk.events.isEmpty)
        desk.apply(.timer(.answer(CallID("o-1") ?? .none)))
        #expect(desk.events == ["8001 agentReady"] && desk.results == [.init(.failed(.notAnswer), dials: 1)])
        #expect(desk.commands.contains(.hangUp(Self.customer, cause: .noAnswer)))
    }

    enum End: CaseIterable {
        case release, releaseCampaign, logOut, forcedLogOut, silence, lostPhone, removedSplit, disabledAgent
    }

    @Test(
        "Whatever ends what an agent is reserved for gives a result and leaves nobody Allocated",
        arguments: End.allCases)
    func ends(end: End) {
        var desk = Self.desk(Self.order())
        switch end {
        case .release: #expect(desk.ask(.release(Self.agent), by: 5001) == .done)
        case .releaseCampaign:
            #expect(desk.ask(.releaseCampaign(CampaignID(4)), by: 5004, role: .supervisor) == .done)
            #expect(desk.isUnmoved)
            #expect(desk.ask(.releaseCampaign(CampaignID(3)), by: 5004, role: .supervisor) == .done)
        case .logOut: #expect(desk.ask(.logOut(Self.agent), by: 5001) == .done)
        case .forcedLogOut: #expect(desk.ask(.logOut(Self.agent), by: 5004, role: .supervisor) == .done)
        case .silence: desk.apply(.timer(.heartbeat(Self.agent)))
        case .lostPhone: desk.tell(.deviceUnregistered(Desk.device(8001)))
        case .removedSplit:
            var configuration = desk.tenant.configuration
            configuration.splits = []
            desk.apply(.configured(configuration))
        case .disabledAgent:
            var configuration = desk.tenant.configuration
            configuration.agents[0].isDisabled = true
            desk.apply(.configured(configuration))
        }
        let isOut = [.logOut, .forcedLogOut, .silence, .disabledAgent].contains(end)
        #expect(desk.events == [isOut ? "8001 agentLoggedOff" : "8001 agentReady"])
        #expect(desk.results == [.init(.released, dials: 1)])
        #expect(desk.commands.contains(.hangUp(Self.customer, cause: .originatorCancel)))
        #expect(desk.tenant.calls.isEmpty && desk.tenant.contactsUnderWay.isEmpty)
    }

    // MARK: The call

    @Test("The call that has reached its agent: no timer, a result when the agent answers, and nothing to release")
    func reachedAndAnswered() {
        var desk = Self.desk(Self.order())
        desk.tell(.legAnswered(Self.customer))
        #expect(desk.effects.contains(.cancelTimer(.allocation(Self.agent))) && desk.results.isEmpty)
        #expect(desk.dialledLegs == [Self.phone])
        #expect(desk.ask(.release(Self.agent), by: 5001) == .refused(.notAllocated(.allocated)))
        desk.tell(.legAnswered(Self.phone))
        #expect(desk.events == ["8001 delivered 8001", "8001 established 8001"])
        #expect(desk.json.allSatisfy { $0.contains(#""callType":"PreOccupied""#) })
        #expect(desk.json[0].contains(#""split":"7000@demo.cc""#) && desk.json[0].contains(#""k":"v""#))
        #expect(desk.results == [.init(.answered, dials: 1)])
        desk.tell(.legEnded(Self.customer, cause: .normalClearing))
        #expect(desk.events.last == "8001 agentWorkingAfterCall" && desk.results.isEmpty)
    }

    @Test("A customer who hangs up before the agent answers was abandoned; the agent is Ready")
    func abandoned() {
        var desk = Self.reached()
        desk.tell(.legEnded(Self.customer, cause: .normalClearing))
        #expect(desk.results == [.init(.abandoned, dials: 1)])
        #expect(desk.events.last == "8001 agentReady" && desk.tenant.calls.isEmpty)
    }

    @Test("An agent who does not answer is NotReady; the customer waits before all others, and the next agent gets it")
    func missed() {
        var desk = Self.reached()
        desk.customer(1)
        desk.apply(.timer(.answer(CallID("o-1") ?? .none)))
        #expect(desk.events.last == "8001 agentNotReady" && desk.results.isEmpty)
        desk.logIn(5002, on: 8002)
        #expect(desk.dialledLegs == [LegID("o-1-3")])
        desk.tell(.legAnswered(LegID("o-1-3")))
        #expect(desk.results == [.init(.answered, dials: 1)])
    }

    @Test("Nobody reaches an agent who is reserved, and the agent may not dial")
    func reserved() {
        var desk = Self.desk(Self.order())
        desk.logIn(5002, on: 8002)
        #expect(desk.call(from: 8001, by: 5001, to: "8002") == .refused(.agentAllocated))
        desk.call(from: 8002, by: 5002, to: "8001")
        desk.tell(.legAnswered(LegID("c-1-1")))
        #expect(desk.commands.contains { if case .hangUp(_, .userBusy) = $0 { true } else { false } })
        desk.tell(
            .legOffered(OfferedLeg(leg: LegID("own"), origin: .phone(Desk.device(8001)), dialled: "8002")),
            newCall: CallID("own"))
        #expect(desk.commands == [.hangUp(LegID("own"), cause: .userBusy)] && desk.events.isEmpty)
    }

    @Test("Preview: nobody is dialled until the agent accepts; who skips is Ready, and who does not look too")
    func preview() {
        var desk = Self.desk(Self.order(isPreview: true))
        #expect(desk.events == ["8001 agentAllocated"] && desk.commands.isEmpty)
        let accept = Command.answerPreview(Self.agent, isAccepted: true)
        #expect(desk.ask(accept, by: 5002) == .refused(.notYours))
        #expect(desk.ask(accept, by: 5001) == .done && desk.dialledLegs == [Self.customer])
        #expect(desk.ask(accept, by: 5001) == .refused(.nothingProposed(.allocated)))
        desk = Self.desk(Self.order(isPreview: true))
        desk.ask(.answerPreview(Self.agent, isAccepted: false), by: 5001)
        #expect(desk.events == ["8001 agentReady"] && desk.results == [.init(.skipped, dials: 0)])
        #expect(desk.ask(accept, by: 5001) == .refused(.nothingProposed(.ready)))
        desk = Self.desk(Self.order(isPreview: true))
        desk.apply(.timer(.allocation(Self.agent)))
        #expect(desk.events == ["8001 agentReady"] && desk.results == [.init(.expired, dials: 0)])
    }

    @Test("What is refused changes nothing")
    func refused() {
        var desk = Desk(configuration: SplitRuleTests.configuration())
        #expect(desk.place(Self.order()) == .refused(.noFreeAgent))
        desk.logIn(5001, on: 8001, .notReady)
        #expect(desk.place(Self.order()) == .refused(.noFreeAgent))
        desk = Self.desk()
        #expect(desk.place(Self.order(number: "90900123456")) == .refused(.numberBarred(.premium)))
        #expect(desk.place(Self.order(number: "8002")) == .refused(.noRoute))
        #expect(desk.ask(.placeOutboundCall(Self.order()), by: 5001) == .refused(.notYours))
        #expect(desk.ask(.release(Self.agent), by: 5002) == .refused(.notYours))
        #expect(desk.ask(.release(Self.agent), by: 5001) == .refused(.notAllocated(.ready)))
        #expect(desk.ask(.release(Desk.agent(5099)), by: 5004, role: .supervisor) == .refused(.noSuchAgent))
        #expect(desk.ask(.release(Desk.agent(5002)), by: 5002) == .refused(.agentLoggedOut))
        desk.tell(.linkDown)
        #expect(desk.place(Self.order()) == .refused(.switchAway))
        #expect(desk.tenant.agents[Self.agent]?.mode == .ready)
    }

    // MARK: After a restart

    @Test("Read back in each phase, an agent is reserved for the rest of the time")
    func restart() throws {
        for isPreview in [false, true] {
            var desk = Self.desk(Self.order(dials: 2, isPreview: isPreview))
            let login = desk.tenant.agents[Self.agent]?.login
            var back = try desk.restarted()
            #expect(back.tenant.agents[Self.agent]?.login?.allocation == login?.allocation)
            back.now = back.now.advanced(bySeconds: 100)
            back.apply(.resumed)
            #expect(back.seconds(of: .allocation(Self.agent)) == 50 && back.events.isEmpty)
        }
        var desk = Self.desk(Self.order(dials: 2))
        desk.tell(.legEnded(Self.customer, cause: .userBusy))
        var back = try desk.restarted()
        back.apply(.resumed)
        #expect(back.seconds(of: .redial(Self.agent)) == 5)
        desk = Self.reached()
        back = try desk.restarted()
        back.apply(.resumed)
        #expect(back.tenant.contactsUnderWay == [ContactID(7)])
        back.tell(
            .linkUp(SwitchSnapshot(legs: [Self.customer: .up, Self.phone: .up], registered: [Desk.device(8001)])))
        #expect(back.results == [.init(.answered, dials: 1)])
    }

    @Test("A crash that left the agent without the call, or the call without the agent")
    func torn() throws {
        var desk = Self.desk(Self.order())
        let entries = desk.tenant.takeChanges()
        var agentOnly = try desk.restarted(with: entries.filter { $0.key.hasPrefix("agent:") })
        agentOnly.apply(.resumed)
        #expect(agentOnly.events == ["8001 agentReady"] && agentOnly.results == [.init(.released, dials: 1)])
        var callOnly = try desk.restarted(with: entries.filter { $0.key.hasPrefix("call:") })
        callOnly.apply(.resumed)
        #expect(callOnly.commands.contains(.hangUp(Self.customer, cause: .originatorCancel)))
        #expect(callOnly.tenant.calls.isEmpty && callOnly.tenant.contactsUnderWay.isEmpty)
    }
}

private struct Result: Hashable {
    var outcome: OutboundOutcome
    var dials: Int

    init(_ outcome: OutboundOutcome, dials: Int) {
        self.outcome = outcome
        self.dials = dials
    }
}

extension Desk {
    @discardableResult
    mutating func place(_ order: OutboundCall) -> Reply {
        ask(.placeOutboundCall(order), by: 5004, role: .admin)
    }

    func seconds(of timer: TimerID) -> Int? {
        effects.compactMap { effect -> Int? in
            guard case .setTimer(timer, let due) = effect else { return nil }
            return Int(due.milliseconds - now.milliseconds) / 1000
        }.last
    }

    fileprivate var results: [Result] {
        effects.compactMap { effect in
            guard case .record(.outbound(let result)) = effect else { return nil }
            return Result(result.outcome, dials: result.dials)
        }
    }

    var dialledLegs: [LegID] {
        commands.compactMap { if case .dial(let request) = $0 { request.leg } else { nil } }
    }

    fileprivate var isUnmovedForAgents: Bool { events.isEmpty && results.isEmpty }

    /// Another server that has read the state back.
    fileprivate mutating func restarted(with entries: [StateEntry]? = nil) throws -> Desk {
        var desk = Desk(configuration: tenant.configuration, isSwitchUp: false)
        desk.tenant = try Tenant(
            configuration: tenant.configuration, serial: tenant.serial, entries: entries ?? tenant.takeChanges())
        desk.now = now
        return desk
    }
}
