import CSTA

/// What is not set up any more, and goes once nobody needs it.
struct Leaving: Sendable {
    /// They are logged in, in a call.
    var agents: Set<AgentID> = []
    /// They are in a call.
    var devices: Set<DeviceID> = []
}

// What the operator changes while the tenant runs. Calls are not touched: who may not stay is logged out at the end of the call,
// as if a supervisor had asked for it.
extension Tenant {
    /// Whether new calls are refused.
    var beginsNothing: Bool { isDraining || configuration.isDisabled }

    mutating func configure(_ new: TenantConfiguration, _ step: inout Step) {
        guard new.namespace == namespace else { return step.ignore(.unknownTenant) }
        let ringLimits = ringLimits()
        configuration = new
        forgetDeadlines()
        trunkPlan = TrunkPlan(new)
        var agentsLeft = Set(agents.keys)
        for profile in new.effectiveAgents {
            agentsLeft.remove(profile.id)
            leaving.agents.remove(profile.id)
            agents[profile.id, default: Agent(profile: profile)].profile = profile
        }
        var devicesLeft = Set(devices.keys)
        for profile in new.devices {
            devicesLeft.remove(profile.id)
            leaving.devices.remove(profile.id)
            devices[profile.id, default: Device(profile: profile)].profile = profile
        }
        for agent in agentsLeft {
            agents[agent]?.profile.isDisabled = true
            if agents[agent]?.login == nil { agents[agent] = nil } else { leaving.agents.insert(agent) }
        }
        for device in devicesLeft {
            devices[device]?.profile.isUsable = false
            leaving.devices.insert(device)
        }
        expelWhoMayNotStay(&step)
        configureSplits(&step)
        resetRingTimers(ringLimits, &step)
        step.freed += devicesLeft
    }

    /// Logs those out who may not be logged in any more: at once, or at the end of the call.
    mutating func expelWhoMayNotStay(_ step: inout Step) {
        for agent in agentsInOrder {
            guard let login = agents[agent]?.login, obstacle(toStaying: login, agent) != nil else { continue }
            guard isInCall(login) else {
                logOut(agent, &step)
                continue
            }
            if login.pending?.mode != .logout { _ = keep(.logout, reason: nil, for: agent) }
        }
    }

    /// Why an agent who is logged in may not stay so.
    func obstacle(toStaying login: Agent.Login, _ agent: AgentID) -> Refusal? {
        if agents[agent]?.profile.isDisabled ?? true { return .agentDisabled }
        return devices[login.device]?.profile.isUsable == true ? nil : .deviceNotUsable
    }

    /// Forgets a device that is not set up any more, if it is free.
    mutating func drop(_ device: DeviceID) {
        guard leaving.devices.contains(device), let phone = devices[device], phone.calls.isEmpty, phone.agent == nil
        else { return }
        leaving.devices.remove(device)
        devices[device] = nil
    }
}
