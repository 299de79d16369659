import CSTA
import CallCenter
import SwitchDriver

/// A tenant for tests: agents from 5001, devices from 8001, both with as many digits as it takes.
enum Demo {
    static let namespace = Namespace(valid: "demo.cc")
    static let start = Instant(milliseconds: 1_795_341_600_000)

    static func configuration(agents: Int = 4, limits: TenantLimits = TenantLimits()) -> TenantConfiguration {
        let numbers = 1...agents
        let devices = numbers.compactMap { DeviceID(number("80", $0), in: namespace) }
        return TenantConfiguration(
            namespace: namespace,
            agents: numbers.compactMap { number in
                AgentID(self.number("50", number), in: namespace).map {
                    AgentProfile(id: $0, name: "Agent \(number)", role: number == agents ? .supervisor : .agent)
                }
            },
            devices: devices.map { DeviceProfile(id: $0) },
            trunks: [Trunk(group: "1", prefix: "9", callerNumber: "4000")],
            inbound: Dictionary(uniqueKeysWithValues: devices.map { ("4\($0.number)", InboundRoute(to: $0)) }),
            zone: ZoneOffsets(offsetSeconds: 8 * 3600), limits: limits)
    }

    private static func number(_ prefix: String, _ value: Int) -> String {
        let digits = String(value)
        return prefix + String(repeating: "0", count: max(0, 2 - digits.count)) + digits
    }
}

extension Namespace {
    /// For literals in tests, which are valid.
    init(valid name: StaticString) {
        guard let namespace = Namespace(name.description) else { preconditionFailure("\(name)") }
        self = namespace
    }
}
