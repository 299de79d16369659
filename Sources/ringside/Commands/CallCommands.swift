import ArgumentParser
import CSTA
import RingsideClient

struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Dial: ringside call 8001 8002, or ringside call 8002 from the agent's own device.",
        discussion: """
            An outside number has the trunk's prefix before it. In the sandbox its last two digits say how it behaves: \
            913800000000 answers after a second, 913800000001 is busy.
            """)

    @Argument(help: "The device that dials, if it is not the agent's own, and the number.")
    var numbers: [String]

    @Flag(help: "Ask for call progress analysis: a failure comes as an event of its own.")
    var cpa = false

    @OptionGroup var server: ServerOptions

    func validate() throws {
        guard (1...2).contains(numbers.count) else {
            throw ValidationError("Write the number, or the device that dials and the number.")
        }
    }

    func run() async throws {
        try await atServer(server) { client, access in
            let device = try await client.device(numbers.count == 2 ? numbers[0] : nil, access)
            print(try await client.call(from: device, to: numbers[numbers.count - 1], analysis: cpa))
        }
    }
}

/// On which call to act.
struct ConnectionOptions: ParsableArguments {
    @Argument(help: "The call's id; the beginning is enough. (default: the agent's call to which this can be done)")
    var call: String?

    @Option(
        help: "The device whose part in the call it is, if not the agent's own; for supervisors. Needs the whole id.")
    var device: String?

    @OptionGroup var server: ServerOptions

    private var choice: ConnectionChoice { ConnectionChoice(call: call, device: device) }

    func validate() throws { try choice.validate(as: "the call") }

    func act(_ verb: String, in states: [ConnectionState], _ body: (Client, ConnectionID) async throws -> Void)
        async throws
    {
        try await choice.act(at: server, verb, in: states, body)
    }
}

struct AnswerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "answer", abstract: "Answer a ringing call.")
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.act("answer", in: [.alerting]) { try await $0.answer($1) }
    }
}

struct HangUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hangup", abstract: "Hang up; of several calls the active one.")
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.act("hangup", in: []) { try await $0.hangUp($1) }
    }
}

struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hold", abstract: "Hold the call that is talked in.")
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.act("hold", in: [.connect]) { try await $0.hold($1) }
    }
}

struct RetrieveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "retrieve", abstract: "Take a held call back.")
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.act("retrieve", in: [.hold]) { try await $0.retrieve($1) }
    }
}

struct CallsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calls", abstract: "List the calls that are up: one's own, or for a supervisor the tenant's.")

    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await atServer(server) { client, _ in
            guard let calls = try await client.get("/api/csta/callControl/calls")["calls"]?.array else {
                throw ClientError.unintelligible(path: "calls", what: "no list of calls")
            }
            if calls.isEmpty { say("There is no call.") }
            for call in calls {
                let type = call["callType"]?.string.map { "  \($0)" } ?? ""
                print("\(call["callId"]?.string ?? "?")\(type)  since \(call["beginTime"]?.string ?? "?")".printable)
                for connection in call["connections"]?.array ?? [] {
                    let state = [connection["state"]?.string ?? "?", connection["participationType"]?.string]
                        .compactMap(\.self).joined(separator: "  ")
                    print("  \(connection["deviceId"]?.string ?? "?")  \(state)".printable)
                }
            }
        }
    }
}
