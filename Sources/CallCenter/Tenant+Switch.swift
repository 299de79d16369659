import CSTA
import SwitchDriver

// What the switch tells. None of it is trusted to come once, in time, or to make sense.
extension Tenant {
    mutating func handle(_ event: SwitchEvent, newCall: CallID?, _ step: inout Step) {
        switch event {
        case .legOffered(let offer): offered(offer, newCall, &step)
        case .legRinging(let leg): onLeg(leg, &step) { $0.ringing(&$1, $2, &$3) }
        case .legAnswered(let leg): onLeg(leg, &step) { $0.answered(&$1, $2, &$3) }
        case .legConnected(let leg, _): onLeg(leg, &step) { $0.connected(&$1, $2, &$3) }
        case .legTakenOut(let leg): onLeg(leg, &step) { $0.takenOut(&$1, $2, &$3) }
        case .legHeld(let leg): onLeg(leg, &step) { $0.held(&$1, $2, .atPhone, &$3) }
        case .legRetrieved(let leg): onLeg(leg, &step) { $0.retrieved(&$1, $2, .atPhone, &$3) }
        case .legEnded(let leg, let cause):
            if endingLegs.remove(leg) == nil { onLeg(leg, &step) { $0.ended(&$1, $2, cause, &$3) } }
        case .commandRefused(let leg): onLeg(leg, &step) { $0.refused(&$1, $2, &$3) }
        case .transferRequested, .recordingStarted, .recordingEnded: step.ignore(.outOfOrder)
        case .deviceRegistered(let device): registered(device, true, &step)
        case .deviceUnregistered(let device): registered(device, false, &step)
        case .linkDown:
            if isSwitchUp { isSwitchUp = false } else { step.ignore(.repeated) }
        case .linkUp(let snapshot): reconcile(with: snapshot, &step)
        }
    }

    /// Runs `body` on the call that a leg belongs to, and keeps the call if a party is left.
    private mutating func onLeg(
        _ leg: LegID, _ step: inout Step,
        _ body: (inout Tenant, inout Call, _ index: Int, inout Step) -> Void
    ) {
        guard let id = legs[leg] else { return step.ignore(endingLegs.contains(leg) ? .outOfOrder : .unknownLeg) }
        guard var call = calls.removeValue(forKey: id) else { return step.ignore(.unknownLeg) }
        guard let index = call.connections.firstIndex(where: { $0.leg == leg }) else {
            calls[id] = call
            return step.ignore(.unknownLeg)
        }
        body(&self, &call, index, &step)
        changes.calls.insert(id)
        if !call.connections.isEmpty { calls[id] = call }
    }

    private mutating func ringing(_ call: inout Call, _ index: Int, _ step: inout Step) {
        switch (call.connections[index].legState, call.connections[index].state) {
        case (.dialling, .initiate): call.connections[index].legState = .ringing
        case (.dialling, .none): deliver(&call, index, &step)
        case (.ringing, _): step.ignore(.repeated)
        default: step.ignore(.outOfOrder)
        }
    }

    private mutating func answered(_ call: inout Call, _ index: Int, _ step: inout Step) {
        let connection = call.connections[index]
        switch (connection.legState, connection.state) {
        case (.waiting, .connect): call.connections[index].legState = .up
        case (.up, _): step.ignore(.repeated)
        case (.dialling, .initiate), (.ringing, .initiate):
            call.connections[index].legState = .up
            guard let called = call.destination?.device else { return step.ignore(.outOfOrder) }
            originate(&call, to: called, &step)
            dialDestination(of: &call, &step)
        case (.dialling, .none), (.ringing, .alerting): establish(&call, index, &step)
        default: step.ignore(.outOfOrder)
        }
    }

    private mutating func connected(_ call: inout Call, _ index: Int, _ step: inout Step) {
        guard call.connections[index].request == .retrieve else { return }
        call.connections[index].request = nil
        retrieved(&call, index, .byService, &step)
    }

    private mutating func takenOut(_ call: inout Call, _ index: Int, _ step: inout Step) {
        guard call.connections[index].request == .hold else { return step.ignore(.outOfOrder) }
        call.connections[index].request = nil
        held(&call, index, .byService, &step)
    }

    /// By the API and by the phone's own button alike: what counts is whether anything holds.
    private mutating func held(
        _ call: inout Call, _ index: Int, _ hold: Connection.Holds, _ step: inout Step
    ) {
        let connection = call.connections[index]
        guard call.isEstablished, !connection.holds.contains(hold) else {
            return step.ignore(call.isEstablished ? .repeated : .outOfOrder)
        }
        call.connections[index].holds.insert(hold)
        guard connection.state == .connect else { return }
        call.connections[index].state = .hold
        send(about: connection.device, .hold, of: call, &step) { _ in .held(holdingDevice: connection.device) }
    }

    private mutating func retrieved(
        _ call: inout Call, _ index: Int, _ hold: Connection.Holds, _ step: inout Step
    ) {
        guard call.connections[index].holds.remove(hold) != nil else { return step.ignore(.repeated) }
        guard call.connections[index].holds.isEmpty else { return }
        let device = call.connections[index].device
        call.connections[index].state = .connect
        send(about: device, .connect, of: call, &step) { _ in .retrieved(retrievingDevice: device) }
    }

    /// A hold that was refused may have been carried out in part: the leg goes back into the mix.
    private mutating func refused(_ call: inout Call, _ index: Int, _ step: inout Step) {
        let request = call.connections[index].request
        call.connections[index].request = nil
        guard request == .hold else { return }
        step.tell(.connect(call.connections[index].leg, mix: call.mix))
        if !call.connections.contains(where: { $0.holds.contains(.byService) }) { step.tell(.stopMusic(call.mix)) }
    }

    private mutating func ended(_ call: inout Call, _ index: Int, _ cause: HangupCause, _ step: inout Step) {
        let connection = call.connections[index]
        let isCaller = connection.device == call.originator
        if call.isEstablished {
            leave(&call, connection.device, connection.isClearing ? .normalClearing : cause.ofEstablished, &step)
        } else if isCaller {
            // A caller whose own phone did not come up has not given up; one who was told to end, or was on the line, has.
            let gaveUp = connection.isClearing || connection.legState == .up || connection.legState == .waiting
            leave(&call, connection.device, gaveUp ? .originatorCancel : cause, &step)
        } else {
            fail(&call, connection.device, connection.isClearing ? .callRejected : cause, &step)
        }
    }

    private mutating func registered(_ device: DeviceID, _ isRegistered: Bool, _ step: inout Step) {
        guard let known = devices[device]?.isRegistered else { return step.ignore(.unknownDevice) }
        if known == isRegistered { step.ignore(.repeated) }
        devices[device]?.isRegistered = isRegistered
    }
}

extension HangupCause {
    /// The same at the end of a call that was up: there is nothing left to give up or to clear abnormally.
    fileprivate var ofEstablished: HangupCause {
        switch self {
        case .unspecified, .normalUnspecified, .originatorCancel: .normalClearing
        default: self
        }
    }
}
