import CSTA
import CallCenter
import Gateway
import SwitchDriver

/// What a tenant has many of, and what is created, changed and deleted one by one.
protocol DirectoryItem: Sendable {
    static var kind: DirectoryEntry.Kind { get }
    static var items: any WritableKeyPath<TenantSettings, [Self]> & Sendable { get }
    /// The key under which ``document`` has ``id``.
    static var idKey: String { get }

    /// Reads the entry of a tenant that is otherwise as given; one may stand for a range of numbers.
    static func read(
        _ entry: ConfigurationField, by reader: ConfigurationReader, in tenant: TenantSettings
    ) -> [Self]

    /// A number or a group.
    var id: String { get }
    /// The entry as the configuration file would have it, with its secrets.
    var document: JSONObject { get }
    var password: StoredPassword? { get set }
}

extension DirectoryItem {
    static var idKey: String { "id" }
    var password: StoredPassword? {
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

    var id: String { String(profile.id.number) }

    var document: JSONObject {
        var object: JSONObject = [
            "id": .string(id), "name": .string(profile.name), "role": .string(profile.role.rawValue),
            "disabled": .bool(profile.isDisabled),
        ]
        if let devices = profile.devices {
            object["devices"] = .array(devices.map { String($0.number) }.sorted().map(JSON.string))
        }
        switch storedPassword {
        case .plain(let text): object["password"] = .string(text)
        case .scrypt(let text): object["passwordHash"] = .string(text)
        }
        return object
    }

    var password: StoredPassword? {
        get { storedPassword }
        set { if let newValue { storedPassword = newValue } }
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

    var id: String { String(profile.id.number) }

    var document: JSONObject {
        var object: JSONObject = [
            "id": .string(id), "endpoint": .string(endpoint),
            "remoteAnswer": .string(profile.remoteAnswer.rawValue), "usable": .bool(profile.isUsable),
        ]
        if let records = profile.recordsCalls { object["record"] = .bool(records) }
        return object
    }
}

extension TenantSettings.TrunkSettings: DirectoryItem {
    static var kind: DirectoryEntry.Kind { .trunk }
    static var items: any WritableKeyPath<TenantSettings, [Self]> & Sendable { \.trunks }
    static var idKey: String { "group" }

    static func read(
        _ entry: ConfigurationField, by reader: ConfigurationReader, in tenant: TenantSettings
    ) -> [Self] {
        reader.trunks(entry)
    }

    var id: String { trunk.group }

    var document: JSONObject {
        var object: JSONObject = [
            "group": .string(id), "prefix": .string(trunk.prefix), "endpoint": .string(endpoint),
        ]
        if let number = trunk.callerNumber { object["callerNumber"] = .string(number) }
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
        var inbound = JSONObject()
        for (number, device) in self.inbound.sorted(by: { $0.key < $1.key }) {
            inbound[number] = .string(String(device.number))
        }
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
            "inbound": .object(inbound),
            "limits": .object(limits),
        ]
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
