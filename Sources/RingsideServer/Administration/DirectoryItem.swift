import CSTA
import CallCenter
import Gateway
import SwitchDriver

/// What a tenant has many of, and what is created, changed and deleted one by one.
protocol DirectoryItem: Sendable {
    static var kind: DirectoryEntry.Kind { get }
    static var items: any WritableKeyPath<TenantSettings, [Self]> & Sendable { get }

    /// Reads the entry of a tenant that is otherwise as given; one may stand for a range of numbers.
    static func read(
        _ entry: ConfigurationField, by reader: ConfigurationReader, in tenant: TenantSettings
    ) -> [Self]

    /// A number or a group.
    var itemID: String { get }
    /// The entry as the configuration file would have it, with its secrets.
    var document: JSONObject { get }
    /// What may have to be hashed before it is stored; nil where there is nothing.
    var secret: StoredPassword? { get set }
}

extension DirectoryItem {
    var secret: StoredPassword? {
        get { nil }
        set {}
    }
}

extension TenantSettings.AgentSettings: DirectoryItem {
    static var kind: DirectoryEntry.Kind { .agent }
    static var items: any WritableKeyPath<TenantSettings, [Self]> & Sendable { \.agents }

    static func read(
        _ entry: ConfigurationField, by reader: ConfigurationReader, in tenant: TenantSettings
    ) -> [Self] {
        reader.agents(entry, in: tenant.namespace, devices: tenant.devices)
    }

    var itemID: String { String(profile.id.number) }

    var document: JSONObject {
        var object: JSONObject = [
            "id": .string(itemID), "name": .string(profile.name), "role": .string(profile.role.rawValue),
            "disabled": .bool(profile.isDisabled),
        ]
        if let devices = profile.devices {
            object["devices"] = .array(devices.map { String($0.number) }.sorted().map(JSON.string))
        }
        switch password {
        case .plain(let text): object["password"] = .string(text)
        case .scrypt(let text): object["passwordHash"] = .string(text)
        }
        return object
    }

    var secret: StoredPassword? {
        get { password }
        set { if let newValue { password = newValue } }
    }
}

extension TenantSettings.DeviceSettings: DirectoryItem {
    static var kind: DirectoryEntry.Kind { .device }
    static var items: any WritableKeyPath<TenantSettings, [Self]> & Sendable { \.devices }

    static func read(
        _ entry: ConfigurationField, by reader: ConfigurationReader, in tenant: TenantSettings
    ) -> [Self] {
        // Who has the endpoint already is looked at with all that is set up.
        var claims = LineClaims(sharedSwitch: false)
        return reader.devices(entry, in: tenant.namespace, claims: &claims)
    }

    var itemID: String { String(profile.id.number) }

    var document: JSONObject {
        var object: JSONObject = [
            "id": .string(itemID), "endpoint": .string(endpoint),
            "remoteAnswer": .string(profile.remoteAnswer.rawValue), "usable": .bool(profile.isUsable),
        ]
        if let records = profile.recordsCalls { object["record"] = .bool(records) }
        return object
    }
}

extension SplitProfile: DirectoryItem {
    static var kind: DirectoryEntry.Kind { .split }
    static var items: any WritableKeyPath<TenantSettings, [Self]> & Sendable { \.splits }

    static func read(
        _ entry: ConfigurationField, by reader: ConfigurationReader, in tenant: TenantSettings
    ) -> [Self] {
        reader.splits(
            entry, in: tenant.namespace, devices: tenant.devices, agents: tenant.agents, beside: tenant.splits)
    }

    var itemID: String { String(id.number) }

    var document: JSONObject {
        var object: JSONObject = [
            "id": .string(itemID), "name": .string(name), "strategy": .string(strategy.rawValue),
            "agents": .array(
                members.sorted { $0.key.text < $1.key.text }.map { agent, member in
                    .object([
                        "id": .string(String(agent.number)), "level": .number(String(member.level)),
                        "priority": .number(String(member.priority)),
                    ])
                }),
        ]
        for setting in ConfigurationReader.splitNumbers {
            object[setting.key] = .number(String(self[keyPath: setting.path]))
        }
        if let overflow { object["overflow"] = .string(String(overflow.number)) }
        return object
    }
}

extension TenantSettings {
    /// The tenant as the configuration file would have it, without its agents, devices and trunks.
    var document: JSONObject {
        var dialling: JSONObject = [
            "allowed": .array(self.dialling.allowed.map(JSON.string)),
            "premium": .array(self.dialling.premium.map(JSON.string)),
        ]
        if let country = self.dialling.country { dialling["country"] = .string(country) }
        var outbound = JSONObject()
        for (prefix, route) in self.outbound.sorted(by: { $0.key < $1.key }) {
            outbound[prefix] = .object(route.document)
        }
        var inbound = JSONObject()
        for (number, route) in self.inbound.sorted(by: { $0.key < $1.key }) { inbound[number] = document(of: route) }
        var hours = JSONObject()
        for (name, opening) in self.hours.sorted(by: { $0.key < $1.key }) { hours[name] = .object(opening.json) }
        var limits = JSONObject()
        for limit in Self.limitSettings { limits[limit.key] = .number(String(self.limits[keyPath: limit.path])) }
        return [
            "namespace": .string(namespace.name),
            "timeZone": .string(timeZoneName),
            "disabled": .bool(isDisabled),
            "maskNumbers": .bool(maskNumbers),
            "recording": .object([
                "mode": .string(recording.mode.rawValue), "keepDays": .number(String(recording.keepDays)),
            ]),
            "dialling": .object(dialling),
            "outbound": .object(outbound),
            "hours": .object(hours),
            "inbound": .object(inbound),
            "limits": .object(limits),
        ]
    }
}

extension TenantSettings {
    private func document(of route: InboundRoute) -> JSON {
        let number = JSON.string(String(route.destination.number))
        guard route != InboundRoute(to: route.destination) else { return number }
        var object: JSONObject = ["to": number, "priority": .number(String(route.priority))]
        if let hours = route.hours { object["hours"] = .string(hours.name) }
        if let closed = route.closedNumber { object["closed"] = .string(closed) }
        if let closed = route.closedAnnouncement {
            object["closed"] = .object([
                "sound": .string(closed.sound.text), "seconds": .number(String(closed.seconds)),
            ])
        }
        return .object(object)
    }
}

extension JSONObject {
    /// What may be shown to admins.
    var withoutSecrets: JSONObject {
        var object = self
        object["password"] = nil
        object["passwordHash"] = nil
        return object
    }

    /// RFC 7396
    func merging(_ patch: JSONObject) -> JSONObject {
        var merged = self
        for (key, value) in patch {
            switch value {
            case .null: merged[key] = nil
            case .object(let inner): merged[key] = .object((self[key]?.object ?? JSONObject()).merging(inner))
            default: merged[key] = value
            }
        }
        return merged
    }
}
