import CSTA
import CallCenter
import SwitchDriver

extension Dealer {
    // MARK: One call

    mutating func inCall(_ site: Site, _ id: ConnectionID, _ requester: Requester) -> Deed {
        guard let call = site.tenant.calls[id.call], let connection = call.connection(of: id.device) else {
            return .nothing
        }
        switch connection.state {
        case .alerting, .none: return ringing(id, requester)
        case .initiate: return chance.isOne(in: 3) ? calling(id, requester) : .nothing
        case .hold: return holding(site, id, requester)
        default: return talking(site, id, requester)
        }
    }

    private mutating func ringing(_ id: ConnectionID, _ requester: Requester) -> Deed {
        switch chance.below(14) {
        case 0..<6: .asks(.answerCall(id), requester)
        case 6..<12: .presses(.answer, id.device)
        case 12: .presses(.reject, id.device)
        default: .asks(.clearConnection(id), requester)
        }
    }

    private mutating func calling(_ id: ConnectionID, _ requester: Requester) -> Deed {
        switch chance.below(8) {
        case 0: .asks(.clearConnection(id), requester)
        case 1: .presses(.hangUp, id.device)
        case 2: .presses(.hold, id.device)
        default: .presses(.answer, id.device)
        }
    }

    private mutating func holding(_ site: Site, _ id: ConnectionID, _ requester: Requester) -> Deed {
        switch chance.below(16) {
        case 0..<4: .asks(.retrieveCall(id), requester)
        case 4..<6: .presses(.retrieve, id.device)
        case 6..<9: .asks(.consultationCall(id, participant: target(site), call: newCall()), requester)
        case 9, 10: .dials(target(site), id.device, leg: newLeg(), call: newCall())
        case 11: .asks(.clearConnection(id), requester)
        case 12: .asks(.singleStepTransferCall(id, to: target(site), returns: chance.isOne(in: 2)), requester)
        case 13: .presses(.hold, id.device)
        case 14: .asks(.startRecording(id.device), requester)
        default: .presses(.hangUp, id.device)
        }
    }

    private mutating func talking(_ site: Site, _ id: ConnectionID, _ requester: Requester) -> Deed {
        let supervisor = Requester(
            agent: site.configuration.agents.last?.id ?? requester.agent, role: .supervisor)
        let other = chance.isOne(in: 4) ? supervisor : requester
        switch chance.below(40) {
        case 0..<3: return .asks(.holdCall(id), requester)
        case 3..<5: return .presses(.hold, id.device)
        case 5..<13: return .asks(.consultationCall(id, participant: target(site), call: newCall()), requester)
        case 13..<16: return .dials(target(site), id.device, leg: newLeg(), call: newCall())
        case 16..<19:
            return .asks(.singleStepTransferCall(id, to: target(site), returns: chance.isOne(in: 3)), other)
        case 19..<22:
            return .asks(
                .singleStepConferenceCall(id, participant: target(site), isSilent: chance.isOne(in: 3)), other)
        case 22, 23: return .presses(.blindTransfer(target(site)), id.device)
        case 24, 25: return .presses(.hangUp, id.device)
        case 26, 27: return .asks(.clearConnection(id), other)
        case 28, 29:
            var data = UserData()
            data["key\(chance.below(3))"] = "\(step) \"ü\""
            return .asks(.setUserData(id.call, data), requester)
        case 30, 31: return .asks(.startRecording(id.device), requester)
        case 32: return .asks(.stopRecording(id.device), requester)
        case 33: return .asks(.agentGreeting(id.call, requester.agent, device: id.device), requester)
        case 34: return hangUpOther(site, id)
        default: return .nothing
        }
    }

    /// The other party ends the call, whoever it is.
    private mutating func hangUpOther(_ site: Site, _ id: ConnectionID) -> Deed {
        let others = site.tenant.calls[id.call]?.connections.filter { $0.device != id.device } ?? []
        guard let other = chance.pick(others) else { return .nothing }
        return other.isInternal ? .presses(.hangUp, other.device) : .outsideHangsUp(other.leg)
    }

    // MARK: Two calls

