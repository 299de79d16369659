/// What docs/architecture.md says, as a table.
enum ArchitectureRules {
    /// What each target may import; a name that ends in `*` stands for all that begin so. No entry: the target is unknown.
    static let allowed: [String: [String]] = [
        "CSTA": [],
        "SwitchDriver": ["CSTA"],
        // The switch's values only: docs/decisions/0001.
        "CallCenter": ["CSTA", "SwitchDriver", "Collections"],
        "SandboxSwitch": ["CSTA", "SwitchDriver", "Synchronization", "Dispatch", "Darwin", "Glibc", "Musl"],
        "AsteriskSwitch": [
            "CSTA", "SwitchDriver", "AsyncHTTPClient", "Logging", "NIO*", "Synchronization", "Foundation*",
        ],
        "Journal": [
            "CSTA", "CallCenter", "GRDB", "GRDBSQLite", "Logging", "Synchronization", "Foundation", "Dispatch",
            "Darwin", "Glibc", "Musl",
        ],
        "STOMP": [],
        "Gateway": [
            "CSTA", "CallCenter", "STOMP", "Hummingbird*", "HTTPTypes", "NIO*", "Crypto", "CryptoExtras", "Logging",
            "ServiceLifecycle", "Synchronization", "Foundation*",
        ],
        "RingsideClient": ["CSTA", "AsyncHTTPClient", "NIO*", "Foundation"],
        "Simulation": ["CSTA", "CallCenter", "SwitchDriver"],
        "RingsideServer": ["*"],
        "RingsideTesting": ["*"],
        "ringside": ["*"],
    ]

    /// What the target may not import though its entry above would let it.
    static let forbidden: [String: [String]] = [
        "RingsideServer": ["SandboxSwitch", "AsteriskSwitch", "ArgumentParser", "RingsideTesting"],
        "RingsideTesting": ["Gateway", "Journal", "RingsideServer", "ArgumentParser"],
        "ringside": ["RingsideTesting"],
    ]

    /// Time, identifiers and chance come in from outside.
    static let pureTargets: Set = ["CSTA", "CallCenter", "SwitchDriver", "Simulation", "STOMP"]
    static let impure = ["Date()", "UUID()", ".random", "ContinuousClock", "SuspendingClock"]

    /// What traps, or turns the compiler's checks off.
    static let trapping = ["@unchecked Sendable", "try!", "as!", "fatalError(", "preconditionFailure("]

    static let maximumLines = 400

    /// What is wrong with a file, a sentence each.
    static func violations(in file: SourceFile) -> [String] {
        var result: [String] = []
        func report(_ line: Int, _ text: String) { result.append("\(file.path):\(line): \(text)") }

        guard let allowed = allowed[file.target] else {
            report(1, "target \(file.target) is not in the table of the architecture")
            return result
        }
        for (line, module) in file.imports {
            if !matches(module, allowed) || matches(module, forbidden[file.target] ?? []) {
                report(line, "\(file.target) may not import \(module)")
            }
        }
        for (line, text) in file.code {
            for word in trapping where text.contains(word) { report(line, "\(word) is not used here") }
            guard pureTargets.contains(file.target) else { continue }
            for word in impure where text.contains(word) { report(line, "\(word) in \(file.target): hand it in") }
        }
        if file.lines.count > maximumLines { report(file.lines.count, "more than \(maximumLines) lines") }
        return result
    }

    private static func matches(_ module: String, _ patterns: [String]) -> Bool {
        patterns.contains { $0.hasSuffix("*") ? module.hasPrefix($0.dropLast()) : module == $0 }
    }
}
