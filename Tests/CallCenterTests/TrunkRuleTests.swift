import CSTA
import SwitchDriver
import Testing

@testable import CallCenter

@Suite("By which line of which trunk group a call goes out")
struct TrunkRuleTests {
    /// 9 leads to lines a and b, which carry a call each, and then to c; 8 to c alone.
    static func configuration(
        _ change: (inout TenantConfiguration) -> Void = { _ in }
    ) -> TenantConfiguration {
        var configuration = SplitRuleTests.configuration()
        configuration.trunks = [
            Trunk(group: "1", prefix: nil, members: [.init("a", capacity: 1), .init("b", capacity: 1)]),
            Trunk(group: "2", prefix: "8", members: [.init("c", capacity: 1)]),
        ]
        configuration.outbound = ["9": OutboundRoute(groups: ["1", "2"])]
        change(&configuration)
        return configuration
    }

    private static func desk(_ change: (inout TenantConfiguration) -> Void = { _ in }) -> Desk {
        Desk(configuration: configuration(change))
    }

    // MARK: Room

    @Test(
        "One after the other, then those of the next group; when all are full the call ends at once; who goes makes room"
    )
    func overflow() {
        var desk = Self.desk()
        #expect(desk.dial(8001, "9123") == ["1/a 123"])
        #expect(desk.dial(8002, "9123") == ["1/b 123"])
        #expect(desk.dial(8003, "9123") == ["2/c 123"])
        #expect(desk.loads == ["1": "2/2", "2": "1/1"])
        #expect(desk.dial(8004, "9123").isEmpty)
        #expect(desk.events.last == "8004 connectionCleared 8004")
        #expect(desk.json.last?.contains("NORMAL_CIRCUIT_CONGESTION") == true)
        #expect(desk.commands.contains(.hangUp(LegID("p-8004"), cause: .normalCircuitCongestion)))
        #expect(desk.tenant.calls.count == 3 && desk.tenant.devices[Desk.device(8004)]?.calls == [])
        desk.tell(.legEnded(LegID("p-8004"), cause: .normalCircuitCongestion))
        desk.tell(.legEnded(LegID("p-8002"), cause: .originatorCancel))
        #expect(desk.loads == ["1": "1/2", "2": "1/1"])
        #expect(desk.dial(8004, "9123") == ["1/b 123"])
    }

    @Test("E19: a call for which there is no line fails with line is busy")
    func failedCode() {
        var desk = Self.desk { $0.trunks[0].members.removeLast() }
        desk.dial(8002, "9123")
        desk.dial(8003, "8123")
        desk.logIn(5001, on: 8001)
        desk.call(from: 8001, by: 5001, to: "9123") { $0.analysis = true }
        desk.tell(.legAnswered(LegID("c-1-1")))
        #expect(desk.events.contains("8001 failed 9123"))
        #expect(desk.json.contains { $0.contains(#""failedCode":"10""#) })
        #expect(desk.tenant.calls[Desk.call] == nil)
    }

    @Test("Customers take up lines, too, and are never turned away")
    func inbound() {
        var desk = Self.desk()
        for (index, device) in [8001, 8002].enumerated() {
            desk.customerComes(index, to: device, group: "2", member: "c")
        }
        #expect(desk.loads == ["1": "0/2", "2": "2/1"])
        #expect(desk.dial(8003, "8123").isEmpty)
        desk.tell(.legEnded(LegID("p-8003"), cause: .normalCircuitCongestion))
        desk.tell(.legEnded(LegID("in-0"), cause: .originatorCancel))
        #expect(desk.loads == ["1": "0/2", "2": "1/1"])
        desk.tell(.legEnded(LegID("in-1"), cause: .originatorCancel))
        #expect(desk.dial(8003, "8123") == ["2/c 123"])
    }

