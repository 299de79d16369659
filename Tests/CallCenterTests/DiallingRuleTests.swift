import CSTA
import CallCenter
import SwitchDriver
import Testing

@Suite("What may be called beyond the trunks")
struct DiallingRuleTests {
    private func desk(_ rules: DiallingRules = DiallingRules()) -> Desk {
        var configuration = Demo.configuration()
        configuration.dialling = rules
        return Desk(configuration: configuration)
    }

    private func barrier(to number: String, _ rules: DiallingRules) -> String {
        var desk = desk(rules)
        desk.logIn(5001, on: 8001)
        switch desk.call(from: 8001, by: 5001, to: "9" + number) {
        case .call: return "-"
        case .refused(.numberBarred(let barrier)):
            #expect(desk.isUnmoved)
            return barrier.rawValue
        case let reply: return "\(reply)"
        }
    }

    @Test(
        "Without a word from the operator",
        arguments: [
            ("13800000000", "-"), ("01088887777", "-"), ("110", "-"), ("95588", "-"), ("carrier-x", "-"),
            ("0044207", "international"), ("+44207", "international"), ("00044207", "international"),
            ("0-0.44207", "international"), ("x+44207", "international"), ("+", "international"),
            ("+8613800000000", "international"), ("09001234567", "premium"), ("19001234567", "premium"),
            ("0-900-1234", "premium"), ("9001234", "premium"), ("*21*0044207#", "serviceCode"),
            ("#31#138", "serviceCode"),
        ])
    func defaults(number: String, expected: String) { #expect(barrier(to: number, DiallingRules()) == expected) }

    @Test(
        "With the tenant's country",
        arguments: [
            ("+8613800000000", "-"), ("008613800000000", "-"), ("+008613800000000", "-"), ("+1900", "international"),
            ("+869001234", "premium"), ("00860900123", "premium"), ("+85212345678", "international"),
            ("+860044207", "international"), ("+8600861380", "-"), ("00860044207", "international"),
            ("+8600900123", "international"),
        ])
    func country(number: String, expected: String) {
        #expect(barrier(to: number, DiallingRules(country: "86")) == expected)
    }

    @Test(
        "With a list",
        arguments: [
            ("13800000000", "-"), ("1590000000", "notListed"), ("+8613800000000", "-"), ("112", "-"),
            ("1122", "notListed"),
            ("+44207", "-"), ("0044207", "-"), ("+45", "international"), ("0900110", "-"), ("0900111", "premium"),
            ("*31#138", "-"), ("*21*138#", "serviceCode"), ("carrier", "notListed"),
            ("13800#", "serviceCode"), ("*31#0044207", "-"), ("*31#0045207", "international"),
            ("*31#0900111", "premium"), ("*31#*21*138", "serviceCode"), ("*31#", "-"),
        ])
    func list(number: String, expected: String) {
        let rules = DiallingRules(country: "86", allowed: ["138", "+44", "0900110", "*31#"])
        #expect(barrier(to: number, rules) == expected)
    }

    @Test func plusAloneAllowsAllAbroadAndBarsNobodyAtHome() {
        let rules = DiallingRules(allowed: ["+"], premium: [])
        for number in ["+44207", "0044207", "13800000000", "09001234"] { #expect(barrier(to: number, rules) == "-") }
    }

    @Test func theInternalNumbersAreNotMeant() {
        var desk = desk(DiallingRules(allowed: ["138"]))
        desk.logIn(5001, on: 8001)
        #expect(desk.call(from: 8001, by: 5001, to: "8002") == .call(Desk.call))
    }

    @Test("No service gets round the rules")
    func services() {
        let abroad = "90044207"
        let own = Desk.connection(8001)
        let other = CallID(valid: "c-2")
        let commands: [Command] = [
            .singleStepTransferCall(own, to: abroad, returns: false),
            .singleStepTransferCall(own, to: abroad, returns: true),
            .singleStepConferenceCall(own, participant: abroad, isSilent: false),
            .consultationCall(own, participant: abroad, call: other),
        ]
        for command in commands {
            for (agent, role) in [(5001, Role.agent), (5004, .supervisor), (5001, .service)] {
                var desk = desk()
                desk.talk()
                let reply = desk.ask(command, by: agent, role: role)
                #expect(reply == .refused(.numberBarred(.international)) || reply == .refused(.notYours), "\(command)")
                #expect(desk.isUnmoved)
            }
        }
    }

    @Test("Neither does a phone")
    func phones() {
        var desk = desk()
        desk.tell(
            .legOffered(OfferedLeg(leg: LegID("p"), origin: .phone(Desk.device(8001)), dialled: "90044207")),
            newCall: Desk.call)
        #expect(desk.commands.contains(.hangUp(LegID("p"), cause: .outgoingCallBarred)))
        #expect(desk.commands.allSatisfy { if case .dial = $0 { false } else { true } })
        // Its transfer button is no other way.
        desk = self.desk()
        desk.talk()
        desk.tell(.transferRequested(TransferRequest(leg: LegID("c-1-1"), target: .number("90044207"))))
        #expect(desk.commands == [.answerTransferRequest(LegID("c-1-1"), isAccepted: false)])
        #expect(desk.events.isEmpty)
    }
}
