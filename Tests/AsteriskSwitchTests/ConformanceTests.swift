import RingsideTesting
import SwitchDriver
import Testing

/// One bench for all checks: Asterisk and the phones stay, the driver is a new one for each.
private actor SharedBench {
    static let baresip = SharedBench(.baresip)
    static let scripted = SharedBench(.scripted)
    private let kind: AsteriskBench.PhoneKind
    private var making: Task<AsteriskBench, any Error>?

    init(_ kind: AsteriskBench.PhoneKind) { self.kind = kind }

    func bench() async throws -> AsteriskBench {
        if let making { return try await making.value }
        let task = Task { [kind] in try await AsteriskBench(phones: kind) }
        making = task
        return try await task.value
    }
}

@Suite(.serialized, .enabled(if: Lab.isInstalled, "the lab is not installed: see Tests/Lab/README.md"))
struct ConformanceTests {
    @Test(arguments: SwitchConformance.checks)
    func conforms(check: SwitchConformance.Check) async throws {
        let bench = try await SharedBench.baresip.bench()
        await #expect(throws: Never.self) { try await check.run(on: bench) }
    }
}

/// The same with phones that tell who is heard, and that can transfer.
@Suite(.serialized, .enabled(if: Lab.isInstalled, "the lab is not installed: see Tests/Lab/README.md"))
struct ScriptedConformanceTests {
    @Test(arguments: SwitchConformance.checks)
    func conforms(check: SwitchConformance.Check) async throws {
        let bench = try await SharedBench.scripted.bench()
        await #expect(throws: Never.self) { try await check.run(on: bench) }
    }
}
