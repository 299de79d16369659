public import CSTA
public import SwitchDriver

/// What people do outside: at the phones, and customers who call in.
extension SandboxMachine {
    /// A line whose endpoint ends so is out of order: no call goes out by it.
    static let deadEnding = "-down"

    /// Presses a button on a phone.
    ///
    /// - Throws: ``SandboxError/unknownDevice``, ``SandboxError/notPossible(_:)``, for `dial` and `transfer` also
    ///   ``SandboxError/invalidNumber``, and for `dial` ``SandboxError/notRegistered`` and ``SandboxError/tooManyLegs``.
    ///   What happened until then has happened all the same: the next call returns the events of it.
    public mutating func press(
        _ button: PhoneButton, on device: DeviceID, at milliseconds: Int64
    ) throws(SandboxError) -> [SwitchEvent] {
        letHappen(until: milliseconds)
        guard let phone = phones[device] else { throw .unknownDevice }
        switch button {
        case .dial(let number): try pressDial(number, on: device, phone)
        case .register, .unregister: try setRegistered(button == .register, device, phone)
        case .transfer(let number): try pressTransfer(number, on: device, phone)
        case .answer, .reject, .hangup, .hold, .retrieve, .mute: try pressInCall(button, phone)
        }
        return takeTold()
    }

    /// Lets a customer call in on the first line of the tenant's first trunk.
    ///
    /// - from: the customer's number, whose last two digits say how long the customer waits and talks.
    /// - to: the number that was dialled; must be among the tenant's inbound numbers, if it has any.
    /// - Returns: the leg of the customer, with the events.
    /// - Throws: ``SandboxError/invalidNumber``, ``SandboxError/unknownNumber``, ``SandboxError/noTrunk`` or
    ///   ``SandboxError/tooManyLegs``; the next call returns the events of what happened until then.
    public mutating func customerCalls(
        from: String, to: String, at milliseconds: Int64
    ) throws(SandboxError) -> (leg: LegID, events: [SwitchEvent]) {
        letHappen(until: milliseconds)
        guard DeviceID.isNumber(from), DeviceID.isNumber(to) else { throw .invalidNumber }
        guard lines.inboundNumbers.isEmpty || lines.inboundNumbers.contains(to) else { throw .unknownNumber }
        guard let trunk = lines.trunks.first else { throw .noTrunk }
        guard hasRoom() else { throw .tooManyLegs }
        let leg = Leg(party: .customer(CustomerBehaviour(number: from)), state: .offered)
        let origin = OfferedLeg.Origin.trunk(group: trunk.group, member: trunk.endpoint, number: from)
        return (offer(leg, from: origin, dialled: to), takeTold())
    }

    /// The customer or subscriber at the other end of a trunk leg hangs up; a customer who is not answered gives up.
    ///
    /// - Throws: ``SandboxError/unknownLeg`` if there is no such leg, or it is a phone's;
    ///   ``SandboxError/notPossible(_:)`` if a subscriber has not answered. The next call returns the events of what
    ///   happened until then.
    public mutating func hangUpOutside(
        _ id: LegID, at milliseconds: Int64
    ) throws(SandboxError) -> [SwitchEvent] {
        letHappen(until: milliseconds)
        guard let leg = legs[id], leg.device == nil else { throw .unknownLeg }
        switch leg.state {
        case .offered: end(id, .originatorCancel)
        case .up: end(id, .normalClearing)
        case .dialled, .ringing: throw .notPossible(leg.phoneState)
        }
        return takeTold()
    }
}
