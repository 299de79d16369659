import CSTA
import CallCenter
import SwitchDriver

// What people do, and what has to be so when nothing is under way.
extension Site {
    mutating func perform(_ action: Action) {
        advance(to: Instant(milliseconds: now.milliseconds + action.waitMilliseconds))
        guard violation == nil else { return }
        countStep()
        say("\(action)")
        switch action.deed {
        case .asks(let command, let requester): ask(command, by: requester)
        case .presses(let button, let device): press(button, on: device)
        case .dials(let number, let device, let leg, let call): dial(number, on: device, leg, call)
        case .customerCalls(let number, let to, let leg, let call):
            let body = ModelSwitch.Leg(party: nil, number: number, state: .offered)
            offer(leg, body, .trunk(group: "2", member: "gateway", number: number), to, call)
        case .outsideHangsUp(let leg):
            guard let known = telephony.legs[leg], known.party == nil else { return }
            change { $0.end(leg, known.state == .offered ? .originatorCancel : .normalClearing) }
        case .registers(let device, let isRegistered): change { $0.setRegistered(device, isRegistered) }
        case .configures(let setup): setUp(setup)
        case .fault(let fault): happen(fault)
        case .stray(let event): apply(.switchEvent(event))
        case .strayTimer(let timer): apply(.timer(timer))
        case .nothing: break
        }
    }

    private mutating func dial(_ number: String, on device: DeviceID, _ leg: LegID, _ call: CallID) {
        let own = telephony.phones[device] ?? []
        guard own.count < 2, telephony.registered.contains(device), DeviceID.isNumber(number) else { return }
        if let first = own.first {
            guard telephony.legs[first]?.state == .up else { return }
            change { $0.hold(first) }
        }
        offer(leg, ModelSwitch.Leg(party: device, state: .offered), .phone(device), number, call)
    }

    private mutating func press(_ button: Button, on device: DeviceID) {
        let own = telephony.phones[device] ?? []
        let up = own.filter { telephony.legs[$0]?.state == .up }
        let active = up.first { telephony.legs[$0]?.isHeldAtPhone == false }
        switch button {
        case .answer:
            guard let leg = own.first(where: { telephony.legs[$0]?.state == .ringing }) else { return }
            change { $0.answered(leg) }
        case .reject:
            guard let leg = own.first(where: { telephony.legs[$0]?.state == .ringing }) else { return }
            change { $0.end(leg, .callRejected) }
        case .hangUp:
            if let offered = own.first(where: { telephony.legs[$0]?.state == .offered }) {
                change { $0.end(offered, .originatorCancel) }
            } else if let leg = active ?? up.first {
                change { $0.end(leg, .normalClearing) }
            }
        case .hold: if let active { change { $0.hold(active) } }
        case .retrieve:
            guard let held = up.first(where: { telephony.legs[$0]?.isHeldAtPhone == true }) else { return }
            change { $0.retrieve(held) }
        case .blindTransfer(let number):
            guard let leg = active ?? up.first else { return }
            change { $0.ask(for: TransferRequest(leg: leg, target: .number(number))) }
        case .attendedTransfer(let isFromSecond):
            guard own.count == 2 else { return }
            let (leg, other) = isFromSecond ? (own[1], own[0]) : (own[0], own[1])
            change { $0.ask(for: TransferRequest(leg: leg, target: .leg(other))) }
        }
    }

    /// Whether something waits for a recording or a leg to end: the switch is ahead then.
    var isWaiting: Bool {
        tenant.calls.values.contains { call in
            call.connections.contains { $0.isClearing || $0.recording?.isStopping == true }
        }
    }

