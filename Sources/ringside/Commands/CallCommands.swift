import ArgumentParser
import CSTA

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
        try await atServer(server) { client in
            let device = numbers.count == 2 ? try client.access.device(numbers[0]) : try await client.ownDevice()
            var body: JSONObject = ["from": .string(device.text), "to": .string(numbers[numbers.count - 1])]
            if cpa { body["cpa"] = .string("1") }
            let answer = try await client.post("/api/csta/callControl/calls", body)
            guard let call = answer["callId"]?.string else {
                throw ClientFailure.unintelligible(path: "calls", what: "no callId")
            }
            print(call.printable)
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

    func validate() throws {
        guard device == nil || call.flatMap({ CallID($0) }) != nil else {
            throw ValidationError("--device needs the call's whole id; `ringside calls` shows it.")
        }
    }

    /// Finds the connection and does something to it.
    ///
    /// - Parameter states: those in which it is possible, the likeliest first; empty: in any.
    func act(_ verb: String, in states: [ConnectionState], _ body: (APIClient, String) async throws -> Void)
        async throws
    {
        try await atServer(server) { client in
            let connection = try await connection(client, verb, states)
            try await body(client, connection.path)
            print("\(connection.device): \(verb), call \(connection.call)")
        }
    }

    private func connection(
        _ client: APIClient, _ verb: String, _ states: [ConnectionState]
    ) async throws -> ConnectionID {
        if let device, let call = call.flatMap({ CallID($0) }) {
            return ConnectionID(device: try client.access.device(device), call: call)
        }
        let calls = try await client.clientState().calls
        if let call {
            let hits = calls.filter { $0.connection.call.text.hasPrefix(call) }
            if hits.count == 1 { return hits[0].connection }
            throw ClientFailure.nothingToDo(
                "\(client.access.agent) has \(hits.isEmpty ? "no call" : "several calls") \(call); see `ringside state`"
            )
        }
        for state in states {
            if let hit = calls.first(where: { $0.state == state.rawValue }) { return hit.connection }
        }
        if states.isEmpty, let first = calls.first { return first.connection }
        throw ClientFailure.nothingToDo("\(client.access.agent) has no call to \(verb); see `ringside state`")
    }
}

extension ConnectionID {
    /// Its path in the interface.
    fileprivate var path: String {
        "/api/csta/callControl/calls/\(call.text.percentEncoded)/connections/\(description.percentEncoded)"
    }
}

struct AnswerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "answer", abstract: "Answer a ringing call.")
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.act("answer", in: [.alerting]) { _ = try await $0.post("\($1)/answer") }
    }
}

struct HangUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hangup", abstract: "Hang up; of several calls the active one.")
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.act("hangup", in: []) { _ = try await $0.delete($1) }
    }
}

struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hold", abstract: "Hold the call that is talked in.")
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.act("hold", in: [.connect]) { _ = try await $0.post("\($1)/hold") }
    }
}

struct RetrieveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "retrieve", abstract: "Take a held call back.")
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.act("retrieve", in: [.hold]) { _ = try await $0.post("\($1)/retrieve") }
    }
}

struct CallsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calls", abstract: "List the calls that are up: one's own, or for a supervisor the tenant's.")

    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await atServer(server) { client in
            guard let calls = try await client.get("/api/csta/callControl/calls")["calls"]?.array else {
                throw ClientFailure.unintelligible(path: "calls", what: "no list of calls")
            }
            if calls.isEmpty { say("There is no call.") }
            for call in calls {
                let type = call["callType"]?.string.map { "  \($0)" } ?? ""
                print("\(call["callId"]?.string ?? "?")\(type)  since \(call["beginTime"]?.string ?? "?")".printable)
                for connection in call["connections"]?.array ?? [] {
                    let state = connection["state"]?.string ?? "?"
                    print("  \(connection["deviceId"]?.string ?? "?")  \(state)".printable)
                }
            }
        }
    }
}

extension APIClient {
    /// Where the agent is logged in.
    fileprivate func ownDevice() async throws -> DeviceID {
        guard let device = try await clientState().device else {
            throw ClientFailure.nothingToDo("\(access.agent) is not logged in on a device: ringside login 8001")
        }
        return device
    }
}
