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
}

private final class SandboxBench: ConformanceBench {
    let namespace: Namespace
    let phoneA: DeviceID
    let phoneB: DeviceID
    let unregisteredPhone: DeviceID
    let trunkGroup = "pstn"
    let answeringNumber = "13800000000"
    let busyNumber = "13800000001"
    let customerNumber = "13900000040"
    let inboundNumber = "4001"

    private let clock = ManualClock()
    private let sandbox: SandboxSwitch
    private let customer = Mutex<LegID?>(nil)

    init() throws {
        namespace = try #require(Namespace("zhen04.cc"))
        phoneA = try #require(DeviceID("8001", in: namespace))
        phoneB = try #require(DeviceID("8002", in: namespace))
        unregisteredPhone = try #require(DeviceID("8003", in: namespace))
        sandbox = SandboxSwitch(
            tenants: [try Lab.lines(namespace, inbound: [inboundNumber])], namePrefix: "conformance",
            time: SandboxTime(clock))
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
}

@Suite("Conformance")
struct ConformanceTests {
    @Test("Keeps the promises of a switch", arguments: SwitchConformance.checks)
    func conforms(check: SwitchConformance.Check) async throws {
        try await check.run(on: SandboxBench())
    }
}
