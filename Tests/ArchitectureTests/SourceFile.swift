import Foundation

/// A source file, as the architecture's rules look at it.
struct SourceFile: Sendable {
    /// `Sources/CSTA/Event.swift`
    let path: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// `CSTA`, the folder below `Sources`.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : ""
    }

    /// The imported modules with their lines: `public import struct Foundation.Date` is `Foundation`.
    var imports: [(line: Int, module: String)] {
        code.compactMap { number, line in
            var words = line.split(whereSeparator: \.isWhitespace)[...]
            while let word = words.first, Self.modifiers.contains(String(word)) || word.hasPrefix("@") {
                words.removeFirst()
            }
            guard words.popFirst() == "import", var name = words.popFirst() else { return nil }
            if Self.kinds.contains(String(name)), let next = words.popFirst() { name = next }
            return (number, String(name.prefix { $0 != "." && $0 != ";" }))
        }
    }

    /// The lines without comments, with their numbers.
    var code: [(number: Int, text: Substring)] {
        var isInComment = false
        return lines.enumerated().compactMap { index, line in
            let trimmed = line.drop(while: \.isWhitespace)
            if isInComment {
                isInComment = !trimmed.contains("*/")
                return nil
            }
            if trimmed.hasPrefix("/*") {
                isInComment = !trimmed.contains("*/")
                return nil
            }
            guard let comment = line.firstRange(of: "//") else { return (index + 1, line) }
            return (index + 1, line[..<comment.lowerBound])
        }
    }

    private static let modifiers: Set = ["public", "package", "internal", "private", "fileprivate"]
    private static let kinds: Set = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
}

extension SourceFile {
    /// All Swift files below `Sources`.
    static func all() throws -> [SourceFile] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sources = root.appending(path: "Sources")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: sources.path())
        return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
            return SourceFile(path: "Sources/\(path)", text: text)
        }
    }
}
