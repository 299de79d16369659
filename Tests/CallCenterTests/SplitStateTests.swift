import CSTA
import SwitchDriver
import Testing

@testable import CallCenter

@Suite("Splits: what stays, and what ends")
struct SplitStateTests {
    private func call(_ number: Int) -> CallID { CallID("q-\(number)") ?? .none }
    private let split = SplitRuleTests.split

    /// What the journal would have.
    private func restored(_ desk: inout Desk, _ configuration: TenantConfiguration) throws -> Desk {
        let entries = desk.tenant.takeChanges()
        var next = Desk(configuration: configuration, isSwitchUp: false)
        next.now = desk.now
        next.tenant = try Tenant(configuration: configuration, serial: desk.tenant.serial, entries: entries)
        next.apply(.resumed)
        return next
    }

    @Test("After a restart callers wait on in their order, with what is left of their time")
    func waiting() throws {
        let configuration = SplitRuleTests.configuration()
        var desk = Desk(configuration: configuration)
        desk.customer(1)
        desk.customer(2, to: "4709")
        desk.customer(3)
        desk.now = desk.now.advanced(bySeconds: 100)
        var next = try restored(&desk, configuration)
        #expect(next.tenant.calls == desk.tenant.calls)
        #expect(next.tenant.splits[split]?.waitingCalls == [call(2), call(1), call(3)])
        #expect(next.timer(.waitLimit(call(1))) == 500)
        let legs = Dictionary(
            uniqueKeysWithValues: (1...3).map { (LegID("trunk-\($0)"), SwitchSnapshot.LegState.up) })
        next.tell(.linkUp(SwitchSnapshot(legs: legs, registered: [Desk.device(8001), Desk.device(8002)])))
        next.logIn(5001, on: 8001)
        #expect(next.offered == [call(2)])
        next.customer(4)
        #expect(next.tenant.splits[split]?.waitingCalls == [call(1), call(3), call(4)])
    }

    @Test("After a restart a wrap-up ends in what is left of its time, or at once when its split is no more")
    func wrapUp() throws {
        let configuration = SplitRuleTests.configuration { $0.wrapUpSeconds = 30 }
        var desk = Desk(configuration: configuration)
        desk.logIn(5001, on: 8001)
        desk.takeCall(1, leg: 1)
        #expect(desk.events.last == "8001 agentWorkingAfterCall")
        #expect(desk.timer(.wrapUp(Desk.agent(5001))) == 30)
        desk.now = desk.now.advanced(bySeconds: 20)
        let next = try restored(&desk, configuration)
        #expect(next.timer(.wrapUp(Desk.agent(5001))) == 10)
        var again = Desk(configuration: configuration)
        again.logIn(5001, on: 8001)
        again.takeCall(1, leg: 1)
        let other = try restored(&again, Demo.configuration())
        #expect(other.timer(.wrapUp(Desk.agent(5001))) == 0)
    }

    @Test("E13: what was asked for during the call comes after the wrap-up; without it the agent is Ready")
    func pending() {
        var desk = Desk(configuration: SplitRuleTests.configuration())
        desk.logIn(5001, on: 8001)
        desk.takeCall(1, leg: 1)
        desk.apply(.timer(.wrapUp(Desk.agent(5001))))
        #expect(desk.events == ["8001 agentReady"])
        desk.takeCall(2, leg: 1) { $0.ask(.setMode(Desk.agent(5001), .notReady, reason: "lunch"), by: 5001) }
        #expect(desk.mode(5001) == .workNotReady)
        desk.apply(.timer(.wrapUp(Desk.agent(5001))))
        #expect(desk.events == ["8001 agentNotReady"] && desk.reason(5001) == "lunch")
    }

    @Test("Another call during the wrap-up does not end it, unless the agent asks for another mode")
    func anotherCall() {
        var desk = Desk(configuration: SplitRuleTests.configuration())
        desk.logIn(5001, on: 8001)
        desk.takeCall(1, leg: 1) { $0.ask(.setMode(Desk.agent(5001), .notReady, reason: nil), by: 5001) }
        desk.call(from: 8001, by: 5001, to: "8004")
        desk.tell(.legEnded(LegID("c-1-1"), cause: .normalClearing))
        #expect(desk.tenant.calls.isEmpty)
        #expect(desk.mode(5001) == .workNotReady)
        desk.call(from: 8001, by: 5001, to: "8004")
        #expect(desk.ask(.setMode(Desk.agent(5001), .ready, reason: nil), by: 5001) == .pending(.ready))
        desk.tell(.legEnded(LegID("c-1-1"), cause: .normalClearing))
        #expect(desk.mode(5001) == .ready)
        #expect(desk.effects.contains(.cancelTimer(.wrapUp(Desk.agent(5001)))))
    }

