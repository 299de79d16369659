import CSTA
import SwitchDriver

/// What the virtual phones show, and what their buttons do.
extension SandboxMachine {
    /// All phones of the tenant, in the order of their numbers as text.
    public var phoneStatuses: [PhoneStatus] {
        phones.map { device, phone in
            let id = legInHand(of: phone)
            let leg = id.flatMap { legs[$0] }
            var status = PhoneStatus(
                device: device, isRegistered: phone.isRegistered, state: state(of: phone), isMuted: false, leg: id,
                heldLegs: heldLegs(of: phone), display: leg?.display, transfer: phone.transfer,
                announcement: phone.announcement)
            if case .up(_, let isMuted) = leg?.state { status.isMuted = isMuted }
            return status
        }
        .sorted { $0.device.text < $1.device.text }
    }

    /// The leg that the phone does not hold: there is one at most.
    func activeLeg(of phone: Phone) -> LegID? { phone.legs.first { legs[$0]?.isHeld == false } }

    func heldLegs(of phone: Phone) -> [LegID] { phone.legs.filter { legs[$0]?.isHeld == true } }

    /// The leg that buttons act on.
    private func legInHand(of phone: Phone) -> LegID? { activeLeg(of: phone) ?? phone.legs.first }

    private func state(of phone: Phone) -> PhoneState {
        legInHand(of: phone).flatMap { legs[$0]?.phoneState } ?? .idle
    }

    mutating func pressDial(_ number: String, on device: DeviceID, _ phone: Phone) throws(SandboxError) {
        guard DeviceID.isNumber(number) else { throw .invalidNumber }
        guard activeLeg(of: phone) == nil, phone.legs.count < Phone.maximumLegs else {
            throw .notPossible(state(of: phone))
        }
        guard phone.isRegistered else { throw .notRegistered }
        guard hasRoom() else { throw .tooManyLegs }
        var leg = Leg(party: .phone(device, answersItself: false), state: .offered)
        leg.display = Presentation(number: number)
        _ = offer(leg, from: .phone(device), dialled: number)
    }

    mutating func setRegistered(_ isRegistered: Bool, _ device: DeviceID, _ phone: Phone) throws(SandboxError) {
        guard phone.isRegistered != isRegistered else { throw .notPossible(state(of: phone)) }
        phones[device]?.isRegistered = isRegistered
        tell(isRegistered ? .deviceRegistered(device) : .deviceUnregistered(device))
    }

    /// Asks, as often as it is pressed: an answer may have been lost on its way.
    mutating func pressTransfer(_ number: String?, on device: DeviceID, _ phone: Phone) throws(SandboxError) {
        let request: TransferRequest
        if let number {
            guard DeviceID.isNumber(number) else { throw .invalidNumber }
            guard let id = legInHand(of: phone), isUp(id) else { throw .notPossible(state(of: phone)) }
            request = TransferRequest(leg: id, target: .number(number))
        } else {
            guard let active = activeLeg(of: phone), isUp(active), let held = heldLegs(of: phone).first else {
                throw .notPossible(state(of: phone))
            }
            request = TransferRequest(leg: held, target: .leg(active))
        }
        phones[device]?.askForTransfer(of: request.leg)
        tell(.transferRequested(request))
    }

    private func isUp(_ id: LegID) -> Bool { if case .up = legs[id]?.state { true } else { false } }

    mutating func pressInCall(_ button: PhoneButton, _ phone: Phone) throws(SandboxError) {
        guard let id = legInHand(of: phone), let leg = legs[id] else { throw .notPossible(.idle) }
        switch (button, leg.state) {
        case (.answer, .ringing): answered(id)
        case (.reject, .ringing): end(id, .callRejected)
        // Who hangs up before the answer gives up the own call.
        case (.hangup, .offered): end(id, .originatorCancel)
        case (.hangup, .up): end(id, .normalClearing)
        case (.hold, .up(isHeld: false, _)):
            if let device = leg.device { phones[device]?.hold(id) }
            changeSound(of: id, isHeld: true)
            tell(.legHeld(id))
        case (.retrieve, .up(isHeld: true, _)): retrieveAtPhone(id)
        case (.mute, .up(_, let isMuted)): changeSound(of: id, isMuted: !isMuted)
        default: throw .notPossible(leg.phoneState)
        }
    }
}
