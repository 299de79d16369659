import CSTA
import CallCenter
import Foundation
import Gateway
import Hummingbird
import Journal
import Logging
import NIOCore
import RingsideServer
import ServiceLifecycle
import SwitchDriver
import Synchronization

/// The whole way of an event: from a switch's message through the rules, the journal with fsync, the encoding and the fan-out
/// to 2,000 WebSockets, each following its own agent in another process.
///
/// 1,000 pairs of agents call each other again and again; the switch answers at once and hangs up. Where `taskset` is, the
/// server has one core for all its threads, the clients have the other.
func endToEndBenchmark() async throws {
    try raiseOpenFilesLimit()
    try await withTemporaryDirectory { directory in
        let logger = Logger(label: "end-to-end") { _ in SwiftLogNoOpLogHandler() }
        let configuration = try benchTenant(pairs: 1_000)
        let journal = try SQLiteJournal(JournalConfiguration(directory: directory.path), logger: logger)
        let table = OneTenant()
        let hub = EventHub(tenants: table)
        let telephony = InstantSwitch()
        let nextCall = Mutex(0)
        let runner = try await TenantRunner(
            configuration: configuration,
            surroundings: TenantRunner.Surroundings(
                journal: journal, publish: { hub.publish($0, in: $1, origins: $2) }, telephoneSwitch: telephony,
                now: { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) },
                uptime: { Uptime(milliseconds: Int64(ProcessInfo.processInfo.systemUptime * 1000)) },
                newCall: { freshCall(nextCall) }, logger: logger))
        table.set(runner)
        telephony.set { runner.receive($0) }
        let (addresses, address) = AsyncStream.makeStream(of: SocketAddress.self)
        let server = GatewayServer(
            configuration: GatewayServerConfiguration(port: 0, threads: 1), responder: Router().buildResponder(),
            hub: hub, authorizer: AnyoneMay(namespace: configuration.namespace), logger: logger
        ) { address.yield($0) }
        let services = ServiceGroup(configuration: .init(services: [server], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run() }
            group.addTask { try await services.run() }
            guard let port = await addresses.first(where: { _ in true })?.port else { throw BenchmarkFailure("port") }
            runner.receive(.linkUp(SwitchSnapshot(registered: Set(configuration.devices.map(\.id)))))
            for (agent, device) in zip(configuration.agents, configuration.devices) {
                _ = await runner.perform(
                    .logIn(agent.id, device: device.id, mode: .ready), by: Requester(agent: agent.id, role: .agent))
            }
            pinToCore("\(ProcessInfo.processInfo.processIdentifier)", 0)
            try await measureCalls(
                configuration, callsAPair: 30, port: port, hub: hub, runner: runner, telephony: telephony,
                journal: journal, nextCall: { freshCall(nextCall) })
            await services.triggerGracefulShutdown()
            runner.finish()
            try await group.waitForAll()
        }
        try await journal.close()
    }
}

/// serviceInitiated, originated, 2 delivered, 2 established, 3 connectionCleared.
private let eventsACall = 9

