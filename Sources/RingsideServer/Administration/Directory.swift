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
            changes[tenant.namespace]?.contains { $0.isMadeOverHTTP || $0.isDeletedTenant } != true
        }
        for entry in entries where entry.isMadeOverHTTP {
            tenants.append(TenantSettings(namespace: entry.namespace, timeZone: .gmt, agents: [], devices: []))
        }
        return tenants.map { tenant in
            guard let entries = changes[tenant.namespace] else { return tenant }
            var tenant = tenant
            // Agents are bound to devices, splits have agents, and numbers lead to splits and devices.
            take(TenantSettings.DeviceSettings.self, entries, &tenant, logger)
            take(TenantSettings.TrunkSettings.self, entries, &tenant, logger)
            take(TenantSettings.AgentSettings.self, entries, &tenant, logger)
            take(SplitProfile.self, entries, &tenant, logger)
            for entry in entries where entry.kind == .tenant && entry.id.isEmpty {
                attempt(entry, logger) { () throws(AdministrationError) in
                    guard let object = try object(entry) else { return }
                    let (read, flaws) = DirectoryReader.tenant(tenant, withWhatCanBeOf: object)
                    // The others are kept: a tenant that was disabled is so, whatever became of its numbers.
                    tenant = read
                    if !flaws.isEmpty { throw .invalid(flaws) }
                }
            }
            return tenant
        }
    }

    /// Says, in the log, what of file and changes does not fit together.
    static func check(_ tenants: [TenantSettings], isSharedSwitch: Bool, logger: Logger) {
        for tenant in tenants {
            do throws(AdministrationError) {
                try DirectoryChecks.check(tenant, among: tenants, isSharedSwitch: isSharedSwitch)
            } catch {
                logger.error(
                    "what is set up does not fit together",
                    metadata: ["tenant": "\(tenant.namespace)", "reason": "\(error)"])
            }
        }
    }

    /// For how long recordings are kept of tenants that are deleted.
    static func keepDays(ofDeletedIn entries: [DirectoryEntry]) -> [Namespace: Int] {
        var result: [Namespace: Int] = [:]
        for entry in entries where entry.isDeletedTenant {
            result[entry.namespace] = (try? object(entry))?["keepDays"]?.integer.map(Int.init(clamping:))
        }
        return result
    }

    private static func take<Item: DirectoryItem>(
        _ type: Item.Type, _ entries: [DirectoryEntry], _ tenant: inout TenantSettings, _ logger: Logger
    ) {
        let entries = entries.filter { $0.kind == Item.kind }
        guard !entries.isEmpty else { return }
        let ids = Set(entries.map(\.id))
        tenant[keyPath: Item.items].removeAll { ids.contains($0.itemID) }
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

extension DirectoryEntry {
    /// Ids of a tenant's entries beside its settings.
    private static let madeID = "made"
    private static let deletedID = "deleted"

    /// Says that the tenant has nothing of what the configuration file says of its namespace.
    static func madeOverHTTP(_ namespace: Namespace) -> Self {
        Self(namespace: namespace, kind: .tenant, id: madeID, json: nil)
    }

    /// What is kept of a tenant that is deleted.
    static func deleted(_ tenant: TenantSettings) -> Self {
        let json = JSON.object(["keepDays": .number(String(tenant.recording.keepDays))])
        return Self(namespace: tenant.namespace, kind: .tenant, id: deletedID, json: json.encoded())
    }

    var isMadeOverHTTP: Bool { kind == .tenant && id == Self.madeID }
    var isDeletedTenant: Bool { kind == .tenant && id == Self.deletedID }
}
