import CSTA
public import CallCenter

// What the tenant says of itself has to be what its events have told.
extension Shadow {
    /// Compares the calls that the last input had to do with.
    public func disagreement(with tenant: Tenant) -> Violation? {
        for call in touched { if let found = disagreement(with: tenant, on: call) { return found } }
        return nil
    }

    /// Compares everything.
    public func fullDisagreement(with tenant: Tenant) -> Violation? {
        if serial != tenant.serial { return Violation("state", "serial \(serial) instead of \(tenant.serial)") }
        for call in Set(calls.keys).union(tenant.calls.keys) {
            if let found = disagreement(with: tenant, on: call) { return found }
        }
        for (device, state) in tenant.devices {
            for call in state.calls where tenant.calls[call]?.connection(of: device) == nil {
                return Violation("state", "\(device) is stuck in \(call)")
            }
            if state.agent != agentOn[device] {
                return Violation("state", "\(state.agent?.text ?? "nobody") is logged in on \(device)")
            }
        }
        for load in tenant.trunkLoads {
            let calls = tenant.calls.values.reduce(0) { count, call in
                count + call.connections.count { !$0.isInternal && $0.trunk?.group == load.group }
            }
            if load.calls != calls {
                return Violation("state", "trunk group \(load.group) has \(calls) calls, and counts \(load.calls)")
            }
        }
        for (agent, state) in tenant.agents where state.login?.mode != logins[agent]?.mode {
            return Violation("state", "\(agent) is \(state.mode)")
        }
        return nil
    }

    private func disagreement(with tenant: Tenant, on id: CallID) -> Violation? {
        func wrong(_ text: String) -> Violation { Violation("state", "\(id): \(text)") }
        let connections = (tenant.calls[id]?.connections ?? []).filter { $0.hasJoined || !$0.isInternal }
        guard let call = calls[id] else {
            let joined = connections.first(where: \.isInternal)
            return joined.map { wrong("nothing was told of \($0.device) in it") }
        }
        guard let known = tenant.calls[id] else { return wrong("it is no more, and nothing was told") }
        let own = connections.filter(\.isInternal).map(\.device)
        let told = call.parts.filter(\.isInternal).map(\.device)
        if own != told { return wrong("\(own) are in it, and told was \(told)") }
        for part in call.parts where part.isInternal || !call.isUntold {
            guard let connection = known.connection(of: part.device) else {
                return wrong("\(part.device) is not in it")
            }
            if connection.state != part.state {
                return wrong("\(part.device) is in \(connection.state), and told was \(part.state)")
            }
            if (connection.part == .listener) != part.isListener { return wrong("\(part.device) listens, or not") }
            if part.isInternal, tenant.devices[part.device]?.calls.contains(id) != true {
                return wrong("\(part.device) does not know of it")
            }
        }
        if known.conversation != call.conversation { return wrong("it is in \(known.conversation)") }
        if known.userData.strings != call.userData {
            return Violation("E11", "\(id) carries \(known.userData.strings), not \(call.userData)")
        }
        return nil
    }
}
