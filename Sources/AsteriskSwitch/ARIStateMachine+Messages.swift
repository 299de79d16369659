import CSTA
import SwitchDriver

extension ARIStateMachine {
    mutating func handle(_ message: ARIMessage) {
        guard linked else { return ignore(.messageWhileDown, "") }
        switch message {
        case .stasisStart(let channel, let arguments): stasisStart(channel, arguments)
        case .stateChange(let channel): stateChange(channel)
        case .dial(let peer, let status):
            // SIP 183 with early media changes no channel state.
            if status == "PROGRESS", let id = known(peer), legs[id]?.phone == nil { rings(id) }
        case .hangupRequest(let channel, let cause, _, let soft):
            guard let id = known(channel), let leg = legs[id], leg.channel == channel.id else { return }
            // Only Asterisk itself asks softly for the end of a channel that nobody has answered.
            if soft, cause == 32 || cause == nil, leg.dialled, leg.state != .up { legs[id]?.timedOut = true }
        case .destroyed(let channel, let cause, let sipStatus): destroyed(channel, cause, sipStatus)
        case .hold(let channel): hold(channel, true)
        case .unhold(let channel): hold(channel, false)
        case .enteredBridge(let channel, let bridge):
            if let id = known(channel), legs[id]?.channel == channel.id { legs[id]?.mix = MixID(bridge) }
        case .leftBridge(let channel, let bridge):
            guard let id = known(channel), legs[id]?.channel == channel.id else { return }
            if legs[id]?.mix == MixID(bridge) { legs[id]?.mix = nil }
            if ringing.contains(id) { stopRingback(in: MixID(bridge)) }
        case .bridgeDestroyed(let bridge): mixes.remove(MixID(bridge))
        case .transfer(let channel, let transfer):
            // Our own answer comes back too.
            if transfer.state == nil, let id = known(channel) { asksForTransfer(id, transfer) }
        case .recording(let name, let state): recordingChanged(name, state)
        case .endpoint(let endpoint): endpointChanged(endpoint)
        case .applicationReplaced: return
        case .unused(let type): ignore(.unusedType, type)
        }
    }

    private mutating func known(_ channel: ARIChannel) -> LegID? {
        if let id = legOfChannel[channel.id] { return id }
        ignore(.unknownChannel, channel.name)
        return nil
    }

    private mutating func stasisStart(_ channel: ARIChannel, _ arguments: [String]) {
        if let id = legOfChannel[channel.id] {
            let isSuccessor = legs[id]?.successor == channel.id
            guard (isSuccessor ? legs[id]?.successorEntered : legs[id]?.entered) == false else {
                return ignore(.duplicate, channel.name)
            }
            if isSuccessor { legs[id]?.successorEntered = true } else { legs[id]?.entered = true }
            stateChange(channel)
            for (ticket, awaited) in awaited {
                if case .stasis(let job) = awaited, jobs[job]?.command.leg == id {
                    self.awaited[ticket] = nil
                    stepDone(job)
                }
            }
        } else if arguments.first == ARIRequest.dialledArgument {
            // Its leg has ended meanwhile, or the answer to its creation was lost.
            ignore(.orphanedChannel, channel.name)
            act(.send(.hangUp(channel.id, reason: .named("normal")), nil))
        } else {
            offer(channel, dialled: arguments.count > 1 ? arguments[1] : channel.extensionDialled)
        }
    }

    /// A phone wants its call led elsewhere. One that cannot be had is refused here, so that the phone does not wait.
    private mutating func asksForTransfer(_ id: LegID, _ transfer: ARITransfer) {
        guard let leg = legs[id], let target = target(of: transfer, by: leg) else {
            ignore(.transferByPhone, "\(id) to \(transfer.number)")
            if let leg = legs[id] { act(.send(.answerTransfer(leg.channel, isAccepted: false), nil)) }
            return
        }
        legs[id]?.asksForTransfer = true
        tell(id, .transferRequested(TransferRequest(leg: id, target: target)))
    }

    private func target(of transfer: ARITransfer, by leg: Leg) -> TransferRequest.Target? {
        guard leg.phone != nil else { return nil }
        guard transfer.replaces else {
            let isNumber = !transfer.number.isEmpty && transfer.number.utf8.count <= Self.maximumDialledBytes
            return isNumber ? .number(transfer.number) : nil
        }
        guard let other = transfer.channel.flatMap({ legOfChannel[$0] }), legs[other]?.namespace == leg.namespace else {
            return nil
        }
        return .leg(other)
    }

