import CSTA
import CallCenter
import Gateway
import Synchronization

/// Who and what is set up on this server: what the configuration file says, and what admins have changed since.
///
/// Read from any thread; ``Administration`` alone changes it.
final class Directory: AccountStore {
    private struct Table: Sendable {
        /// In the order of the configuration file, and then of their creation.
        var tenants: [TenantSettings] = []
        var accounts: [Namespace: [AgentID: Account]] = [:]
        var policies: [Namespace: TenantPolicy] = [:]
        /// For how many days recordings are kept, also of those that are deleted.
        var keepDays: [Namespace: Int] = [:]

        mutating func put(_ tenant: TenantSettings) {
            if let index = tenants.firstIndex(where: { $0.namespace == tenant.namespace }) {
                tenants[index] = tenant
            } else {
                tenants.append(tenant)
            }
            accounts[tenant.namespace] = Dictionary(
                tenant.accounts.map { ($0.agent, $0) }, uniquingKeysWith: { first, _ in first })
            keepDays[tenant.namespace] = tenant.recording.keepDays
            policies[tenant.namespace] = TenantPolicy(
                callsPerSecond: tenant.limits.callsPerSecond, masksNumbers: tenant.maskNumbers,
                isDisabled: tenant.isDisabled)
        }
    }

    private let table = Mutex(Table())

    /// - Parameter keepDays: of tenants that are deleted.
    init(_ tenants: [TenantSettings], keepDays: [Namespace: Int] = [:]) {
        table.withLock { $0.keepDays = keepDays }
        for tenant in tenants { put(tenant) }
    }

    /// For how many days recordings are kept.
    var recordingKeepDays: [Namespace: Int] { table.withLock(\.keepDays) }

    var tenants: [TenantSettings] { table.withLock(\.tenants) }

    subscript(namespace: Namespace) -> TenantSettings? {
        table.withLock { $0.tenants.first { $0.namespace == namespace } }
    }

    func account(of agent: AgentID) -> Account? { table.withLock { $0.accounts[agent.namespace]?[agent] } }

    func policy(of namespace: Namespace) -> TenantPolicy {
        table.withLock { $0.policies[namespace] } ?? TenantPolicy(isDisabled: true)
    }

    func put(_ tenant: TenantSettings) { table.withLock { $0.put(tenant) } }

    func remove(_ namespace: Namespace) {
        table.withLock { table in
            table.tenants.removeAll { $0.namespace == namespace }
            table.accounts[namespace] = nil
            table.policies[namespace] = nil
        }
    }
}
