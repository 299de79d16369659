public import CSTA
import SwitchDriver

// Calls that the server places for an agent it reserves. An agent is Allocated from then on until the call is over that reaches
// it, or nothing comes of it. What is reserved has an end by a timer, whatever the switch tells or does not tell.
extension Tenant {
    mutating func placeOutboundCall(
        _ order: OutboundCall, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        guard requester.role.supervises else { throw .notYours }
        guard (1...OutboundCall.maximumDials).contains(order.calls.count), let first = order.calls.first else {
            throw .invalidNumber
        }
        guard let split = splits[order.split], let agent = split.free.first?.key,
            let device = agents[agent]?.login?.device
        else { throw .noFreeAgent }
        try requireLine(to: customer(of: order, for: device))
        guard isWithinBounds(order.userData) else { throw .tooMuchUserData }
        try requireRoom(for: first)
        change(agent, to: .allocated, reason: nil, &step)
        agents[agent]?.login?.allocation = Allocation(order)
        updateFree(agent, &step)
        step.set(.allocation(agent), afterSeconds: order.limitSeconds)
        if !order.isPreview { dialCustomer(for: agent, &step) }
        return .done
    }

    /// An Allocated agent whom no call has reached is Ready again.
    mutating func release(_ agent: AgentID, by requester: Requester, _ step: inout Step) throws(Refusal) -> Reply {
        let login = try login(of: agent, for: requester)
        guard login.allocation != nil else { throw .notAllocated(login.mode) }
        giveUp(agent, .released, &step)
        return .done
    }

    /// Releases all who are reserved for a campaign; calls that have reached an agent go on.
    mutating func releaseCampaign(
        _ campaign: CampaignID, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        guard requester.role.supervises else { throw .notYours }
        release(where: { $0.campaign == campaign }, &step)
        return .done
    }

    mutating func release(where isMeant: (OutboundCall) -> Bool, _ step: inout Step) {
        let reserved = agents.values.filter { $0.login?.allocation.map { isMeant($0.order) } == true }
        for agent in reserved.map(\.profile.id).sorted(by: { $0.text < $1.text }) { giveUp(agent, .released, &step) }
    }

    /// The agent has looked at whom it is to call.
    mutating func answerPreview(
        of agent: AgentID, isAccepted: Bool, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        let login = try login(of: agent, for: requester)
        guard let allocation = login.allocation, allocation.isProposed else { throw .nothingProposed(login.mode) }
        if isAccepted {
            try requireLine(to: customer(of: allocation.order, for: login.device))
            try requireRoom(for: allocation.order.calls[0])
            dialCustomer(for: agent, &step)
        } else {
            giveUp(agent, .skipped, &step)
        }
        return .done
    }

    /// Where an outbound call leads; the dialling rules hold for it as for an agent's.
    private func customer(of order: OutboundCall, for device: DeviceID) throws(Refusal) -> Destination {
        let destination = try destination(
            dialled: order.number, by: device, originForDisplay: order.originForDisplay)
        guard case .external = destination.endpoint else { throw .noRoute }
        return destination
    }

    private mutating func dialCustomer(for agent: AgentID, _ step: inout Step) {
        guard let login = agents[agent]?.login, var allocation = login.allocation else { return }
        let order = allocation.order
        let id = order.calls[allocation.dials]
        let destination: Destination
        do throws(Refusal) {
            destination = try customer(of: order, for: login.device)
            try requireLine(to: destination)
            try requireRoom(for: id)
        } catch {
            // What came of the dial before is what counts.
            if case .pausing(let code) = allocation.phase { return giveUp(agent, .failed(code), &step) }
            return giveUp(agent, .released, &step)
        }
        allocation.dials += 1
        allocation.phase = .dialling(id)
        agents[agent]?.login?.allocation = allocation
        changes.agents.insert(agent)
        var call = Call(
            id: id, type: order.callType, began: step.now, originator: login.device, userData: order.userData)
        call.outbound = OutboundTie(agent: agent, order: order, dials: allocation.dials)
        call.setOriginalParties(calling: destination.device, called: login.device)
        dial(destination, into: &call, calling: login.device, ringSeconds: order.ringSeconds, &step)
        put(call)
    }

