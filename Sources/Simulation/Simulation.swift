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
            devices: devices,
            splits: splits(index, agents: numbers.compactMap { AgentID("50" + digits($0), in: namespace) }),
            trunks: trunks(index), outbound: ["9": OutboundRoute(groups: ["1", "2"])],
            inbound: Dictionary(
                uniqueKeysWithValues: devices.map { ("4\($0.id.number)", InboundRoute(to: $0.id)) }
                    + (0..<splitCount).compactMap { split in
                        DeviceID("700\(split)", in: namespace).map {
                            ("470\(split)", InboundRoute(to: $0, priority: split % 2))
                        }
                    }),
            zone: ZoneOffsets(offsetSeconds: index * 3600),
            recording: RecordingPolicy(
                mode: [.automatic, .onRequest, .automatic, .forbidden][index % 4], root: index == 0 ? "" : "/recordings"
            ),
            limits: limits)
    }

    /// A line that never carries anything.
    static let deadLine = "dead"

    /// Two groups that are full now and then, the first of which has a line that fails; customers come by the second.
    private static func trunks(_ index: Int) -> [Trunk] {
        [
            Trunk(
                group: "1", prefix: nil, callerNumber: index == 1 ? "4000" : nil,
                members: [.init(deadLine, capacity: 1), .init("a", capacity: 2), .init("b", capacity: 1)],
                selection: index % 2 == 0 ? .sequential : .balanced),
            Trunk(group: "2", prefix: nil, members: [.init("gateway", capacity: 3)]),
        ]
    }

    /// 7000 overflows into 7001, and that into 7002.
    static let splitCount = 3

    /// Every agent is in two of them at most.
    private static func splits(_ index: Int, agents: [AgentID]) -> [SplitProfile] {
        guard let namespace = agents.first?.namespace else { return [] }
        let strategies: [SplitProfile.Strategy] = [.longestIdle, .mostSkilled, .ringAll]
        return (0..<splitCount).compactMap { number in
            let members = agents.enumerated().filter { $0.offset % splitCount != number }.map { offset, agent in
                (agent, SplitProfile.Member(level: 1 + offset % 3, priority: 1 + offset % 2))
            }
            guard let id = DeviceID("700\(number)", in: namespace) else { return nil }
            var split = SplitProfile(
                id: id, name: "Split \(number)", strategy: strategies[(number + index) % strategies.count],
                members: Dictionary(uniqueKeysWithValues: members))
            split.wrapUpSeconds = [5, 0, 30][number]
            split.ringSeconds = [8, 20, 5][number]
            split.maximumWaiting = [3, 50, 2][number]
            split.maximumWaitSeconds = [15, 60, 10][number]
            split.overflow = number + 1 < splitCount ? DeviceID("700\(number + 1)", in: namespace) : nil
            split.announceSeconds = number == 1 ? 7 : 0
            return split
        }
    }
}

extension TenantConfiguration {
    /// What is dialled before a number that goes out by a trunk group.
    var prefixesOfGroups: [String: String] {
        Dictionary(
            routes.sorted { $0.key < $1.key }.flatMap { prefix, route in route.groups.map { ($0, prefix) } },
            uniquingKeysWith: { first, _ in first })
    }
}
