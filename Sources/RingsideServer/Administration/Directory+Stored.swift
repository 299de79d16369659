import CSTA
import CallCenter
import Foundation
import Gateway
import Logging

// How what is set up comes about at the start: of the configuration file, and of what was stored over it (decision 0004).
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
            take(Trunk.self, entries, &tenant, logger)
            take(TenantSettings.AgentSettings.self, entries, &tenant, logger)
            take(SplitProfile.self, entries, &tenant, logger)
            for entry in entries where entry.kind == .tenant && entry.id.isEmpty {
                attempt(entry, logger) { () throws(AdministrationError) in
                    guard var object = try object(entry) else { return }
                    // Stored before there were routes: those of the file hold.
                    if object["outbound"] == nil { object["outbound"] = tenant.document["outbound"] }
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
        if objects.count == entries.count(where: { $0.json != nil }),
            let items = try? DirectoryReader.items(type, from: objects, in: tenant)
        {
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
