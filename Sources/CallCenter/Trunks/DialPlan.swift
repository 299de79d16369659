import CSTA
import SwitchDriver

extension Tenant {
    /// Where a number leads that is to join a connection's call, or to talk with one of its parties.
    func newParty(
        _ number: String, for id: ConnectionID, dialledBy caller: DeviceID
    ) throws(Refusal) -> Destination {
        let destination = try destination(dialled: number, by: caller)
        guard destination.device != id.device else { throw .callingSelf }
        guard calls[id.call]?.index(of: destination.device) == nil else {
            throw .alreadyInCall(state(of: id.device, in: id.call))
        }
        return destination
    }

    /// Where a number leads that somebody of this tenant has dialled.
    ///
    /// - Parameter caller: whose number the called side sees, unless the trunk or the caller says otherwise.
    func destination(
        dialled number: some StringProtocol, by caller: DeviceID, originForDisplay: String? = nil
    ) throws(Refusal) -> Destination {
        guard let device = DeviceID(number, in: namespace) else { throw .invalidNumber }
        guard devices[device] == nil else {
            return Destination(
                device: device, endpoint: .phone(device),
                presenting: Presentation(number: originForDisplay ?? String(caller.number)))
        }
        guard splits[device] == nil else {
            return Destination(
                device: device, endpoint: nil,
                presenting: Presentation(number: originForDisplay ?? String(caller.number)))
        }
        guard let (prefix, route) = trunkPlan.route(of: number), let group = route.groups.first else { throw .noRoute }
        let rest = number.dropFirst(prefix.count)
        guard let external = route.carrierNumber(rest) else { throw .invalidNumber }
        let barrier =
            configuration.dialling.barrier(to: external, on: route)
            ?? configuration.dialling.barrier(behindPrependedOf: route, external)
        if let barrier { throw .numberBarred(barrier) }
        let shown = originForDisplay ?? route.callerNumber ?? trunkPlan.groups[group]?.callerNumber
        return Destination(
            device: device, endpoint: .external(number: external, trunkGroup: group), groups: route.groups,
            presenting: Presentation(number: shown ?? String(caller.number)))
    }
}
