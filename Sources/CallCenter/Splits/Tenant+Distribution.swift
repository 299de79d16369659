import CSTA
import SwitchDriver

// Who of a split's agents gets which call. It is looked at once, when all that an input leads to is done: afterwards no call
// waits in a split that has a free agent.
extension Tenant {
    /// Something has changed that an agent's being free depends on.
    mutating func touch(_ agent: AgentID?) {
        guard let agent, unsettled.agents.last != agent, let index = agents.index(forKey: agent),
            !agents.values[index].splits.isEmpty
        else { return }
        unsettled.agents.append(agent)
    }

    /// Brings free agents and waiting calls together, and lets those wait for whom nobody is free.
    mutating func distribute(_ step: inout Step) {
        while !unsettled.agents.isEmpty || !unsettled.calls.isEmpty {
            let work = unsettled
            unsettled = Unsettled()
            for agent in work.agents {
                endIdleReservation(agent, &step)
                updateFree(agent, &step)
            }
            serve(work.agents, &step)
            for call in inOrder(work.calls) { serve(call, &step) }
        }
    }

    /// Several come at once when a split is removed, or its agents all fail at once.
    private func inOrder(_ calls: [CallID]) -> [CallID] {
        guard calls.count > 1 else { return calls }
        return calls.compactMap { id in self.calls[id]?.queue.map { (id, $0.rank) } }.sorted { $0.1 < $1.1 }.map(\.0)
    }

    /// Keeps what the agent's splits know of it as its state is: whether it is free, and as what it counts.
    mutating func updateFree(_ id: AgentID, _ step: inout Step) {
        guard let index = agents.index(forKey: id), !agents.values[index].splits.isEmpty else { return }
        let login = agents.values[index].login
        let (old, new) = (agents.values[index].standing, standing(of: login))
        if new != old {
            agents.values[index].standing = new
            for split in agents.values[index].splits {
                splits.update(split) {
                    $0.count.advance(to: step)
                    $0.count.move(from: old, to: new)
                }
            }
        }
        let isFree = isFree(login)
        guard isFree != (agents.values[index].freeSince != nil) else { return }
        if isFree { lastOrder += 1 }
        let order = lastOrder
        agents.values[index].freeSince = isFree ? order : nil
        for split in agents.values[index].splits {
            splits.update(split) {
                if isFree { $0.free.insert(id, $0.rank(of: id, freeSince: order)) } else { $0.free.remove(id) }
            }
        }
    }

    private func standing(of login: Agent.Login?) -> AgentStanding {
        guard let login else { return .loggedOff }
        return switch login.mode {
        case .ready: isInCall(login) ? .inCall : .idle
        case .workNotReady: .workingAfterCall
        case .allocated: isInCall(login) ? .inCall : .notReady
        case .notReady, .logout, .unknown: .notReady
        }
    }

    func isFree(_ login: Agent.Login?) -> Bool {
        guard let login, login.mode == .ready, let phone = devices[login.device] else { return false }
        return phone.isRegistered && phone.calls.isEmpty && phone.profile.isUsable
    }

    /// An agent in several splits is offered the most urgent call of all of them; of several agents who have become free at
    /// once, those in whose splits the most urgent calls wait come first.
    private mutating func serve(_ agents: [AgentID], _ step: inout Step) {
        let open = splits(ofFree: agents)
        while isSwitchUp, !beginsNothing {
            var best: (call: RankedSet<CallID, CallRank>.Node, split: DeviceID)?
            for id in open {
                guard let index = splits.index(forKey: id), !splits.values[index].free.isEmpty,
                    let first = splits.values[index].waiting.first
                else { continue }
                if best.map({ first.rank < $0.call.rank }) ?? true { best = (first, id) }
            }
            guard let best else { return }
            offer(best.call.key, of: best.split, &step)
        }
    }

    private func splits(ofFree agents: [AgentID]) -> [DeviceID] {
        var splits: Set<DeviceID> = []
        for id in agents {
            guard let index = self.agents.index(forKey: id), self.agents.values[index].freeSince != nil else {
                continue
            }
            if agents.count == 1 { return self.agents.values[index].splits }
            splits.formUnion(self.agents.values[index].splits)
        }
        return Array(splits)
    }

    /// A call that has come into a queue, or back to it.
    private mutating func serve(_ id: CallID, _ step: inout Step) {
        guard let entry = calls[id]?.queue, let index = splits.index(forKey: entry.split),
            splits.values[index].waiting.contains(id)
        else { return }
        if isSwitchUp, !beginsNothing, !splits.values[index].free.isEmpty {
            return offer(id, of: entry.split, &step)
        }
        guard var call = calls.removeValue(forKey: id) else { return }
        letWait(&call, &step)
        put(call)
    }

