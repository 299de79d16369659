import CSTA
import CallCenter
import RingsideTesting
import SwitchDriver
import Testing

/// A tenant with a model switch, driven at random, with every event watched.
private struct RandomRun {
    let configuration: TenantConfiguration
    var tenant: Tenant
    var telephony: ModelSwitch
    var sequences: EventSequences
    var random: SeededGenerator
    var now = Instant(milliseconds: 1_795_341_600_000)
    var inputs: [(Input, Instant)] = []
    var effects: [[Effect]] = []
    var entries: [String: StateEntry] = [:]
    var timers: [(timer: TimerID, due: Instant)] = []
    var complaints: [String] = []
    var isLinkUp = false
    var requests: UInt64 = 0
    var callCount = 0
    var replies: [String: Int] = [:]

    init(seed: UInt64, agents: Int) {
        configuration = Demo.configuration(agents: agents)
        tenant = Tenant(configuration: configuration)
        telephony = ModelSwitch(registered: Set(configuration.devices.dropLast(agents / 20).map(\.id)))
        sequences = EventSequences(after: Serial(0))
        random = SeededGenerator(seed: seed)
    }

    mutating func apply(_ input: Input) {
        inputs.append((input, now))
        let effects = tenant.apply(input, at: now)
        self.effects.append(effects)
        for entry in tenant.takeChanges() { entries[entry.key] = entry.value == nil ? nil : entry }
        for effect in effects {
            switch effect {
            case .event(let copy): if let complaint = sequences.check(copy) { complaints.append(complaint) }
            case .switchCommand(let command): if isLinkUp { telephony.execute(command, using: &random) }
            case .setTimer(let timer, let due):
                timers.removeAll { $0.timer == timer }
                timers.append((timer, due))
            case .cancelTimer(let timer): timers.removeAll { $0.timer == timer }
            case .reply(_, let reply): replies["\(reply)".prefix { $0 != "(" }.description, default: 0] += 1
            case .ignored, .record: break
            }
        }
    }

    mutating func command(_ command: Command, by agent: AgentID, role: Role = .agent) {
        requests += 1
        apply(.command(command, by: Requester(agent: agent, role: role), request: RequestID(requests)))
    }

    mutating func pass(milliseconds: Int64) {
        now = Instant(milliseconds: now.milliseconds + milliseconds)
        while let index = timers.indices.filter({ timers[$0].due <= now }).min(by: { timers[$0].due < timers[$1].due })
        {
            apply(.timer(timers.remove(at: index).timer))
        }
    }

    mutating func setLink(up: Bool) {
        isLinkUp = up
        telephony.loseEvents()
        apply(.switchEvent(up ? .linkUp(telephony.snapshot) : .linkDown))
    }

    mutating func deliverAll() {
        while let event = telephony.next(using: &random) { deliver(event) }
    }

    mutating func deliver(_ event: SwitchEvent) {
        guard isLinkUp else { return }
        var call: CallID?
        if case .legOffered = event { call = newCall() }
        apply(.switchEvent(event, newCall: call))
    }

    mutating func newCall() -> CallID? {
        callCount += 1
        return CallID("call-\(callCount)")
    }

    /// The server is killed and comes back with what the journal has.
    mutating func restart() throws {
        tenant = try Tenant(
            configuration: configuration, serial: tenant.serial, entries: entries.values.sorted { $0.key < $1.key })
        timers = []
        isLinkUp = false
        telephony.loseEvents()
        apply(.resumed)
        setLink(up: true)
    }

