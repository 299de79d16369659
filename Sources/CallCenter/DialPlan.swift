import CSTA
import SwitchDriver

extension Tenant {
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
        let trunk = configuration.trunks
            .filter { number.hasPrefix($0.prefix) && number.utf8.count > $0.prefix.utf8.count }
            .max { $0.prefix.utf8.count < $1.prefix.utf8.count }
        guard let trunk else { throw .noRoute }
        return Destination(
            device: device,
            endpoint: .external(
                number: String(number.dropFirst(trunk.prefix.count)), trunkGroup: trunk.group),
            presenting: Presentation(number: originForDisplay ?? trunk.callerNumber ?? String(caller.number)))
    }
}
