import CSTA
import SwitchDriver
import Testing

@testable import CallCenter

@Suite("What sticks is found by a sweep, and put right")
struct SweepTests {
    private static let agent = Desk.agent(5001)
    private static let call = CallID("q-1") ?? .none

    private static func desk(_ change: (inout SplitProfile) -> Void = { _ in }) -> Desk {
        var desk = Desk(
            configuration: SplitRuleTests.configuration {
                $0.wrapUpSeconds = 5
                $0.ringSeconds = 10
                $0.maximumWaitSeconds = 60
                change(&$0)
            })
        desk.apply(.resumed)
        return desk
    }

    @Test("One is due 30 seconds after the start and after each, and finds nothing in calls as they go")
    func nothing() {
        var desk = Self.desk()
        #expect(desk.seconds(of: .sweep) == 30)
        desk.talk()
        #expect(desk.sweeps(10).isEmpty && desk.isUnmoved)
        #expect(desk.seconds(of: .sweep) == 30)
    }

    @Test("Work after a call, without its timer")
    func wrapUp() {
        var desk = Self.desk()
        desk.logIn(5001, on: 8001)
        desk.customer(1)
        desk.tell(.legAnswered(LegID("q-1-2")))
        desk.tell(.legEnded(LegID("trunk-1"), cause: .normalClearing))
        #expect(desk.tenant.agents[Self.agent]?.mode == .workNotReady)
        #expect(desk.sweeps(1).isEmpty, "it may just have begun")
        #expect(desk.sweeps(1) == [.wrapUp] && desk.events == ["8001 agentReady"])
        #expect(desk.sweeps(3).isEmpty)
    }

    @Test("An agent is reserved beyond its time: Ready, and the leg is ended")
    func reservation() {
        var desk = Self.desk()
        desk.logIn(5001, on: 8001)
        var order = OutboundRuleTests.order()
        order.ringSeconds = 600
        order.limitSeconds = 50
        #expect(desk.place(order) == .done)
        #expect(desk.sweeps(2).isEmpty && desk.tenant.agents[Self.agent]?.mode == .allocated)
        #expect(desk.sweeps(1) == [.reservation] && desk.events == ["8001 agentReady"])
        #expect(desk.commands.contains(.hangUp(LegID("o-1-1"), cause: .originatorCancel)))
    }

    @Test("An agent whose outbound call has gone is Ready, and a call whose agent is not reserved ends")
    func halfReservations() {
        var desk = Self.desk()
        desk.logIn(5001, on: 8001)
        desk.place(OutboundRuleTests.order())
        desk.tenant.calls = [:]
        #expect(desk.sweeps(1) == [.reservation] && desk.events == ["8001 agentReady"])
        desk = Self.desk()
        desk.logIn(5001, on: 8001)
        desk.place(OutboundRuleTests.order())
        desk.tenant.agents[Self.agent]?.login?.allocation = nil
        #expect(desk.sweeps(1) == [.reservation, .reservation] && desk.events == ["8001 agentReady"])
        #expect(desk.tenant.calls.isEmpty && desk.commands.contains(.hangUp(LegID("o-1-1"), cause: .originatorCancel)))
    }

    @Test("A phone that rings on: its agent has missed the call, which goes to the next")
    func ringing() {
        var desk = Self.desk()
        desk.logIn(5001, on: 8001)
        desk.customer(1)
        desk.tell(.legRinging(LegID("q-1-2")))
        #expect(desk.sweeps(1).isEmpty)
        #expect(desk.sweeps(1) == [.ringing] && desk.events == ["8001 connectionCleared 8001", "8001 agentNotReady"])
    }

    @Test("A caller who waits beyond its time leaves, as when the timer fires")
    func waiting() {
        var desk = Self.desk()
        desk.customer(1)
        #expect(desk.sweeps(3).isEmpty)
        #expect(desk.sweeps(1) == [.waiting] && desk.tenant.calls.isEmpty)
        #expect(desk.commands.contains(.hangUp(LegID("trunk-1"), cause: .noAnswer)))
    }

    @Test("A leg that was told to end and of which nothing is heard")
    func clearing() {
        var desk = Self.desk()
        desk.talk()
        desk.ask(.clearConnection(Desk.connection(8001)), by: 5001)
        #expect(desk.sweeps(1).isEmpty)
        #expect(desk.sweeps(1) == [.clearing] && desk.tenant.calls.isEmpty)
    }

