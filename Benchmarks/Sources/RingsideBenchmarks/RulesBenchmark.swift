import CSTA
import CallCenter
import SwitchDriver

/// Inputs a second through `Tenant.apply` with some calls up, and events a second encoded: what both cost one core.
///
/// An input must not cost more when there are more calls.
func rulesBenchmark() async throws {
    printHeader(["calls up", "inputs", "inputs/s", "CPU µs/input", "events/s"])
    for calls in [1, 100, 10_000] {
        var run = try CallRun(callsUp: calls)
        _ = run.play(calls: 2000)
        var result = (inputs: 0, events: 0)
        let measured = await Measurement.of { result = run.play(calls: 60_000) }
        printRow([
            "\(calls)", "\(result.inputs)", measured.perSecond(result.inputs),
            measured.cpuMicroseconds(each: result.inputs), measured.perSecond(result.events),
        ])
        guard result.events > 0, result.events == result.inputs / 12 * 13 else {
            throw BenchmarkFailure("\(result.events) events of \(result.inputs) inputs")
        }
    }
}

/// Events a second written as JSON and read, those of calls with user data.
func encodingBenchmark() async throws {
    var run = try CallRun(callsUp: 1)
    let events = run.events(calls: 500)
    var writer = JSONWriter()
    var bytes = 0
    let rounds = 100
    let encoding = await Measurement.of {
        for _ in 0..<rounds {
            for event in events {
                writer.removeAll()
                event.event.encode(into: &writer)
                bytes += writer.bytes.count
            }
        }
    }
    var kept = 0
    let encodingToKeep = await Measurement.of {
        for _ in 0..<rounds {
            for event in events { kept += EncodedEvent(event, writer: &writer).json.count }
        }
    }
    let texts = events.map { Array($0.event.json.utf8) }
    var read = 0
    let decoding = await Measurement.of {
        for text in texts where (try? Event(json: text)) != nil { read += 1 }
    }
    guard kept == bytes, read == texts.count else { throw BenchmarkFailure("events differ") }
    let count = events.count * rounds
    printHeader(["what", "events", "bytes an event", "events/s", "CPU µs/event"])
    for (name, measured, number) in [
        ("encode", encoding, count), ("encode, to be kept", encodingToKeep, count), ("decode", decoding, events.count),
    ] {
        printRow([
            name, "\(number)", "\(bytes / count)", measured.perSecond(number), measured.cpuMicroseconds(each: number),
        ])
    }
}

/// Calls that come and go on a tenant while others stay up.
private struct CallRun {
    private var tenant: Tenant
    private let namespace: Namespace
    private let first: (device: DeviceID, agent: AgentID)
    private let second: (device: DeviceID, agent: AgentID)
    private var now = Instant(milliseconds: 1_795_341_600_000)
    private var callCount = 0

    init(callsUp: Int) throws {
        guard let namespace = Namespace("demo.cc") else { throw BenchmarkFailure("namespace") }
        let pairs = (callsUp + 1) * 2
        let devices = (0..<pairs).compactMap { DeviceID("8\(100_000 + $0)", in: namespace) }
        let agents = (0..<pairs).compactMap { AgentID("5\(100_000 + $0)", in: namespace) }
        self.namespace = namespace
        tenant = Tenant(
            configuration: TenantConfiguration(
                namespace: namespace, agents: agents.map { AgentProfile(id: $0, name: "") },
                devices: devices.map { DeviceProfile(id: $0) }))
        first = (devices[pairs - 2], agents[pairs - 2])
        second = (devices[pairs - 1], agents[pairs - 1])
        apply(.switchEvent(.linkUp(SwitchSnapshot(registered: Set(devices)))))
        for (agent, device) in zip(agents, devices) { ask(.logIn(agent, device: device, mode: .ready), by: agent) }
        for pair in 0..<callsUp {
            try begin(from: (devices[pair * 2], agents[pair * 2]), to: devices[pair * 2 + 1])
        }
        _ = tenant.takeChanges()
    }

    @discardableResult
    private mutating func apply(_ input: Input) -> [Effect] {
        now = now.advanced(bySeconds: 1)
        return tenant.apply(input, at: now)
    }

    @discardableResult
    private mutating func ask(_ command: Command, by agent: AgentID) -> [Effect] {
        apply(.command(command, by: Requester(agent: agent, role: .agent), request: RequestID(1)))
    }

    private mutating func freshCall() throws -> CallID {
        callCount += 1
        let text = "4af76280-5562-4ffd-a58b-1\(String(100_000_000_000 + callCount).dropFirst())"
        guard let call = CallID(text) else { throw BenchmarkFailure(text) }
        return call
    }

    private mutating func begin(from: (device: DeviceID, agent: AgentID), to: DeviceID) throws {
        let call = try freshCall()
        ask(.makeCall(MakeCall(call: call, from: from.device, to: String(to.number))), by: from.agent)
        for event in Self.answers(call) { apply(.switchEvent(event)) }
    }

    private static func answers(_ call: CallID) -> [SwitchEvent] {
        let (own, other) = (LegID("\(call.text)-1"), LegID("\(call.text)-2"))
        return [.legRinging(own), .legAnswered(own), .legRinging(other), .legAnswered(other)]
    }

    /// A call of 12 inputs and 13 events: dialled, answered, held, retrieved, hung up, and a heartbeat.
    private mutating func inputs() throws -> [Input] {
        let call = try freshCall()
        let (own, other) = (LegID("\(call.text)-1"), LegID("\(call.text)-2"))
        let connection = ConnectionID(device: first.device, call: call)
        let mix = MixID(call)
        var userData = UserData()
        userData["order"] = "2026-4711"
        let request = MakeCall(
            call: call, from: first.device, to: String(second.device.number), userData: userData)
        func command(_ command: Command) -> Input {
            .command(command, by: Requester(agent: first.agent, role: .agent), request: RequestID(1))
        }
        return [command(.makeCall(request))] + Self.answers(call).map { .switchEvent($0) } + [
            command(.holdCall(connection)), .switchEvent(.legTakenOut(own)), command(.retrieveCall(connection)),
            .switchEvent(.legConnected(own, mix: mix)), command(.heartbeat(first.agent)),
            .switchEvent(.legEnded(other, cause: .normalClearing)),
            .switchEvent(.legEnded(own, cause: .normalClearing)),
        ]
    }

    /// Plays calls one after the other; what is changed is taken away as the journal would.
    mutating func play(calls: Int) -> (inputs: Int, events: Int) {
        var counts = (inputs: 0, events: 0)
        for _ in 0..<calls {
            for input in (try? inputs()) ?? [] {
                counts.inputs += 1
                for case .event in apply(input) { counts.events += 1 }
            }
            if tenant.takeChanges().isEmpty { return (0, 0) }
        }
        return counts
    }

    mutating func events(calls: Int) -> [EventCopy] {
        var events: [EventCopy] = []
        for _ in 0..<calls {
            for input in (try? inputs()) ?? [] {
                for case .event(let copy) in apply(input) { events.append(copy) }
            }
        }
        return events
    }
}
