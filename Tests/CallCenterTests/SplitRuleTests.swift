import CSTA
import SwitchDriver
import Testing

@testable import CallCenter

@Suite("Splits")
struct SplitRuleTests {
    static let split = Desk.device(7000)

    /// Split 7000 with agents 5001 to 5003, and what else a test wants; 4700 leads to it.
    static func configuration(
        others: [SplitProfile] = [], _ change: (inout SplitProfile) -> Void = { _ in }
    ) -> TenantConfiguration {
        var configuration = Demo.configuration()
        var profile = SplitProfile(id: split, members: members(5001...5003))
        change(&profile)
        configuration.splits = [profile] + others
        configuration.inbound["4700"] = InboundRoute(to: split)
        configuration.inbound["4709"] = InboundRoute(to: split, priority: 9)
        return configuration
    }

    static func members(_ agents: ClosedRange<Int>) -> [AgentID: SplitProfile.Member] {
        Dictionary(uniqueKeysWithValues: agents.map { (Desk.agent($0), SplitProfile.Member()) })
    }

    private func call(_ number: Int) -> CallID { CallID("q-\(number)") ?? .none }

    // MARK: Who gets which call

    @Test("The agent that has been idle for the longest time, and of several callers the one that came first")
    func longestIdle() {
        var desk = Desk(configuration: Self.configuration())
        for agent in [5002, 5001, 5003] { desk.logIn(agent, on: agent + 3000) }
        desk.customer(1)
        #expect(desk.dialled == [Desk.device(8002)])
        desk.customer(2)
        #expect(desk.dialled == [Desk.device(8001)])
        desk.customer(3)
        #expect(desk.dialled == [Desk.device(8003)])
        desk.customer(4)
        desk.customer(5)
        #expect(desk.dialled.isEmpty)
        #expect(desk.tenant.splits[Self.split]?.waitingCalls == [call(4), call(5)])
        desk.tell(.legEnded(LegID("trunk-2"), cause: .originatorCancel))
        #expect(desk.dialled == [Desk.device(8001)])
        #expect(desk.tenant.splits[Self.split]?.waitingCalls == [call(5)])
    }

    @Test("The most skilled, of equal ones the longest idle; and always first those with the smaller priority")
    func mostSkilled() {
        let configuration = Self.configuration {
            $0.strategy = .mostSkilled
            $0.members = [
                Desk.agent(5001): .init(level: 9, priority: 2), Desk.agent(5002): .init(level: 1),
                Desk.agent(5003): .init(level: 5), Desk.agent(5004): .init(level: 5),
            ]
        }
        var desk = Desk(configuration: configuration)
        for agent in 5001...5004 { desk.logIn(agent, on: agent + 3000) }
        var order: [DeviceID] = []
        for number in 1...4 {
            desk.customer(number)
            order += desk.dialled
        }
        #expect(order == [8003, 8004, 8002, 8001].map(Desk.device))
    }

    @Test(
        "The more urgent caller first, then the one that has waited longer; an agent of several splits is given that one"
    )
    func urgency() {
        var other = SplitProfile(id: Desk.device(7001), members: Self.members(5001...5002))
        other.strategy = .longestIdle
        var configuration = Self.configuration(others: [other])
        configuration.inbound["4701"] = InboundRoute(to: other.id, priority: 3)
        var desk = Desk(configuration: configuration)
        desk.customer(1)
        desk.customer(2, to: "4709")
        desk.customer(3, to: "4701")
        desk.customer(4)
        #expect(desk.tenant.splits[Self.split]?.waitingCalls == [call(2), call(1), call(4)])
        desk.logIn(5001, on: 8001)
        #expect(desk.offered == [call(2)])
        desk.logIn(5002, on: 8002)
        #expect(desk.offered == [call(3)])
        desk.logIn(5003, on: 8003)
        #expect(desk.offered == [call(1)])
    }