    /// When nothing is under way, the switch has to be as the calls say: who hears whom, and no leg without a call.
    mutating func checkSwitch() {
        guard isQuiet, !isDisturbed, violation == nil else { return }
        if isWaiting { return }
        countSwitchCheck()
        var known: Set<LegID> = []
        var recorded: Set<RecordingID> = []
        var heldAtPhone: Set<LegID> = []
        for call in tenant.calls.values {
            for connection in call.connections where connection.holds.contains(.atPhone) {
                heldAtPhone.insert(connection.leg)
            }
        }
        for (id, call) in tenant.calls {
            for connection in call.connections {
                known.insert(connection.leg)
                if let recording = connection.recording { recorded.insert(recording.id) }
                if let found = disagreement(of: connection, in: call, heldAtPhone) {
                    return fail(Violation("switch", "\(connection.device) in \(id): \(found)"))
                }
            }
        }
        for id in shadow.unretrieved {
            guard let leg = tenant.calls[id.call]?.connection(of: id.device)?.leg, let own = telephony.legs[leg],
                !own.isOutOfStep, !own.isHeldAtPhone, telephony.isHoldKnown(own)
            else { continue }
            return fail(Violation("consultation", "\(id) is not retrieved after it"))
        }
        for leg in telephony.legs.keys where !known.contains(leg) {
            return fail(Violation("switch", "leg \(leg) is up and belongs to no call"))
        }
        for (recording, _) in telephony.recordings where !recorded.contains(recording) {
            return fail(Violation("switch", "\(recording) runs on after its call"))
        }
    }

    private func disagreement(of connection: Connection, in call: Call, _ heldAtPhone: Set<LegID>) -> String? {
        guard let leg = telephony.legs[connection.leg] else { return "its leg \(connection.leg) is gone" }
        if (leg.state == .up) != (connection.legState == .up), leg.state != .offered, connection.legState != .waiting {
            return "its leg is \(leg.state), and believed to be \(connection.legState)"
        }
        let isWaiting = call.queue?.caller == connection.device && connection.legState == .up
        guard connection.answerTime != nil || isWaiting, !leg.isOutOfStep, leg.state == .up else { return nil }
        let mix = MixID(call.id)
        if connection.holds.contains(.byService) {
            if leg.mix == mix { return "it hears the call that it holds" }
        } else if leg.mix != mix {
            return "it does not hear the call: its leg is in \(leg.mix?.text ?? "no mix")"
        } else if (leg.part == .talker) != (connection.part == .party) {
            return "it is a \(leg.part), and should be a \(connection.part)"
        }
        if telephony.isHoldKnown(leg), connection.part == .party,
            heldAtPhone.contains(connection.leg) != leg.isHeldAtPhone
        {
            return leg.isHeldAtPhone ? "its phone holds, unknown to anybody" : "its phone does not hold"
        }
        return nil
    }

    mutating func checkAll() {
        guard violation == nil else { return }
        fail(shadow.fullDisagreement(with: tenant))
    }

    /// Lets everything come to its end: nothing may be left.
    mutating func windDown() {
        guard violation == nil else { return }
        say("winding down")
        disarm()
        happen(.linkCut(100, losesCommands: false))
        wait(milliseconds: 1000)
        let supervisor = everything.agents.first { $0.role == .supervisor }?.id
        for _ in 0..<12 where !tenant.calls.isEmpty && violation == nil {
            for id in tenant.calls.keys.sorted(by: { $0.text < $1.text }) {
                guard let connection = tenant.calls[id]?.connections.first(where: \.hasJoined), let supervisor else {
                    continue
                }
                ask(
                    .clearConnection(ConnectionID(device: connection.device, call: id)),
                    by: Requester(agent: supervisor, role: .supervisor))
            }
            wait(milliseconds: 30_000)
        }
        wait(milliseconds: 90_000)
        checkSwitch()
        checkAll()
        guard violation == nil else { return }
        let calls = tenant.calls.keys.map(\.text).sorted()
        if !calls.isEmpty { return fail(Violation("end", "calls that do not end: \(calls)")) }
        let legs = telephony.legs.keys.map(\.text).sorted()
        if !legs.isEmpty { return fail(Violation("end", "legs that nobody ended: \(legs)")) }
        if shadow.openParts > 0 { return fail(Violation("end", "parts without an end: \(shadow.calls)")) }
        let recordings = telephony.recordings.keys.map(\.text).sorted()
        if !recordings.isEmpty { return fail(Violation("end", "recordings that nobody ended: \(recordings)")) }
    }

    private mutating func wait(milliseconds: Int64) {
        advance(to: Instant(milliseconds: now.milliseconds + milliseconds))
    }
}
