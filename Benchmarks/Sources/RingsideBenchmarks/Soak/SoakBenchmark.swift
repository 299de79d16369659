import Foundation
import NIOCore
import NIOPosix

/// A whole server for as long as ten minutes: `soak [--seconds 600] [--clients 10000] [--events 2000] [--logins 500]`.
///
/// The server, with its journal and the sandbox, is one process, its WebSockets another: an agent each, which follows its
/// own events while pairs of them call each other. A third of them is killed at any time, comes back and asks for what
/// it has missed. Then all are cut at once, and come back at once; then many log in at once whose passwords cost a scrypt.
/// In the end each has to have got what the journal holds for it, once and in order.
///
/// - Throws: ``BenchmarkFailure`` when an event was lost or came twice.
func soakBenchmark() async throws {
    let plan = try SoakPlan()
    try await withTemporaryDirectory { folder in
        let log = folder.appendingPathComponent("log")
        try Data().write(to: log)
        let metricsPort = try freePort()
        let server = try LoadProcess(
            ["soak-server", folder.path, String(metricsPort)] + plan.arguments, log: FileHandle(forWritingTo: log))
        let port = Int(try await server.ask("start", for: "started"))
        let clients = try LoadProcess(["soak-clients", String(port), folder.path] + plan.arguments)
        let group = MultiThreadedEventLoopGroup.singleton
        let api = SoakAPI(port: port, group: group)
        let soak = Soak(
            plan: plan, server: server, clients: clients, api: api, metricsAPI: SoakAPI(port: metricsPort, group: group)
        )
        try await soak.run()
        clients.end()
        server.end()
        try await api.end()
        try await soak.metricsAPI.end()
        try await soak.judge(folder)
    }
}

/// A port that was free a moment ago.
private func freePort() throws -> Int {
    let channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0)
        .wait()
    defer { channel.close(promise: nil) }
    return channel.localAddress?.port ?? 0
}

struct Soak: Sendable {
    let plan: SoakPlan
    let server: LoadProcess
    let clients: LoadProcess
    let api: SoakAPI
    let metricsAPI: SoakAPI

    private func metrics() async throws -> SoakMetrics {
        SoakMetrics(try await metricsAPI.send("GET", "/metrics").body)
    }

    func run() async throws {
        printHeader(["", ""])
        let sessionSeconds = try await clients.ask("login", for: "sessions")
        let empty = try await metrics()
        let connectSeconds = try await clients.ask("connect", for: "connected")
        let idle = try await metrics()
        row("\(plan.clients) sessions by HTTP, passwords without scrypt, s", sessionSeconds, 1)
        row("\(plan.clients) WebSockets connected, s", connectSeconds, 1)
        row("server, resident MB before", empty.residentKB / 1024, 0)
        row("KB a WebSocket", (idle.residentKB - empty.residentKB) / Double(plan.clients), 1)
        try await clients.ask("work", for: "working")

        let probe = try await SoakProbe(api)
        try await withThrowingDiscardingTaskGroup { tasks in
            tasks.addTask { await probe.run() }
            try await server.ask("work", for: "working")
            try await steady(probe)
            try await storm(probe)
            try await logins(probe)
            probe.end()
        }
        row("calls", try await server.ask("rest", for: "rested"), 0)
        row("events received", try await clients.ask("settle", for: "events"), 0)
        row("closed as too slow", try await metrics().closedSlow, 0)
        try await clients.ask("end", for: "ended")
    }

    /// What the plan's seconds cost.
    private func steady(_ probe: SoakProbe) async throws {
        _ = probe.take()
        try await clients.ask("take", for: "taken")
        let before = try await metrics()
        let start = ContinuousClock.now
        try await clients.ask("kill", for: "killing")
        try await Task.sleep(for: .seconds(plan.seconds))
        let after = try await metrics()
        let seconds = (ContinuousClock.now - start).seconds
        let sent = after.sent - before.sent
        let cpu = after.cpuSeconds - before.cpuSeconds
        row("seconds", seconds, 0)
        row("events sent live a second", sent / seconds, 0)
        row("events sent live", sent, 0)
        row("events replayed", after.replayed - before.replayed, 0)
        row("server, CPU µs an event", cpu * 1e6 / sent, 1)
        row("server, % of one core", cpu * 100 / seconds, 1)
        row("server, resident MB after", after.residentKB / 1024, 0)
        try await report(probe, "meanwhile", since: before)
    }

    private func storm(_ probe: SoakProbe) async throws {
        let before = try await metrics()
        row("all cut at once, and back, s", try await clients.ask("storm", for: "back"), 1)
        // Those who are back have still to be given what they have missed.
        try await Task.sleep(for: .seconds(1))
        row("events replayed in the storm", try await metrics().replayed - before.replayed, 0)
        try await report(probe, "in the storm", since: before)
    }

    /// All at once; who is told to come later does.
    private func logins(_ probe: SoakProbe) async throws {
        let before = try await metrics()
        let refusals = SoakCounter()
        let work = try await Measurement.of {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for index in 0..<plan.logins {
                    tasks.addTask { _ = try await api.logIn(SoakPlan.stormAgent(index), refusals: refusals) }
                }
                try await tasks.waitForAll()
            }
        }
        row("\(plan.logins) logins at once, with scrypt: a second", Double(plan.logins) / work.seconds, 1)
        row("of them told to come later, times", Double(refusals.count), 0)
        try await report(probe, "in the logins", since: before)
    }

    /// How long events and commands took, `p50 / p99 / p99.9` in milliseconds.
    private func report(_ probe: SoakProbe, _ when: String, since before: SoakMetrics) async throws {
        let latencies = try await metrics().latencies(since: before)
        printRow(["switch event to socket \(when), by the server's histogram, ms p50 / p99 / p99.9", latencies])
        try await clients.ask("take", for: "taken")
        var times: [String] = []
        for share in SoakLatency.shares {
            times.append(Measurement.text(try await clients.ask("quantile \(share)", for: "ms"), 1))
        }
        printRow(["event's timestamp to the client's process \(when), ms", times.joined(separator: " / ")])
        let (dials, failures) = probe.take()
        printRow(["dialling by HTTP \(when), ms, of \(dials.count)", dials.text])
        if failures > 0 { row("dialling that failed \(when)", Double(failures), 0) }
    }

    /// Compares what the clients have with what the journal has.
    func judge(_ folder: URL) async throws {
        let result = try SoakResult.read(from: folder)
        let check = try await SoakCheck(journal: folder.path, received: result.serials)
        row("connections killed", Double(result.counts.killed), 0)
        row("connections that failed otherwise", Double(result.counts.failed), 0)
        row("events stored", Double(check.stored), 0)
        row("doubled", Double(result.counts.doubled), 0)
        row("lost", Double(check.lost), 0)
        guard check.lost == 0, check.wrong == 0, check.gaps == 0, result.counts.doubled == 0 else {
            throw BenchmarkFailure("lost \(check.lost), wrong \(check.wrong), gaps \(check.gaps)")
        }
    }

    private func row(_ what: String, _ value: Double, _ digits: Int) {
        printRow([what, Measurement.text(value, digits)])
        fflush(nil)
    }
}