    private mutating func offer(_ channel: ARIChannel, dialled: String) {
        guard let endpoint = channel.pjsipEndpoint else { return ignore(.foreignChannel, channel.name) }
        let id = LegID(channel.id)
        guard legs[id] == nil, legs.count < Self.maximumLegs else {
            act(.send(.hangUp(channel.id, reason: HangupReason(.switchCongestion)), nil))
            return ignore(.tooManyLegs, channel.name)
        }
        let namespace: Namespace
        let origin: OfferedLeg.Origin
        // A phone by the name of a trunk would get everybody's customers.
        let phone = lines.isTrunk(endpoint: endpoint) ? nil : lines.phone(endpoint: endpoint)
        if let phone {
            namespace = phone.device.namespace
            origin = .phone(phone.device)
        } else if let trunk = lines.trunk(endpoint: endpoint, number: dialled) {
            namespace = trunk.namespace
            let number = channel.callerNumber.isEmpty ? nil : channel.callerNumber
            origin = .trunk(group: trunk.line.group, member: trunk.line.endpoint, number: number)
        } else {
            act(.send(.hangUp(channel.id, reason: HangupReason(.unallocatedNumber)), nil))
            return ignore(.unknownNumber, "\(channel.name) dialled \(dialled)")
        }
        var leg = Leg(namespace: namespace, dialled: false, channel: channel.id)
        leg.phone = phone
        leg.entered = true
        leg.cameAnswered = channel.state == .up
        add(leg, as: id)
        act(.send(.setVariable(channel.id, ARIRequest.namespaceVariable, namespace.name), nil))
        tell(id, .legOffered(OfferedLeg(leg: id, origin: origin, dialled: dialled)))
    }

    private mutating func stateChange(_ channel: ARIChannel) {
        guard let id = known(channel) else { return }
        switch channel.state {
        case .ringing: if legs[id]?.channel == channel.id { rings(id) }
        case .up: up(id, channel.id)
        default: return
        }
    }

    mutating func rings(_ id: LegID) {
        guard let leg = legs[id], leg.dialled, leg.state == .pending else { return }
        legs[id]?.state = .ringing
        legs[id]?.rang = true
        ringing.insert(id)
        tell(id, .legRinging(id))
        if leg.request?.answersItself == true, leg.phone?.remoteAnswer == .notifyTalk, hasManager {
            act(.talk(channel: leg.channel, nil))
        }
    }

    mutating func up(_ id: LegID, _ channel: String) {
        guard let leg = legs[id], leg.state != .up else { return }
        if leg.successor == channel {
            legOfChannel[leg.channel] = nil
            act(.send(.hangUp(leg.channel, reason: .named("answered_elsewhere")), nil))
            legs[id]?.channel = channel
            legs[id]?.successor = nil
            if let mix = leg.mix, mix != leg.successorMix {
                // The leg went elsewhere while it rang.
                act(.send(.add(channel, to: mix, as: leg.part ?? .talker), nil))
            }
        } else if let successor = leg.successor {
            legOfChannel[successor] = nil
            legs[id]?.successor = nil
            act(.send(.hangUp(successor, reason: .named("answered_elsewhere")), nil))
        }
        legs[id]?.state = .up
        ringing.remove(id)
        tell(id, .legAnswered(id))
    }

    private mutating func destroyed(_ channel: ARIChannel, _ cause: Int, _ sipStatus: Int?) {
        guard let id = known(channel), let leg = legs[id] else { return }
        if leg.successor == channel.id {
            // The phone did not take the call that was to answer itself; the first one rings on.
            legOfChannel[channel.id] = nil
            legs[id]?.successor = nil
            legs[id]?.successorEntered = false
            tell(id, .commandRefused(id))
        } else {
            end(id, leg.cause(cause, sipStatus: sipStatus))
        }
    }

    private mutating func hold(_ channel: ARIChannel, _ holds: Bool) {
        guard let id = known(channel), let leg = legs[id] else { return }
        // Asterisk cannot be asked whether a phone holds: after a relink it may, though nothing is known of it here.
        guard leg.held != holds || !holds else { return ignore(.duplicate, channel.name) }
        legs[id]?.held = holds
        tell(id, holds ? .legHeld(id) : .legRetrieved(id))
    }

    mutating func endpointChanged(_ endpoint: ARIEndpoint) {
        guard endpoint.technology == "PJSIP", let isOnline = endpoint.online else { return }
        let isNew = isOnline ? noteOnline(endpoint.resource) : online.remove(endpoint.resource) != nil
        guard isNew, let phone = lines.phone(endpoint: endpoint.resource[...]) else { return }
        act(
            .tell(
                phone.device.namespace,
                isOnline ? .deviceRegistered(phone.device) : .deviceUnregistered(phone.device)))
    }
}