    /// The caller hears music, for which its leg has to be up. A phone of the tenant that has dialled hears that it rings until
    /// somebody answers (decision 0005).
    private mutating func letWait(_ call: inout Call, _ step: inout Step) {
        guard let entry = call.queue, !entry.isAnswered, let index = call.index(of: entry.caller) else { return }
        let caller = call.connections[index]
        guard !caller.isInternal || caller.legState != .waiting else { return }
        call.queue?.isAnswered = true
        if caller.legState == .waiting { step.tell(.answer(caller.leg)) }
        updateMusic(&call, &step)
        setAnnouncementTimer(call, &step)
    }

    mutating func setAnnouncementTimer(_ call: borrowing Call, _ step: inout Step) {
        guard let split = call.queue?.split, let seconds = splits[split]?.profile.announceSeconds, seconds > 0 else {
            return
        }
        step.set(.announcement(call.id), afterSeconds: seconds)
    }

    /// Tells a caller its position in the queue, unless an agent is being called for it. Costs as much as callers wait.
    mutating func announcePosition(_ id: CallID, _ step: inout Step) {
        guard let call = calls[id], let entry = call.queue else { return step.ignore(.unknownTimer) }
        if let waiting = splits[entry.split]?.waiting, waiting.contains(id) {
            step.tell(.sayDigits(String(waiting.nodes.count { $0.rank < entry.rank } + 1), call.mix))
        }
        setAnnouncementTimer(call, &step)
    }

    /// Calls the best of the free agents, or as many as the split's strategy says.
    private mutating func offer(_ id: CallID, of split: DeviceID, _ step: inout Step) {
        splits.update(split) { $0.waiting.remove(id) }
        // Not the whole split: a copy of it would be one of its heaps at the first change.
        guard var call = calls.removeValue(forKey: id), let entry = call.queue,
            let split = splits[entry.split]?.profile
        else { return }
        let room = configuration.limits.maximumParties - call.connections.count
        var count = split.strategy == .ringAll ? room : 1
        while count > 0, let agent = splits[entry.split]?.free.first?.key {
            count -= 1
            if let device = agents[agent]?.login?.device { offer(&call, to: device, split, &step) }
            updateFree(agent, &step)
        }
        put(call)
    }

    /// Calls the phone of an agent of the split.
    mutating func offer(
        _ call: inout Call, to device: DeviceID, _ split: SplitProfile, answersItself: Bool = false,
        _ step: inout Step
    ) {
        guard let caller = call.queue?.caller else { return }
        dial(
            Destination(
                device: device, endpoint: .phone(device), presenting: Presentation(number: String(caller.number))),
            into: &call, calling: caller, answersItself: answersItself, from: split, &step)
    }

    /// A call of a split has been answered: all others who were offered it are let go.
    mutating func takeFromQueue(_ call: inout Call, by device: DeviceID, _ step: inout Step) {
        guard call.queue != nil else { return }
        leaveQueue(&call, .answered, &step)
        while let other = call.connections.first(where: { $0.isOffered && $0.device != device }) {
            end(other.leg, .loseRace, &step)
            clear(&call, other.device, .loseRace, call.hangupDevice ?? other.device, &step)
        }
        updateMusic(&call, &step)
    }

    /// The time to ring has passed: all who were offered the call have missed it.
    mutating func offersExpired(_ call: inout Call, _ step: inout Step) {
        while let offered = call.connections.first(where: \.isOffered) {
            end(offered.leg, .noAnswer, &step)
            leave(&call, offered.device, .noAnswer, &step)
        }
    }

    /// An agent has not taken what was offered, and is offered nothing more until it says so.
    mutating func missed(by device: DeviceID, _ cause: HangupCause, _ step: inout Step) {
        // An agent whose phone the switch has lost is not to blame.
        guard !step.isReconciling, let agent = devices[device]?.agent, let mode = agents[agent]?.mode,
            mode == .ready || mode == .allocated
        else { return }
        let reason =
            switch cause {
            case .noAnswer, .noUserResponse, .allottedTimeout, .recoveryOnTimerExpire: "noAnswer"
            case .callRejected, .userBusy: "rejected"
            default: "unreachable"
            }
        change(agent, to: .notReady, reason: reason, &step)
    }
}

extension Connection {
    /// Whether a split has offered the call to the device, which has not answered.
    public var isOffered: Bool { split != nil && answerTime == nil }
}
