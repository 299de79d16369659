import CSTA

// What an agent does after a call of a split.
extension Tenant {
    /// The agent works after the last of its calls, if the split says so.
    ///
    /// - Returns: whether it does.
    mutating func beginWrapUp(_ agent: AgentID, after split: DeviceID, _ step: inout Step) -> Bool {
        guard let seconds = splits[split]?.profile.wrapUpSeconds, seconds > 0, let login = agents[agent]?.login else {
            agents[agent]?.login?.split = nil
            return false
        }
        change(agent, to: .workNotReady, reason: nil, &step)
        agents[agent]?.login?.pending = login.pending  // E13: it takes effect after the wrap-up.
        agents[agent]?.login?.split = split
        step.set(.wrapUp(agent), afterSeconds: seconds)
        return true
    }

    mutating func wrapUpExpired(_ agent: AgentID, _ step: inout Step) {
        guard let login = agents[agent]?.login, login.mode == .workNotReady else { return step.ignore(.unknownTimer) }
        let next = login.pending ?? Agent.PendingMode(mode: .ready, reason: nil)
        if isInCall(login) {
            agents[agent]?.login?.pending = next
            agents[agent]?.login?.split = nil  // It is over.
            changes.agents.insert(agent)
        } else {
            change(agent, to: next.mode, reason: next.reason, &step)
        }
    }

    /// The time that is left of a wrap-up when the server has come back; of a split that is no more nothing is.
    mutating func resumeWrapUp(_ agent: AgentID, _ login: Agent.Login, _ step: inout Step) {
        guard login.mode == .workNotReady else { return }
        let seconds = login.split.flatMap { splits[$0]?.profile.wrapUpSeconds } ?? 0
        step.set(.wrapUp(agent), afterSeconds: step.now.secondsLeft(of: seconds, since: login.since))
    }
}