    @Test("An agent ends its wrap-up by itself, and by logging out; nothing is left of it")
    func endedEarly() {
        var desk = Desk(configuration: SplitRuleTests.configuration())
        desk.logIn(5001, on: 8001)
        desk.takeCall(1, leg: 1)
        #expect(desk.ask(.setMode(Desk.agent(5001), .ready, reason: nil), by: 5001) == .done)
        #expect(desk.effects.contains(.cancelTimer(.wrapUp(Desk.agent(5001)))))
        desk.takeCall(2, leg: 1)
        #expect(desk.ask(.logOut(Desk.agent(5001)), by: 5001) == .done)
        #expect(desk.effects.contains(.cancelTimer(.wrapUp(Desk.agent(5001)))))
        desk.apply(.timer(.wrapUp(Desk.agent(5001))))
        #expect(desk.ignored == [.unknownTimer])
    }

    @Test("A wrap-up that ends during another call takes effect at the end of that")
    func duringCall() {
        var desk = Desk(configuration: SplitRuleTests.configuration())
        desk.logIn(5001, on: 8001)
        desk.takeCall(1, leg: 1)
        desk.call(from: 8001, by: 5001, to: "8004")
        desk.apply(.timer(.wrapUp(Desk.agent(5001))))
        #expect(desk.mode(5001) == .workNotReady)
        desk.tell(.legEnded(LegID("c-1-1"), cause: .callRejected))
        #expect(desk.mode(5001) == .ready)
    }

    @Test("Without a wrap-up time the agent stays Ready and gets the next call at once")
    func none() {
        var desk = Desk(configuration: SplitRuleTests.configuration { $0.wrapUpSeconds = 0 })
        desk.logIn(5001, on: 8001)
        desk.customer(9)
        desk.tell(.legAnswered(desk.leg(1, of: 9)))
        desk.customer(1)
        desk.tell(.legEnded(LegID("trunk-9"), cause: .normalClearing))
        #expect(desk.events == ["8001 connectionCleared 13800000009", "8001 connectionCleared 8001"])
        #expect(desk.offered == [call(1)])
    }

    @Test(
        "The link is lost while an agent rings: its phone is gone, the agent stays Ready and the call is offered again")
    func lostLink() {
        var desk = Desk(configuration: SplitRuleTests.configuration())
        desk.logIn(5001, on: 8001)
        desk.customer(1)
        desk.tell(.linkDown)
        desk.customer(2)
        #expect(desk.dialled.isEmpty)
        let legs: [LegID: SwitchSnapshot.LegState] = [LegID("trunk-1"): .pending, LegID("trunk-2"): .pending]
        desk.tell(.linkUp(SwitchSnapshot(legs: legs, registered: [Desk.device(8001)])))
        #expect(desk.mode(5001) == .ready && desk.offered == [call(1)])
        #expect(desk.commands.contains(.answer(LegID("trunk-2"))))
        #expect(desk.commands.contains(.startMusic(MixID(call(2)))))
    }

    @Test("A split is taken away: who waits goes to its overflow or is released, what rings rings on")
    func removed() {
        let other = SplitProfile(id: Desk.device(7001), members: SplitRuleTests.members(5004...5004))
        var configuration = SplitRuleTests.configuration(others: [other]) { $0.overflow = Desk.device(7001) }
        var desk = Desk(configuration: configuration)
        desk.logIn(5001, on: 8001)
        for number in 1...3 { desk.customer(number) }
        desk.tell(.legRinging(desk.leg(1, of: 1)))
        configuration.splits.removeFirst()
        desk.apply(.configured(configuration))
        #expect(desk.tenant.splits[Desk.device(7001)]?.waitingCalls == [call(2), call(3)])
        desk.apply(.timer(.answer(call(1))))
        #expect(desk.tenant.splits[Desk.device(7001)]?.waitingCalls == [call(1), call(2), call(3)])
        desk.logIn(5004, on: 8004)
        #expect(desk.offered == [call(1)])
        configuration.splits = []
        desk.apply(.configured(configuration))
        #expect(desk.tenant.calls.keys.map(\.text) == ["q-1"])
        desk.tell(.legEnded(desk.leg(2, of: 1), cause: .callRejected))
        #expect(desk.tenant.calls.isEmpty && desk.tenant.splits.isEmpty)
    }

