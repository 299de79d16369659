import CSTA
import SwitchDriver

// Calls that begin at a phone or come in on a trunk.
extension Tenant {
    /// The caller, when a carrier does not tell a number that an address can have.
    private static var withheldNumber: String { "anonymous" }

    mutating func offered(_ offer: OfferedLeg, _ newCall: CallID?, _ step: inout Step) {
        guard legs[offer.leg] == nil, !endingLegs.contains(offer.leg) else { return step.ignore(.invalidOffer) }
        guard let newCall, calls[newCall] == nil else { return refuse(offer, .switchCongestion, .invalidOffer, &step) }
        guard !beginsNothing, calls.count < configuration.limits.maximumCalls else {
            return refuse(offer, .switchCongestion, .tooMany, &step)
        }
        switch offer.origin {
        case .phone(let device): offered(offer, by: device, newCall, &step)
        case .trunk(let group, let member, let number):
            offered(offer, from: number, on: Call.TrunkLine(group: group, member: member), newCall, &step)
        }
    }

    private mutating func refuse(
        _ offer: OfferedLeg, _ cause: HangupCause, _ reason: IgnoredReason, _ step: inout Step
    ) {
        end(offer.leg, cause, &step)
        step.ignore(reason)
    }

    /// The caller's own leg has the switch's name, and is counted.
    private static var offeredLegs: Int { 1 }

    /// Somebody has dialled on a phone.
    private mutating func offered(_ offer: OfferedLeg, by device: DeviceID, _ id: CallID, _ step: inout Step) {
        guard let phone = devices[device] else { return refuse(offer, .callRejected, .unknownDevice, &step) }
        // An agent who is reserved may not dial. A phone may dial a second time while it holds the first call; its hold may be told later. One that is being called is
        // not in that call yet.
        let first = phone.calls.first.flatMap { calls[$0] }
        let own = first?.connection(of: device)
        guard phone.calls.count < 2, first?.isEstablished ?? true,
            first == nil || own?.part == .party && own?.answerTime != nil,
            phone.agent.flatMap({ agents[$0]?.login?.allocation }) == nil
        else {
            return refuse(offer, .userBusy, .outOfOrder, &step)
        }
        let called = DeviceID(offer.dialled, in: namespace)
        var obstacle = HangupCause.invalidNumberFormat
        var found: Destination?
        do throws(Refusal) {
            found = try destination(dialled: offer.dialled, by: device)
        } catch {
            obstacle =
                switch error {
                case .noRoute: .unallocatedNumber
                case .numberBarred: .outgoingCallBarred
                default: .invalidNumberFormat
                }
        }
        if let called, called == device || first?.index(of: called) != nil {
            // A phone that calls itself, or whom it talks with already, is busy with doing so.
            found = nil
            obstacle = .userBusy
        }
        var call = Call(
            id: id, conversation: first?.conversation, type: found?.callType ?? .internal, began: step.now,
            originator: device, userData: first?.userData ?? UserData())
        call.consultedFrom = first?.id
        call.legCount = Self.offeredLegs
        call.destination = found
        add(
            Connection(
                device: device, isInternal: true, leg: offer.leg, legState: .waiting, state: .initiate,
                isCalled: false, callingDevice: device, calledDevice: called ?? device, joined: step.now), to: &call)
        initiate(&call, &step)
        if let called { originate(&call, to: called, &step) }
        if found != nil {
            dialDestination(of: &call, &step)
        } else {
            end(offer.leg, obstacle, &step)
            leave(&call, called ?? device, obstacle, &step)
        }
        put(call)
    }

    /// A customer calls.
    private mutating func offered(
        _ offer: OfferedLeg, from number: String?, on trunk: Call.TrunkLine, _ id: CallID, _ step: inout Step
    ) {
        guard let route = configuration.inbound[offer.dialled] else {
            return refuse(offer, .unallocatedNumber, .unknownDevice, &step)
        }
        guard
            let caller = number.flatMap({ DeviceID($0, in: namespace) }).flatMap({ isOurs($0) ? nil : $0 })
                ?? DeviceID(Self.withheldNumber, in: namespace)
        else { return refuse(offer, .callRejected, .invalidNumber, &step) }
        let isOpen = route.hours?.isOpen(at: step.localTime) ?? true
        if !isOpen, caller != route.destination, let announcement = route.closedAnnouncement {
            var call = customerCall(offer, from: caller, on: trunk, id, called: route.destination, &step)
            begin(announcement, in: &call, &step)
            return put(call)
        }
        let dialled = isOpen ? String(route.destination.number) : route.closedNumber
        // Nobody is there, and nobody else is to be called: the caller hears what tells so (Q.850 cause 31).
        guard let dialled else { return end(offer.leg, .normalUnspecified, &step) }
        guard let destination = try? destination(dialled: dialled, by: caller) else {
            return refuse(offer, .unallocatedNumber, .unknownDevice, &step)
        }
        // Out, and in again, until all lines are full.
        if !isOpen, case .external(let number, _, _) = destination.endpoint, configuration.leadsBack(number) {
            return refuse(offer, .unallocatedNumber, .unknownDevice, &step)
        }
        let device = destination.device
        guard caller != device else { return refuse(offer, .callRejected, .invalidNumber, &step) }
        var call = customerCall(offer, from: caller, on: trunk, id, called: device, &step)
        if destination.endpoint == nil {
            enqueue(&call, in: device, calling: caller, priority: route.priority, &step)
        } else {
            dial(destination, into: &call, calling: caller, &step)
        }
        put(call)
    }

    /// A call with the customer alone.
    private mutating func customerCall(
        _ offer: OfferedLeg, from caller: DeviceID, on trunk: Call.TrunkLine, _ id: CallID, called: DeviceID,
        _ step: inout Step
    ) -> Call {
        var call = Call(id: id, type: .inbound, began: step.now, originator: caller)
        call.trunk = trunk
        call.legCount = Self.offeredLegs
        call.userData["origin_dnis"] = offer.dialled  // E11
        call.setOriginalParties(calling: caller, called: called)
        var customer = Connection(
            device: caller, isInternal: false, leg: offer.leg, legState: .waiting, state: .initiate,
            isCalled: false, callingDevice: caller, calledDevice: called, joined: step.now)
        // Who has come in is on the line already: no capacity turns a customer away.
        customer.trunk = trunk
        add(customer, to: &call)
        step.tell(.connect(offer.leg, mix: call.mix))
        return call
    }

    /// A customer who comes with the number of a phone or a split here is not it.
    private func isOurs(_ device: DeviceID) -> Bool { devices[device] != nil || splits[device] != nil }
}
