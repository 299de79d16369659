import CSTA
import CallCenter
import SwitchDriver

/// Chooses what happens next: mostly what makes sense where things stand, now and then what makes none.
struct Dealer: Sendable {
    var chance: Chance
    let hasFaults: Bool
    var step = 0

    init(seed: UInt64, hasFaults: Bool) {
        chance = Chance(seed: seed)
        self.hasFaults = hasFaults
    }

    mutating func deal(_ sites: [Site]) -> Action {
        step += 1
        let site = chance.below(sites.count)
        return Action(
            site: site, waitMilliseconds: waitMilliseconds(),
            deed: deed(sites[site], isFaulty: hasFaults && site % 2 == 1))
    }

    private mutating func waitMilliseconds() -> Int64 {
        switch chance.below(200) {
        case 0: 21_000
        case 1..<10: Int64(chance.below(6000))
        case 10..<80: Int64(100 + chance.below(700))
        default: Int64(chance.below(100))
        }
    }

    /// Fresh in the run.
    func newCall(_ kind: String = "c") -> CallID { CallID("\(kind)\(step)") ?? .none }
    func newLeg() -> LegID { LegID("leg\(step)") }

    private mutating func deed(_ site: Site, isFaulty: Bool) -> Deed {
        if isFaulty, chance.isOne(in: 30) { return .fault(fault()) }
        if chance.isOne(in: 150) { return setup(site) }
        guard let device = chance.pick(site.configuration.devices)?.id, let known = site.tenant.devices[device] else {
            return .nothing
        }
        switch chance.below(100) {
        case 0..<4: return ofAgent(site, device, known)
        case 4..<6: return senseless(site, device)
        case 6: return stray(site, device)
        case 7..<10: return ofDialler(site)
        default: break
        }
        guard known.isRegistered else { return .registers(device, true) }
        guard let agent = known.agent else {
            // Phones without an agent ring and dial as well.
            if chance.isOne(in: 4) { return phoneOnly(site, device, known) }
            return logIn(site, on: device)
        }
        let requester = Requester(agent: agent, role: site.tenant.agents[agent]?.profile.role ?? .agent)
        switch known.calls.count {
        case 0: return idle(site, device, requester)
        case 1: return inCall(site, ConnectionID(device: device, call: known.calls[0]), requester)
        default: return inTwoCalls(site, device, known.calls, requester)
        }
    }

    /// Now and then something is missing; mostly all is there.
    private mutating func setup(_ site: Site) -> Deed {
        guard let agent = chance.pick(site.everything.agents)?.id,
            let device = chance.pick(site.everything.devices)?.id
        else { return .nothing }
        let isBack = !chance.isOne(in: 3)
        switch chance.below(4) {
        case 0: return .configures(.agent(agent, isThere: isBack))
        case 1: return .configures(.agentDisabled(agent, !isBack))
        case 2: return .configures(.device(device, isThere: isBack))
        default: return .configures(.deviceUsable(device, isBack))
        }
    }

    private mutating func fault() -> Fault {
        switch chance.below(13) {
        case 12: .timerLost
        case 0..<2: .lost
        case 2..<4: .doubled(0)
        case 4: .doubled(Int64(10 + chance.below(3000)))
        case 5, 6: .late(Int64(10 + chance.below(1000)))
        case 7..<10:
            .linkCut(Int64([0, 30, 300, 5000, 25_000][chance.below(5)]), losesCommands: chance.isOne(in: 2))
        default: .killed(Int64([0, 50, 500, 8000][chance.below(4)]), losesCommands: chance.isOne(in: 2))
        }
    }

    // MARK: Agents

    private mutating func logIn(_ site: Site, on device: DeviceID) -> Deed {
        let free = site.configuration.agents.filter { site.tenant.agents[$0.id]?.login == nil }
        guard let agent = chance.pick(free) else { return .nothing }
        return .asks(
            .logIn(agent.id, device: device, mode: chance.isOne(in: 3) ? .notReady : .ready),
            Requester(agent: agent.id, role: agent.role))
    }