    @Test("Balanced, the line has the call of which the smallest share is in use")
    func balanced() {
        var desk = Self.desk {
            $0.trunks[0].members = [.init("a", capacity: 4), .init("b", capacity: 2), .init("x", capacity: 1)]
            $0.trunks[0].selection = .balanced
        }
        let lines = [8001, 8002, 8003, 8004].flatMap { desk.dial($0, "9123") }
        #expect(lines == ["1/a 123", "1/b 123", "1/x 123", "1/a 123"])
    }

    @Test("A line of two groups carries no more than each of them lets it")
    func sharedLine() {
        var desk = Self.desk {
            $0.trunks[0].members = [.init("c", capacity: 2)]
            $0.trunks[1].members = [.init("c", capacity: 1)]
        }
        #expect(desk.dial(8001, "9123") == ["1/c 123"])
        #expect(desk.dial(8002, "8123").isEmpty)
        #expect(desk.dial(8003, "9123") == ["1/c 123"])
    }

    // MARK: Lines that fail

    @Test(
        "A line that fails before anybody could ring is followed by the next; the last one's cause ends the call",
        arguments: [
            HangupCause.networkOutOfOrder, .normalCircuitCongestion, .switchCongestion, .normalTemporaryFailure,
        ])
    func nextLine(cause: HangupCause) {
        var desk = Self.desk()
        desk.dial(8001, "9123")
        desk.tell(.legEnded(LegID("c-8001-2"), cause: cause))
        #expect(desk.lines == ["1/b 123"] && desk.events.isEmpty && desk.loads == ["1": "1/2", "2": "0/1"])
        desk.tell(.legEnded(LegID("c-8001-3"), cause: cause))
        #expect(desk.lines == ["2/c 123"] && desk.loads == ["1": "0/2", "2": "1/1"])
        #expect(desk.tenant.calls.values.first?.trunk == Call.TrunkLine(group: "2", member: "c"))
        desk.tell(.legEnded(LegID("c-8001-4"), cause: cause))
        #expect(desk.lines.isEmpty && desk.tenant.calls.isEmpty && desk.loads == ["1": "0/2", "2": "0/1"])
        #expect(desk.json.last?.contains(cause.rawValue) == true)
    }

    @Test("What says something of whom was called, or comes after ringing or hanging up, is the end")
    func noNextLine() {
        var desk = Self.desk()
        desk.dial(8001, "9123")
        desk.tell(.legEnded(LegID("c-8001-2"), cause: .userBusy))
        #expect(desk.lines.isEmpty && desk.tenant.calls.isEmpty)
        desk.dial(8002, "9123")
        desk.tell(.legRinging(LegID("c-8002-2")))
        desk.tell(.legEnded(LegID("c-8002-2"), cause: .networkOutOfOrder))
        #expect(desk.lines.isEmpty && desk.tenant.calls.isEmpty)
        desk.dial(8003, "9123")
        desk.tell(.legEnded(LegID("p-8003"), cause: .originatorCancel))
        desk.tell(.legEnded(LegID("c-8003-2"), cause: .networkOutOfOrder))
        #expect(desk.lines.isEmpty && desk.tenant.calls.isEmpty)
    }

    @Test("A call is dialled on so many lines at the most, and the time to answer runs on")
    func bounded() {
        var desk = Self.desk {
            $0.trunks[0].members = (1...LineAttempt.maximumLines + 4).map { .init("m\($0)") }
        }
        desk.dial(8001, "9123")
        var dialled = 1
        while let leg = desk.dialledLegs.last {
            desk.tell(.legEnded(leg, cause: .networkOutOfOrder))
            dialled += desk.lines.count
            #expect(!desk.effects.contains { if case .setTimer(.answer, _) = $0 { true } else { false } })
        }
        #expect(dialled == LineAttempt.maximumLines && desk.tenant.calls.isEmpty)
    }

    // MARK: Routes

