public import CSTA

/// A telephone switch: the plug that every driver fits.
///
/// A driver serves all tenants of a server. It keeps no rules: it carries out ``SwitchCommand`` and tells ``SwitchEvent``.
/// `RingsideTesting` has the conformance suite that each driver passes.
public protocol Switch: Sendable {
    /// `sandbox`, `asterisk`, …, as it stands in logs and in the configuration.
    var name: String { get }

    /// Keeps the link to the switch, until the task is cancelled; returns only then.
    ///
    /// Begins with ``SwitchEvent/linkUp(_:)`` for each tenant when the link is first there, comes back by itself with
    /// growing pauses when it is lost, and calls `receive` with the events of a tenant in the order in which they happened.
    /// `receive` returns at once and may be called from any thread, but never twice at a time for the same tenant.
    func run(receive: @escaping @Sendable (Namespace, SwitchEvent) -> Void) async throws

    /// Hands commands over and returns at once. Commands given while the link is down are dropped: ``SwitchEvent/linkUp(_:)``
    /// tells afterwards what is up.
    func execute(_ commands: [SwitchCommand], for namespace: Namespace)

    /// Has ``SwitchEvent/linkUp(_:)`` told once more, for one tenant, and returns at once: some of its events have
    /// been lost on Ringside's side. The snapshot stands in its order among the tenant's events and after the
    /// commands given before; the link stays up. Does nothing while the link is down: a snapshot comes with it.
    func resynchronise(_ namespace: Namespace)

    /// Drives these lines from now on, and no others; returns at once. `tenants` are all of the server, each whole. Legs that
    /// are up go on, also those of lines that are no more. While the link is there, a tenant that is new is told
    /// ``SwitchEvent/linkUp(_:)``, and the others ``SwitchEvent/deviceRegistered(_:)`` of each new phone that can be reached:
    /// no snapshot, as that would not know of the legs that are just being dialled.
    func setLines(_ tenants: [TenantLines])

    /// What of the switch's own messages made no sense and was left, by a closed list of reasons, since the driver was
    /// made; for metrics.
    var ignoredCounts: [String: Int] { get }

    /// What the switch should have told and has not, and what the driver has made up for, by a closed list of reasons, since
    /// it was made; for metrics.
    var mendedCounts: [String: Int] { get }
}

extension Switch {
    /// Nothing: this driver understands all that comes.
    public var ignoredCounts: [String: Int] { [:] }
    /// Nothing: this driver tells by itself.
    public var mendedCounts: [String: Int] { [:] }
}

/// A phone as the driver needs to know it.
public struct PhoneLine: Hashable, Sendable {
    public var device: DeviceID
    /// The phone's name at the switch: `8001`, for `PJSIP/8001`.
    public var endpoint: String
    public var remoteAnswer: RemoteAnswer

    public init(device: DeviceID, endpoint: String, remoteAnswer: RemoteAnswer) {
        self.device = device
        self.endpoint = endpoint
        self.remoteAnswer = remoteAnswer
    }
}

/// One line of a trunk group as the driver needs to know it; a group has one or several.
public struct TrunkLine: Hashable, Sendable {
    public var group: String
    /// The carrier's name at the switch: `pstn`, for `PJSIP/pstn`.
    public var endpoint: String

    public init(group: String, endpoint: String) {
        self.group = group
        self.endpoint = endpoint
    }
}

/// The lines of one tenant at a switch.
public struct TenantLines: Hashable, Sendable {
    public var namespace: Namespace
    public var phones: [PhoneLine]
    public var trunks: [TrunkLine]
    /// Numbers by which customers reach this tenant: they tell whose an incoming trunk call is. Empty: all of the trunk's.
    public var inboundNumbers: Set<String>

    public init(namespace: Namespace, phones: [PhoneLine], trunks: [TrunkLine], inboundNumbers: Set<String> = []) {
        self.namespace = namespace
        self.phones = phones
        self.trunks = trunks
        self.inboundNumbers = inboundNumbers
    }
}
