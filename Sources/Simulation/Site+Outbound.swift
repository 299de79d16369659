import CSTA
import CallCenter

extension Site {
    /// Nobody stays Allocated: a timer ends it, or the call that it was for.
    mutating func checkReservations() {
        guard violation == nil else { return }
        for (id, agent) in tenant.agents {
            guard let login = agent.login, login.mode == .allocated || login.allocation != nil else { continue }
            if login.mode != .allocated { return fail(Violation("outbound", "\(id) is reserved, and \(login.mode)")) }
            if login.allocation != nil, timers[.allocation(id)] == nil {
                return fail(Violation("outbound", "nothing ends that \(id) is Allocated"))
            }
            if login.allocation == nil, tenant.devices[login.device]?.calls.isEmpty != false {
                return fail(Violation("outbound", "\(id) is Allocated for nothing"))
            }
        }
    }
}
