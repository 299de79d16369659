import ArgumentParser
import CSTA
import RingsideClient

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
        try await atServer(server) { client, access in
            let device = try access.device(device)
            let mode: AgentMode = ready ? .ready : .notReady
            try await client.agentLogIn(on: device, mode: mode)
            print("\(access.agent) is logged in on \(device), \(mode.rawValue).")
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
        try await atServer(server) { client, access in
            let agent = try other.map(access.agent) ?? access.agent
            try await client.agentLogOut(agent)
            print("\(agent) is logged out.")
        }
    }
}

struct ReadyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ready", abstract: "Be ready for calls of a queue.")

    @OptionGroup var server: ServerOptions

    func run() async throws { try await atServer(server) { try await $0.become(.ready, $1) } }
}

struct NotReadyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notready", abstract: "Get no calls of a queue; dialling is still possible.")

    @Option(help: "Why; it comes back in the event.")
    var reason: String?

    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await atServer(server) { try await $0.become(.notReady, $1, reason: reason) }
    }
}

struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Show an agent, its device and its calls as they stand.")

    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await atServer(server) { client, access in
            let state = try await client.snapshot()
            guard let agent = state.agent else { throw NothingToDo("\(access.agent) is a user, no agent") }
            let pending = agent.pendingMode.map { ", then \($0.rawValue)" } ?? ""
            let place = agent.device.map { " on \($0)" } ?? ""
            let mode = agent.mode?.rawValue ?? "Unknown"
            print("\(agent.id) \(agent.name.printable): \(mode)\(pending)\(place)")
            for call in state.calls { print(call.line) }
        }
    }
}

extension Client {
    fileprivate func become(_ mode: AgentMode, _ access: ServerAccess, reason: String? = nil) async throws {
        if let pending = try await setMode(mode, reason: reason) {
            print("\(access.agent) becomes \(pending.rawValue) when the call ends.")
        } else {
            print("\(access.agent) is \(mode.rawValue).")
        }
    }
}

extension Snapshot.CallPart {
    /// `  Alerting  In  8001@demo.cc  call 1f0c…`
    fileprivate var line: String {
        "  \(state.rawValue)  \(isOutgoing == true ? "Out" : "In")  \(otherSide?.text ?? "")  call \(connection.call)"
    }
}
