import CallCenter

/// What of a tenant decides whether and how its contacts are called.
struct CallingPlan: Sendable {
    let zone: ZoneOffsets
    let callsPerSecond: Int
    private let trunks: TrunkPlan

    init(_ configuration: TenantConfiguration) {
        zone = configuration.zone
        callsPerSecond = configuration.limits.callsPerSecond
        trunks = TrunkPlan(configuration)
    }

    /// A number without the prefix that leads to its trunk, and as the carrier gets it.
    func carrierNumbers(_ dialled: String) -> [String] {
        guard let (prefix, route) = trunks.route(of: dialled) else { return [dialled] }
        let rest = String(dialled.dropFirst(prefix.count))
        return [rest] + (route.carrierNumber(rest).map { $0 == rest ? [] : [$0] } ?? [])
    }
}
