import Foundation

/// A list of contacts, in parts that the server takes at once.
struct ContactFile {
    struct Part {
        var text: String
        /// What is added to a line's number in the part to have that in the file.
        var offset: Int
        /// The number of its last line in the file.
        var end: Int
    }

    /// Half of what a request may have, so that a line of names finds room too.
    private static let maximumBytes = 512 * 1024
    private static let maximumLines = 10_000

    let type: String
    private(set) var parts: [Part] = []
    private(set) var lineCount = 0

    init(_ path: String) throws {
        let isCSV = path.lowercased().hasSuffix(".csv")
        type = isCSV ? "text/csv" : "application/x-ndjson"
        // Windows ends lines by two characters, which Swift takes for one of its own.
        var lines = try String(contentsOfFile: path, encoding: .utf8).split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" })[...]
        if lines.last?.isEmpty == true { lines.removeLast() }
        lineCount = lines.count
        // Lines before the names are empty; they keep the numbers as they are.
        let heading = isCSV ? lines.prefix { $0.allSatisfy(\.isWhitespace) }.count + 1 : 0
        let head = lines.prefix(heading)
        lines = lines.dropFirst(heading)
        while let first = lines.indices.first {
            var (end, bytes) = (first, 0)
            while end < lines.endIndex, end - first < Self.maximumLines {
                bytes += lines[end].utf8.count + 1
                guard bytes <= Self.maximumBytes || end == first else { break }
                end += 1
            }
            parts.append(
                Part(text: (head + lines[first..<end]).joined(separator: "\n"), offset: first - heading, end: end))
            lines = lines[end...]
        }
    }
}