    /// The customer has answered: the call reaches the agent. Should that one not take it, the customer waits in the split,
    /// before all who have called themselves.
    mutating func customerAnswered(_ call: inout Call, _ index: Int, _ tie: OutboundTie, _ step: inout Step) {
        call.connections[index].legState = .up
        call.connections[index].state = .connect
        call.connections[index].hasJoined = true  // The switch may not have told that it rang.
        call.connections[index].history.offered = call.connections[index].history.offered ?? step.now
        call.connections[index].history.answered = step.now
        step.effects.append(.cancelTimer(call.answerTimer(of: call.connections[index])))
        let customer = call.connections[index].device
        guard let split = splits[tie.order.split], let login = agents[tie.agent]?.login,
            login.allocation?.phase == .dialling(call.id)
        else {
            end(call.connections[index].leg, .normalTemporaryFailure, &step)
            return leave(&call, customer, .normalTemporaryFailure, &step)
        }
        endTimers(of: tie.agent, login.allocation, &step)
        agents[tie.agent]?.login?.allocation = nil
        changes.agents.insert(tie.agent)
        unsettled.agents.append(tie.agent)
        lastOrder += 1
        call.queue = QueueEntry(
            split: split.profile.id, caller: customer, priority: QueueEntry.outboundPriority, order: lastOrder,
            began: step.now, entered: step.now)
        count(.entered, in: split.profile.id, &step)
        step.set(.waitLimit(call.id), afterSeconds: split.profile.maximumWaitSeconds)
        offer(&call, to: login.device, split.profile, answersItself: tie.order.answersItself, &step)
    }

    /// The customer could not be had: it is tried again for the same agent, or nothing comes of it.
    mutating func outboundFailed(_ call: CallID, _ tie: OutboundTie, _ cause: HangupCause, _ step: inout Step) {
        guard var allocation = agents[tie.agent]?.login?.allocation, allocation.phase == .dialling(call) else { return }
        let code = FailedCode(cause)
        guard allocation.dials < allocation.order.calls.count, allocation.order.redialledAfter.contains(code) else {
            return giveUp(tie.agent, .failed(code), &step)
        }
        allocation.phase = .pausing(code)
        agents[tie.agent]?.login?.allocation = allocation
        changes.agents.insert(tie.agent)
        step.set(.redial(tie.agent), afterSeconds: OutboundCall.redialSeconds)
    }

    mutating func redial(_ agent: AgentID, _ step: inout Step) {
        guard case .pausing? = agents[agent]?.login?.allocation?.phase else { return step.ignore(.unknownTimer) }
        dialCustomer(for: agent, &step)
    }

    /// The agent has been reserved for as long as it may be.
    mutating func allocationExpired(_ agent: AgentID, _ step: inout Step) {
        guard let allocation = agents[agent]?.login?.allocation else { return step.ignore(.unknownTimer) }
        switch allocation.phase {
        case .proposed: giveUp(agent, .expired, &step)
        case .dialling: giveUp(agent, .failed(.notAnswer), &step)
        case .pausing(let code): giveUp(agent, .failed(code), &step)
        }
    }

    /// Nothing comes of what an agent is reserved for.
    mutating func giveUp(_ agent: AgentID, _ outcome: OutboundOutcome, _ step: inout Step) {
        let pending = agents[agent]?.login?.pending
        endAllocation(of: agent, outcome, &step)
        change(agent, to: pending?.mode ?? .ready, reason: pending?.reason, &step)
    }

