import CSTA
import CallCenter
import SwitchDriver
import Testing

@Suite("What is set up changes while the tenant runs")
struct ConfiguredRuleTests {
    private func configured(_ change: (inout TenantConfiguration) -> Void) -> Input {
        var configuration = Demo.configuration()
        change(&configuration)
        return .configured(configuration)
    }

    @Test("A new agent logs in on a new device once the switch knows its phone")
    func added() {
        var small = Demo.configuration()
        small.agents.removeAll { $0.id == Desk.agent(5004) }
        small.devices.removeAll { $0.id == Desk.device(8004) }
        var desk = Desk(configuration: small)
        #expect(desk.logIn(5004, on: 8004) == .refused(.noSuchAgent))
        desk.apply(configured { _ in })
        #expect(desk.effects.isEmpty)
        #expect(desk.logIn(5004, on: 8004) == .refused(.deviceNotRegistered))
        desk.tell(.deviceRegistered(Desk.device(8004)))
        #expect(desk.logIn(5004, on: 8004) == .done)
    }

    @Test("Who is disabled or removed, or whose device is, is logged out at once, and the login is written down")
    func expelled() {
        let changes: [(inout TenantConfiguration) -> Void] = [
            { $0.agents.removeAll { $0.id == Desk.agent(5001) } },
            { $0.agents[0].isDisabled = true },
            { $0.devices.removeAll { $0.id == Desk.device(8001) } },
            { $0.devices[0].isUsable = false },
            { $0.isDisabled = true },
        ]
        for change in changes {
            var desk = Desk()
            desk.logIn(5001, on: 8001)
            desk.apply(configured(change))
            #expect(desk.events == ["8001 agentLoggedOff"])
            #expect(desk.effects.contains(.cancelTimer(.heartbeat(Desk.agent(5001)))))
            #expect(
                desk.effects.contains {
                    if case .record(.agentTime) = $0 { true } else { false }
                })
            #expect(desk.tenant.takeChanges().contains(StateEntry(key: "agent:5001@demo.cc", value: nil)))
        }
    }

    @Test("A call that is up goes on; its end is the end of the login, and then the agent and the device are gone")
    func callGoesOn() {
        var desk = Desk()
        desk.talk()
        desk.apply(
            configured {
                $0.agents.removeAll { $0.id == Desk.agent(5001) }
                $0.devices.removeAll { $0.id == Desk.device(8001) }
            })
        #expect(desk.isUnmoved)
        #expect(desk.tenant.agents[Desk.agent(5001)]?.login?.pending?.mode == .logout)
        #expect(
            desk.ask(.setMode(Desk.agent(5001), .ready, reason: nil), by: 5003, role: .supervisor)
                == .refused(.agentDisabled))
        #expect(desk.ask(.holdCall(Desk.connection(8001)), by: 5001) == .done)
        desk.tell(.legEnded(LegID("c-1-2"), cause: .normalClearing))
        #expect(
            desk.events == [
                "8001 connectionCleared 8002", "8002 connectionCleared 8002", "8001 connectionCleared 8001",
                "8001 agentLoggedOff",
            ])
        #expect(desk.tenant.agents[Desk.agent(5001)] == nil)
        #expect(desk.tenant.devices[Desk.device(8001)] == nil)
        #expect(desk.tenant.agents[Desk.agent(5002)]?.mode == .ready)
    }

    @Test("Who is set up again before the call ends stays, with the login that was to end")
    func backAgain() {
        var desk = Desk()
        desk.talk()
        desk.apply(
            configured {
                $0.agents.removeAll { $0.id == Desk.agent(5001) }
                $0.devices.removeAll { $0.id == Desk.device(8001) }
            })
        desk.apply(configured { _ in })
        desk.tell(.legEnded(LegID("c-1-2"), cause: .normalClearing))
        #expect(desk.events.last == "8001 agentLoggedOff")
        #expect(desk.logIn(5001, on: 8001) == .done)
    }

    @Test("A device in a call without an agent is gone when the call ends")
    func deviceAlone() {
        var desk = Desk()
        desk.tell(
            .legOffered(OfferedLeg(leg: LegID("x"), origin: .phone(Desk.device(8003)), dialled: "8002")),
            newCall: Desk.call)
        desk.apply(configured { $0.devices.removeAll { $0.id == Desk.device(8003) } })
        #expect(desk.isUnmoved)
        #expect(desk.tenant.devices[Desk.device(8003)] != nil)
        desk.tell(.legEnded(LegID("x"), cause: .normalClearing))
        #expect(desk.tenant.devices[Desk.device(8003)] == nil)
        desk.logIn(5001, on: 8001)
        #expect(desk.call(from: 8001, by: 5001, to: "8003") == .refused(.noRoute))
    }

    @Test("A call on a device that is not set up any more goes on over a restart, and its end is the end of both")
    func restartMeanwhile() throws {
        var desk = Desk()
        desk.talk()
        let entries = desk.tenant.takeChanges()
        var configuration = Demo.configuration()
        configuration.agents.removeAll { $0.id == Desk.agent(5001) }
        configuration.devices.removeAll { $0.id == Desk.device(8001) }
        desk.tenant = try Tenant(configuration: configuration, serial: desk.tenant.serial, entries: entries)
        desk.apply(.resumed)
        #expect(desk.isUnmoved)
        desk.tell(
            .linkUp(
                SwitchSnapshot(
                    legs: [LegID("c-1-1"): .up, LegID("c-1-2"): .up],
                    registered: Set(configuration.devices.map(\.id)))))
        desk.tell(.legEnded(LegID("c-1-2"), cause: .normalClearing))
        #expect(
            desk.events == [
                "8001 connectionCleared 8002", "8002 connectionCleared 8002", "8001 connectionCleared 8001",
                "8001 agentLoggedOff",
            ])
        #expect(desk.tenant.devices[Desk.device(8001)] == nil)
    }

    @Test("A disabled tenant begins no call, and takes none from outside; enabled again it does")
    func disabledTenant() {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        desk.apply(configured { $0.isDisabled = true })
        #expect(desk.logIn(5002, on: 8002) == .refused(.agentDisabled))
        desk.tell(
            .legOffered(OfferedLeg(leg: LegID("x"), origin: .phone(Desk.device(8003)), dialled: "8002")),
            newCall: Desk.call)
        #expect(desk.commands == [.hangUp(LegID("x"), cause: .switchCongestion)])
        desk.apply(configured { _ in })
        #expect(desk.logIn(5002, on: 8002) == .done)
    }

    @Test("Trunks, rules and limits count from the next call on")
    func rulesOfTheNextCall() {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        #expect(desk.call(from: 8001, by: 5001, to: "7777") == .refused(.noRoute))
        desk.apply(configured { $0.trunks = [Trunk(group: "2", prefix: "7")] })
        guard case .call = desk.call(from: 8001, by: 5001, to: "7777") else {
            Issue.record("no route: \(desk.effects)")
            return
        }
    }

    @Test("After a restart nobody stays logged in who was disabled meanwhile")
    func disabledWhileDown() throws {
        var desk = Desk()
        desk.logIn(5001, on: 8001)
        let entries = desk.tenant.takeChanges()
        var configuration = Demo.configuration()
        configuration.agents[0].isDisabled = true
        desk.tenant = try Tenant(configuration: configuration, serial: desk.tenant.serial, entries: entries)
        desk.apply(.resumed)
        #expect(desk.events == ["8001 agentLoggedOff"])
    }
}
