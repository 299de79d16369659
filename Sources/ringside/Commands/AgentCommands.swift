import ArgumentParser
import CSTA

struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log an agent in on a device.",
        discussion:
            "After three minutes without a heartbeat the server logs the agent out: `ringside tail --heartbeat`.")

    @Argument(help: "The device, such as 8001.")
    var device: String

    @Flag(help: "Come in ready for calls of a queue.")
    var ready = false

    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await atServer(server) { client in
            let device = try client.access.device(device)
            let mode: AgentMode = ready ? .ready : .notReady
            _ = try await client.post(
                "/api/csta/agent/state",
                [
                    "func": .string("Login"), "loginId": .string(client.access.agent.text),
                    "device": .string(device.text), "password": .string(client.access.password),
                    "agentMode": .string(mode.rawValue),
                ])
            print("\(client.access.agent) is logged in on \(device), \(mode.rawValue).")
        }
    }
}

struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Log an agent out.",
        discussion: "A supervisor can log out another agent.")

    @Argument(help: "The agent; yourself if left out.")
    var other: String?

    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await atServer(server) { client in
            let own = client.access.agent
            let agent = other.map { $0.contains("@") ? $0 : "\($0)@\(own.namespace)" } ?? own.text
            _ = try await client.post(
                "/api/csta/agent/state", ["func": .string("Logout"), "agentId": .string(agent)])
            print("\(agent) is logged out.")
        }
    }
}

struct ReadyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ready", abstract: "Be ready for calls of a queue.")

    @OptionGroup var server: ServerOptions

    func run() async throws { try await atServer(server) { try await $0.setMode(.ready, reason: nil) } }
}

struct NotReadyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notready", abstract: "Get no calls of a queue; dialling is still possible.")

    @Option(help: "Why; it comes back in the event.")
    var reason: String?

    @OptionGroup var server: ServerOptions

    func run() async throws { try await atServer(server) { try await $0.setMode(.notReady, reason: reason) } }
}

struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Show an agent, its device and its calls as they stand.")

    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await atServer(server) { client in
            let state = try await client.clientState()
            let pending = state.pendingMode.map { ", then \($0)" } ?? ""
            let place = state.device.map { " on \($0)" } ?? ""
            print("\(client.access.agent) \(state.name.printable): \(state.mode.printable)\(pending.printable)\(place)")
            for call in state.calls { print(call.line.printable) }
        }
    }
}

extension APIClient {
    fileprivate func setMode(_ mode: AgentMode, reason: String?) async throws {
        var body: JSONObject = [
            "func": .string("SetState"), "agentId": .string(access.agent.text), "agentMode": .string(mode.rawValue),
        ]
        if let reason { body["reason"] = .string(reason) }
        let answer = try await post("/api/csta/agent/state", body)
        if let pending = answer["pendingMode"]?.string {
            print("\(access.agent) becomes \(pending.printable) when the call ends.")
        } else {
            print("\(access.agent) is \(mode.rawValue).")
        }
    }
}

extension ClientState.Call {
    /// `  Alerting  In  8001@demo.cc  call 1f0c…`
    var line: String { "  \(state)  \(direction)  \(otherSide)  call \(connection.call)" }
}
