import CSTA
import SwitchDriver
import Testing

@testable import CallCenter

@Suite("Ways to a split, and what a caller hears there")
struct SplitWayTests {
    private func call(_ number: Int) -> CallID { CallID("q-\(number)") ?? .none }

    @Test("A split is dialled, called by the API and transferred to as a device is; it cannot be added to a call")
    func fromHere() {
        var desk = Desk(configuration: SplitRuleTests.configuration())
        desk.talk()
        #expect(
            desk.ask(
                .singleStepConferenceCall(Desk.connection(8001), participant: "7000", isSilent: false), by: 5001)
                == .refused(.splitNotAllowed(.connect)))
        #expect(
            desk.ask(.singleStepTransferCall(Desk.connection(8001), to: "7000", returns: false), by: 5001) == .done)
        #expect(
            desk.events == [
                "8001 transferred 8001", "8002 transferred 8001", "8001 connectionCleared 8001",
                "8002 connectionCleared 8001",
            ])
        #expect(desk.dialled == [Desk.device(8001)])
        desk.tell(.legRinging(LegID("c-1-3")))
        desk.tell(.legAnswered(LegID("c-1-3")))
        #expect(desk.events == ["8002 established 8001", "8001 established 8001"])
    }

    @Test("Who consults a split waits in its queue, and transfers when somebody has answered")
    func consulted() {
        var desk = Desk(configuration: SplitRuleTests.configuration())
        desk.talk()
        let consultation = CallID(valid: "c-2")
        #expect(
            desk.ask(.consultationCall(Desk.connection(8001), participant: "7000", call: consultation), by: 5001)
                == .call(consultation))
        desk.tell(.legTakenOut(LegID("c-1-1")))
        #expect(desk.tenant.splits[SplitRuleTests.split]?.waitingCalls == [consultation])
        let transfer = Command.transferCall(held: Desk.connection(8001), active: consultation, returns: false)
        #expect(desk.ask(transfer, by: 5001) == .refused(.partyPending(.initiate)))
        desk.logIn(5003, on: 8003)
        #expect(desk.ask(transfer, by: 5001) == .refused(.partyPending(.initiate)))
        desk.tell(.legAnswered(LegID("c-2-1")))
        #expect(desk.ask(transfer, by: 5001) == .done)
        #expect(desk.tenant.calls[Desk.call]?.connections.map(\.device) == [8002, 8003].map(Desk.device))
        // The agent that the split gave works after the call that it has moved into.
        desk.tell(.legEnded(LegID("c-2-1"), cause: .normalClearing))
        #expect(desk.mode(5003) == .workNotReady)
    }

    // MARK: By the clock

    @Test("Out of hours a number leads elsewhere, or is refused")
    func hours() {
        // The tests begin on a Sunday, 23 November 2026 local time being a Monday.
        var configuration = SplitRuleTests.configuration()
        let today = LocalTime(milliseconds: Demo.start.milliseconds, offsetSeconds: 8 * 3600)
        let closed = OpeningHours(periods: [:])
        let open = OpeningHours(
            periods: Dictionary(
                uniqueKeysWithValues: OpeningHours.Weekday.allCases.map {
                    ($0, [today.minuteOfDay..<today.minuteOfDay + 1])
                }))
        let holiday = OpeningHours(periods: open.periods, holidays: [today.daysSinceEpoch])
        configuration.inbound = [
            "1": InboundRoute(to: SplitRuleTests.split, hours: open, closedNumber: "8002"),
            "2": InboundRoute(to: SplitRuleTests.split, hours: closed, closedNumber: "8002"),
            "3": InboundRoute(to: SplitRuleTests.split, hours: holiday, closedNumber: "9123"),
            "4": InboundRoute(to: SplitRuleTests.split, hours: closed),
        ]
        var desk = Desk(configuration: configuration)
        desk.logIn(5001, on: 8001)
        desk.customer(1, to: "1")
        #expect(desk.dialled == [Desk.device(8001)])
        desk.customer(2, to: "2")
        #expect(desk.dialled == [Desk.device(8002)])
        desk.customer(3, to: "3")
        #expect(
            desk.commands.contains {
                if case .dial(let request) = $0 {
                    request.endpoint == .external(number: "123", trunkGroup: "1")
                } else {
                    false
                }
            })
        desk.customer(4, to: "4")
        #expect(desk.commands == [.hangUp(LegID("trunk-4"), cause: .normalUnspecified)])
    }

    @Test("A caller is told its position as often as the split says")
    func announced() {
        var desk = Desk(configuration: SplitRuleTests.configuration { $0.announceSeconds = 30 })
        desk.customer(1)
        desk.customer(2)
        #expect(desk.timer(.announcement(call(2))) == 30)
        desk.apply(.timer(.announcement(call(2))))
        #expect(desk.commands == [.sayDigits("2", MixID(call(2)))])
        #expect(desk.timer(.announcement(call(2))) == 30)
    }
}
