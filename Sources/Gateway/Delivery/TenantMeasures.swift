public import CSTA
public import CallCenter

/// The measures of the tenants' splits and campaigns, as ``EventHub`` sends them: what supervisors see with GET, and
/// `measures` in front, by which clients tell them from events.
public struct TenantMeasures: MeasureSource {
    private let tenants: any TenantDirectory
    private let campaigns: any CampaignPort
    private let now: @Sendable () -> Instant

    public init(
        tenants: any TenantDirectory, campaigns: any CampaignPort, now: @escaping @Sendable () -> Instant
    ) {
        self.tenants = tenants
        self.campaigns = campaigns
        self.now = now
    }

    /// `{"measures":"splits","splits":[…]}`
    public func measures(_ kind: MeasureKind, of namespace: Namespace) async -> [UInt8]? {
        switch kind {
        case .splits:
            guard let tenant = tenants.tenant(namespace) else { return nil }
            let now = now()
            return await tenant.read { SplitsSnapshot($0, at: now) }.encodedMeasures()
        case .campaigns:
            guard let found = try? await campaigns.campaigns(in: namespace) else { return nil }
            return JSON.object([
                "measures": .string(kind.rawValue), "campaigns": .array(found.map { .object($0.json) }),
            ]).encoded()
        }
    }
}
