import CSTA
import CallCenter
import SwitchDriver

/// Inputs a second of a call centre with splits, 200 or one: 10,000 agents logged in, 5,000 callers waiting or none.
///
/// An arrival, an answer, or an agent's becoming Ready must cost about the same however many wait.
func splitsBenchmark() async throws {
    printHeader(["splits", "agents", "splits an agent", "waiting", "inputs", "inputs/s", "CPU µs/input"])
    for (splits, agents, waiting, splitsAnAgent) in [
        (200, 200, 0, 1), (200, 200, 0, 4), (200, 10_000, 0, 1), (200, 10_000, 0, 4), (200, 10_000, 5_000, 1),
        (200, 10_000, 5_000, 4), (1, 10_000, 0, 1), (1, 10_000, 5_000, 1),
    ] {
        var run = try SplitRun(splits: splits, agents: agents, splitsAnAgent: splitsAnAgent, waiting: waiting)
        _ = run.play(calls: 5_000)
        var inputs = 0
        let measured = await Measurement.of { inputs = run.play(calls: 40_000) }
        printRow([
            "\(splits)", "\(agents)", "\(splitsAnAgent)", "\(waiting)", "\(inputs)", measured.perSecond(inputs),
            measured.cpuMicroseconds(each: inputs),
        ])
        guard run.waiting == waiting else { throw BenchmarkFailure("\(run.waiting) callers wait") }
    }
}

/// Customers who call splits, one after the other: each is answered by whoever is next, and another one takes its place.
private struct SplitRun {
    private var tenant: Tenant
    private let splits: [DeviceID]
    private var now = Instant(milliseconds: 1_795_341_600_000)
    private var callCount = 0
    /// Who is called for which call, as the switch is told.
    private var ringing: [(leg: LegID, call: CallID)] = []
    private var inputCount = 0
    private let hasWaiting: Bool

    var waiting: Int { splits.reduce(0) { $0 + (tenant.splits[$1]?.waitingCalls.count ?? 0) } }

    init(splits splitCount: Int, agents agentCount: Int, splitsAnAgent: Int, waiting: Int) throws {
        guard let namespace = Namespace("demo.cc") else { throw BenchmarkFailure("namespace") }
        let devices = (0..<agentCount).compactMap { DeviceID("8\(100_000 + $0)", in: namespace) }
        let agents = (0..<agentCount).compactMap { AgentID("5\(100_000 + $0)", in: namespace) }
        hasWaiting = waiting > 0
        splits = (0..<splitCount).compactMap { DeviceID("7\(1000 + $0)", in: namespace) }
        var profiles = splits.map { SplitProfile(id: $0) }
        for index in profiles.indices {
            profiles[index].wrapUpSeconds = 5
            profiles[index].maximumWaiting = 10_000
            for (number, agent) in agents.enumerated() {
                let distance = (index - number % splitCount + splitCount) % splitCount
                if distance < splitsAnAgent { profiles[index].members[agent] = .init() }
            }
        }
        tenant = Tenant(
            configuration: TenantConfiguration(
                namespace: namespace, agents: agents.map { AgentProfile(id: $0, name: "") },
                devices: devices.map { DeviceProfile(id: $0) }, splits: profiles,
                inbound: Dictionary(
                    uniqueKeysWithValues: splits.map { ("4\($0.number.dropFirst())", InboundRoute(to: $0)) })))
        apply(.switchEvent(.linkUp(SwitchSnapshot(registered: Set(devices)))))
        // With callers who wait nobody is free: each agent who becomes so takes one.
        for (agent, device) in zip(agents, devices) {
            apply(
                .command(
                    .logIn(agent, device: device, mode: waiting > 0 ? .notReady : .ready),
                    by: Requester(agent: agent, role: .agent), request: RequestID(1)))
        }
        for _ in 0..<waiting { arrive() }
        if waiting > 0 {
            for agent in agents.prefix(splitCount) {
                apply(
                    .command(
                        .setMode(agent, .ready, reason: nil), by: Requester(agent: agent, role: .agent),
                        request: RequestID(1)))
                arrive()
            }
        }
        _ = tenant.takeChanges()
    }

    /// Plays calls: one arrives, somebody is called, rings, answers, the customer hangs up, the agent works and is Ready.
    ///
    /// - Returns: how many inputs that were.
    mutating func play(calls: Int) -> Int {
        inputCount = 0
        for _ in 0..<calls {
            if ringing.isEmpty { arrive() }
            let next = ringing.removeFirst()  // At most some hundred.
            apply(.switchEvent(.legRinging(next.leg)))
            apply(.switchEvent(.legAnswered(next.leg)))
            let agent = tenant.calls[next.call]?.connections.last.flatMap { tenant.devices[$0.device]?.agent }
            apply(.switchEvent(.legEnded(LegID("trunk-\(next.call.text)"), cause: .normalClearing)))
            apply(.switchEvent(.legEnded(next.leg, cause: .normalClearing)))
            if let agent { apply(.timer(.wrapUp(agent))) }
            if hasWaiting { arrive() }
            _ = tenant.takeChanges()
        }
        return inputCount
    }

    private mutating func arrive() {
        callCount += 1
        let text = "4af76280-5562-4ffd-a58b-1\(String(100_000_000_000 + callCount).dropFirst())"
        guard let call = CallID(text) else { return }
        let offer = OfferedLeg(
            leg: LegID("trunk-\(text)"), origin: .trunk(group: "1", member: "gateway", number: "13800000000"),
            dialled: "4\(splits[callCount % splits.count].number.dropFirst())")
        apply(.switchEvent(.legOffered(offer), newCall: call))
    }

    private mutating func apply(_ input: Input) {
        now = now.advanced(bySeconds: 1)
        inputCount += 1
        for effect in tenant.apply(input, at: now) {
            guard case .switchCommand(.dial(let request)) = effect, let mix = request.mix, let call = CallID(mix.text)
            else { continue }
            ringing.append((request.leg, call))
        }
    }
}
