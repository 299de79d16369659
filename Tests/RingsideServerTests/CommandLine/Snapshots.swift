import Foundation
import Testing

/// Texts that a program has to print, as files in Tests/CommandLineSnapshots.
///
/// `RINGSIDE_RECORD_SNAPSHOTS=1 swift test --filter CommandLine` writes them anew and fails, so that a recording never passes
/// for a test; look at what `git diff` shows.
enum Snapshots {
    static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "CommandLineSnapshots")
    }

    static func expect(_ text: String, as name: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let file = folder.appending(path: "\(name).txt")
        if ProcessInfo.processInfo.environment["RINGSIDE_RECORD_SNAPSHOTS"] == "1" {
            do {
                try text.write(to: file, atomically: true, encoding: .utf8)
                Issue.record("recorded \(name); run again without recording", sourceLocation: sourceLocation)
            } catch {
                Issue.record("\(name) cannot be recorded: \(error)", sourceLocation: sourceLocation)
            }
            return
        }
        let expected = try? String(contentsOf: file, encoding: .utf8)
        #expect(text == expected, "snapshot \(name) differs", sourceLocation: sourceLocation)
    }
}
