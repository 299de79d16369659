import CSTA
import CallCenter
public import Foundation
import Gateway
import SwitchDriver

extension ServerConfiguration {
    /// The demo tenant's name.
    public static let demoNamespaceName = "demo.cc"
    /// Everybody's password in the demo. Known to all the world, so the demo listens on loopback only.
    public static let demoPassword = "demo"

    /// What runs without a configuration file: one tenant on the sandbox switch.
    ///
    /// Agents 5001…5008, supervisor 5009, admin 5010, devices 8001…8010, numbers 4001…4010 that lead to them, split 7000 with
    /// agents 5001…5004 and the number 4100, and trunk group 1 behind the prefix 9.
    ///
    /// - Parameter timeZone: the tenant's clock; the machine's if nil.
    public static func demo(timeZone: TimeZone? = nil) -> ServerConfiguration {
        let namespace = Namespace(demoNamespaceName)
        return ServerConfiguration(
            tenants: namespace.map { [demoTenant($0, timeZone ?? .current)] } ?? [], operators: namespace)
    }

    private static func demoTenant(_ namespace: Namespace, _ timeZone: TimeZone) -> TenantSettings {
        func role(_ index: Int) -> Role { index == 9 ? .supervisor : index == 10 ? .admin : .agent }
        func name(_ index: Int) -> String { "\(role(index).rawValue.capitalized) \(5000 + index)" }
        return TenantSettings(
            namespace: namespace,
            timeZone: timeZone,
            agents: (1...10).compactMap { index in
                AgentID("\(5000 + index)", in: namespace).map {
                    .init(
                        profile: AgentProfile(id: $0, name: name(index), role: role(index)),
                        password: .plain(demoPassword))
                }
            },
            devices: (8001...8010).compactMap { number in
                DeviceID("\(number)", in: namespace).map {
                    .init(profile: DeviceProfile(id: $0), endpoint: "\(number)")
                }
            },
            splits: DeviceID("7000", in: namespace).map { split in
                let members = (5001...5004).compactMap { AgentID("\($0)", in: namespace) }
                return [
                    SplitProfile(
                        id: split, name: "Demo",
                        members: Dictionary(uniqueKeysWithValues: members.map { ($0, SplitProfile.Member()) }))
                ]
            } ?? [],
            trunks: [Trunk(group: "1", prefix: "9", members: [.init("pstn")])],
            inbound: Dictionary(
                uniqueKeysWithValues: (1...10).compactMap { index in
                    DeviceID("\(8000 + index)", in: namespace).map { ("\(4000 + index)", InboundRoute(to: $0)) }
                } + (DeviceID("7000", in: namespace).map { [("4100", InboundRoute(to: $0))] } ?? [])))
    }

    /// What an operator should know of though it is no mistake, a sentence each.
    public var warnings: [String] {
        let plain = accounts.filter {
            if case .plain = $0.password { true } else { false }
        }
        var result: [String] = []
        if plain.contains(where: { $0.password == .plain(Self.demoPassword) }) {
            result.append("This is a demonstration: its passwords are known to everybody. Do not let others reach it.")
        } else if !plain.isEmpty {
            result.append(
                "\(plain.count) passwords stand in clear text in the configuration: see `ringside hash-password`.")
        }
        if !plain.isEmpty, !http.isLoopback {
            result.append("The server listens on \(http.host), beyond this machine.")
        }
        if let metrics, !metrics.isLoopback {
            result.append("Metrics are served on \(metrics.host), beyond this machine, to anyone.")
        }
        return result
    }
}
