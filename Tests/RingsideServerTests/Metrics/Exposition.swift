/// A scrape in the text format 0.0.4, read as strictly as `promtool check metrics` does.
struct Exposition {
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// The samples by `name{label="value"}`, as they stand in the text.
    private(set) var samples: [String: Double] = [:]
    private(set) var types: [String: String] = [:]

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Problem(description: "no line break at the end") }
        var (family, hasHelp) = ("", "")
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") {
                guard words.count == 4, types[words[2]] == nil else { throw Problem(description: "\(line)") }
                hasHelp = words[2]
            } else if line.hasPrefix("# TYPE ") {
                guard words.count == 4, hasHelp == words[2] else { throw Problem(description: "\(line)") }
                family = words[2]
                types[family] = words[3]
                try Self.checkName(family, words[3])
            } else {
                try addSample(line, of: family)
            }
        }
        for (name, type) in types where type == "histogram" { try checkHistogram(name) }
    }

    private static func checkName(_ name: String, _ type: String) throws {
        guard name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil, (type == "counter") == name.hasSuffix("_total"),
            name.hasPrefix("ringside_") || name.hasPrefix("process_"),
            // Base units.
            !["millis", "_ms", "kilo", "mega", "minutes"].contains(where: name.contains)
        else { throw Problem(description: "\(type) \(name)") }
    }

    private mutating func addSample(_ line: Substring, of family: String) throws {
        let pattern = /([a-z_]+)(\{[a-z]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z]+="(?:[^"\\\n]|\\[\\"n])*")*\})? ([^ ]+)/
        guard let match = line.wholeMatch(of: pattern), let value = Double(match.3) else {
            throw Problem(description: "no sample: \(line)")
        }
        let suffixes =
            switch types[family] {
            case "histogram": ["_bucket", "_sum", "_count"]
            case "summary": ["_sum", "_count"]
            default: [""]
            }
        guard suffixes.contains(where: { match.1 == family + $0 }) else {
            throw Problem(description: "\(match.1) stands in the family \(family)")
        }
        let key = String(match.1) + (match.2.map(String.init) ?? "")
        guard samples.updateValue(value, forKey: key) == nil else { throw Problem(description: "twice: \(key)") }
    }

    /// Buckets grow, and the last is the count.
    private func checkHistogram(_ name: String) throws {
        let buckets = samples.compactMap { key, value -> (Double, Double)? in
            guard let match = key.wholeMatch(of: /(.+)_bucket\{le="(.+)"\}/), match.1 == name else { return nil }
            return (match.2 == "+Inf" ? .infinity : Double(match.2) ?? .nan, value)
        }.sorted { $0.0 < $1.0 }
        guard buckets.count > 2, buckets.map(\.1) == buckets.map(\.1).sorted(), buckets.last?.0 == .infinity,
            buckets.last?.1 == samples["\(name)_count"], samples["\(name)_sum"] != nil
        else { throw Problem(description: "the buckets of \(name): \(buckets)") }
    }

    subscript(key: String) -> Double? { samples[key] }
}
