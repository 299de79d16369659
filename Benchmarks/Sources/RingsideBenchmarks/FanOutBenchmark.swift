import CSTA
import CallCenter
import Foundation
import Gateway
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Measures the fan-out by real sockets: the server, with one event loop, in this process, its clients in another.
///
/// - 10,000 idle WebSockets: seconds to connect and subscribe them, KB a socket in this process.
/// - 2,000 WebSockets, each following an agent of its own: events a second from publishing to the last byte received,
///   and this process's CPU time an event, publishing and framing included.
///
/// Where `taskset` is, server and clients get a core each.
func fanOutBenchmark() async throws {
    try raiseOpenFilesLimit()
    guard let namespace = Namespace("bench.cc") else { throw BenchmarkFailure("namespace") }
    let hub = EventHub(tenants: NoTenants())
    let (addresses, address) = AsyncStream.makeStream(of: SocketAddress.self)
    let logger = Logger(label: "fan-out") { _ in SwiftLogNoOpLogHandler() }
    let server = GatewayServer(
        configuration: GatewayServerConfiguration(port: 0, threads: 1),
        responder: Router().buildResponder(), hub: hub, authorizer: AnyoneMay(namespace: namespace),
        logger: logger
    ) { address.yield($0) }
    let services = ServiceGroup(configuration: .init(services: [server], logger: logger))
    pinToCore("\(ProcessInfo.processInfo.processIdentifier)", 0)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await services.run() }
        guard let port = await addresses.first(where: { _ in true })?.port else { throw BenchmarkFailure("port") }
        try await measureIdle(sockets: 10_000, port: port, hub: hub)
        printHeader([
            "WebSockets", "bytes an event", "events a publish", "events", "events/s", "CPU an event, µs",
            "deepest inbox", "closed slow",
        ])
        for eventsAPublish in [1, 16, 128] {
            try await measureEvents(
                count: 400_000, sockets: 2_000, eventsAPublish: eventsAPublish, port: port, hub: hub,
                namespace: namespace)
        }
        await services.triggerGracefulShutdown()
        try await group.waitForAll()
    }
}

private func measureIdle(sockets: Int, port: Int, hub: EventHub) async throws {
    let before = residentBytes()
    var load: LoadProcess?
    var connectSeconds = 0.0
    let work = try await Measurement.of {
        let process = try LoadProcess(port: port, sockets: sockets, events: 0)
        load = process
        connectSeconds = try process.read("connected")
        while hub.statistics().webSockets < sockets { await Task.yield() }
    }
    let after = residentBytes()
    printHeader([
        "idle WebSockets", "connected and subscribed, s", "CPU each, µs", "resident KB before", "after", "KB each",
    ])
    printRow([
        "\(sockets)", Measurement.text(connectSeconds, 2), work.cpuMicroseconds(each: sockets),
        "\(before / 1024)", "\(after / 1024)", Measurement.text(Double(after - before) / 1024 / Double(sockets), 2),
    ])
    load?.end()
    while hub.statistics().webSockets > 0 { await Task.yield() }
    print("")
}

private func measureEvents(
    count: Int, sockets: Int, eventsAPublish: Int, port: Int, hub: EventHub, namespace: Namespace
) async throws {
    let load = try LoadProcess(port: port, sockets: sockets, events: count)
    _ = try load.read("connected")
    while hub.statistics().webSockets < sockets { await Task.yield() }
    let batches = try makeEvents(count: count, sockets: sockets, eventsAPublish: eventsAPublish, in: namespace)
    let sentBefore = hub.statistics().eventsSent
    let work = try await Measurement.of {
        var published = 0
        for batch in batches {
            // As a tenant would by its group commit: what is under way is bounded.
            while published - (hub.statistics().eventsSent - sentBefore) > maximumEventsUnderWay { usleep(200) }
            hub.publish(batch, in: namespace)
            published += batch.count
        }
        _ = try load.read("received")
    }
    load.end()
    let statistics = hub.statistics()
    printRow([
        "\(sockets)", "\(batches[0][0].json.count)", "\(eventsAPublish)", "\(count)", work.perSecond(count),
        work.cpuMicroseconds(each: count), "\(statistics.deepestInboxEvents)", "\(statistics.closedSlow)",
    ])
    while hub.statistics().webSockets > 0 { await Task.yield() }
}

private let maximumEventsUnderWay = 4_000

/// Each event for one of the agents, in turn; all are made beforehand, so that making them is not measured.
private func makeEvents(
    count: Int, sockets: Int, eventsAPublish: Int, in namespace: Namespace
) throws -> [[EncodedEvent]] {
    let padding = String(repeating: "x", count: 340)
    var batches: [[EncodedEvent]] = []
    var batch: [EncodedEvent] = []
    for number in 0..<count {
        let agentNumber = String(10_000 + number * 7 % sockets)
        guard let device = DeviceID(agentNumber, in: namespace) else { throw BenchmarkFailure("device") }
        let json = #"{"eventName":"delivered","serial":\#(number + 1),"agentId":"\#(agentNumber)","p":"\#(padding)"}"#
        batch.append(
            EncodedEvent(
                serial: Serial(Int64(number + 1)), name: "delivered", device: device,
                agent: AgentID(agentNumber, in: namespace), call: nil, timestamp: 0, json: Array(json.utf8)))
        if batch.count == eventsAPublish || number == count - 1 {
            batches.append(batch)
            batch = []
        }
    }
    return batches
}

struct AnyoneMay: EventAuthorizer {
    var namespace: Namespace

    func authorize(_ request: EventRequest) async -> Result<EventSubscription, EventRefusal> {
        do throws(EventRefusal) { return .success(try request.subscription(in: namespace)) } catch {
            return .failure(error)
        }
    }
}

private struct NoTenants: TenantDirectory {
    func tenant(_ namespace: Namespace) -> (any TenantPort)? { nil }
    func unreadiness() -> [String] { [] }
}