    private mutating func ofAgent(_ site: Site, _ device: DeviceID, _ known: Device) -> Deed {
        guard let profile = chance.pick(site.configuration.agents) else { return .nothing }
        let agent = known.agent ?? profile.id
        let requester = Requester(agent: agent, role: .agent)
        switch chance.below(14) {
        case 0: return .asks(.logOut(agent), requester)
        case 1..<4: return .asks(.setMode(agent, .notReady, reason: chance.isOne(in: 2) ? "lunch" : nil), requester)
        case 4..<7: return .asks(.setMode(agent, .ready, reason: nil), requester)
        case 7: return .registers(device, false)
        case 8: return logIn(site, on: device)
        case 9: return .asks(.setMode(agent, .ready, reason: nil), Requester(agent: profile.id, role: .supervisor))
        default: return .asks(.heartbeat(agent), requester)
        }
    }

    // MARK: No call

    private mutating func idle(_ site: Site, _ device: DeviceID, _ requester: Requester) -> Deed {
        let mode = site.tenant.agents[requester.agent]?.mode ?? .logout
        if mode != .ready, chance.isOne(in: 3) {
            return .asks(.setMode(requester.agent, .ready, reason: nil), requester)
        }
        switch chance.below(20) {
        case 0..<9:
            var call = MakeCall(call: newCall(), from: device, to: target(site))
            call.analysis = chance.isOne(in: 3)
            if chance.isOne(in: 3) { call.userData["step"] = "\(step)" }
            return .asks(.makeCall(call), requester)
        case 9..<12:
            return .dials(target(site), device, leg: newLeg(), call: newCall())
        case 12..<17:
            return .customerCalls(
                chance.isOne(in: 20) ? "no number" : "1380\(100 + chance.below(900))",
                to: chance.isOne(in: 2) ? "4\(device.number)" : "470\(chance.below(SiteConfiguration.splitCount))",
                leg: newLeg(), call: newCall())
        case 17, 18:
            guard requester.role.supervises || chance.isOne(in: 2), let call = someCall(site) else { return .nothing }
            return .asks(.listen(call, device: device), Requester(agent: requester.agent, role: .supervisor))
        default: return outside(site)
        }
    }

    private mutating func phoneOnly(_ site: Site, _ device: DeviceID, _ known: Device) -> Deed {
        switch chance.below(6) {
        case 0: .dials(target(site), device, leg: newLeg(), call: newCall())
        case 1: .presses(.hangUp, device)
        default: .presses(.answer, device)
        }
    }

    private mutating func outside(_ site: Site) -> Deed {
        let legs = site.telephony.legs.filter {
            $0.value.party == nil && ($0.value.state == .up || $0.value.state == .offered)
        }
        guard let leg = chance.pick(legs.keys.sorted { $0.text < $1.text }) else { return .nothing }
        return .outsideHangsUp(leg)
    }

    mutating func someCall(_ site: Site) -> CallID? {
        // Through a device, so that the choice does not cost more with many calls.
        for _ in 0..<4 {
            if let device = chance.pick(site.configuration.devices)?.id,
                let call = site.tenant.devices[device]?.calls.first
            {
                return call
            }
        }
        return nil
    }

    /// A number to dial: mostly somebody's who is free.
    mutating func target(_ site: Site) -> String {
        switch chance.below(20) {
        case 0..<12:
            for _ in 0..<3 {
                if let device = chance.pick(site.configuration.devices)?.id,
                    site.tenant.devices[device]?.calls.isEmpty == true
                {
                    return String(device.number)
                }
            }
            return chance.pick(site.configuration.devices).map { String($0.id.number) } ?? ""
        case 12, 13: return "700\(chance.below(SiteConfiguration.splitCount))"
        case 14..<19: return "9139\(10 + chance.below(90))\([9, 9, 4, 5, 6, 7, 8, 4, 4, 0, 1, 2, 3][chance.below(13)])"
        default: return ["", "77", "a b", "9", "x77"][chance.below(5)]
        }
    }
}
