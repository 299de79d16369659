import CSTA
import CallCenter
import SwitchDriver
import Testing

@Suite("Agents: login, modes, heartbeat, E13")
struct AgentRuleTests {
    @Test(
        "Login: agentLoggedOn with the mode asked for, then the mode's own event",
        arguments: [
            (AgentMode.ready, "agentReady"), (.notReady, "agentNotReady"),
        ])
    func login(mode: AgentMode, event: String) throws {
        var desk = Desk()
        #expect(desk.logIn(5001, on: 8001, mode) == .done)
        #expect(desk.events == ["8001 agentLoggedOn", "8001 \(event)"])
        let first = try #require(desk.json.first)
        #expect(
            first == """
                {"eventName":"agentLoggedOn","eventTime":"2026.11.22 18:00:00","eventType":"agent","serial":1,\
                "namespace":"demo.cc","srcDeviceId":"8001@demo.cc","deviceId":"8001@demo.cc","agentId":"5001@demo.cc",\
                "agentMode":"\(mode.rawValue)","devices":{"Voice":"8001@demo.cc"},"timestamp":1795341600000}
                """)
    }

    @Test("A login that cannot be is refused and changes nothing")
    func refusedLogins() {
        var configuration = Demo.configuration()
        configuration.agents[2].isDisabled = true
        configuration.agents[3].devices = [Desk.device(8004)]
        configuration.devices[2].isUsable = false
        var desk = Desk(configuration: configuration)
        desk.tell(.deviceUnregistered(Desk.device(8004)))
        desk.logIn(5001, on: 8001)
        let cases: [(Int, Int, AgentMode, Refusal)] = [
            (5009, 8002, .ready, .noSuchAgent), (5003, 8002, .ready, .agentDisabled),
            (5002, 8009, .ready, .noSuchDevice), (5002, 8003, .ready, .deviceNotUsable),
            (5004, 8002, .ready, .deviceNotAllowed), (5001, 8001, .ready, .alreadyLoggedInHere),
            (5001, 8002, .ready, .loggedInElsewhere(Desk.device(8001))),
            (5002, 8001, .ready, .deviceInUse(Desk.agent(5001))), (5004, 8004, .ready, .deviceNotRegistered),
            (5002, 8002, .allocated, .modeNotSettable(.allocated)),
        ]
        for (agent, device, mode, refusal) in cases {
            #expect(desk.logIn(agent, on: device, mode) == .refused(refusal))
            #expect(desk.isUnmoved)
        }
        #expect(
            desk.ask(.logIn(Desk.agent(5002), device: Desk.device(8002), mode: .ready), by: 5001)
                == .refused(.notYours))
    }

    @Test func noMoreAgentsThanAllowed() {
        var limits = TenantLimits()
        limits.maximumAgents = 1
        var desk = Desk(configuration: Demo.configuration(limits: limits))
        #expect(desk.logIn(5001, on: 8001) == .done)
        #expect(desk.logIn(5002, on: 8002) == .refused(.tooManyAgents))
        desk.ask(.logOut(Desk.agent(5001)), by: 5001)
        #expect(desk.logIn(5002, on: 8002) == .done)
    }

    @Test func loginOnADeviceThatIsInACall() {
        var desk = Desk()
        desk.tell(
            .legOffered(OfferedLeg(leg: LegID("p"), origin: .phone(Desk.device(8001)), dialled: "8002")),
            newCall: Desk.call)
        #expect(desk.logIn(5001, on: 8001) == .refused(.deviceInCall(.initiate)))
    }

    @Test func modesAndReasons() {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        #expect(desk.ask(.setMode(Desk.agent(5001), .notReady, reason: "lunch"), by: 5001) == .done)
        #expect(desk.events == ["8001 agentNotReady"])
        #expect(desk.json[0].contains(#""reason":"lunch""#))
        #expect(desk.ask(.setMode(Desk.agent(5001), .notReady, reason: "lunch"), by: 5001) == .done)
        #expect(desk.events == [])
        #expect(desk.ask(.setMode(Desk.agent(5001), .notReady, reason: "training"), by: 5001) == .done)
        #expect(desk.events == ["8001 agentNotReady"])
        #expect(
            desk.ask(.setMode(Desk.agent(5001), .workNotReady, reason: nil), by: 5001)
                == .refused(.modeNotSettable(.workNotReady)))
        #expect(desk.ask(.setMode(Desk.agent(5002), .ready, reason: nil), by: 5002) == .refused(.agentLoggedOut))
        #expect(desk.ask(.setMode(Desk.agent(5001), .ready, reason: nil), by: 5002) == .refused(.notYours))
        #expect(desk.ask(.setMode(Desk.agent(5001), .ready, reason: nil), by: 5004, role: .supervisor) == .done)
        #expect(desk.events == ["8001 agentReady"])
    }

    @Test("E13: a change of mode during a call waits for its end")
    func pendingMode() {
        var desk = Desk()
        desk.talk()
        #expect(desk.ask(.setMode(Desk.agent(5001), .notReady, reason: "lunch"), by: 5001) == .pending(.notReady))
        #expect(desk.events == [])
        #expect(desk.ask(.logOut(Desk.agent(5002)), by: 5002) == .pending(.logout))
        desk.tell(.legEnded(LegID("c-1-2"), cause: .normalClearing))
        #expect(
            desk.events == [
                "8001 connectionCleared 8002", "8002 connectionCleared 8002", "8002 agentLoggedOff",
                "8001 connectionCleared 8001", "8001 agentNotReady",
            ])
        #expect(desk.tenant.agents[Desk.agent(5002)]?.mode == .logout)
        #expect(desk.tenant.agents[Desk.agent(5001)]?.login?.pending == nil)
    }

    @Test("No heartbeat for three minutes logs out; during a call, after it")
    func heartbeat() {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        desk.now = desk.now.advanced(bySeconds: 100)
        #expect(desk.ask(.heartbeat(Desk.agent(5001)), by: 5001) == .done)
        #expect(
            desk.effects.first
                == .setTimer(.heartbeat(Desk.agent(5001)), at: desk.now.advanced(bySeconds: 180)))
        desk.now = desk.now.advanced(bySeconds: 180)
        desk.apply(.timer(.heartbeat(Desk.agent(5001))))
        #expect(desk.events == ["8001 agentLoggedOff"])
        #expect(desk.ask(.heartbeat(Desk.agent(5001)), by: 5001) == .refused(.agentLoggedOut))

        desk = Desk()
        desk.talk()
        desk.now = desk.now.advanced(bySeconds: 1000)
        desk.apply(.timer(.heartbeat(Desk.agent(5001))))
        #expect(desk.events == [])
        desk.tell(.legEnded(LegID("c-1-1"), cause: .normalClearing))
        #expect(desk.events.contains("8001 agentLoggedOff"))
    }

    @Test("A client that is heard of again during the call stays logged in after it")
    func heartbeatAfterSilence() {
        var desk = Desk()
        desk.talk()
        desk.apply(.timer(.heartbeat(Desk.agent(5001))))
        #expect(desk.ask(.heartbeat(Desk.agent(5001)), by: 5001) == .done)
        desk.tell(.legEnded(LegID("c-1-1"), cause: .normalClearing))
        #expect(!desk.events.contains("8001 agentLoggedOff"))
        desk.apply(.timer(.heartbeat(Desk.agent(5001))))
        #expect(desk.events == ["8001 agentLoggedOff"])
    }

    @Test("A clock that is set by hours logs nobody out", arguments: [-10_000, 10_000])
    func clockStep(seconds: Int) {
        var desk = Desk()
        desk.talk()
        desk.now = desk.now.advanced(bySeconds: seconds)
        desk.tell(.legEnded(LegID("c-1-1"), cause: .normalClearing))
        #expect(!desk.events.contains("8001 agentLoggedOff"))
        #expect(desk.ask(.heartbeat(Desk.agent(5001)), by: 5001) == .done)
        #expect(
            desk.effects.first
                == .setTimer(.heartbeat(Desk.agent(5001)), at: desk.now.advanced(bySeconds: 180)))
    }

    @Test("Who is not set up any more is logged out when the server comes back, and the time is written down")
    func noAgentAnyMore() throws {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        let entries = desk.tenant.takeChanges()
        var configuration = Demo.configuration()
        configuration.agents.removeAll { $0.id == Desk.agent(5001) }
        configuration.devices.removeAll { $0.id == Desk.device(8001) }
        desk.tenant = try Tenant(configuration: configuration, serial: desk.tenant.serial, entries: entries)
        desk.now = desk.now.advanced(bySeconds: 60)
        desk.apply(.resumed)
        let times = desk.effects.compactMap { if case .record(.agentTime(let time)) = $0 { time } else { nil } }
        #expect(times.map(\.agent) == [Desk.agent(5001)])
        #expect(times.map(\.ended) == [desk.now])
        #expect(desk.events == ["8001 agentLoggedOff"])
        #expect(desk.tenant.takeChanges() == [StateEntry(key: entries[0].key, value: nil)])
        #expect(desk.tenant.agents[Desk.agent(5001)] == nil)
        #expect(desk.tenant.devices[Desk.device(8001)] == nil)
    }

    @Test func theClientsGetTimeToComeBackAfterARestart() throws {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        let entries = desk.tenant.takeChanges()
        desk.tenant = try Tenant(
            configuration: Demo.configuration(), serial: desk.tenant.serial, entries: entries)
        desk.now = desk.now.advanced(bySeconds: 10_000)
        desk.apply(.resumed)
        #expect(desk.effects.contains(.setTimer(.heartbeat(Desk.agent(5001)), at: desk.now.advanced(bySeconds: 180))))
        #expect(desk.tenant.agents[Desk.agent(5001)]?.mode == .ready)
        #expect(desk.tenant.devices[Desk.device(8001)]?.agent == Desk.agent(5001))
    }
}