    @Test("Nobody is offered a call who is NotReady, talks, is not registered, or is of no split")
    func notFree() {
        var desk = Desk(configuration: Self.configuration())
        desk.logIn(5001, on: 8001, .notReady)
        desk.logIn(5002, on: 8002)
        desk.logIn(5003, on: 8003)
        desk.logIn(5004, on: 8004)
        desk.tell(.deviceUnregistered(Desk.device(8002)))
        desk.call(from: 8003, by: 5003, to: "8004")
        desk.customer(1)
        #expect(desk.dialled.isEmpty)
        desk.tell(.deviceRegistered(Desk.device(8002)))
        #expect(desk.dialled == [Desk.device(8002)])
        desk.customer(2)
        #expect(desk.dialled.isEmpty)
        desk.ask(.setMode(Desk.agent(5001), .ready, reason: nil), by: 5001)
        #expect(desk.dialled == [Desk.device(8001)])
    }

    @Test("Ring-all: the first to answer gets the call, and all others are let go")
    func ringAll() {
        var desk = Desk(configuration: Self.configuration { $0.strategy = .ringAll })
        for agent in 5001...5003 { desk.logIn(agent, on: agent + 3000) }
        desk.customer(1)
        #expect(desk.dialled == [8001, 8002, 8003].map(Desk.device))
        for number in 1...3 { desk.tell(.legRinging(desk.leg(number, of: 1))) }
        desk.tell(.legAnswered(desk.leg(2, of: 1)))
        #expect(
            desk.events == [
                "8001 connectionCleared 8001", "8002 connectionCleared 8001", "8003 connectionCleared 8001",
                "8002 connectionCleared 8003", "8003 connectionCleared 8003", "8002 established 8002",
            ])
        #expect(desk.json.filter { $0.contains("LOSE_RACE") }.count == 5)
        #expect(desk.commands.contains(.hangUp(desk.leg(3, of: 1), cause: .loseRace)))
        #expect([5001, 5002, 5003].map { desk.mode($0) } == [.ready, .ready, .ready])
        // Who was let go is free for the next.
        desk.customer(2)
        #expect(desk.dialled == [8001, 8003].map(Desk.device))
    }

    @Test("Ring-all: nobody answers, and all are NotReady; one refuses, and the others ring on")
    func ringAllInVain() {
        var desk = Desk(configuration: Self.configuration { $0.strategy = .ringAll })
        for agent in 5001...5003 { desk.logIn(agent, on: agent + 3000) }
        desk.customer(1)
        for number in 1...3 { desk.tell(.legRinging(desk.leg(number, of: 1))) }
        desk.tell(.legEnded(desk.leg(1, of: 1), cause: .callRejected))
        #expect(desk.reason(5001) == "rejected")
        #expect(desk.tenant.splits[Self.split]?.waitingCalls == [])
        desk.apply(.timer(.answer(call(1))))
        #expect([5002, 5003].map { desk.reason($0) } == ["noAnswer", "noAnswer"])
        #expect(desk.tenant.splits[Self.split]?.waitingCalls == [call(1)])
    }

    // MARK: What does not work out

    @Test("Who does not answer is NotReady, and the caller is again before those who came later")
    func noAnswer() {
        var desk = Desk(configuration: Self.configuration())
        desk.logIn(5001, on: 8001)
        for number in 1...3 { desk.customer(number) }
        desk.tell(.legRinging(desk.leg(1, of: 1)))
        desk.apply(.timer(.answer(call(1))))
        #expect(desk.events == ["8001 connectionCleared 8001", "8001 agentNotReady"])
        #expect(desk.json[0].contains("NO_ANSWER") && desk.json[1].contains("noAnswer"))
        #expect(desk.commands.contains(.answer(LegID("trunk-1"))))
        #expect(desk.tenant.splits[Self.split]?.waitingCalls == [call(1), call(2), call(3)])
        desk.ask(.setMode(Desk.agent(5001), .ready, reason: nil), by: 5001)
        #expect(desk.offered == [call(1)])
    }

    @Test(
        "Whoever hangs up while waiting or while an agent rings has abandoned; the agent stays Ready and gets the next")
    func abandoned() {
        var desk = Desk(configuration: Self.configuration())
        desk.logIn(5001, on: 8001)
        for number in 1...3 { desk.customer(number) }
        desk.tell(.legEnded(LegID("trunk-2"), cause: .normalClearing))
        #expect(desk.tenant.splits[Self.split]?.waitingCalls == [call(3)])
        desk.tell(.legRinging(desk.leg(1, of: 1)))
        desk.tell(.legEnded(LegID("trunk-1"), cause: .normalClearing))
        #expect(desk.mode(5001) == .ready && desk.offered == [call(3)])
        #expect(desk.tally.abandoned == 2 && desk.tally.entered == 3)
    }

    @Test("An agent who logs out while a call is offered goes when it has ended; the caller waits for the next")
    func logsOut() {
        var desk = Desk(configuration: Self.configuration())
        desk.logIn(5001, on: 8001)
        desk.customer(1)
        desk.tell(.legRinging(desk.leg(1, of: 1)))
        #expect(desk.ask(.logOut(Desk.agent(5001)), by: 5001) == .pending(.logout))
        desk.tell(.legEnded(desk.leg(1, of: 1), cause: .callRejected))
        #expect(desk.events == ["8001 connectionCleared 8001", "8001 agentLoggedOff"])
        desk.logIn(5002, on: 8002)
        #expect(desk.offered == [call(1)])
    }

    @Test("Too many callers, and those who have waited too long, go to the overflow; without one the call is ended")
    func limits() {
        var last = SplitProfile(id: Desk.device(7001), members: Self.members(5004...5004))
        last.maximumWaitSeconds = 30
        var desk = Desk(
            configuration: Self.configuration(others: [last]) {
                $0.maximumWaiting = 1
                $0.overflow = Desk.device(7001)
            })
        desk.customer(1)
        #expect(desk.timer(.waitLimit(call(1))) == 600)
        desk.customer(2)
        #expect(desk.tenant.calls[call(2)]?.queue?.split == Desk.device(7001))
        #expect(desk.timer(.waitLimit(call(2))) == 30)
        desk.apply(.timer(.waitLimit(call(1))))
        // It was there first, and keeps that.
        #expect(desk.tenant.splits[Desk.device(7001)]?.waitingCalls == [call(1), call(2)])
        desk.apply(.timer(.waitLimit(call(1))))
        #expect(desk.tenant.calls[call(1)] == nil)
        #expect(desk.commands.contains(.hangUp(LegID("trunk-1"), cause: .noAnswer)))
        #expect(desk.tally.overflowed == 2)
    }

    @Test("A queue without room and without overflow refuses the caller as busy")
    func full() {
        var desk = Desk(configuration: Self.configuration { $0.maximumWaiting = 0 })
        desk.customer(1)
        #expect(desk.commands.contains(.hangUp(LegID("trunk-1"), cause: .userBusy)))
        #expect(desk.tenant.calls.isEmpty)
        // Whoever finds somebody free does not wait.
        desk.logIn(5001, on: 8001)
        desk.customer(2)
        #expect(desk.dialled == [Desk.device(8001)])
    }

    @Test("The wait is over while an agent rings: it may still answer, and if not, the call goes on")
    func overdue() {
        var desk = Desk(configuration: Self.configuration())
        desk.logIn(5001, on: 8001)
        desk.customer(1)
        desk.tell(.legRinging(desk.leg(1, of: 1)))
        desk.apply(.timer(.waitLimit(call(1))))
        #expect(desk.isUnmoved)
        desk.apply(.timer(.answer(call(1))))
        #expect(desk.tenant.calls.isEmpty)
    }

    @Test("Overflow in a circle comes to an end")
    func circle() {
        var other = SplitProfile(id: Desk.device(7001))
        other.overflow = Self.split
        var desk = Desk(configuration: Self.configuration(others: [other]) { $0.overflow = Desk.device(7001) })
        desk.customer(1)
        desk.apply(.timer(.waitLimit(call(1))))
        #expect(desk.tenant.calls[call(1)]?.queue?.split == Desk.device(7001))
        desk.apply(.timer(.waitLimit(call(1))))
        #expect(desk.tenant.calls.isEmpty)
        // Both without room.
        var full = Desk(
            configuration: Self.configuration(others: [other]) {
                $0.maximumWaiting = 0
                $0.overflow = Desk.device(7001)
            })
        full.customer(1)
        full.customer(2)
        #expect(full.tenant.calls.count == 2)
        #expect(full.tenant.splits[Desk.device(7001)]?.waitingCalls == [call(1), call(2)])
    }

    @Test("Who listens and answers takes no caller out of the queue")
    func listenerAnswers() {
        var desk = Desk(configuration: Self.configuration())
        desk.logIn(5001, on: 8001)
        desk.customer(1)
        desk.tell(.legRinging(desk.leg(1, of: 1)))
        desk.tell(.legAnswered(desk.leg(1, of: 1)))
        #expect(desk.ask(.listen(call(1), device: Desk.device(8004)), by: 5004, role: .supervisor) == .done)
        let listener = desk.tenant.calls[call(1)]?.connection(of: Desk.device(8004))?.leg
        let own = ConnectionID(device: Desk.device(8001), call: call(1))
        #expect(desk.ask(.singleStepTransferCall(own, to: "7000", returns: false), by: 5001) == .done)
        desk.tell(.legEnded(desk.leg(1, of: 1), cause: .normalClearing))
        #expect(desk.tenant.calls[call(1)]?.queue != nil)
        desk.tell(.legAnswered(listener ?? LegID("")))
        #expect(desk.tenant.calls[call(1)]?.queue != nil)
        desk.logIn(5002, on: 8002)
        #expect(desk.dialled == [Desk.device(8002)])
    }

    @Test("While the link is down nobody misses a call; the time to ring begins anew with it")
    func linkDownWhileRinging() {
        var desk = Desk(configuration: Self.configuration())
        desk.logIn(5001, on: 8001)
        desk.customer(1)
        let leg = desk.leg(1, of: 1)
        desk.tell(.legRinging(leg))
        desk.tell(.linkDown)
        desk.apply(.timer(.answer(call(1))))
        #expect(desk.effects.isEmpty)
        let registered = Set(desk.tenant.devices.keys)
        desk.tell(.linkUp(SwitchSnapshot(legs: [LegID("trunk-1"): .pending, leg: .ringing], registered: registered)))
        #expect(desk.effects.contains(.setTimer(.answer(call(1)), at: desk.now.advanced(bySeconds: 20))))
        desk.apply(.timer(.answer(call(1))))
        #expect(desk.events == ["8001 connectionCleared 8001", "8001 agentNotReady"])
    }

    @Test("A customer with the number of a phone here is not that phone")
    func borrowedNumber() {
        var desk = Desk(configuration: Self.configuration())
        desk.logIn(5001, on: 8001)
        let origin = OfferedLeg.Origin.trunk(group: "1", member: "gateway", number: "8001")
        desk.tell(.legOffered(OfferedLeg(leg: LegID("trunk-1"), origin: origin, dialled: "4700")), newCall: call(1))
        #expect(desk.dialled == [Desk.device(8001)])
        desk.tell(.legRinging(desk.leg(1, of: 1)))
        desk.apply(.timer(.answer(call(1))))
        #expect(desk.tenant.agents[Desk.agent(5001)]?.mode == .notReady)
        #expect(desk.tenant.splits[Self.split]?.waitingCalls == [call(1)])
    }

    @Test("A call that is offered when its split is removed begins its wait in the next one")
    func removedWhileOffered() {
        let other = SplitProfile(id: Desk.device(7001), members: Self.members(5002...5002))
        let before = Self.configuration(others: [other]) { $0.overflow = Desk.device(7001) }
        var desk = Desk(configuration: before)
        desk.logIn(5001, on: 8001)
        desk.customer(1)
        desk.tell(.legRinging(desk.leg(1, of: 1)))
        desk.apply(.timer(.waitLimit(call(1))))
        var after = before
        after.splits = [other]
        after.inbound["4700"] = nil
        after.inbound["4709"] = nil
        desk.apply(.configured(after))
        #expect(desk.effects.contains(.setTimer(.waitLimit(call(1)), at: desk.now.advanced(bySeconds: 600))))
        desk.apply(.timer(.answer(call(1))))
        #expect(desk.tenant.splits[Desk.device(7001)]?.waitingCalls == [call(1)])
    }

    @Test("Who overflows is told its position as the next split says")
    func announcementsOverflow() {
        var other = SplitProfile(id: Desk.device(7001))
        other.announceSeconds = 30
        var desk = Desk(configuration: Self.configuration(others: [other]) { $0.overflow = Desk.device(7001) })
        desk.customer(1)
        desk.tell(.legAnswered(LegID("trunk-1")))
        desk.apply(.timer(.waitLimit(call(1))))
        #expect(desk.effects.contains(.setTimer(.announcement(call(1)), at: desk.now.advanced(bySeconds: 30))))
    }
}
