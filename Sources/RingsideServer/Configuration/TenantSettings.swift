public import CSTA
public import CallCenter
public import Foundation
public import Gateway
public import SwitchDriver

/// One tenant as the operator set it up, with every range written out.
public struct TenantSettings: Hashable, Sendable {
    public struct AgentSettings: Hashable, Sendable {
        public var profile: AgentProfile
        public var password: StoredPassword

        public init(profile: AgentProfile, password: StoredPassword) {
            self.profile = profile
            self.password = password
        }
    }

    public struct DeviceSettings: Hashable, Sendable {
        public var profile: DeviceProfile
        /// The phone's name at the switch.
        public var endpoint: String

        public init(profile: DeviceProfile, endpoint: String) {
            self.profile = profile
            self.endpoint = endpoint
        }
    }

    public var namespace: Namespace
    /// Where the tenant's clock is read (E4).
    public private(set) var timeZone: TimeZone
    /// The offsets of ``timeZone``, as the rules need them.
    public private(set) var zone: ZoneOffsets
    public var agents: [AgentSettings]
    public var devices: [DeviceSettings]
    public var splits: [SplitProfile]
    public var trunks: [Trunk]
    /// Where numbers lead that begin with a prefix; those of ``trunks`` need no route.
    public var outbound: [String: OutboundRoute]
    public var dialling: DiallingRules
    /// By names, which ``inbound`` refers to in the configuration file.
    public var hours: [String: OpeningHours]
    /// Numbers by which customers reach the tenant, and where each leads.
    public var inbound: [String: InboundRoute]
    public var recording: RecordingSettings
    public var limits: TenantLimits
    /// Agents' numbers do not stand in the log in full.
    public var maskNumbers: Bool
    /// Nobody may log in, and no call begins; those that are up go on.
    public var isDisabled: Bool

    public init(
        namespace: Namespace, timeZone: TimeZone, agents: [AgentSettings], devices: [DeviceSettings],
        splits: [SplitProfile] = [], trunks: [Trunk] = [], outbound: [String: OutboundRoute] = [:],
        dialling: DiallingRules = DiallingRules(),
        hours: [String: OpeningHours] = [:], inbound: [String: InboundRoute] = [:],
        recording: RecordingSettings = RecordingSettings(), limits: TenantLimits = TenantLimits(),
        maskNumbers: Bool = false, isDisabled: Bool = false
    ) {
        self.namespace = namespace
        self.timeZone = timeZone
        self.zone = ZoneOffsets(timeZone)
        self.agents = agents
        self.devices = devices
        self.splits = splits
        self.trunks = trunks
        self.outbound = outbound
        self.dialling = dialling
        self.hours = hours
        self.inbound = inbound
        self.recording = recording
        self.limits = limits
        self.maskNumbers = maskNumbers
        self.isDisabled = isDisabled
    }
}

extension TenantSettings {
    /// As the configuration file has it; Foundation calls UTC GMT.
    public var timeZoneName: String { timeZone.identifier == "GMT" ? "UTC" : timeZone.identifier }

    mutating func set(timeZone new: TimeZone) {
        timeZone = new
        zone = ZoneOffsets(new)
    }
}

/// Which calls of a tenant are recorded, and how long recordings are kept.
public struct RecordingSettings: Hashable, Sendable {
    public var mode: RecordingPolicy.Mode
    public var keepDays: Int

    /// Nothing is ever recorded.
    public var isForbidden: Bool { mode == .forbidden }

    public init(mode: RecordingPolicy.Mode = .onRequest, keepDays: Int = 90) {
        self.mode = mode
        self.keepDays = keepDays
    }
}

extension TenantSettings {
    /// What the rules need to know, but for the folder of recordings, which is the server's.
    public var configuration: TenantConfiguration {
        TenantConfiguration(
            namespace: namespace, agents: agents.map(\.profile), devices: devices.map(\.profile),
            splits: splits, trunks: trunks, outbound: outbound, dialling: dialling, inbound: inbound, zone: zone,
            recording: RecordingPolicy(mode: recording.mode), limits: limits, isDisabled: isDisabled)
    }

    /// What the switch driver needs to know.
    public var lines: TenantLines {
        TenantLines(
            namespace: namespace,
            phones: devices.map {
                PhoneLine(
                    device: $0.profile.id, endpoint: $0.endpoint, remoteAnswer: $0.profile.remoteAnswer)
            },
            trunks: trunks.flatMap { trunk in
                trunk.members.map { TrunkLine(group: trunk.group, endpoint: $0.name) }
            },
            inboundNumbers: Set(inbound.keys))
    }

    /// Who may log in.
    public var accounts: [Account] {
        agents.map {
            Account(
                agent: $0.profile.id, name: $0.profile.name, role: $0.profile.role,
                isDisabled: isDisabled || $0.profile.isDisabled,
                password: $0.password)
        }
    }
}
