import CSTA
import CallCenter
import Foundation
import Gateway
import Logging
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

        mutating func put(_ tenant: TenantSettings) {
            if let index = tenants.firstIndex(where: { $0.namespace == tenant.namespace }) {
                tenants[index] = tenant
            } else {
                tenants.append(tenant)
            }
            accounts[tenant.namespace] = Dictionary(
                tenant.accounts.map { ($0.agent, $0) }, uniquingKeysWith: { first, _ in first })
            policies[tenant.namespace] = TenantPolicy(
                callsPerSecond: tenant.limits.callsPerSecond, masksNumbers: tenant.maskNumbers,
                isDisabled: tenant.isDisabled)
        }
    }

    private let table = Mutex(Table())

    init(_ tenants: [TenantSettings]) {
        for tenant in tenants { put(tenant) }
    }

    var tenants: [TenantSettings] { table.withLock(\.tenants) }

    subscript(namespace: Namespace) -> TenantSettings? {
        table.withLock { $0.tenants.first { $0.namespace == namespace } }
    }

    func account(of agent: AgentID) -> Account? { table.withLock { $0.accounts[agent.namespace]?[agent] } }

    func policy(of namespace: Namespace) -> TenantPolicy {
        table.withLock { $0.policies[namespace] } ?? TenantPolicy()
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

extension Directory {
    /// What the configuration file says, with what was changed since.
    ///
    /// What was stored and cannot be any more, as when the file has changed, is left out; the log says so.
    static func tenants(
        inFile file: [TenantSettings], changedBy entries: [DirectoryEntry], logger: Logger
    ) -> [TenantSettings] {
        guard !entries.isEmpty else { return file }
        logger.notice(
            "what admins have changed takes the place of what the configuration file says",
            metadata: ["entries": "\(entries.count)"])
        let changes = Dictionary(grouping: entries, by: \.namespace)
        var tenants = file.filter { tenant in
            changes[tenant.namespace]?.contains { $0.kind == .tenant && $0.json == nil } != true
        }
        for entry in entries where entry.kind == .tenant && entry.json != nil {
            guard !tenants.contains(where: { $0.namespace == entry.namespace }) else { continue }
            tenants.append(TenantSettings(namespace: entry.namespace, timeZone: .gmt, agents: [], devices: []))
        }
        return tenants.map { tenant in
            guard let entries = changes[tenant.namespace] else { return tenant }
            var tenant = tenant
            // Agents are bound to devices, and numbers lead to them.
            take(TenantSettings.DeviceSettings.self, entries, &tenant, logger)
            take(TenantSettings.TrunkSettings.self, entries, &tenant, logger)
            take(TenantSettings.AgentSettings.self, entries, &tenant, logger)
            for entry in entries where entry.kind == .tenant {
                attempt(entry, logger) { () throws(AdministrationError) in
                    guard let object = try object(entry) else { return }
                    tenant = try DirectoryReader.tenant(tenant, with: object)
                }
            }
            return tenant
        }
    }

    private static func take<Item: DirectoryItem>(
        _ type: Item.Type, _ entries: [DirectoryEntry], _ tenant: inout TenantSettings, _ logger: Logger
    ) {
        let entries = entries.filter { $0.kind == Item.kind }
        guard !entries.isEmpty else { return }
        let ids = Set(entries.map(\.id))
        tenant[keyPath: Item.items].removeAll { ids.contains($0.id) }
        // All at once is a matter of milliseconds for ten thousand; if one is wrong, it is to be the only one that is left out.
        let objects = entries.compactMap { entry in try? object(entry) }
        if let items = try? DirectoryReader.items(type, from: objects, in: tenant) {
            tenant[keyPath: Item.items] += items
            return
        }
        for entry in entries {
            attempt(entry, logger) { () throws(AdministrationError) in
                guard let object = try object(entry) else { return }
                tenant[keyPath: Item.items] += try DirectoryReader.items(type, from: [object], in: tenant)
            }
        }
    }

    private static func attempt(
        _ entry: DirectoryEntry, _ logger: Logger, _ body: () throws(AdministrationError) -> Void
    ) {
        do throws(AdministrationError) {
            try body()
        } catch {
            logger.error(
                "what was set up is not possible any more, and left out",
                metadata: [
                    "tenant": "\(entry.namespace)", "kind": "\(entry.kind)", "id": "\(entry.id)",
                    "reason": "\(error)",
                ])
        }
    }

    private static func object(_ entry: DirectoryEntry) throws(AdministrationError) -> JSONObject? {
        guard let bytes = entry.json else { return nil }
        guard let object = (try? JSON.parse(bytes, maximumDepth: DirectoryReader.maximumDepth))?.object else {
            throw .invalid([.init(field: "", message: "This is no JSON object.")])
        }
        return object
    }
}
