import Testing

@Suite("The architecture")
struct ArchitectureTests {
    @Test("holds in every source file")
    func everyFile() throws {
        let files = try SourceFile.all()
        #expect(files.count > 50, "the sources are looked for in the wrong place")
        for file in files {
            let violations = ArchitectureRules.violations(in: file)
            #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
        }
    }

    @Test("has an entry for every target")
    func everyTarget() throws {
        #expect(Set(try SourceFile.all().map(\.target)).isSubset(of: ArchitectureRules.allowed.keys))
    }
}

@Suite("The check of the architecture")
struct ArchitectureCheckTests {
    private func violations(_ path: String, _ text: String) -> [String] {
        ArchitectureRules.violations(in: SourceFile(path: path, text: text))
    }

    @Test(
        "finds a planted import",
        arguments: [
            ("CSTA", "import Foundation"),
            ("CallCenter", "@preconcurrency public import Journal"),
            ("SwitchDriver", "internal import struct CallCenter.Tenant"),
            ("SandboxSwitch", "    import class Foundation.FileHandle"),
            ("AsteriskSwitch", "import CallCenter"),
            ("Journal", "import SwitchDriver"),
            ("Gateway", "@testable import Journal"),
            ("Gateway", "import SwitchDriver"),
            ("RingsideServer", "import SandboxSwitch"),
            ("RingsideServer", "public import AsteriskSwitch"),
        ])
    func planted(_ target: String, _ line: String) {
        let found = violations("Sources/\(target)/Part/File.swift", "import CSTA\n\n\(line)\n")
        // CSTA itself may not import CSTA either; what counts is the planted line.
        #expect(found.contains { $0.hasPrefix("Sources/\(target)/Part/File.swift:3: \(target) may not import ") })
    }

    @Test(
        "lets the others be",
        arguments: [
            ("SwitchDriver", "public import CSTA"),
            ("CallCenter", "import SwitchDriver"),
            ("Gateway", "import NIOWebSocket"),
            ("Gateway", "// import Journal"),
            ("CSTA", "/* import Foundation\nimport Foundation\n*/"),
            ("Journal", "let important = \"import SwitchDriver\""),
            ("ringside", "import AsteriskSwitch"),
        ])
    func harmless(_ target: String, _ text: String) {
        #expect(violations("Sources/\(target)/File.swift", text) == [])
    }

    @Test("finds time, chance and identifiers in the rules")
    func impure() {
        let text = "let a = Date()\nlet b = UUID()\nlet c = Int.random(in: 0...1)\nlet d: ContinuousClock\n// Date()\n"
        #expect(violations("Sources/CallCenter/A.swift", text).count == 4)
        #expect(violations("Sources/RingsideServer/A.swift", text) == [])
    }

    @Test("finds what traps, long files and unknown targets")
    func other() {
        let unsafe = "let a = try! b()\nlet c = d as! E\nfatalError(\"\")\nfinal class F: @unchecked Sendable {}\n"
        #expect(violations("Sources/ringside/A.swift", unsafe).count == 4)
        #expect(violations("Sources/ringside/A.swift", String(repeating: "\n", count: 400)).count == 1)
        #expect(violations("Sources/ringside/A.swift", String(repeating: "\n", count: 399)) == [])
        #expect(violations("Sources/Billing/A.swift", "").count == 1)
    }
}
