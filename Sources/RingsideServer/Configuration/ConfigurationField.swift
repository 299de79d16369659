import Yams

/// A value in a configuration file, with where it stands.
///
/// Reading one reports what is wrong with it and returns nil, so that the caller goes on and finds the next mistake.
struct ConfigurationField {
    /// Longest text that any setting takes.
    static let maximumTextBytes = 256
    /// Entries of one list. Ranges make more of them unnecessary.
    static let maximumEntries = 100_000

    let node: Node
    let path: String
    let problems: ProblemList

    var line: Int { node.mark?.line ?? 0 }
    /// A single value, not a list or a group.
    var isValue: Bool { node.scalar != nil }
    /// `""`, or nothing at all.
    var isBlank: Bool { node.scalar?.string.isEmpty ?? false }

    func isWord(_ word: String) -> Bool { node.scalar?.string == word }

    func report(_ what: String, _ remedy: String) {
        problems.report(line: line, path: path, what, remedy)
    }

    /// Any scalar, as it is written: `0800` keeps its zero.
    ///
    /// - Parameter meaning: what is wanted, for the message: `a number or a range of numbers`.
    func text(_ meaning: String) -> String? {
        guard let scalar = node.scalar else {
            report("is \(kind), not a value", "Write \(meaning)")
            return nil
        }
        let text = scalar.string
        guard !text.isEmpty else {
            report("is empty", "Write \(meaning), or leave the line out")
            return nil
        }
        guard text.utf8.count <= Self.maximumTextBytes else {
            report("is longer than \(Self.maximumTextBytes) bytes", "Write \(meaning)")
            return nil
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            report("holds a control character or a line break", "Write \(meaning)")
            return nil
        }
        return text
    }

    func integer(in range: ClosedRange<Int>, unit: String) -> Int? {
        guard let text = text("a whole number") else { return nil }
        guard let value = Int(text) else {
            report("\"\(text)\" is no whole number", "Write \(range.words) \(unit)")
            return nil
        }
        guard range.contains(value) else {
            report("\(value) is out of range", "Write \(range.words) \(unit)")
            return nil
        }
        return value
    }

    func boolean() -> Bool? {
        guard let text = text("true or false") else { return nil }
        switch text {
        case "true", "yes": return true
        case "false", "no": return false
        default:
            report("\"\(text)\" is neither true nor false", "Write true or false")
            return nil
        }
    }

    /// One of a closed list of words.
    func word<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) -> Word? where Word.RawValue == String {
        word(among: Array(Word.allCases))
    }

    func word<Word: RawRepresentable>(among known: [Word]) -> Word? where Word.RawValue == String {
        let words = known.map(\.rawValue)
        guard let text = text(words.alternatives) else { return nil }
        if let word = known.first(where: { $0.rawValue == text }) { return word }
        report("\"\(text)\" is not known here", "Write \(NearestWord.find(text, in: words) ?? words.alternatives)")
        return nil
    }

    func list(of entries: String) -> [ConfigurationField]? {
        guard let sequence = node.sequence else {
            report("is \(kind), not a list", "Write a list of \(entries), each behind a dash")
            return nil
        }
        guard sequence.count <= Self.maximumEntries else {
            report("has more than \(Self.maximumEntries) entries", "Use ranges, such as 8001-8999")
            return nil
        }
        return sequence.enumerated().map { index, node in
            ConfigurationField(node: node, path: "\(path)[\(index)]", problems: problems)
        }
    }

    /// A mapping whose keys are all in `known`; others are reported.
    func section(_ known: [String]) -> ConfigurationSection? {
        guard let mapping = node.mapping else {
            report("is \(kind), not a group of settings", "Write \(known.alternatives), indented below it")
            return nil
        }
        var fields: [String: ConfigurationField] = [:]
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            guard known.contains(name) else {
                let near = NearestWord.find(name, in: known)
                let remedy = near.map { "Did you mean \($0)" } ?? "Known are \(known.listed)"
                problems.report(
                    line: key.mark?.line ?? line, path: child(name.shownAsKey), "there is no such setting", remedy)
                continue
            }
            fields[name] = ConfigurationField(node: value, path: child(name), problems: problems)
        }
        return ConfigurationSection(field: self, fields: fields)
    }

    /// The keys and values of a mapping with free keys.
    func pairs(of entries: String) -> [(key: ConfigurationField, value: ConfigurationField)]? {
        guard let mapping = node.mapping else {
            report("is \(kind), not a group of settings", "Write \(entries), a line each, indented below it")
            return nil
        }
        return mapping.map { key, value in
            let inner = child((key.scalar?.string ?? "").shownAsKey)
            return (
                ConfigurationField(node: key, path: inner, problems: problems),
                ConfigurationField(node: value, path: inner, problems: problems)
            )
        }
    }

    private func child(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private var kind: String {
        switch node {
        case .scalar(let scalar): scalar.string.isEmpty ? "empty" : "a single value"
        case .mapping: "a group of settings"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

/// A mapping with known keys.
struct ConfigurationSection {
    let field: ConfigurationField
    fileprivate let fields: [String: ConfigurationField]

    subscript(key: String) -> ConfigurationField? { fields[key] }

    /// Reports the key as missing if it is.
    ///
    /// - Parameter example: a line that would mend it.
    func required(_ key: String, example: String) -> ConfigurationField? {
        if let field = fields[key] { return field }
        field.report("\(key) is missing", "Add, for example, \(example)")
        return nil
    }
}

extension ClosedRange<Int> {
    var words: String { "\(lowerBound) to \(upperBound)" }
}

extension [String] {
    /// `a, b or c`
    var alternatives: String { joined(before: " or ") }
    /// `a, b and c`
    var listed: String { joined(before: " and ") }

    private func joined(before last: String) -> String {
        count < 2 ? first ?? "" : dropLast().joined(separator: ", ") + last + self[count - 1]
    }
}

extension String {
    /// Fit to stand in a path: a slip of the comma can make a key of a secret.
    fileprivate var shownAsKey: String {
        utf8.count <= 40 && utf8.allSatisfy { $0 != UInt8(ascii: "$") && $0 != UInt8(ascii: "=") } ? self : "…"
    }

    /// Fit to stand in a message: what somebody pasted in the wrong place may be long, or secret.
    var abbreviated: String { utf8.count <= 40 ? self : prefix(12) + "…" }
}