    /// What an agent is reserved for ends; its mode is for the caller to change.
    mutating func endAllocation(of agent: AgentID, _ outcome: OutboundOutcome, _ step: inout Step) {
        guard let allocation = agents[agent]?.login?.allocation else { return }
        endTimers(of: agent, allocation, &step)
        agents[agent]?.login?.allocation = nil
        changes.agents.insert(agent)
        conclude(
            OutboundTie(agent: agent, order: allocation.order, dials: allocation.dials), allocation.lastCall, outcome,
            &step)
        guard case .dialling(let id) = allocation.phase, let leg = calls[id]?.connections.first?.leg else { return }
        endUnanswered(id, leg, &step)
    }

    /// Ends a call that has not reached anybody.
    private mutating func endUnanswered(_ id: CallID, _ leg: LegID, _ step: inout Step) {
        guard var call = calls.removeValue(forKey: id), let index = call.index(of: leg) else { return }
        call.outbound = nil
        end(leg, .originatorCancel, &step)
        leave(&call, call.connections[index].device, .originatorCancel, &step)
        put(call)
    }

    private func endTimers(of agent: AgentID, _ allocation: Allocation?, _ step: inout Step) {
        step.effects.append(.cancelTimer(.allocation(agent)))
        if case .pausing? = allocation?.phase { step.effects.append(.cancelTimer(.redial(agent))) }
    }

    func conclude(_ tie: OutboundTie, _ call: CallID?, _ outcome: OutboundOutcome, _ step: inout Step) {
        step.effects.append(
            .record(
                .outbound(
                    OutboundResult(
                        contact: tie.order.contact, outcome: outcome, dials: tie.dials, agent: tie.agent, call: call,
                        ended: step.now))))
    }

    /// The call that an agent was reserved for is over, and it did not answer: looked at when the input is done.
    mutating func endIdleReservation(_ agent: AgentID, _ step: inout Step) {
        guard let login = agents[agent]?.login, login.mode == .allocated, login.allocation == nil, !isInCall(login)
        else { return }
        change(agent, to: login.pending?.mode ?? .ready, reason: login.pending?.reason, &step)
    }

    /// How many calls could be placed for agents of a split now.
    public func freeAgents(of split: DeviceID) -> Int {
        isSwitchUp && !beginsNothing ? splits[split]?.free.count ?? 0 : 0
    }

    /// Contacts of whose calls the result is still to come.
    public var contactsUnderWay: Set<ContactID> {
        Set(
            agents.values.compactMap { $0.login?.allocation?.order.contact }
                + calls.values.compactMap { $0.outbound?.order.contact })
    }

    /// The server has come back: whoever is reserved is so for the rest of the time, and only if its call is there. A crash may
    /// have left one of the two without the other.
    mutating func resumeOutbound(_ step: inout Step) {
        for agent in agentsInOrder {
            guard let login = agents[agent]?.login, login.mode == .allocated else { continue }
            unsettled.agents.append(agent)
            guard let allocation = login.allocation else { continue }
            if case .dialling(let id) = allocation.phase, calls[id]?.outbound?.agent != agent {
                giveUp(agent, .released, &step)
                continue
            }
            let left = step.now.secondsLeft(of: allocation.order.limitSeconds, since: login.since)
            step.set(.allocation(agent), afterSeconds: left)
            if case .pausing = allocation.phase { step.set(.redial(agent), afterSeconds: OutboundCall.redialSeconds) }
        }
        _ = endUnreserved(&step)
    }

    /// Ends calls that were placed for agents who are not reserved for them any more.
    ///
    /// - Returns: which.
    mutating func endUnreserved(_ step: inout Step) -> [CallID] {
        let unreserved = calls.values.filter { call in
            guard let tie = call.outbound, call.queue == nil else { return false }
            return agents[tie.agent]?.login?.allocation?.phase != .dialling(call.id)
        }
        for call in unreserved.sorted(by: { $0.id.text < $1.id.text }) {
            if let leg = call.connections.first?.leg { endUnanswered(call.id, leg, &step) }
        }
        return unreserved.map(\.id)
    }
}

extension QueueEntry {
    /// Above what any number that customers call can be given: who was called is not to wait.
    static var outboundPriority: Int { 1000 }
}
