import CSTA
import CallCenter
import Gateway

/// Whether all that is set up fits together: what the configuration file's reader sees in the whole file.
enum DirectoryChecks {
    /// - Parameter tenants: all of the server; of the tenant itself as it was.
    static func check(
        _ tenant: TenantSettings, among tenants: [TenantSettings], isSharedSwitch: Bool
    ) throws(AdministrationError) {
        try checkDevices(of: tenant)
        try checkPrefixes(of: tenant)
        guard isSharedSwitch else { return }
        let others = tenants.filter { $0.namespace != tenant.namespace }
        try checkPhones(of: tenant, others)
        try checkNumbers(of: tenant, others)
    }

    private static func checkDevices(of tenant: TenantSettings) throws(AdministrationError) {
        let devices = Set(tenant.devices.map(\.profile.id))
        for agent in tenant.agents {
            if let missing = agent.profile.devices?.first(where: { !devices.contains($0) }) {
                throw .conflict("Agent \(agent.itemID) may log in on device \(missing.number): change the agent first.")
            }
        }
        let splits = Set(tenant.splits.map(\.id))
        if let split = splits.first(where: devices.contains) {
            throw .conflict("\(split.number) is a device and a split: give one another number.")
        }
        for (number, route) in tenant.inbound.sorted(by: { $0.key < $1.key }) {
            let device = route.destination
            guard devices.contains(device) || splits.contains(device) else {
                throw .conflict("Number \(number) leads to \(device.number): change inbound first.")
            }
        }
        try checkSplits(of: tenant, splits)
    }

    private static func checkSplits(
        of tenant: TenantSettings, _ splits: Set<DeviceID>
    ) throws(AdministrationError) {
        let agents = Set(tenant.agents.map(\.profile.id))
        for split in tenant.splits {
            if let missing = split.members.keys.first(where: { !agents.contains($0) }) {
                throw .conflict("Agent \(missing.number) is in split \(split.itemID): change the split first.")
            }
            if let next = split.overflow, !splits.contains(next) {
                throw .conflict("Split \(split.itemID) overflows to \(next.number): change the split first.")
            }
        }
    }

    private static func checkPrefixes(of tenant: TenantSettings) throws(AdministrationError) {
        var groups: [String: String] = [:]
        for trunk in tenant.trunks {
            guard let prefix = trunk.prefix else { continue }
            if let other = groups.updateValue(trunk.itemID, forKey: prefix) {
                throw .conflict("Trunk \(other) has the prefix \"\(prefix)\" already: choose another.")
            }
            if tenant.outbound[prefix] != nil {
                throw .conflict("There is a route for the prefix \"\(prefix)\" already: choose another.")
            }
        }
        let known = Set(tenant.trunks.map(\.itemID))
        for (prefix, route) in tenant.outbound.sorted(by: { $0.key < $1.key }) {
            if let missing = route.groups.first(where: { !known.contains($0) }) {
                throw .conflict("Prefix \"\(prefix)\" leads to trunk \(missing): change outbound first.")
            }
        }
    }

    /// What others have is not told, as it may be another tenant's.
    private static func checkPhones(of tenant: TenantSettings, _ others: [TenantSettings]) throws(AdministrationError) {
        let trunks = Set((others + [tenant]).flatMap { $0.trunks.flatMap(\.endpoints) })
        for device in tenant.devices where trunks.contains(device.endpoint) {
            throw .conflict("The endpoint \(device.endpoint) of device \(device.itemID) is a trunk's: choose another.")
        }
        var phones = Set(others.flatMap { $0.devices.map(\.endpoint) })
        for trunk in tenant.trunks {
            if let endpoint = trunk.endpoints.first(where: phones.contains) {
                throw .conflict("The endpoint \(endpoint) of trunk \(trunk.itemID) is a phone's: choose another.")
            }
        }
        for device in tenant.devices where !phones.insert(device.endpoint).inserted {
            throw .conflict(
                "The endpoint \(device.endpoint) of device \(device.itemID) is another phone's: choose another.")
        }
    }

    private static func checkNumbers(of tenant: TenantSettings, _ others: [TenantSettings]) throws(AdministrationError)
    {
        let endpoints = Set(tenant.trunks.flatMap(\.endpoints))
        for other in others where other.trunks.contains(where: { !endpoints.isDisjoint(with: $0.endpoints) }) {
            if tenant.inbound.isEmpty, other.inbound.isEmpty {
                throw .conflict("Another tenant takes all calls of these trunks: list this one's numbers in inbound.")
            }
            if let number = tenant.inbound.keys.sorted().first(where: { other.inbound[$0] != nil }) {
                throw .conflict("Number \(number) is another tenant's already on this trunk.")
            }
        }
    }
}