    @Test("A route takes digits away, puts others before, shows its number, and carries what it is set up for")
    func route() {
        var desk = Self.desk {
            $0.trunks[0].callerNumber = "4001"
            $0.outbound["97"] = OutboundRoute(
                groups: ["1"], strippedDigits: 1, prepended: "0086", callerNumber: "4002", allowed: ["010", "0138"],
                barred: ["01380"])
            $0.outbound["96"] = OutboundRoute(groups: ["1"], allowed: ["010"], barred: ["0109"])
            $0.dialling.country = "86"
        }
        #expect(desk.dial(8001, "970108") == ["1/a 0086108"])
        #expect(desk.shown == ["4002"])
        #expect(desk.dial(8002, "9123") == ["1/b 123"])
        #expect(desk.shown == ["4001"])
        for (number, cause) in [
            ("970138001", HangupCause.outgoingCallBarred), ("960201", .outgoingCallBarred),
            ("96010955", .outgoingCallBarred),
        ] {
            #expect(desk.dial(8003, number).isEmpty)
            let isTold = desk.commands.contains(.hangUp(LegID("p-8003"), cause: cause))
            #expect(isTold, "\(number): \(desk.commands)")
            desk.tell(.legEnded(LegID("p-8003"), cause: cause))
        }
        desk.tell(.legEnded(LegID("p-8001"), cause: .normalClearing))
        #expect(desk.dial(8003, "96010800") == ["1/a 010800"])
        desk.tell(.legEnded(LegID("p-8003"), cause: .normalClearing))
        #expect(desk.dial(8003, "96110") == ["1/a 110"], "no list bars a carrier's own numbers")
        desk.tell(.legEnded(LegID("p-8003"), cause: .normalClearing))
        #expect(desk.dial(8003, "97112") == ["1/a 112"], "and no route makes others of them")
    }

    @Test(
        "What is prepended hides nothing from the dialling rules, and codes are barred as numbers are",
        arguments: [
            ("9004412", false), ("90900123", false), ("9*31#123", false), ("9013800000001", true),
            ("600441234", false), ("6013800000001", true), ("6112", true), ("500441234", true),
            ("7*100#", false), ("7*31#138001", false), ("7#31#138001", true),
        ])
    func hidden(dialled: String, isCarried: Bool) {
        var desk = Self.desk {
            $0.outbound["9"]?.prepended = "01058"
            $0.outbound["7"] = OutboundRoute(groups: ["1"], barred: ["*"])
            $0.outbound["6"] = OutboundRoute(groups: ["1"], strippedDigits: 1, prepended: "10580")
            $0.outbound["5"] = OutboundRoute(groups: ["1"], strippedDigits: 1, prepended: "10590")
            $0.dialling.premium.append("12")
            $0.dialling.allowed = ["0", "1", "10590", "*100#", "*31#", "#31#"]
            if dialled.hasPrefix("9*") { $0.dialling.allowed = [] }
        }
        #expect(desk.dial(8001, dialled).isEmpty == !isCarried, "\(desk.commands)")
    }

    @Test("A number for closed hours that leads out and back in is refused", arguments: ["94700", "9004700", "98002"])
    func circle(closed: String) {
        var desk = Self.desk {
            $0.inbound["4700"] = InboundRoute(
                to: SplitRuleTests.split, hours: OpeningHours(periods: [:]), closedNumber: closed)
            $0.dialling.country = "4700"
        }
        desk.customer(1)
        #expect(desk.lines.isEmpty == (closed != "98002"), "\(desk.commands)")
        #expect(desk.tenant.calls.isEmpty == (closed != "98002"))
    }

    @Test("What is set up otherwise counts from the next call on, and touches none that is up")
    func configured() {
        var desk = Self.desk()
        desk.dial(8001, "9123")
        desk.dial(8002, "9123")
        desk.apply(.configured(Self.configuration { $0.trunks[0].members = [.init("b", capacity: 3)] }))
        #expect(desk.isUnmoved && desk.loads == ["1": "2/3", "2": "0/1"])
        #expect(desk.dial(8003, "9123") == ["1/b 123"])
        desk.apply(.configured(Self.configuration { $0.outbound = ["7": OutboundRoute(groups: ["1"])] }))
        desk.tell(.legEnded(LegID("p-8003"), cause: .normalClearing))
        #expect(desk.dial(8003, "9123").isEmpty)
        desk.tell(.legEnded(LegID("p-8003"), cause: .normalClearing))
        #expect(desk.dial(8003, "7123").isEmpty, "a and b carry a call each")
    }

