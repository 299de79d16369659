import CSTA
import CallCenter
import Foundation
import Gateway
import RingsideServer
import SwitchDriver

/// How large a soak is, and who takes part in it: the same in all its processes.
struct SoakPlan: Sendable {
    var seconds = 600
    /// WebSockets, each of an agent of its own on a device of its own.
    var clients = 10_000
    /// Copies of events a second.
    var events = 2_000
    /// Logins of the storm with a password that costs a scrypt; at most ``maximumLogins``.
    var logins = 500

    static let maximumLogins = 10_000
    static let namespace = "soak.cc"
    static let password = "soak"

    /// Reads `--seconds`, `--clients`, `--events` and `--logins`.
    init(_ arguments: [String] = CommandLine.arguments) throws {
        let paths: [(String, WritableKeyPath<Self, Int>, ClosedRange<Int>)] = [
            ("--seconds", \.seconds, 5...86_400), ("--clients", \.clients, 20...10_000),
            ("--events", \.events, 20...100_000), ("--logins", \.logins, 1...Self.maximumLogins),
        ]
        for (name, path, range) in paths {
            guard let place = arguments.firstIndex(of: name) else { continue }
            guard let number = Int(arguments.dropFirst(place + 1).first ?? ""), range.contains(number) else {
                throw BenchmarkFailure("\(name) takes a number from \(range.lowerBound) to \(range.upperBound)")
            }
            self[keyPath: path] = number
        }
    }

    /// What ``init(_:)`` makes the same of.
    var arguments: [String] {
        ["--seconds", "\(seconds)", "--clients", "\(clients)", "--events", "\(events)", "--logins", "\(logins)"]
    }

    /// Of the client with this index.
    static func agent(_ index: Int) -> String { String(10_000 + index) }
    static func device(_ index: Int) -> String { String(20_000 + index) }
    /// Two who call each other, that the time of a command is known; nobody follows them.
    static let callers = (agents: ["30000", "30001"], devices: ["31000", "31001"])
    static func stormAgent(_ index: Int) -> String { String(40_000 + index) }

    /// One tenant on the sandbox with the journal in a folder, everything else as it is by default.
    func configuration(folder: String, metricsPort: Int) throws -> ServerConfiguration {
        guard let namespace = Namespace(Self.namespace), let hash = PasswordHasher.hash(Self.password) else {
            throw BenchmarkFailure("namespace")
        }
        func agents(_ numbers: [String], _ password: StoredPassword) -> [TenantSettings.AgentSettings] {
            numbers.compactMap { AgentID($0, in: namespace) }
                .map { .init(profile: AgentProfile(id: $0, name: ""), password: password) }
        }
        let indices = 0..<clients
        let devices = (indices.map(Self.device) + Self.callers.devices).compactMap { DeviceID($0, in: namespace) }
        let tenant = TenantSettings(
            namespace: namespace, timeZone: .gmt,
            agents: agents(indices.map(Self.agent) + Self.callers.agents, .plain(Self.password))
                + agents((0..<logins).map(Self.stormAgent), .scrypt(hash)),
            devices: devices.map { .init(profile: DeviceProfile(id: $0), endpoint: String($0.number)) })
        return ServerConfiguration(
            http: HTTPSettings(port: 0), metrics: MetricsSettings(port: metricsPort), dataDirectory: folder,
            tenants: [tenant])
    }
}

/// What a process is told on its standard input, a line at a time.
func soakCommands() -> AsyncStream<[String]> {
    let (lines, line) = AsyncStream.makeStream(of: [String].self)
    Thread.detachNewThread {
        while let text = readLine() { line.yield(text.split(separator: " ").map(String.init)) }
        line.finish()
    }
    return lines
}

/// Without the C library's buffers: flushing all of them would wait for the line that is being read.
func soakAnswer(_ word: String, _ number: some CustomStringConvertible) {
    try? FileHandle.standardOutput.write(contentsOf: Data("\(word) \(number)\n".utf8))
}