    mutating func inTwoCalls(
        _ site: Site, _ device: DeviceID, _ calls: [CallID], _ requester: Requester
    ) -> Deed {
        let ids = calls.map { ConnectionID(device: device, call: $0) }
        let states = calls.map { site.tenant.calls[$0]?.connection(of: device)?.state ?? .none }
        let held = states[0] == .hold ? ids[0] : ids[1]
        let active = held == ids[0] ? ids[1] : ids[0]
        switch chance.below(40) {
        case 0..<6:
            return .asks(.transferCall(held: held, active: active.call, returns: chance.isOne(in: 3)), requester)
        case 6..<11: return .asks(.conferenceCall(held: held, active: active.call), requester)
        case 11..<13: return .asks(.cancelConsultation(held: held, consultation: active.call), requester)
        case 13..<18: return .asks(.holdCall(active), requester)
        case 18..<20: return .presses(.hold, device)
        case 20..<24: return .asks(.retrieveCall(chance.isOne(in: 3) ? active : held), requester)
        case 24..<26: return .presses(.retrieve, device)
        case 26..<30: return .presses(.attendedTransfer(isFromSecond: chance.isOne(in: 2)), device)
        case 30: return .asks(.clearConnection(chance.isOne(in: 2) ? held : active), requester)
        case 31: return .presses(.hangUp, device)
        case 32: return .asks(.startRecording(device), requester)
        case 33: return hangUpOther(site, chance.isOne(in: 2) ? held : active)
        case 34: return .asks(.transferCall(held: active, active: held.call, returns: false), requester)
        default: return .nothing
        }
    }

    // MARK: What makes no sense

    /// Any command about anything.
    mutating func senseless(_ site: Site, _ device: DeviceID) -> Deed {
        guard let agent = chance.pick(site.configuration.agents) else { return .nothing }
        let requester = Requester(agent: agent.id, role: chance.pick([.agent, .supervisor]) ?? .agent)
        let call = someCall(site) ?? newCall("none")
        let other = someCall(site) ?? newCall("none")
        let devices = site.tenant.calls[call]?.connections.map(\.device) ?? []
        let id = ConnectionID(device: chance.pick(devices) ?? device, call: call)
        let number = target(site)
        let commands: [Command] = [
            .answerCall(id), .clearConnection(id), .holdCall(id), .retrieveCall(id),
            .singleStepTransferCall(id, to: number, returns: true),
            .singleStepConferenceCall(id, participant: number, isSilent: false),
            .consultationCall(id, participant: number, call: newCall()),
            .cancelConsultation(held: id, consultation: other), .transferCall(held: id, active: other, returns: false),
            .conferenceCall(held: id, active: other), .listen(call, device: device),
            .agentGreeting(call, agent.id, device: device), .startRecording(device), .stopRecording(device),
            .logIn(agent.id, device: device, mode: .allocated),
            .makeCall(MakeCall(call: newCall(), from: device, to: number)),
            .transferCall(held: id, active: call, returns: false),
        ]
        return .asks(chance.pick(commands) ?? .logOut(agent.id), requester)
    }

    /// What no switch in its right mind tells.
    mutating func stray(_ site: Site, _ device: DeviceID) -> Deed {
        let call = someCall(site) ?? newCall("none")
        let leg = LegID("nobody")
        let events: [SwitchEvent] = [
            .legEnded(leg, cause: .normalClearing), .legAnswered(leg), .legRinging(leg), .legTakenOut(leg),
            .legConnected(leg, mix: MixID(call)), .legHeld(leg), .legRetrieved(leg), .commandRefused(leg),
            .transferRequested(TransferRequest(leg: leg, target: .number("8001"))),
            .recordingStarted(RecordingID("none")), .recordingEnded(RecordingID("none"), isSuccess: true),
            .deviceRegistered(device),
        ]
        switch chance.below(3) {
        case 0:
            let agent = site.tenant.devices[device]?.agent ?? AgentID("none", in: site.configuration.namespace)
            let timers: [TimerID?] = [
                .clearing(leg), .recording(RecordingID("none")), .waitLimit(call), .announcement(call),
                agent.map(TimerID.wrapUp),
            ]
            return chance.pick(timers.compactMap(\.self)).map(Deed.strayTimer) ?? .nothing
        default: return chance.pick(events).map(Deed.stray) ?? .nothing
        }
    }
}