private func measureCalls(
    _ configuration: TenantConfiguration, callsAPair: Int, port: Int, hub: EventHub, runner: TenantRunner,
    telephony: InstantSwitch, journal: SQLiteJournal, nextCall: @escaping @Sendable () -> CallID
) async throws {
    let pairs = configuration.devices.count / 2
    let count = pairs * callsAPair * eventsACall
    let load = try LoadProcess(port: port, sockets: pairs * 2, events: count)
    _ = try load.read("connected")
    while hub.statistics().webSockets < pairs * 2 { await Task.yield() }
    let before = journal.statistics
    let inputsBefore = runner.status.inputs
    let work = try await Measurement.of {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for pair in 0..<pairs {
                let (agent, device) = (configuration.agents[pair].id, configuration.devices[pair].id)
                let other = String(configuration.devices[pair + pairs].id.number)
                group.addTask {
                    for _ in 0..<callsAPair {
                        let call = nextCall()
                        async let ended: Void = telephony.end(of: call)
                        let reply = await runner.perform(
                            .makeCall(MakeCall(call: call, from: device, to: other)),
                            by: Requester(agent: agent, role: .agent))
                        guard reply == .call(call) else { throw BenchmarkFailure("\(reply)") }
                        await ended
                    }
                }
            }
            try await group.waitForAll()
        }
        _ = try load.read("received")
    }
    load.end()
    let transactions = journal.statistics.transactions - before.transactions
    printHeader([
        "WebSockets", "events", "events/s", "CPU an event, µs", "inputs/s", "events a transaction", "closed slow",
    ])
    printRow([
        "\(pairs * 2)", "\(count)", work.perSecond(count), work.cpuMicroseconds(each: count),
        work.perSecond(runner.status.inputs - inputsBefore), "\(count / max(1, transactions))",
        "\(hub.statistics().closedSlow)",
    ])
}

/// A tenant with agents and devices in pairs.
func benchTenant(pairs: Int) throws -> TenantConfiguration {
    guard let namespace = Namespace("bench.cc") else { throw BenchmarkFailure("namespace") }
    return TenantConfiguration(
        namespace: namespace,
        agents: (0..<pairs * 2).compactMap { AgentID("\(10_000 + $0)", in: namespace) }
            .map { AgentProfile(id: $0, name: "") },
        devices: (0..<pairs * 2).compactMap { DeviceID("\(20_000 + $0)", in: namespace) }
            .map { DeviceProfile(id: $0) })
}

private func freshCall(_ counter: borrowing Mutex<Int>) -> CallID {
    let number = counter.withLock { number in
        number += 1
        return number
    }
    return CallID("4af76280-5562-4ffd-a58b-1\(String(100_000_000_000 + number).dropFirst())") ?? .none
}

/// A switch on which every call is answered and then hung up at once: what it costs does not count.
private final class InstantSwitch: Switch {
    private struct State {
        var receive: (@Sendable (SwitchEvent) -> Void)?
        var waiting: [LegID: CheckedContinuation<Void, Never>] = [:]
        var ended: Set<LegID> = []
    }

    let name = "instant"
    private let state = Mutex(State())

    func set(_ receive: @escaping @Sendable (SwitchEvent) -> Void) { state.withLock { $0.receive = receive } }

    func run(receive: @escaping @Sendable (Namespace, SwitchEvent) -> Void) async throws {}
    func setLines(_ tenants: [TenantLines]) {}

    func execute(_ commands: [SwitchCommand], for namespace: Namespace) {
        guard let receive = state.withLock(\.receive) else { return }
        for command in commands {
            switch command {
            case .dial(let request):
                receive(.legRinging(request.leg))
                receive(.legAnswered(request.leg))
                if request.mix != nil { receive(.legEnded(request.leg, cause: .normalClearing)) }
            case .hangUp(let leg, let cause):
                receive(.legEnded(leg, cause: cause))
                let waiting = state.withLock { state in
                    let waiting = state.waiting.removeValue(forKey: leg)
                    if waiting == nil { state.ended.insert(leg) }
                    return waiting
                }
                waiting?.resume()
            default: break
            }
        }
    }

    func resynchronise(_ namespace: Namespace) {}

    /// Waits until the caller's leg of a call was hung up.
    func end(of call: CallID) async {
        let leg = LegID("\(call.text)-1")
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.ended.remove(leg) != nil { return true }
                state.waiting[leg] = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}

private final class OneTenant: TenantDirectory {
    private let runner = Mutex<TenantRunner?>(nil)

    func set(_ runner: TenantRunner) { self.runner.withLock { $0 = runner } }
    func tenant(_ namespace: Namespace) -> (any TenantPort)? { runner.withLock(\.self) }
    func unreadiness() -> [String] { [] }
}
