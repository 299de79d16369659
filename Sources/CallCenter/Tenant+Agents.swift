import CSTA

extension Tenant {
    mutating func logIn(
        _ agent: AgentID, on device: DeviceID, mode: AgentMode, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        guard requester.agent == agent else { throw .notYours }
        guard let profile = agents[agent]?.profile else { throw .noSuchAgent }
        guard !profile.isDisabled else { throw .agentDisabled }
        guard let phone = devices[device] else { throw .noSuchDevice }
        guard phone.profile.isUsable else { throw .deviceNotUsable }
        guard profile.devices?.contains(device) ?? true else { throw .deviceNotAllowed }
        guard mode == .ready || mode == .notReady else { throw .modeNotSettable(mode) }
        if let login = agents[agent]?.login {
            throw login.device == device ? .alreadyLoggedInHere : .loggedInElsewhere(login.device)
        }
        if let other = phone.agent { throw .deviceInUse(other) }
        if let call = phone.calls.last { throw .deviceInCall(state(of: device, in: call)) }
        guard phone.isRegistered else { throw .deviceNotRegistered }
        guard loggedIn < configuration.limits.maximumAgents else { throw .tooManyAgents }

        let login = Agent.Login(device: device, mode: mode, since: step.now)
        agents[agent]?.login = login
        devices[device]?.agent = agent
        loggedIn += 1
        touch(agent)
        changes.agents.insert(agent)
        send(.loggedOn, agent, login, &step)
        send(mode.event, agent, login, &step)
        setHeartbeatTimer(agent, &step)
        return .done
    }

    mutating func requestLogOut(
        _ agent: AgentID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        let login = try login(of: agent, for: requester)
        guard !isInCall(login) else { return keep(.logout, reason: nil, for: agent) }
        logOut(agent, &step)
        return .done
    }

    mutating func setMode(
        of agent: AgentID, to mode: AgentMode, reason: String?, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        let login = try login(of: agent, for: requester)
        guard mode == .ready || mode == .notReady else { throw .modeNotSettable(mode) }
        if let refusal = obstacle(toStaying: login, agent) { throw refusal }
        guard !isInCall(login), login.allocation == nil else {
            // Whoever asks during a wrap-up ends it: what is asked for comes with the end of the call.
            if login.mode == .workNotReady { agents[agent]?.login?.split = nil }
            return keep(mode, reason: reason, for: agent)
        }
        if login.mode != mode || login.reason != reason { change(agent, to: mode, reason: reason, &step) }
        return .done
    }

    mutating func heartbeat(
        of agent: AgentID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        guard requester.agent == agent else { throw .notYours }
        guard agents[agent] != nil else { throw .noSuchAgent }
        guard agents[agent]?.login != nil else { throw .agentLoggedOut }
        agents[agent]?.login?.isSilent = false
        setHeartbeatTimer(agent, &step)
        return .done
    }

    mutating func heartbeatTimeExpired(_ agent: AgentID, _ step: inout Step) {
        guard let login = agents[agent]?.login else { return step.ignore(.unknownTimer) }
        if isInCall(login) { agents[agent]?.login?.isSilent = true } else { logOut(agent, &step) }
    }

    /// Called when a device has left its last call: what was kept takes effect (E13).
    mutating func callsEnded(on device: DeviceID, _ step: inout Step) {
        if leaving.devices.contains(device) { step.freed.append(device) }
        guard let agent = devices[device]?.agent, let login = agents[agent]?.login else { return }
        touch(agent)
        if login.isSilent || login.pending?.mode == .logout {
            logOut(agent, &step)
        } else if let split = login.split, login.mode == .ready || login.mode == .allocated,
            beginWrapUp(agent, after: split, &step)
        {
            return
        } else if login.mode == .workNotReady, login.split != nil {
            return  // The wrap-up goes on; what was wished before it comes after it.
        } else if let pending = login.pending {
            change(agent, to: pending.mode, reason: pending.reason, &step)
        } else if login.mode == .allocated {
            unsettled.agents.append(agent)
        }
    }

    /// Each heartbeat sets the timer anew: that it fires says that none has come. Times of day are not compared, as
    /// the clock that they are read from may be set while the server runs.
    mutating func setHeartbeatTimer(_ agent: AgentID, _ step: inout Step) {
        step.effects.append(
            .setTimer(.heartbeat(agent), at: step.now.advanced(bySeconds: configuration.limits.heartbeatSeconds)))
    }

    func login(of agent: AgentID, for requester: Requester) throws(Refusal) -> Agent.Login {
        guard requester.agent == agent || requester.role.supervises else { throw .notYours }
        guard let found = agents[agent] else { throw .noSuchAgent }
        guard let login = found.login else { throw .agentLoggedOut }
        return login
    }

    func isInCall(_ login: Agent.Login) -> Bool { devices[login.device]?.calls.isEmpty == false }

    /// E13
    mutating func keep(_ mode: AgentMode, reason: String?, for agent: AgentID) -> Reply {
        agents[agent]?.login?.pending = Agent.PendingMode(mode: mode, reason: reason)
        changes.agents.insert(agent)
        return .pending(mode)
    }

    mutating func change(_ agent: AgentID, to mode: AgentMode, reason: String?, _ step: inout Step) {
        guard var login = agents[agent]?.login else { return }
        record(login, of: agent, &step)
        if login.mode == .workNotReady { step.effects.append(.cancelTimer(.wrapUp(agent))) }
        login.split = nil
        login.since = step.now
        login.mode = mode
        login.reason = reason
        login.pending = nil
        agents[agent]?.login = login
        changes.agents.insert(agent)
        touch(agent)
        send(mode.event, agent, login, &step)
    }

    func record(_ login: Agent.Login, of agent: AgentID, _ step: inout Step) {
        step.effects.append(.record(.agentTime(login.runningTime(of: agent, until: step.now))))
    }

    mutating func logOut(_ agent: AgentID, _ step: inout Step) {
        endAllocation(of: agent, .released, &step)
        guard let login = agents[agent]?.login else { return }
        record(login, of: agent, &step)
        agents[agent]?.login = nil
        loggedIn -= 1
        changes.agents.insert(agent)
        updateFree(agent, &step)
        send(.loggedOff, agent, login, &step)
        devices[login.device]?.agent = nil
        step.effects.append(.cancelTimer(.heartbeat(agent)))
        if login.mode == .workNotReady { step.effects.append(.cancelTimer(.wrapUp(agent))) }
        if leaving.agents.remove(agent) != nil { agents[agent] = nil }
        if leaving.devices.contains(login.device) { step.freed.append(login.device) }
    }
}

extension AgentMode {
    /// The event that tells of its beginning.
    fileprivate var event: AgentEvent.Kind {
        switch self {
        case .ready: .ready
        case .workNotReady: .workingAfterCall
        case .allocated: .allocated
        case .logout: .loggedOff
        case .notReady, .unknown: .notReady
        }
    }
}
