import CSTA
import SwitchDriver

/// Whose a phone, a trunk or a number is.
struct LineBook: Sendable {
    private(set) var tenants: [Namespace: TenantLines] = [:]
    let namespaces: [Namespace]
    private var phonesByEndpoint: [String: PhoneLine] = [:]
    private var phonesByDevice: [DeviceID: PhoneLine] = [:]
    private var trunks: [(namespace: Namespace, line: TrunkLine, numbers: Set<String>)] = []

    init(_ tenants: [TenantLines]) {
        namespaces = tenants.map(\.namespace)
        for tenant in tenants {
            self.tenants[tenant.namespace] = tenant
            for phone in tenant.phones {
                phonesByEndpoint[phone.endpoint] = phonesByEndpoint[phone.endpoint] ?? phone
                phonesByDevice[phone.device] = phone
            }
            for trunk in tenant.trunks { trunks.append((tenant.namespace, trunk, tenant.inboundNumbers)) }
        }
    }

    func phone(endpoint: Substring) -> PhoneLine? { phonesByEndpoint[String(endpoint)] }
    func phone(_ device: DeviceID) -> PhoneLine? { phonesByDevice[device] }

    func isTrunk(endpoint: Substring) -> Bool { trunks.contains { $0.line.endpoint == endpoint } }

    /// - Parameter member: the endpoint; nil: the group's first.
    func trunk(group: String, member: String?, of namespace: Namespace) -> TrunkLine? {
        tenants[namespace]?.trunks.first { $0.group == group && (member == nil || $0.endpoint == member) }
    }

    /// Whose a call on a trunk to `number` is: the tenant that names the number, else one that takes all of the
    /// trunk's.
    func trunk(endpoint: Substring, number: String) -> (namespace: Namespace, line: TrunkLine)? {
        let candidates = trunks.filter { $0.line.endpoint == endpoint }
        let hit = candidates.first { $0.numbers.contains(number) } ?? candidates.first { $0.numbers.isEmpty }
        return hit.map { ($0.namespace, $0.line) }
    }

    func namespace(named name: String) -> Namespace? { namespaces.first { $0.name == name } }
}
