import CSTA
import CallCenter

/// Who looks at calls, and what it gets to know of them. Nobody learns of what no event has told yet, and of those who listen
/// only supervisors do.
struct Viewer: Hashable, Sendable {
    let supervises: Bool
    /// Where the requester is logged in.
    let device: DeviceID?

    init(_ requester: Requester, in tenant: Tenant) {
        supervises = requester.role.supervises
        device = tenant.agents[requester.agent]?.login?.device
    }

    /// An agent sees the calls that its device has had an event of, a supervisor all.
    func sees(_ call: Call) -> Bool {
        guard call.isKnown else { return false }
        return supervises || device.flatMap { call.connection(of: $0) }?.hasJoined == true
    }

    /// Whether a device's part is to be seen, in a call that is.
    func sees(_ connection: Connection) -> Bool {
        guard connection.isKnown else { return false }
        return connection.part != .listener || supervises || device == connection.device
    }
}

extension Call {
    /// Not a consultation that waits until the first call is held.
    fileprivate var isKnown: Bool { consultedFrom == nil || connections.contains(where: \.hasJoined) }
}

extension Connection {
    /// External devices get no events (E9); they are known as soon as they are dialled.
    var isKnown: Bool { hasJoined || !isInternal }
}
