import Foundation
import Testing

@Suite("The rules of the protocol")
struct RuleCoverageTests {
    @Test("E1 to E20 are each named by a test")
    func everyRule() throws {
        let names = try Self.testNames()
        #expect(names.count > 100, "the tests are looked for in the wrong place")
        let named = Set(names.flatMap(Self.rules))
        let missing = (1...20).filter { !named.contains($0) }.map { "E\($0)" }
        #expect(missing.isEmpty, "no test names \(missing.joined(separator: ", "))")
    }

    @Test(
        "are found in a test's name",
        arguments: [("E9, E15-E17: both", [9, 15, 16, 17]), ("HE3 E", []), ("E1–E2", [1, 2])])
    func names(name: String, expected: [Int]) {
        #expect(Self.rules(in: name) == expected)
    }

    /// The display names of all tests and suites.
    private static func testNames() throws -> [String] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)?.compactMap {
            $0 as? URL
        }
        let pattern = /@(?:Test|Suite)\(\s*"((?:[^"\\]|\\.)*)"/
        return try (files ?? []).filter { $0.pathExtension == "swift" }.flatMap { file in
            try String(contentsOf: file, encoding: .utf8).matches(of: pattern).map { String($0.1) }
        }
    }

    /// `E9`, and all from the first to the last of `E15-E17`.
    private static func rules(in name: String) -> [Int] {
        name.matches(of: /\bE(\d+)(?:[-–]E(\d+))?/).flatMap { match -> [Int] in
            guard let first = Int(match.1) else { return [] }
            let last = match.2.flatMap { Int($0) } ?? first
            return Array(first...max(first, last))
        }
    }
}
