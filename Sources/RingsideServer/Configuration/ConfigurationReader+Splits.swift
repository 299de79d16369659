import CSTA
import CallCenter

// Splits, and who belongs to them.
extension ConfigurationReader {
    /// - Parameters:
    ///   - devices: nil if they could not be read: then none is said to clash.
    ///   - agents: nil likewise.
    ///   - others: that are there besides those that are read.
    func splits(
        _ field: ConfigurationField, in namespace: Namespace, devices: [TenantSettings.DeviceSettings]?,
        agents: [TenantSettings.AgentSettings]?, beside others: [SplitProfile] = []
    ) -> [SplitProfile] {
        var seen = Numbers("split")
        var result: [SplitProfile] = []
        var overflows: [(split: DeviceID, field: ConfigurationField)] = []
        let phones = Set(devices?.map(\.profile.id) ?? [])
        let known = agents.map { Set($0.map(\.profile.id)) }
        for entry in field.list(of: "splits") ?? [] {
            let keys = ["id", "name", "strategy", "agents", "overflow"] + Self.splitNumbers.map(\.0)
            guard let section = entry.section(keys) else { continue }
            let members = section["agents"].map { self.members($0, in: namespace, known: known) } ?? [:]
            for number in numbers(section, seen: &seen) {
                guard let id = DeviceID(number, in: namespace) else { continue }
                if phones.contains(id) {
                    section["id"]?.report("\(number) is a device already", "Give the split a number of its own")
                }
                var split = SplitProfile(id: id, name: section["name"]?.text("a name") ?? number, members: members)
                if let strategy = section["strategy"]?.word(SplitProfile.Strategy.self) { split.strategy = strategy }
                for (key, path, range, unit) in Self.splitNumbers {
                    if let value = section[key]?.integer(in: range, unit: unit) { split[keyPath: path] = value }
                }
                if let field = section["overflow"],
                    let to = range(field)?.first.flatMap({ DeviceID($0, in: namespace) })
                {
                    split.overflow = to
                    overflows.append((id, field))
                }
                result.append(split)
            }
        }
        let read = Set(result.map(\.id))
        let all = result + others.filter { !read.contains($0.id) }
        report(overflows, among: all)
        reportCrowded(all, at: field)
        return result
    }

    /// What of a split is a number.
    static var splitNumbers:
        [(key: String, path: WritableKeyPath<SplitProfile, Int>, range: ClosedRange<Int>, unit: String)]
    {
        [
            ("wrapUpSeconds", \.wrapUpSeconds, 0...3600, "seconds"),
            ("ringSeconds", \.ringSeconds, 3...600, "seconds"),
            ("maximumWaiting", \.maximumWaiting, 0...10_000, "callers"),
            ("maximumWaitSeconds", \.maximumWaitSeconds, 5...86_400, "seconds"),
            ("announceSeconds", \.announceSeconds, 0...3600, "seconds"),
        ]
    }

    /// `5001-5004`, or a group that says how well those agents know what the calls are about.
    private func members(
        _ field: ConfigurationField, in namespace: Namespace, known: Set<AgentID>?
    ) -> [AgentID: SplitProfile.Member] {
        var seen = Numbers("agent")
        var result: [AgentID: SplitProfile.Member] = [:]
        for entry in field.isValue ? [field] : field.list(of: "agents") ?? [] {
            var member = SplitProfile.Member()
            var numbers: [String]
            if entry.isValue {
                numbers = range(entry).map { seen.add($0, at: entry) } ?? []
            } else {
                guard let section = entry.section(["id", "level", "priority"]) else { continue }
                numbers = self.numbers(section, seen: &seen)
                if let level = section["level"]?.integer(in: 1...100, unit: "as level") { member.level = level }
                if let priority = section["priority"]?.integer(in: 1...9, unit: "as priority") {
                    member.priority = priority
                }
            }
            report(unknown: numbers, in: namespace, known: known, kinds: "agents", at: entry)
            for number in numbers { if let agent = AgentID(number, in: namespace) { result[agent] = member } }
        }
        return result
    }

    /// Calls that overflow have to come to an end.
    private func report(_ overflows: [(split: DeviceID, field: ConfigurationField)], among splits: [SplitProfile]) {
        let next = Dictionary(splits.map { ($0.id, $0.overflow) }, uniquingKeysWith: { first, _ in first })
        var told: Set<DeviceID> = []
        for (split, field) in overflows where !told.contains(split) {
            guard let target = next[split].flatMap(\.self) else { continue }
            guard next.keys.contains(target) else {
                field.report("\(target.number) is no split of this tenant", "Add it to splits, or name another")
                continue
            }
            var way = [split]
            var current: DeviceID? = target
            while let id = current, !way.contains(id) {
                way.append(id)
                current = next[id].flatMap(\.self)
            }
            guard current == split else { continue }
            told.formUnion(way)
            let names = (way + [split]).map { String($0.number) }.joined(separator: " to ")
            field.report("calls would overflow in a circle: \(names)", "Let the last of them end the calls")
        }
    }

    /// What an agent's becoming free costs grows with its splits.
    private func reportCrowded(_ splits: [SplitProfile], at field: ConfigurationField) {
        var counts: [AgentID: Int] = [:]
        for split in splits { for agent in split.members.keys { counts[agent, default: 0] += 1 } }
        let crowded = counts.filter { $0.value > SplitProfile.maximumOfAgent }.keys.sorted { $0.text < $1.text }
        guard let first = crowded.first, let count = counts[first] else { return }
        field.report(
            "\(first) is in \(count) splits",
            "An agent can be in \(SplitProfile.maximumOfAgent): split the work otherwise")
    }
}
