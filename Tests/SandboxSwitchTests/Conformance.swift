import CSTA
import RingsideTesting
import SandboxSwitch
import SwitchDriver
import Synchronization
import Testing

/// The sandbox on a test's clock: whatever a command or a button causes has been told when that returns.
private struct ClockedSandbox: Switch {
    let sandbox: SandboxSwitch
    let clock: ManualClock
    var name: String { sandbox.name }

    func run(receive: @escaping @Sendable (Namespace, SwitchEvent) -> Void) async throws {
        try sandbox.attach(receive)
        defer { sandbox.detach() }
        clock.advance()
        // Ends when the task that iterates is cancelled.
        let (end, continuation) = AsyncStream<Never>.makeStream()
        for await _ in end {}
        continuation.finish()
    }

    func execute(_ commands: [SwitchCommand], for namespace: Namespace) {
        sandbox.execute(commands, for: namespace)
        clock.advance()
    }

    func resynchronise(_ namespace: Namespace) {
        sandbox.resynchronise(namespace)
        clock.advance()
    }

    func setLines(_ tenants: [TenantLines]) {
        sandbox.setLines(tenants)
        clock.advance()
    }
}

private final class SandboxBench: ConformanceBench {
    let namespace: Namespace
    let lines: TenantLines
    let phoneA: DeviceID
    let phoneB: DeviceID
    let unregisteredPhone: DeviceID
    let trunkGroup = "pstn"
    let answeringNumber = "13800000000"
    let busyNumber = "13800000001"
    let customerNumber = "13900000040"
    let inboundNumber = "4001"

    let hasTransferButton = true
    var recordingsFolder: String? { folder.path }

    private let folder = TemporaryFolder()
    private let clock = ManualClock()
    private let sandbox: SandboxSwitch
    private let customer = Mutex<LegID?>(nil)

    init() throws {
        namespace = try #require(Namespace("zhen04.cc"))
        phoneA = try #require(DeviceID("8001", in: namespace))
        phoneB = try #require(DeviceID("8002", in: namespace))
        unregisteredPhone = try #require(DeviceID("8003", in: namespace))
        lines = try Lab.lines(namespace, inbound: [inboundNumber])
        sandbox = SandboxSwitch(
            tenants: [lines], namePrefix: "conformance",
            settings: SandboxSettings(recordingsFolder: folder.path), time: SandboxTime(clock))
    }

    func makeSwitch() async throws -> any Switch {
        try sandbox.press(.unregister, on: unregisteredPhone)
        return ClockedSandbox(sandbox: sandbox, clock: clock)
    }

    func press(_ button: RingsideTesting.PhoneButton, at phone: DeviceID) async throws {
        let pressed: SandboxButton =
            switch button {
            case .dial(let number): .dial(number)
            case .answer: .answer
            case .reject: .reject
            case .hangUp: .hangup
            case .hold: .hold
            case .retrieve: .retrieve
            case .transfer(let number): .transfer(number)
            }
        try sandbox.press(pressed, on: phone)
        clock.advance()
    }

    func customerCalls() async throws {
        let leg = try sandbox.customerCalls(from: customerNumber, to: inboundNumber)
        customer.withLock { $0 = leg }
        clock.advance()
    }

    func customerHangsUp() async throws {
        let leg = try #require(customer.withLock { $0 })
        try sandbox.hangUpOutside(leg, in: namespace)
        clock.advance()
    }

    func breakLink() async throws {
        sandbox.breakLink()
        clock.advance()
    }

    func restoreLink() async throws {
        sandbox.restoreLink()
        clock.advance()
    }

    func passTime(seconds: Int) async { clock.advance(seconds: seconds) }

    func heard(at phone: DeviceID) async throws -> Set<DeviceID>? {
        let phones = sandbox.phones(in: namespace)
        let leg = try #require(phones.first { $0.device == phone }?.leg)
        let heard = sandbox.hearing(of: leg, in: namespace)
        return Set(phones.filter { $0.leg.map(heard.contains) ?? false }.map(\.device))
    }

    func transferOutcome(at phone: DeviceID) async throws -> Bool? {
        switch sandbox.phones(in: namespace).first(where: { $0.device == phone })?.transfer {
        case .accepted: true
        case .refused: false
        case .requested, nil: nil
        }
    }
}

@Suite("Conformance")
struct ConformanceTests {
    @Test("Keeps the promises of a switch", arguments: SwitchConformance.checks)
    func conforms(check: SwitchConformance.Check) async throws {
        try await check.run(on: SandboxBench())
    }
}