    mutating func step() throws {
        guard let profile = configuration.agents.randomElement(using: &random),
            let device = configuration.devices.randomElement(using: &random)?.id
        else { return }
        let agent = profile.id
        let own = tenant.agents[agent]?.login?.device
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<15: command(.logIn(agent, device: device, mode: .ready), by: agent)
        case 15..<17: command(.logOut(agent), by: agent)
        case 17..<20: command(.setMode(agent, .notReady, reason: "\(callCount % 3)"), by: agent)
        case 20..<24: command(.heartbeat(agent), by: agent)
        case 24..<40:
            guard let call = newCall() else { return }
            let target = Bool.random(using: &random) ? String(device.number) : "9138000000\(callCount % 90 + 10)"
            command(
                .makeCall(
                    MakeCall(call: call, from: own ?? device, to: target, analysis: Bool.random(using: &random))),
                by: agent)
        case 40..<60: try actOnCall(of: own ?? device, by: agent, profile.role)
        case 60..<64: telephony.offer(.phone(device), dialled: String(device.number))
        case 64..<70:
            telephony.offer(.trunk(group: "1", member: "gw", number: "1380\(callCount)"), dialled: "4\(device.number)")
        case 70..<85: telephony.meddle(using: &random)
        case 85..<94: pass(milliseconds: Int64.random(in: 0..<4000, using: &random))
        case 94: pass(milliseconds: 61_000)
        case 95: if Int.random(in: 0..<20, using: &random) == 0 { try restart() }
        case 96: if Int.random(in: 0..<5, using: &random) == 0 { setLink(up: !isLinkUp) }
        case 97: apply(.timer(.answer(tenant.calls.keys.min { $0.text < $1.text } ?? .none)))
        case 98: deliver(.legEnded(LegID("nobody"), cause: .normalClearing))
        default: deliver(Bool.random(using: &random) ? .deviceRegistered(device) : .deviceUnregistered(device))
        }
        while Int.random(in: 0..<4, using: &random) > 0, let event = telephony.next(using: &random) { deliver(event) }
    }

    mutating func actOnCall(of device: DeviceID, by agent: AgentID, _ role: Role) throws {
        guard let call = tenant.devices[device]?.calls.last else { return }
        let connection = ConnectionID(device: device, call: call)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: command(.answerCall(connection), by: agent, role: role)
        case 1: command(.clearConnection(connection), by: agent, role: role)
        case 2: command(.holdCall(connection), by: agent, role: role)
        default: command(.retrieveCall(connection), by: agent, role: role)
        }
    }

    /// What must hold between any two inputs.
    func inconsistencies() -> [String] {
        var found: [String] = []
        for (id, call) in tenant.calls {
            if call.connections.isEmpty { found.append("\(id) has no parties") }
            for connection in call.connections where connection.isInternal {
                if tenant.devices[connection.device]?.calls.contains(id) != true {
                    found.append("\(id): not at device")
                }
            }
        }
        for (device, state) in tenant.devices {
            for call in state.calls where tenant.calls[call]?.connection(of: device) == nil {
                found.append("\(device) is stuck in \(call)")
            }
            if let agent = state.agent, tenant.agents[agent]?.login?.device != device { found.append("\(agent) lost") }
        }
        return found
    }

    /// Lets everything come to its end.
    mutating func windDown() {
        if !isLinkUp { setLink(up: true) }
        deliverAll()
        for _ in 0..<10 where !tenant.calls.isEmpty || !telephony.legs.isEmpty {
            for call in tenant.calls.values.sorted(by: { $0.id.text < $1.id.text }) {
                guard let connection = call.connections.first(where: \.hasJoined) else { continue }
                command(
                    .clearConnection(ConnectionID(device: connection.device, call: call.id)),
                    by: configuration.agents[0].id, role: .supervisor)
            }
            deliverAll()
            pass(milliseconds: 100_000)
            deliverAll()
        }
    }
}

@Suite("Random runs hold the protocol's invariants")
struct RandomRunTests {
    @Test("Few devices, so that everything meets everything", arguments: [UInt64](1...30))
    func small(seed: UInt64) throws {
        try run(seed: seed, agents: 6, steps: 3000)
    }

    @Test("Thousands of agents and calls", arguments: [UInt64](100...102))
    func large(seed: UInt64) throws {
        try run(seed: seed, agents: 3000, steps: 20_000)
    }

    private func run(seed: UInt64, agents: Int, steps: Int) throws {
        var run = RandomRun(seed: seed, agents: agents)
        run.setLink(up: true)
        for agent in run.configuration.agents.indices.dropLast(agents / 4) {
            run.command(
                .logIn(run.configuration.agents[agent].id, device: run.configuration.devices[agent].id, mode: .ready),
                by: run.configuration.agents[agent].id)
        }
        for step in 0..<steps {
            try run.step()
            if step % 100 == 0 { try #require(run.inconsistencies() == [], "seed \(seed), step \(step)") }
            try #require(run.complaints == [], "seed \(seed), step \(step)")
        }
        run.windDown()
        #expect(run.complaints == [], "seed \(seed)")
        #expect(run.inconsistencies() == [], "seed \(seed)")
        #expect(run.tenant.calls.isEmpty, "seed \(seed)")
        #expect(run.sequences.openParts == 0, "seed \(seed): parts without an end")
        #expect(run.telephony.legs.isEmpty, "seed \(seed): legs that nobody ended")
        #expect(run.telephony.problems == [], "seed \(seed)")
        #expect(run.sequences.count > steps / 20, "seed \(seed): hardly anything happened")
    }

    @Test("The same inputs give the same effects", arguments: [UInt64](1...5))
    func deterministic(seed: UInt64) throws {
        var run = RandomRun(seed: seed, agents: 20)
        run.setLink(up: true)
        while run.inputs.count < 3000 {
            let before = run.inputs.count
            try run.step()
            // A restart makes a new tenant; only runs without one can be compared from the beginning.
            if run.inputs[before...].contains(where: { $0.0 == .resumed }) { break }
        }
        var again = Tenant(configuration: run.configuration)
        for (index, (input, now)) in run.inputs.enumerated() where input != .resumed {
            guard index < run.inputs.firstIndex(where: { $0.0 == .resumed }) ?? .max else { break }
            try #require(again.apply(input, at: now) == run.effects[index], "seed \(seed), input \(index)")
        }
    }
}
