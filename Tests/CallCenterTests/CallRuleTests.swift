import CSTA
import CallCenter
import SwitchDriver
import Testing

@Suite("Calls of two parties: what the events say")
struct CallRuleTests {
    @Test("E1, E5-E8, E10, E11, E20: every field of a call by the API")
    func fields() {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        desk.call(from: 8001, by: 5001, to: "8002") { $0.userData["order"] = "4711 \"ü\"" }
        let head = #""eventTime":"2026.11.22 18:00:00","eventType":"csta","serial":"#
        let tail = #","timestamp":1795341600000,"conversationId":"c-1"}"#
        #expect(
            desk.json == [
                """
                {"eventName":"serviceInitiated","eventSrc":"8001@demo.cc",\(head)3,"namespace":"demo.cc",\
                "srcDeviceId":"8001@demo.cc","callId":"c-1","deviceId":"8001@demo.cc","localState":"Initiate",\
                "connectionId":"8001@demo.cc|c-1","cause":"NORMAL","initiatedDevice":"8001@demo.cc"\(tail)
                """
            ])
        desk.tell(.legAnswered(LegID("c-1-1")))
        #expect(
            desk.json == [
                """
                {"eventName":"originated","eventSrc":"8001@demo.cc",\(head)4,"namespace":"demo.cc",\
                "srcDeviceId":"8001@demo.cc","callId":"c-1","deviceId":"8001@demo.cc","localState":"Initiate",\
                "connectionId":"8001@demo.cc|c-1","cause":"NEWCALL","callingDevice":"8001@demo.cc",\
                "calledDevice":"8002@demo.cc"\(tail)
                """
            ])
        desk.tell(.legRinging(LegID("c-1-2")))
        let userData = """
            {"data":{"order":"4711 \\"ü\\"","originalANI":"8001@demo.cc","originalDNIS":"8002@demo.cc",\
            "originalCallId":"c-1"}}
            """
        #expect(
            desk.json
                == [(8001, 5), (8002, 6)].map { device, serial in
                    """
                    {"eventName":"delivered","eventSrc":"\(device)@demo.cc",\(head)\(serial),"namespace":"demo.cc",\
                    "srcDeviceId":"\(device)@demo.cc","callId":"c-1","deviceId":"8002@demo.cc","localState":"Alerting",\
                    "connectionId":"\(device)@demo.cc|c-1","alertingDevice":"8002@demo.cc",\
                    "callingDevice":"8001@demo.cc","calledDevice":"8002@demo.cc","userData":\(userData),\
                    "callType":"Internal"\(tail)
                    """
                })
    }

    @Test("seed 1.5: a call from a trunk has trunkGroup, trunkMember, cause and origin_dnis")
    func inbound() {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        desk.tell(
            .legOffered(
                OfferedLeg(
                    leg: LegID("in"), origin: .trunk(group: "1", member: "192.0.2.8", number: "33255500"),
                    dialled: "48001")), newCall: Desk.call)
        #expect(desk.events == [])
        desk.tell(.legRinging(LegID("c-1-2")))
        #expect(desk.events == ["8001 delivered 8001"])
        #expect(desk.json[0].contains(#""cause":"newCall","alertingDevice":"8001@demo.cc""#))
        #expect(
            desk.json[0].contains(
                """
                "callingDevice":"33255500@demo.cc","calledDevice":"8001@demo.cc","trunkGroup":"1",\
                "trunkMember":"192.0.2.8","userData":{"data":{"origin_dnis":"48001",\
                "originalANI":"33255500@demo.cc","originalDNIS":"8001@demo.cc","originalCallId":"c-1"}},\
                "callType":"Inbound"
                """))
        desk.tell(.legAnswered(LegID("c-1-2")))
        #expect(desk.commands == [.answer(LegID("in"))])
        #expect(desk.events == ["8001 established 8001"])
    }

    @Test("A transfer that comes back to somebody outside, who has no phone here, is refused")
    func returnsOutside() {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        desk.tell(
            .legOffered(
                OfferedLeg(
                    leg: LegID("in"), origin: .trunk(group: "1", member: "m", number: "33255500"),
                    dialled: "48001")),
            newCall: Desk.call)
        for event in [SwitchEvent.legRinging(LegID("c-1-2")), .legAnswered(LegID("c-1-2")), .legAnswered(LegID("in"))] {
            desk.tell(event)
        }
        let reply = desk.ask(
            .singleStepTransferCall(
                ConnectionID(device: DeviceID(valid: 33_255_500), call: Desk.call), to: "8003", returns: true),
            by: 5009, role: .supervisor)
        guard case .refused = reply else { return #expect(Bool(false), "\(reply)") }
        #expect(desk.isUnmoved)
    }

    @Test("A withheld or strange caller number is shown as anonymous", arguments: [nil, "", "12 34", "a@b"])
    func withheld(number: String?) {
        var desk = Desk()
        desk.tell(
            .legOffered(
                OfferedLeg(
                    leg: LegID("in"), origin: .trunk(group: "1", member: "gw", number: number), dialled: "48001")),
            newCall: Desk.call)
        desk.tell(.legRinging(LegID("c-1-2")))
        #expect(desk.json[0].contains(#""callingDevice":"anonymous@demo.cc""#))
    }

    @Test("An outside number goes out by its prefix, without it; the events keep it")
    func outbound() {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        desk.call(from: 8001, by: 5001, to: "913800000000")
        desk.tell(.legAnswered(LegID("c-1-1")))
        #expect(
            desk.commands.last
                == .dial(
                    DialRequest(
                        leg: LegID("c-1-2"), endpoint: .external(number: "13800000000", trunkGroup: "1"),
                        presenting: Presentation(number: "4000"), mix: MixID(Desk.call), ringLimitSeconds: 65)))
        desk.tell(.legAnswered(LegID("c-1-2")))
        #expect(desk.events == ["8001 delivered 913800000000", "8001 established 913800000000"])
        #expect(desk.json[1].contains(#""calledDevice":"913800000000@demo.cc","callType":"Outbound""#))
    }

    @Test("E19: failed between delivered and connectionCleared, to the caller alone")
    func failed() {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        desk.call(from: 8001, by: 5001, to: "913800000000") { $0.analysis = true }
        desk.tell(.legAnswered(LegID("c-1-1")))
        desk.tell(.legEnded(LegID("c-1-2"), cause: .unallocatedNumber))
        #expect(
            desk.events == [
                "8001 failed 913800000000", "8001 connectionCleared 913800000000", "8001 connectionCleared 8001",
            ])
        #expect(
            desk.json[0].contains(
                """
                "deviceId":"913800000000@demo.cc","localState":"Fail","connectionId":"8001@demo.cc|c-1",\
                "cause":"Failed","calledDevice":"913800000000@demo.cc","failedCode":"8","failedMsg":"does not exist"
                """))
    }

    @Test("A call that cannot begin is refused, with no event and no command")
    func refusedCalls() {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        let cases: [(Int, Int, String, Role, Refusal)] = [
            (8009, 5001, "8002", .agent, .noSuchDevice), (8002, 5001, "8001", .agent, .notYours),
            (8001, 5001, "1234", .agent, .noRoute), (8001, 5001, "9", .agent, .noRoute),
            (8001, 5001, "12 34", .agent, .invalidNumber), (8001, 5001, "", .agent, .invalidNumber),
            (8001, 5001, "8001", .agent, .callingSelf),
        ]
        for (device, agent, number, role, refusal) in cases {
            #expect(desk.call(from: device, by: agent, to: number, role: role) == .refused(refusal))
            #expect(desk.isUnmoved)
        }
        #expect(
            desk.call(from: 8001, by: 5001, to: "8002") { request in
                for key in 0..<65 { request.userData["\(key)"] = "" }
            } == .refused(.tooMuchUserData))
        desk.tell(.deviceUnregistered(Desk.device(8001)))
        #expect(desk.call(from: 8001, by: 5001, to: "8002") == .refused(.deviceNotRegistered))
        desk.tell(.linkDown)
        #expect(desk.call(from: 8001, by: 5001, to: "8002") == .refused(.switchAway))
        #expect(desk.tenant.calls.isEmpty)
    }

    @Test func nobodyBeginsANewCallWhileTheServerStops() {
        var desk = Desk()
        desk.talk()
        #expect(desk.ask(.drain, by: 5001) == .done)
        desk.logIn(5003, on: 8003)
        #expect(
            desk.call(from: 8003, by: 5003, to: "8004") { $0.call = CallID(valid: "c-2") }
                == .refused(.shuttingDown))
        desk.tell(
            .legOffered(OfferedLeg(leg: LegID("p"), origin: .phone(Desk.device(8004)), dialled: "8001")),
            newCall: CallID(valid: "c-3"))
        #expect(desk.commands == [.hangUp(LegID("p"), cause: .switchCongestion)])
        #expect(desk.ask(.holdCall(Desk.connection(8001)), by: 5001) == .done)
    }

    @Test("Services in the wrong state, or of somebody else, are refused")
    func refusedServices() {
        var desk = Desk()
        desk.talk()
        desk.logIn(5003, on: 8003)
        let own = Desk.connection(8001)
        #expect(desk.ask(.answerCall(own), by: 5001) == .refused(.wrongState(.connect)))
        #expect(desk.ask(.retrieveCall(own), by: 5001) == .refused(.wrongState(.connect)))
        for command in [Command.answerCall(own), .holdCall(own), .retrieveCall(own), .clearConnection(own)] {
            #expect(desk.ask(command, by: 5003) == .refused(.notYours))
        }
        let unknownCall = ConnectionID(device: Desk.device(8001), call: CallID(valid: "c-9"))
        #expect(desk.ask(.holdCall(unknownCall), by: 5001) == .refused(.noSuchCall))
        #expect(desk.ask(.holdCall(Desk.connection(8003)), by: 5003) == .refused(.noSuchConnection))
        #expect(desk.ask(.clearConnection(own), by: 5004, role: .supervisor) == .done)
        #expect(desk.commands == [.hangUp(LegID("c-1-1"), cause: .normalClearing)])
        #expect(desk.ask(.clearConnection(own), by: 5001) == .done)
        #expect(desk.isUnmoved)
        #expect(desk.ask(.holdCall(own), by: 5001) == .refused(.wrongState(.connect)))
    }

    @Test("A phone that can be answered only by hand")
    func answerAtPhone() {
        var configuration = Demo.configuration()
        configuration.devices[1].remoteAnswer = .none
        var desk = Desk(configuration: configuration)
        desk.logIn(5001, on: 8001)
        desk.logIn(5002, on: 8002)
        desk.call(from: 8001, by: 5001, to: "8002")
        desk.tell(.legAnswered(LegID("c-1-1")))
        desk.tell(.legRinging(LegID("c-1-2")))
        #expect(desk.ask(.answerCall(Desk.connection(8002)), by: 5002) == .refused(.answerAtPhone))
    }

    @Test("What holds twice is retrieved when both have let go")
    func doubleHold() {
        var desk = Desk()
        desk.talk()
        desk.ask(.holdCall(Desk.connection(8001)), by: 5001)
        #expect(desk.commands == [.takeOut(LegID("c-1-1")), .startMusic(MixID(Desk.call))])
        desk.tell(.legHeld(LegID("c-1-1")))
        #expect(desk.events == ["8001 held 8001", "8002 held 8001"])
        desk.tell(.legTakenOut(LegID("c-1-1")))
        #expect(desk.events == [])
        desk.ask(.retrieveCall(Desk.connection(8001)), by: 5001)
        #expect(
            desk.commands == [.stopMusic(MixID(Desk.call)), .connect(LegID("c-1-1"), mix: MixID(Desk.call))])
        desk.tell(.legConnected(LegID("c-1-1"), mix: MixID(Desk.call)))
        #expect(desk.events == [])
        #expect(desk.commands == [.retrieveAtPhone(LegID("c-1-1"))])
        desk.tell(.legRetrieved(LegID("c-1-1")))
        #expect(desk.events == ["8001 retrieved 8001", "8002 retrieved 8001"])
    }

    @Test("A leg of which nothing is heard after it was told to end counts as ended")
    func clearingTimer() {
        var desk = Desk()
        desk.talk()
        desk.ask(.clearConnection(Desk.connection(8001)), by: 5001)
        desk.apply(.timer(.clearing(LegID("c-1-1"))))
        #expect(
            desk.events == [
                "8001 connectionCleared 8001", "8002 connectionCleared 8001", "8002 connectionCleared 8002",
            ])
        desk.tell(.legEnded(LegID("c-1-1"), cause: .normalClearing))
        #expect(desk.effects == [])
    }

    @Test(
        "What makes no sense is counted and changes nothing",
        arguments: [
            (SwitchEvent.legAnswered(LegID("x")), IgnoredReason.unknownLeg),
            (.legAnswered(LegID("c-1-2")), .repeated), (.legRinging(LegID("c-1-2")), .outOfOrder),
            (.legRetrieved(LegID("c-1-2")), .repeated), (.legTakenOut(LegID("c-1-2")), .outOfOrder),
            (.legEnded(LegID("x"), cause: .userBusy), .unknownLeg),
            (.deviceRegistered(Desk.device(8009)), .unknownDevice),
            (.deviceRegistered(Desk.device(8001)), .repeated),
            (
                .legOffered(OfferedLeg(leg: LegID("c-1-1"), origin: .phone(Desk.device(8001)), dialled: "1")),
                .invalidOffer
            ),
        ])
    func ignored(event: SwitchEvent, reason: IgnoredReason) {
        var desk = Desk()
        desk.talk()
        desk.tell(event, newCall: CallID(valid: "c-2"))
        #expect(desk.effects == [.ignored(reason)])
    }

    @Test("After the link was lost: what is gone is cleared, what went on is caught up with, what is unknown is ended")
    func reconciliation() {
        var desk = Desk()
        desk.talk()
        desk.tell(.linkDown)
        desk.tell(
            .linkUp(SwitchSnapshot(legs: [LegID("c-1-1"): .up, LegID("stray"): .up], registered: [Desk.device(8002)])))
        #expect(
            desk.events == [
                "8001 connectionCleared 8002", "8002 connectionCleared 8002", "8001 connectionCleared 8001",
            ])
        #expect(desk.json[0].contains(#""cause":"NORMAL_TEMPORARY_FAILURE""#))
        #expect(desk.commands.contains(.hangUp(LegID("c-1-1"), cause: .normalTemporaryFailure)))
        #expect(desk.commands.contains(.hangUp(LegID("stray"), cause: .normalClearing)))
        #expect(desk.tenant.devices[Desk.device(8001)]?.isRegistered == false)

        desk = Desk()
        desk.logIn(5001, on: 8001)
        desk.call(from: 8001, by: 5001, to: "8002")
        desk.tell(.legAnswered(LegID("c-1-1")))
        desk.tell(.linkDown)
        desk.tell(.linkUp(SwitchSnapshot(legs: [LegID("c-1-1"): .up, LegID("c-1-2"): .up])))
        #expect(
            desk.events == [
                "8001 delivered 8002", "8002 delivered 8002", "8001 established 8002", "8002 established 8002",
            ])
    }

    @Test("A hold of which nothing was heard when the link was lost begins anew from the mix; a retrieval goes on")
    func requestsAcrossALostLink() {
        let up = SwitchSnapshot(legs: [LegID("c-1-1"): .up, LegID("c-1-2"): .up])
        let connect = SwitchCommand.connect(LegID("c-1-1"), mix: MixID(Desk.call))
        let connectOther = SwitchCommand.connect(LegID("c-1-2"), mix: MixID(Desk.call))
        var desk = Desk()
        desk.talk()
        desk.ask(.holdCall(Desk.connection(8001)), by: 5001)
        desk.tell(.linkDown)
        desk.tell(.linkUp(up))
        #expect(desk.commands == [.stopMusic(MixID(Desk.call)), connect, connectOther])
        desk.tell(.legConnected(LegID("c-1-1"), mix: MixID(Desk.call)))
        #expect(desk.events == [])
        desk.ask(.holdCall(Desk.connection(8001)), by: 5001)
        desk.tell(.legTakenOut(LegID("c-1-1")))
        #expect(desk.events == ["8001 held 8001", "8002 held 8001"])
        desk.ask(.retrieveCall(Desk.connection(8001)), by: 5001)
        desk.tell(.linkDown)
        desk.tell(.linkUp(up))
        #expect(desk.commands == [connect, connectOther])
        desk.tell(.legConnected(LegID("c-1-1"), mix: MixID(Desk.call)))
        #expect(desk.events == ["8001 retrieved 8001", "8002 retrieved 8001"])
    }

    @Test("A hold that is refused puts the leg back, and can be asked for again")
    func refusedHold() {
        var desk = Desk()
        desk.talk()
        desk.ask(.holdCall(Desk.connection(8001)), by: 5001)
        desk.tell(.commandRefused(LegID("c-1-1")))
        #expect(desk.commands == [.connect(LegID("c-1-1"), mix: MixID(Desk.call)), .stopMusic(MixID(Desk.call))])
        #expect(desk.ask(.holdCall(Desk.connection(8001)), by: 5001) == .done)
        #expect(desk.commands.first == .takeOut(LegID("c-1-1")))
    }

    @Test("A leg that is cleared because it was not up is told to end all the same: its dial may come late")
    func lateDial() {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        desk.call(from: 8001, by: 5001, to: "8002")
        desk.tell(.linkDown)
        desk.tell(.linkUp(SwitchSnapshot()))
        #expect(desk.events == ["8001 connectionCleared 8001"])
        #expect(desk.commands.contains(.hangUp(LegID("c-1-1"), cause: .normalTemporaryFailure)))
        desk.tell(.legAnswered(LegID("c-1-1")))
        #expect(desk.effects == [.ignored(.outOfOrder)])
    }
}
