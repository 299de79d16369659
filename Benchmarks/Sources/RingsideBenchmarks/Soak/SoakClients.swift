import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix

/// The clients of a soak: `soak-clients PORT FOLDER` and the plan.
///
/// `login` gets everybody a session, `connect` a WebSocket, `work` a device: each answers the seconds that it took. `kill`
/// begins to kill a third of them within the plan's seconds. `storm` cuts all and has them back, and answers the seconds;
/// `take` takes the times from the events' timestamps to here since the last `take`, of which `quantile SHARE` answers one in
/// milliseconds. `settle` waits until all are there and nothing comes any more, and answers the events that there were; `end` writes
/// what each has got into FOLDER.
func soakClients() async throws {
    let plan = try SoakPlan()
    guard CommandLine.arguments.count > 3, let port = Int(CommandLine.arguments[2]) else {
        throw BenchmarkFailure("soak-clients PORT FOLDER")
    }
    try raiseOpenFilesLimit()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let clients = SoakClients(
        plan: plan, fleet: SoakFleet(port: port, clients: plan.clients, group: group),
        api: SoakAPI(port: port, group: group))
    let folder = URL(fileURLWithPath: CommandLine.arguments[3])
    var latency = SoakLatency()
    try await withThrowingDiscardingTaskGroup { tasks in
        for await command in soakCommands() {
            let fleet = clients.fleet
            switch command.first {
            case "login": soakAnswer("sessions", try await clients.logIn())
            case "connect": soakAnswer("connected", try await clients.connect())
            case "work":
                soakAnswer("working", try await clients.work())
                tasks.addTask { await clients.beat() }
            case "kill":
                tasks.addTask { await clients.killAThird() }
                soakAnswer("killing", 0)
            case "take":
                latency = fleet.takeLatency()
                soakAnswer("taken", latency.count)
            case "quantile": soakAnswer("ms", latency.quantile(command.last.flatMap { Double($0) } ?? 1))
            case "storm": soakAnswer("back", try await clients.storm())
            case "settle": soakAnswer("events", try await clients.settle())
            case "end":
                fleet.end()
                let result = SoakResult(counts: fleet.counts, serials: fleet.serials)
                try result.write(to: folder)
                soakAnswer("ended", 0)
                exit(0)
            default: break
            }
        }
        exit(1)
    }
}

struct SoakClients: Sendable {
    /// A browser has few connections, and they are many browsers.
    private static let requestsAtOnce = 64
    /// Clients of this interface send one every one or two minutes.
    private static let heartbeatSeconds = 90

    let plan: SoakPlan
    let fleet: SoakFleet
    let api: SoakAPI

    func logIn() async throws -> Double {
        try await forAll(atOnce: Self.requestsAtOnce) { index in
            fleet.set(session: try await api.logIn(SoakPlan.agent(index)), of: index)
        }
    }

    func connect() async throws -> Double {
        try await forAll(atOnce: LoadTally.maximumConnectsAtOnce) { await fleet.connect($0) }
    }

    func work() async throws -> Double {
        let sessions = fleet.sessions
        return try await forAll(atOnce: Self.requestsAtOnce) { index in
            try await api.work(SoakPlan.agent(index), on: SoakPlan.device(index), session: sessions[index])
        }
    }

    /// Heart-beats of all, evenly.
    func beat() async {
        let sessions = fleet.sessions
        var (index, next) = (0, ContinuousClock.now)
        let pause = Duration.seconds(Double(Self.heartbeatSeconds) / Double(plan.clients))
        while true {
            let agent = SoakPlan.agent(index)
            _ = try? await api.send("POST", "/api/csta/agent/heartbeat/\(agent)", session: sessions[index])
            index = (index + 1) % plan.clients
            next += pause
            try? await Task.sleep(until: next)
        }
    }

    /// Each once, at any time; they come back after up to five seconds.
    func killAThird() async {
        await withDiscardingTaskGroup { tasks in
            for index in (0..<plan.clients).shuffled().prefix(plan.clients / 3) {
                tasks.addTask {
                    try? await Task.sleep(for: .seconds(Double.random(in: 0..<Double(plan.seconds))))
                    await fleet.kill(
                        index, resets: .random(), comesBackAfter: .milliseconds(Int.random(in: 100...5000)))
                }
            }
        }
    }

    func storm() async throws -> Double {
        try await forAll(atOnce: plan.clients) { await fleet.kill($0, resets: .random(), comesBackAfter: .zero) }
    }

    func settle() async throws -> Int {
        var (events, quietRounds) = (fleet.counts.events, 0)
        while fleet.counts.away > 0 || quietRounds < 30 {
            try await Task.sleep(for: .milliseconds(100))
            quietRounds = fleet.counts.events == events ? quietRounds + 1 : 0
            events = fleet.counts.events
        }
        return events
    }

    /// - Returns: the seconds that it took.
    private func forAll(atOnce: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws -> Double {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for index in 0..<plan.clients {
                if index >= atOnce { try await tasks.next() }
                tasks.addTask { try await body(index) }
            }
            try await tasks.waitForAll()
        }
        return (ContinuousClock.now - start).seconds
    }
}

/// What the clients have got, as they hand it to the one who checks it.
struct SoakResult {
    var counts: SoakFleet.Counts
    var serials: [[Int64]]

    private static func file(_ folder: URL) -> URL { folder.appendingPathComponent("clients.txt") }

    /// A line of numbers, then a line a client.
    func write(to folder: URL) throws {
        let numbers = [counts.killed, counts.failed, counts.events, counts.doubled].map(String.init)
        var lines = [numbers.joined(separator: " ")]
        lines += serials.map { $0.map(String.init).joined(separator: " ") }
        try lines.joined(separator: "\n").write(to: Self.file(folder), atomically: true, encoding: .utf8)
    }

    static func read(from folder: URL) throws -> SoakResult {
        let lines = try String(contentsOf: file(folder), encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        func numbers(_ line: Substring) -> [Int64] { line.split(separator: " ").compactMap { Int64($0) } }
        guard lines.count > 1 else { throw BenchmarkFailure("the clients have left nothing") }
        let first = numbers(lines[0]).map(Int.init)
        guard first.count == 4 else { throw BenchmarkFailure("the clients have left nonsense") }
        var counts = SoakFleet.Counts()
        (counts.killed, counts.failed, counts.events, counts.doubled) = (first[0], first[1], first[2], first[3])
        return SoakResult(counts: counts, serials: lines.dropFirst().map(numbers))
    }
}