    @Test("Members change while calls wait: a new one gets the next, one who is out gets none")
    func members() {
        var configuration = SplitRuleTests.configuration { $0.members = [:] }
        var desk = Desk(configuration: configuration)
        desk.logIn(5001, on: 8001)
        desk.customer(1)
        desk.customer(2)
        configuration.splits[0].members = SplitRuleTests.members(5001...5002)
        desk.apply(.configured(configuration))
        #expect(desk.offered == [call(1)])
        configuration.splits[0].members = [:]
        desk.apply(.configured(configuration))
        desk.logIn(5002, on: 8002)
        #expect(desk.dialled.isEmpty)
        #expect(desk.tenant.splits[split]?.waitingCalls == [call(2)])
    }

    @Test("A day's counts: each call is counted once, how it ended, and they begin anew with the tenant's day")
    func counts() {
        var desk = Desk(configuration: SplitRuleTests.configuration())
        desk.logIn(5001, on: 8001)
        desk.takeCall(1, leg: 1)
        desk.customer(2)
        desk.now = desk.now.advanced(bySeconds: 30)
        desk.apply(.timer(.wrapUp(Desk.agent(5001))))
        desk.tell(.legAnswered(desk.leg(1, of: 2)))
        desk.now = desk.now.advanced(bySeconds: 30)
        let status = desk.tenant.status(of: split, at: desk.now)
        #expect(
            status?.today.counts.entered == 2 && status?.today.counts.answered == 2
                && status?.today.counts.answeredInTime == 1)
        #expect(status?.today.counts.answeredWaitMilliseconds == 30_000)
        #expect(status?.today.busyMilliseconds == 60_000 && status?.today.staffedMilliseconds == 60_000)
        #expect(status?.agents == [.inCall: 1, .loggedOff: 2, .workingAfterCall: 0, .idle: 0, .notReady: 0])
        let tomorrow = desk.tenant.status(of: split, at: desk.now.advanced(bySeconds: 86_400))
        #expect(tomorrow?.today.counts.answered == 0)
    }

    @Test("A heap gives what it has in order, whatever is taken out between")
    func rankedSet() {
        var set = RankedSet<Int, Int>()
        var rest: Set<Int> = []
        var state: UInt64 = 88_172_645_463_325_252
        for _ in 0..<2000 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            let key = Int(state % 500)
            if state % 3 == 0 {
                #expect(set.remove(key) == (rest.remove(key) != nil))
            } else {
                set.insert(key, key)
                rest.insert(key)
            }
            #expect(set.first?.key == rest.min() && set.count == rest.count)
        }
        while let first = set.first {
            #expect(first.key == rest.min())
            set.remove(first.key)
            rest.remove(first.key)
        }
        #expect(rest.isEmpty)
    }
}

extension Desk {
    /// A customer calls in: the call `q-1` on the leg `trunk-1`.
    mutating func customer(_ number: Int, to: String = "4700") {
        let leg = LegID("trunk-\(number)")
        let origin = OfferedLeg.Origin.trunk(group: "1", member: "gateway", number: "1380000000\(number)")
        tell(.legOffered(OfferedLeg(leg: leg, origin: origin, dialled: to)), newCall: CallID("q-\(number)"))
    }

    /// A customer's call that is answered and then ended by the customer.
    mutating func takeCall(_ number: Int, leg: Int, _ meanwhile: (inout Desk) -> Void = { _ in }) {
        customer(number)
        tell(.legRinging(self.leg(leg, of: number)))
        tell(.legAnswered(self.leg(leg, of: number)))
        meanwhile(&self)
        tell(.legEnded(LegID("trunk-\(number)"), cause: .normalClearing))
    }

    /// The leg of the agent who is called as this one for a customer's call.
    func leg(_ index: Int, of number: Int) -> LegID { LegID("q-\(number)-\(index + 1)") }

    /// The phones that the last input has had called.
    var dialled: [DeviceID] {
        commands.compactMap {
            guard case .dial(let request) = $0, case .phone(let device) = request.endpoint else { return nil }
            return device
        }
    }

    /// The calls that those phones were called for.
    var offered: [CallID] { dialled.compactMap { tenant.devices[$0]?.calls.first } }

    var tally: SplitCounts { tenant.splits[SplitRuleTests.split]?.count.tally.counts ?? SplitCounts() }
    func mode(_ agent: Int) -> AgentMode? { tenant.agents[Self.agent(agent)]?.mode }
    func reason(_ agent: Int) -> String? { tenant.agents[Self.agent(agent)]?.login?.reason }

    /// In how many seconds the last input has set a timer.
    func timer(_ timer: TimerID) -> Int? {
        for case .setTimer(timer, let due) in effects { return Int((due.milliseconds - now.milliseconds) / 1000) }
        return nil
    }
}
