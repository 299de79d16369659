import RingsideTesting
import SwitchDriver
import Testing

/// One bench for all checks: Asterisk and the phones stay, the driver is a new one for each.
private actor SharedBench {
    static let shared = SharedBench()
    private var making: Task<AsteriskBench, any Error>?

    func bench() async throws -> AsteriskBench {
        if let making { return try await making.value }
        let task = Task { try await AsteriskBench(network: "127.41.0") }
        making = task
        return try await task.value
    }
}

@Suite(.serialized, .enabled(if: Lab.isInstalled, "the lab is not installed: see Tests/Lab/README.md"))
struct ConformanceTests {
    @Test(arguments: SwitchConformance.checks)
    func conforms(check: SwitchConformance.Check) async throws {
        try await check.run(on: try await SharedBench.shared.bench())
    }
}
