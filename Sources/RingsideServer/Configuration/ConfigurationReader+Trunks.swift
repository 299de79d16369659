import CSTA
import CallCenter

// Trunk groups, and where dialled numbers lead.
extension ConfigurationReader {
    /// What stands for the prefix of a trunk that has none.
    static var noPrefix: String { "none" }

    func trunks(_ field: ConfigurationField) -> [Trunk] {
        var groups: [String: Int] = [:]
        var prefixes: [String: Int] = [:]
        var result: [Trunk] = []
        for entry in field.list(of: "trunks") ?? [] {
            let keys = ["group", "prefix", "endpoint", "capacity", "further", "selection", "callerNumber"]
            guard let section = entry.section(keys) else { continue }
            let group = section.required("group", example: "group: \"1\"")?.text("the trunk group's number")
            let members = self.members(section)
            let isReached = section["prefix"]?.isWord(Self.noPrefix) != true
            let prefix = isReached ? section["prefix"].map(self.prefix) ?? "" : nil
            let callerNumber = section["callerNumber"].flatMap(number)
            let selection = section["selection"]?.word(Trunk.Selection.self)
            if let prefix, let earlier = prefixes.updateValue(entry.line, forKey: prefix) {
                entry.report(
                    prefix.isEmpty
                        ? "the trunk of line \(earlier) takes numbers without a prefix already"
                        : "prefix \(prefix) leads to the trunk of line \(earlier) already",
                    "Give each trunk its own prefix")
            }
            if let group, let earlier = groups.updateValue(entry.line, forKey: group) {
                entry.report("group \(group) stands in line \(earlier) already", "Give each trunk its own group")
            }
            guard let group, let members, prefix != nil || !isReached else { continue }
            result.append(
                Trunk(
                    group: group, prefix: prefix, callerNumber: callerNumber, members: members,
                    selection: selection ?? .sequential))
        }
        return result
    }

    /// Nil if there is not even the first one.
    private func members(_ section: ConfigurationSection) -> [Trunk.Member]? {
        let endpoint = section.required("endpoint", example: "endpoint: pstn")
        let first = member(endpoint, section["capacity"])
        var lines = [first?.name ?? "": endpoint?.line ?? 0]
        let entries = section["further"].map { bounded($0, of: "lines", atMost: Trunk.maximumMembers - 1) } ?? []
        let further = entries.compactMap { entry -> Trunk.Member? in
            guard let section = entry.section(["endpoint", "capacity"]),
                let member = member(section.required("endpoint", example: "endpoint: pstn"), section["capacity"])
            else { return nil }
            if let earlier = lines.updateValue(entry.line, forKey: member.name) {
                entry.report("\(member.name) stands in line \(earlier) already", "Name each endpoint once")
            }
            return member
        }
        return first.map { [$0] + further }
    }

    private func member(_ endpoint: ConfigurationField?, _ capacity: ConfigurationField?) -> Trunk.Member? {
        let capacity = capacity.flatMap(self.capacity)
        return self.endpoint(endpoint).map { Trunk.Member($0, capacity: capacity) }
    }

    private func capacity(_ field: ConfigurationField) -> Int? {
        field.integer(in: 1...Trunk.maximumCapacity, unit: "calls at once, or leave it out for as many as come")
    }

    /// - Parameter trunks: that are set up.
    func outbound(_ field: ConfigurationField, trunks: [Trunk]) -> [String: OutboundRoute] {
        let owners = Dictionary(
            trunks.compactMap { trunk in trunk.prefix.map { ($0, trunk.group) } },
            uniquingKeysWith: { first, _ in first })
        var result: [String: OutboundRoute] = [:]
        for (key, value) in field.pairs(of: "prefix: trunk group") ?? [] {
            guard let prefix = prefix(key) else { continue }
            if let owner = owners[prefix] {
                key.report(
                    "\(prefix.isEmpty ? "what has no prefix" : "prefix \(prefix)") leads to trunk group \(owner) already",
                    "Write prefix: \(Self.noPrefix) in that trunk, or leave this out")
            }
            if let route = route(value, trunks: trunks) { result[prefix] = route }
        }
        return result
    }

    private func route(_ field: ConfigurationField, trunks: [Trunk]) -> OutboundRoute? {
        guard !field.isValue else { return OutboundRoute(groups: groups(field, trunks: trunks)) }
        let keys = ["groups", "strip", "prepend", "callerNumber", "allowed", "barred"]
        guard let section = field.section(keys),
            let list = section.required("groups", example: "groups: [\"1\", \"2\"]")
        else { return nil }
        return OutboundRoute(
            groups: groups(list, trunks: trunks),
            strippedDigits: section["strip"]?.integer(in: 0...20, unit: "digits") ?? 0,
            prepended: section["prepend"].flatMap { $0.isBlank ? "" : number($0) } ?? "",
            callerNumber: section["callerNumber"].flatMap(number),
            allowed: section["allowed"].map(prefixes) ?? [], barred: section["barred"].map(prefixes) ?? [])
    }

    private func groups(_ field: ConfigurationField, trunks: [Trunk]) -> [String] {
        let entries =
            field.isValue ? [field] : bounded(field, of: "trunk groups", atMost: OutboundRoute.maximumGroups)
        if entries.isEmpty { field.report("there is no trunk group", "Name one of trunks") }
        var groups: [String] = []
        for entry in entries {
            guard let group = entry.text("the group of a trunk") else { continue }
            if !trunks.contains(where: { $0.group == group }) {
                let near = NearestWord.find(group, in: trunks.map(\.group)).map { "Did you mean \($0)" }
                entry.report(
                    "there is no trunk group \"\(group.abbreviated)\"", near ?? "Add it to trunks, or name another")
            } else if groups.contains(group) {
                entry.report(
                    "trunk group \(group) comes twice: a call that has found no room there would come back to it",
                    "Name each group once")
            } else {
                groups.append(group)
            }
        }
        return groups
    }

    /// Nil if it is wrong; what an agent dials first, perhaps nothing.
    private func prefix(_ field: ConfigurationField) -> String? {
        if field.isBlank { return "" }
        guard let text = field.text("the digits that an agent dials first") else { return nil }
        if text.utf8.count <= OutboundRoute.maximumPrefixBytes, DeviceID.isNumber(text) { return text }
        field.report(
            "\"\(text.abbreviated)\" is no prefix",
            "Use at most \(OutboundRoute.maximumPrefixBytes) digits, or \"\" for none")
        return nil
    }
}
