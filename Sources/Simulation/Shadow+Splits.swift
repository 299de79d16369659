import CSTA
public import CallCenter

// Splits: who may be offered what, and what follows for the agent.
extension Shadow {
    /// A call is led to a split: one of it or of those that it overflows into is to take it.
    mutating func enter(_ call: inout ShadowCall, _ called: DeviceID, caller: DeviceID) {
        guard splits[called] != nil else { return }
        var way: [DeviceID] = []
        var next: DeviceID? = called
        while let split = next, !way.contains(split) {
            way.append(split)
            next = splits[split]?.overflow
        }
        call.queue = (caller, way)
    }

    /// A split offers a call to an agent, who has to be its own, Ready and in no other call.
    mutating func offer(
        _ call: inout ShadowCall, _ occurrence: Occurrence, _ delivered: Delivered
    ) -> ShadowExpected? {
        guard let split = delivered.split else { return nil }
        let device = occurrence.device
        guard let queue = call.queue, queue.splits.contains(split) else {
            complain("split", "\(call.id) does not wait in \(split): \(delivered)")
            return nil
        }
        guard let agent = agentOn[device], let login = logins[agent] else {
            complain("split", "nobody is logged in on \(device): \(delivered)")
            return nil
        }
        require(splits[split]?.members[agent] != nil, "split", "\(agent) is not of \(split)")
        let id = call.id
        require(
            login.mode == .ready || login.mode == .allocated && call.reserved == device, "split",
            "\(agent) is \(login.mode), and is offered \(id)")
        let others = callsOf[device] ?? []
        require(others.isEmpty, "split", "\(agent) has \(others), and is offered \(id)")
        return ShadowExpected(device: device, calling: queue.caller, kind: .called)
    }

    /// An agent has answered: nobody else is offered the call any more.
    mutating func leaveQueue(_ call: inout ShadowCall, _ device: DeviceID) {
        guard let queue = call.queue else {
            return complain("split", "\(device) takes \(call.id), which is in no queue")
        }
        call.expected.removeAll { queue.splits.contains($0.device) }
        call.queue = nil
        let others = call.parts.filter { $0.split != nil && $0.answered == nil && $0.device != device }
        require(others.isEmpty, "split", "\(device) has taken \(call.id), and others ring on: \(others)")
    }

    /// An agent's part in a call of a split has ended.
    mutating func leftSplit(_ part: ShadowPart, _ cause: HangupCause?) {
        guard let split = part.split, part.isInternal, let agent = agentOn[part.device] else { return }
        if part.answered != nil {
            if splits[split]?.wrapUpSeconds ?? 0 > 0 { wrapUps[part.device] = agent }
        } else if cause == .noAnswer {
            missed.append(agent)
        }
    }

    /// Who does not answer is offered nothing more.
    mutating func checkMissed() {
        for agent in missed where logins[agent]?.mode == .ready {
            complain("split", "\(agent) has not answered, and is Ready")
        }
        missed = []
    }

    /// After its last call an agent works, if a split's was among them.
    public mutating func missingWrapUp(in tenant: Tenant) -> Violation? {
        for (device, agent) in wrapUps {
            guard let login = logins[agent], login.device == device, login.mode != .workNotReady else {
                wrapUps[device] = nil
                continue
            }
            guard tenant.devices[device]?.calls.isEmpty ?? true else { continue }
            return Violation("E13", "\(agent) has taken a call of a split, and is \(login.mode) after it")
        }
        return nil
    }
}
