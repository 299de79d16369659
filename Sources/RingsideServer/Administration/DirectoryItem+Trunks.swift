import CSTA
import CallCenter
import Gateway

extension Trunk: DirectoryItem {
    static var kind: DirectoryEntry.Kind { .trunk }
    static var items: any WritableKeyPath<TenantSettings, [Self]> & Sendable { \.trunks }

    static func read(
        _ entry: ConfigurationField, by reader: ConfigurationReader, in tenant: TenantSettings
    ) -> [Self] {
        reader.trunks(entry)
    }

    var itemID: String { group }

    var document: JSONObject {
        var object: JSONObject = [
            "group": .string(itemID), "prefix": .string(prefix ?? ConfigurationReader.noPrefix),
            "selection": .string(selection.rawValue),
        ]
        if let callerNumber { object["callerNumber"] = .string(callerNumber) }
        if members.count > 1 { object["further"] = .array(members.dropFirst().map { .object($0.document) }) }
        return members.first.map { object.merging($0.document) } ?? object
    }

    /// Its members' names at the switch.
    var endpoints: [String] { members.map(\.name) }
}

extension Trunk.Member {
    fileprivate var document: JSONObject {
        var object: JSONObject = ["endpoint": .string(name)]
        if let capacity { object["capacity"] = .number(String(capacity)) }
        return object
    }
}

extension OutboundRoute {
    /// As the configuration file would have it.
    var document: JSONObject {
        var object: JSONObject = [
            "groups": .array(groups.map(JSON.string)), "strip": .number(String(strippedDigits)),
            "prepend": .string(prepended), "allowed": .array(allowed.map(JSON.string)),
            "barred": .array(barred.map(JSON.string)),
        ]
        if let callerNumber { object["callerNumber"] = .string(callerNumber) }
        return object
    }
}
