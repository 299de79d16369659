import CSTA
import CallCenter
import SwitchDriver

// What has to be so of a tenant's splits after each input, whatever has happened.
extension Site {
    /// Tenants with more agents are looked at less often.
    private static let manyAgents = 50

    mutating func checkSplits(after effects: [Effect]) {
        guard violation == nil else { return }
        checkWrapUps()
        checkOrder(of: effects)
        if configuration.agents.count > Self.manyAgents, figures.inputs % Simulation.fullCheckSteps != 0 { return }
        checkQueues()
        checkAgents()
    }

    /// A call that is offered comes before all that wait in a split of the agent.
    private mutating func checkOrder(of effects: [Effect]) {
        for case .switchCommand(.dial(let request)) in effects {
            guard case .phone(let device) = request.endpoint,
                let id = tenant.devices[device]?.calls.first, let call = tenant.calls[id], let entry = call.queue,
                let connection = call.connection(of: device), connection.leg == request.leg,
                let agent = tenant.devices[device]?.agent,
                // Who is reserved for a customer gets that one.
                tenant.agents[agent]?.mode != .allocated
            else { continue }
            guard let split = connection.split, split == entry.split else {
                return fail(Violation("split", "\(id) of \(entry.split) is offered by \(connection.split?.text ?? "")"))
            }
            for split in configuration.splits where split.members[agent] != nil {
                for other in tenant.splits[split.id]?.waitingCalls ?? [] {
                    guard let waiting = tenant.calls[other]?.queue, waiting.isMoreUrgent(than: entry) else { continue }
                    return fail(Violation("split", "\(agent) is offered \(id), and \(other) was before it"))
                }
            }
        }
    }

    /// Nobody who calls a split is lost, and nobody waits where somebody is free.
    private mutating func checkQueues() {
        var waiting: [CallID: DeviceID] = [:]
        for split in tenant.splits.keys {
            for call in tenant.splits[split]?.waitingCalls ?? [] {
                if waiting.updateValue(split, forKey: call) != nil {
                    return fail(Violation("split", "\(call) waits twice"))
                }
            }
        }
        for (id, call) in tenant.calls {
            let offered = call.connections.filter(\.isOffered)
            guard let entry = call.queue else {
                if !offered.isEmpty { return fail(Violation("split", "\(id) is offered, and in no queue")) }
                if waiting[id] != nil { return fail(Violation("split", "\(id) waits, and is in no queue")) }
                continue
            }
            if (waiting[id] == entry.split) == !offered.isEmpty {
                return fail(Violation("split", "\(id) is lost: it waits in \(waiting[id]?.text ?? "no split")"))
            }
            if call.connection(of: entry.caller) == nil { return fail(Violation("split", "\(id) has lost its caller")) }
            // What has to wait for the end of a recording, perhaps of the caller's other call, waits with its timer.
            if timers[.waitLimit(id)] == nil, !call.connections.contains(where: \.isOffered), !isWaiting {
                return fail(Violation("split", "nothing ends the wait of \(id): \(call)"))
            }
            waiting[id] = nil
        }
        if let lost = waiting.first { fail(Violation("split", "\(lost.key) waits in \(lost.value), and is no more")) }
    }

    private mutating func checkAgents() {
        for (id, agent) in tenant.agents {
            guard let login = agent.login, let phone = tenant.devices[login.device] else { continue }
            if login.mode == .workNotReady, timers[.wrapUp(id)] == nil, phone.calls.isEmpty {
                return fail(Violation("split", "nothing ends the work of \(id)"))
            }
            let isFree = login.mode == .ready && phone.isRegistered && phone.calls.isEmpty
            guard isFree, tenant.isSwitchUp else { continue }
            for split in configuration.splits where split.members[id] != nil {
                guard let call = tenant.splits[split.id]?.waitingCalls.first else { continue }
                return fail(Violation("split", "\(call) waits in \(split.id), and \(id) is free"))
            }
        }
    }
}

extension QueueEntry {
    func isMoreUrgent(than other: QueueEntry) -> Bool {
        priority != other.priority ? priority > other.priority : order < other.order
    }
}
