import CSTA
import CallCenter
import SwitchDriver

// Calls that the server places: nobody is told of them until the customer has answered and the reserved agent's phone rings.
extension Shadow {
    mutating func begin(_ order: OutboundCall, _ request: RequestID) {
        guard let customer = DeviceID(order.number, in: namespace) else { return }
        for call in order.calls where calls[call] == nil && births[call] == nil {
            births[call] = Birth(
                device: customer, dialled: order.number, userData: order.userData.strings, request: request,
                order: order)
        }
    }

    /// An agent is Allocated by the command that has just been given.
    mutating func reserve(_ device: DeviceID) {
        for case .placeOutboundCall(let order) in commands {
            for call in order.calls where births[call]?.reserved == nil { births[call]?.reserved = device }
        }
    }

    /// The first leg of the call that answers is the customer's: before it nobody else is called.
    mutating func customerAnswered(_ leg: LegID) {
        guard let mark = leg.text.lastIndex(of: "-"), let call = CallID(leg.text[..<mark]), births[call]?.order != nil
        else { return }
        if births[call]?.answered == nil { births[call]?.answered = now }
    }

    mutating func beginOutbound(_ occurrence: Occurrence) -> ShadowCall? {
        guard let birth = births[occurrence.call], let order = birth.order, let reserved = birth.reserved,
            let answered = birth.answered
        else { return nil }
        births[occurrence.call] = nil
        require(occurrence.conversation == occurrence.call, "conversation", "\(occurrence.call) begins in another")
        var call = ShadowCall(id: occurrence.call, conversation: occurrence.call, userData: birth.userData ?? [:])
        call.type = order.isPreview ? .preview : .preoccupied
        call.isBeginning = false
        call.reserved = reserved
        call.setOriginal(birth.device, reserved)
        var customer = ShadowPart(
            device: birth.device, isInternal: false, state: .connect, isCaller: true, began: now, answered: answered)
        customer.hasRungUntold = true
        join(customer, &call)
        call.expected.append(ShadowExpected(device: order.split, calling: birth.device, kind: .called))
        enter(&call, order.split, caller: birth.device)
        figures.calls += 1
        return call
    }

    /// Nothing more comes of what agents were reserved for; the records of it have come by now.
    mutating func forgetConcluded() {
        guard !concluded.isEmpty else { return }
        for (call, birth) in births where birth.order.map({ concluded.contains($0.contact) }) == true {
            births[call] = nil
        }
        concluded = []
    }
}
