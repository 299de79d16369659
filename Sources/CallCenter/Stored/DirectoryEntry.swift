public import CSTA

/// What an admin has set up, changed or deleted while the server ran: it takes the place of what the configuration file says.
public struct DirectoryEntry: Hashable, Sendable {
    /// What it is about.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The tenant itself, without its agents, devices and trunks.
        case tenant
        case agent
        case device
        case split
        case trunk

        /// Under which key its settings have the ``DirectoryEntry/id``.
        public var idKey: String {
            switch self {
            case .tenant: "namespace"
            case .agent, .device, .split: "id"
            case .trunk: "group"
            }
        }
    }

    public var namespace: Namespace
    public var kind: Kind
    /// The agent's, device's or split's number, the trunk's group; of a tenant, empty: its settings.
    public var id: String
    /// A JSON object with the settings of the configuration file; nil: deleted.
    public var json: [UInt8]?

    public init(namespace: Namespace, kind: Kind, id: String, json: [UInt8]?) {
        self.namespace = namespace
        self.kind = kind
        self.id = id
        self.json = json
    }
}
