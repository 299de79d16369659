import CSTA
public import CallCenter
import SwitchDriver

/// How a run is made.
public struct SimulationSettings: Hashable, Sendable {
    public var seed: UInt64
    public var tenants = 3
    /// Of each tenant; the last one is a supervisor.
    public var agents = 8
    /// Whether links are cut, events lost and servers killed: of every second tenant, so that the others show what that does
    /// not explain.
    public var hasFaults = true

    public init(seed: UInt64) { self.seed = seed }
}

/// Tenants with their switches, on which actions are performed: the same actions on the same settings give the same run.
public struct Simulation: Sendable {
    static let start = Instant(milliseconds: 1_795_341_600_000)
    /// Between two looks at everything.
    static let fullCheckSteps = 64

    public let settings: SimulationSettings
    var sites: [Site]
    private(set) var steps = 0

    public init(_ settings: SimulationSettings, isTraced: Bool = false, keepsTape: Bool = false) {
        self.settings = settings
        sites = (0..<settings.tenants).compactMap { index in
            guard let configuration = SiteConfiguration.make(index, agents: settings.agents) else { return nil }
            var site = Site(
                configuration: configuration,
                seed: settings.seed &+ UInt64(index) &* 0x9E37_79B9, start: Self.start,
                refusesSome: true, keepsTape: keepsTape)
            for (agent, device) in zip(site.configuration.agents, site.configuration.devices) {
                site.ask(
                    .logIn(agent.id, device: device.id, mode: .ready), by: Requester(agent: agent.id, role: agent.role))
            }
            if isTraced { site.beginTrace() }
            return site
        }
    }

    public var violation: (site: Int, violation: Violation)? {
        for (index, site) in sites.enumerated() { if let found = site.violation { return (index, found) } }
        return nil
    }

    public var figures: Figures {
        var sum = Figures()
        for site in sites {
            sum.add(site.figures)
            sum.calls += site.shadow.figures.calls
            sum.transfers += site.shadow.figures.transfers
            sum.conferences += site.shadow.figures.conferences
            sum.listeners += site.shadow.figures.listeners
            sum.done.merge(site.shadow.figures.done, uniquingKeysWith: +)
        }
        return sum
    }

    /// What has happened, a line each; empty unless it was asked for.
    public func trace(of site: Int) -> [String] { sites[site].trace ?? [] }

    mutating func beginTrace(of site: Int) { sites[site].beginTrace() }

    /// What went in and what came out of a tenant, from its beginning; empty unless it was asked for.
    public func tape(of site: Int) -> [(input: Input, at: Instant, effects: [Effect])] { sites[site].tape ?? [] }

    /// What a tenant has been set up with at the beginning.
    public func configuration(of site: Int) -> TenantConfiguration { sites[site].everything }

    public mutating func perform(_ action: Action) {
        guard sites.indices.contains(action.site) else { return }
        steps += 1
        sites[action.site].perform(action)
        let isLarge = sites[action.site].configuration.devices.count > 50
        if !isLarge || steps % Self.fullCheckSteps == 0 { sites[action.site].checkSwitch() }
        if steps % Self.fullCheckSteps == 0 { sites[action.site].checkAll() }
    }

    /// Lets everything come to its end.
    public mutating func windDown() {
        for site in sites.indices { windDown(site) }
    }

    mutating func windDown(_ site: Int) { sites[site].windDown() }
}

/// Tenants that differ in what they allow.
enum SiteConfiguration {
    static func make(_ index: Int, agents: Int) -> TenantConfiguration? {
        guard let namespace = Namespace("t\(index).cc") else { return nil }
        let numbers = Array(1...max(agents, 2))
        let width = String(agents).count < 2 ? 2 : String(agents).count
        let digits = { (number: Int) in String(repeating: "0", count: width - String(number).count) + String(number) }
        let devices = numbers.compactMap { number -> DeviceProfile? in
            guard let id = DeviceID("80" + digits(number), in: namespace) else { return nil }
            let answers: [RemoteAnswer] = [.notifyTalk, .notifyTalk, .autoAnswerHeader, .notifyTalk, .none]
            return DeviceProfile(
                id: id, remoteAnswer: answers[number % answers.count], recordsCalls: number % 7 == 3 ? true : nil)
        }
        var limits = TenantLimits()
        limits.answerSeconds = 20
        limits.ownLegSeconds = 8
        limits.heartbeatSeconds = 1800
        limits.maximumParties = index % 2 == 0 ? 6 : 16
        return TenantConfiguration(
            namespace: namespace,
            agents: numbers.compactMap { number in
                AgentID("50" + digits(number), in: namespace).map {
                    AgentProfile(id: $0, name: "Agent \(number)", role: number == numbers.count ? .supervisor : .agent)
                }
            },
            devices: devices, trunks: [Trunk(group: "1", prefix: "9", callerNumber: index == 1 ? "4000" : nil)],
            inbound: Dictionary(uniqueKeysWithValues: devices.map { ("4\($0.id.number)", $0.id) }),
            zone: ZoneOffsets(offsetSeconds: index * 3600),
            recording: RecordingPolicy(
                mode: [.automatic, .onRequest, .automatic, .forbidden][index % 4], root: index == 0 ? "" : "/recordings"
            ),
            limits: limits)
    }
}