    // MARK: Nothing is left

    @Test("A transfer takes the line along; the end of the call gives it back")
    func transferred() {
        var desk = Self.desk()
        desk.talk()
        desk.ask(.consultationCall(Desk.connection(8002), participant: "9123", call: CallID(valid: "c-2")), by: 5002)
        desk.tell(.legTakenOut(LegID("c-1-2")))
        #expect(desk.lines == ["1/a 123"])
        desk.tell(.legRinging(LegID("c-2-1")))
        desk.tell(.legAnswered(LegID("c-2-1")))
        #expect(desk.loads["1"] == "1/2")
        desk.ask(.transferCall(held: Desk.connection(8002), active: CallID(valid: "c-2"), returns: false), by: 5002)
        #expect(desk.events.contains { $0.contains("transferred") } && desk.loads["1"] == "1/2")
        desk.tell(.legEnded(LegID("c-1-1"), cause: .normalClearing))
        #expect(desk.tenant.calls.isEmpty && desk.loads["1"] == "0/2")
    }

    @Test("After a restart the lines of calls that are up are in use, and those of calls that are gone are not")
    func restarted() throws {
        var desk = Self.desk()
        desk.dial(8001, "9123")
        desk.customerComes(0, to: 8002, group: "2", member: "c")
        let before = desk.tenant
        desk.tenant = try Tenant(
            configuration: Self.configuration(), serial: before.serial, entries: desk.tenant.takeChanges())
        #expect(desk.tenant.calls == before.calls && desk.loads == ["1": "1/2", "2": "1/1"])
        desk.apply(.resumed)
        let legs: [LegID: SwitchSnapshot.LegState] = [LegID("p-8001"): .pending, LegID("c-8001-2"): .pending]
        desk.tell(.linkUp(SwitchSnapshot(legs: legs, registered: Set(desk.tenant.devices.keys))))
        #expect(desk.loads == ["1": "1/2", "2": "0/1"])
        desk.tell(.legEnded(LegID("c-8001-2"), cause: .networkOutOfOrder))
        #expect(desk.lines == ["1/b 123"], "what has been tried is known")
        desk.tell(.linkDown)
        desk.tell(.linkUp(SwitchSnapshot(registered: Set(desk.tenant.devices.keys))))
        #expect(desk.tenant.calls.isEmpty && desk.loads == ["1": "0/2", "2": "0/1"])
        #expect(desk.lines.isEmpty, "what ended unseen is not dialled again")
    }

    @Test("A state of before there were lines is read: a customer's trunk is that of the call")
    func olderState() throws {
        var desk = Self.desk()
        desk.customerComes(0, to: 8001, group: "2", member: "c")
        desk.dial(8002, "9123")
        let entries = try desk.tenant.takeChanges().map { entry in
            guard var object = try entry.value.map({ try JSON.parse($0) })?.object,
                let parts = object["connections"]?.array
            else { return entry }
            object["connections"] = .array(
                parts.map { part in
                    var old = part.object ?? JSONObject()
                    for key in ["trunkGroup", "trunkMember", "attempt"] { old[key] = nil }
                    return .object(old)
                })
            return StateEntry(key: entry.key, value: JSON.object(object).encoded())
        }
        desk.tenant = try Tenant(configuration: Self.configuration(), serial: desk.tenant.serial, entries: entries)
        #expect(desk.tenant.calls.count == 2 && desk.loads == ["1": "0/2", "2": "1/1"])
    }

    // MARK: Campaigns