    @Test("What does not fit together: a device in no call, an agent whom nobody offers calls, a caller in no queue")
    func contradictions() {
        var desk = Self.desk()
        desk.logIn(5001, on: 8001)
        desk.tenant.devices[Desk.device(8001)]?.calls = [Self.call]
        #expect(desk.sweeps(1) == [.device])
        #expect(desk.tenant.devices[Desk.device(8001)]?.calls == [])
        desk.tenant.agents[Self.agent]?.freeSince = nil
        desk.tenant.splits[SplitRuleTests.split]?.free.remove(Self.agent)
        #expect(desk.sweeps(1) == [.split])
        desk.customer(1)
        #expect(desk.dialled == [Desk.device(8001)])
        desk = Self.desk()
        desk.customer(1)
        desk.tenant.splits[SplitRuleTests.split]?.waiting.remove(Self.call)
        desk.logIn(5001, on: 8001)
        #expect(desk.dialled.isEmpty)
        #expect(desk.sweeps(1) == [.split] && desk.dialled == [Desk.device(8001)])
    }

    @Test("The other way round: a call that its device does not know of, a call that waits and is no more")
    func contradictionsOfOthers() {
        var desk = Self.desk()
        desk.talk()
        desk.tenant.devices[Desk.device(8001)]?.calls = []
        #expect(desk.sweeps(1) == [.device])
        #expect(desk.tenant.devices[Desk.device(8001)]?.calls == [Desk.call])
        desk = Self.desk()
        desk.customer(1)
        desk.tenant.calls = [:]
        desk.logIn(5001, on: 8001)
        #expect(desk.dialled.isEmpty && desk.tenant.splits[SplitRuleTests.split]?.waitingCalls == [])
        desk.customer(2)
        #expect(desk.dialled == [Desk.device(8001)])
    }

    @Test("A time that is made shorter runs anew, less what has passed, and is nothing to mend")
    func shortened() {
        var desk = Self.desk { $0.maximumWaitSeconds = 3000 }
        desk.customer(1)
        desk.now = desk.now.advanced(bySeconds: 20)
        var configuration = desk.tenant.configuration
        configuration.splits[0].maximumWaitSeconds = 60
        desk.apply(.configured(configuration))
        #expect(desk.seconds(of: .waitLimit(Self.call)) == 40)
        desk.logIn(5001, on: 8001)
        desk.tell(.legRinging(LegID("q-1-2")))
        desk.now = desk.now.advanced(bySeconds: 2)
        configuration.splits[0].ringSeconds = 6
        desk.apply(.configured(configuration))
        #expect(desk.seconds(of: .answer(Self.call)) == 4)
    }

    @Test("What has to wait for a recording is done again by itself, not the whole sweep")
    func recorded() {
        var desk = Self.desk()
        desk.talk()
        desk.ask(.startRecording(Desk.device(8001)), by: 5001)
        let recording = RecordingID("c-1-r1")
        desk.tell(.recordingStarted(recording))
        desk.ask(.clearConnection(Desk.connection(8001)), by: 5001)
        desk.tell(.recordingEnded(recording, isSuccess: true))
        desk.ask(.startRecording(Desk.device(8002)), by: 5002)
        desk.tell(.recordingStarted(RecordingID("c-1-r2")))
        #expect(desk.sweeps(2) == [.clearing])
        let seen = desk.tenant.sightings
        desk.tell(.recordingEnded(RecordingID("c-1-r2"), isSuccess: true))
        #expect(desk.tenant.calls.isEmpty && desk.tenant.sightings == seen)
    }

    @Test("A clock that is set forward by an hour, a new link and a new configuration end nothing early")
    func clocks() {
        var desk = Self.desk { $0.maximumWaitSeconds = 3000 }
        desk.customer(1)
        desk.logIn(5001, on: 8001, .notReady)
        desk.now = desk.now.advanced(bySeconds: 3600)
        #expect(desk.sweeps(2).isEmpty)
        desk = Self.desk()
        desk.customer(1)
        #expect(desk.sweeps(3).isEmpty)
        desk.apply(.configured(desk.tenant.configuration))
        #expect(desk.sweeps(3).isEmpty && desk.sweeps(1) == [.waiting])
    }
}

extension Desk {
    /// What so many sweeps mend.
    fileprivate mutating func sweeps(_ count: Int) -> [Mend] {
        var mended: [Mend] = []
        for _ in 0..<count {
            apply(.timer(.sweep))
            mended += effects.compactMap { if case .mended(let mend, _) = $0 { mend } else { nil } }
        }
        return mended
    }
}