    private static func order(dials: Int = 1, isPreview: Bool = false) -> OutboundCall {
        OutboundCall(
            contact: ContactID(7), campaign: CampaignID(3),
            calls: (1...dials).map { CallID("o-\($0)") ?? .none }, split: SplitRuleTests.split, number: "8123",
            isPreview: isPreview, redialledAfter: [.busyNow])
    }

    @Test("A campaign's call for which there is no line is refused before anybody is reserved")
    func campaign() {
        var desk = Self.desk()
        desk.logIn(5001, on: 8001)
        desk.dial(8004, "8123")
        #expect(desk.place(Self.order()) == .refused(.trunksBusy))
        #expect(desk.isUnmoved && desk.tenant.agents[Desk.agent(5001)]?.mode == .ready)
        desk.tell(.legEnded(LegID("p-8004"), cause: .normalClearing))
        #expect(desk.place(Self.order()) == .done && desk.lines == ["2/c 123"])
    }

    @Test("An agent who looks at a contact can ask for the call again when there is a line")
    func preview() {
        var desk = Self.desk()
        desk.logIn(5001, on: 8001)
        #expect(desk.place(Self.order(isPreview: true)) == .done)
        desk.dial(8004, "8123")
        let accepts = Command.answerPreview(Desk.agent(5001), isAccepted: true)
        #expect(desk.ask(accepts, by: 5001) == .refused(.trunksBusy))
        desk.tell(.legEnded(LegID("p-8004"), cause: .normalClearing))
        #expect(desk.ask(accepts, by: 5001) == .done && desk.lines == ["2/c 123"])
    }

    @Test("A customer who is to be dialled again without a line has the outcome of before, and the agent is Ready")
    func redialled() {
        var desk = Self.desk()
        desk.logIn(5001, on: 8001)
        desk.place(Self.order(dials: 2))
        desk.tell(.legEnded(LegID("o-1-1"), cause: .userBusy))
        desk.dial(8004, "8123")
        desk.apply(.timer(.redial(Desk.agent(5001))))
        #expect(desk.outcomes == [.failed(.busyNow)])
        #expect(desk.tenant.agents[Desk.agent(5001)]?.mode == .ready)
    }
}

extension Desk {
    /// Somebody dials on a phone: the call is `c-DEVICE`, the phone's leg `p-DEVICE`.
    ///
    /// - Returns: ``lines``.
    @discardableResult
    fileprivate mutating func dial(_ device: Int, _ number: String) -> [String] {
        tell(
            .legOffered(
                OfferedLeg(leg: LegID("p-\(device)"), origin: .phone(Self.device(device)), dialled: number)),
            newCall: CallID("c-\(device)"))
        return lines
    }

    fileprivate mutating func customerComes(_ index: Int, to device: Int, group: String, member: String) {
        tell(
            .legOffered(
                OfferedLeg(
                    leg: LegID("in-\(index)"), origin: .trunk(group: group, member: member, number: "1390000\(index)"),
                    dialled: "4\(device)")),
            newCall: CallID("in-\(index)"))
    }

    private var requests: [DialRequest] {
        commands.compactMap { if case .dial(let request) = $0 { request } else { nil } }
    }

    /// What the last input has dialled outside: `GROUP/MEMBER NUMBER`.
    fileprivate var lines: [String] {
        requests.compactMap {
            guard case .external(let number, let group, let member) = $0.endpoint else { return nil }
            return "\(group)/\(member ?? "-") \(number)"
        }
    }

    fileprivate var outcomes: [OutboundOutcome] {
        effects.compactMap { if case .record(.outbound(let result)) = $0 { result.outcome } else { nil } }
    }

    fileprivate var shown: [String] { requests.map(\.presenting.number) }

    /// Calls and capacity of each group.
    fileprivate var loads: [String: String] {
        Dictionary(
            tenant.trunkLoads.map { ($0.group, "\($0.calls)/\($0.capacity.map(String.init) ?? "-")") },
            uniquingKeysWith: { $1 })
    }
}
