import ArgumentParser
import CSTA
import RingsideClient

struct TransferCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer",
        abstract: "Hand the other party over: to a number at once, or after a consultation to whom one has consulted.",
        discussion: """
            ringside transfer 8003      hands over and leaves at once
            ringside consult 8003
            ringside transfer           connects the party that is held with 8003
            """)

    @Argument(help: "To whom; left out: to whom one consults.")
    var number: String?

    @Flag(help: "The party comes back when the other has hung up.")
    var wait = false

    @OptionGroup var part: PartOptions

    func run() async throws {
        guard let number else {
            return try await part.afterConsultation("transfer") { try await $0.transfer($1, with: $2, returns: wait) }
        }
        try await part.act("transfer", in: [.connect, .hold]) {
            try await $0.transfer($1, to: number, returns: wait)
        }
    }
}

struct ConsultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consult", abstract: "Hold the call and call somebody else meanwhile; prints the new call's id.",
        discussion: "Then: ringside transfer, ringside conference, or ringside cancel-consult.")

    @Argument(help: "Whom to call.")
    var number: String

    @OptionGroup var part: PartOptions

    func run() async throws {
        try await part.act("consult", in: [.connect, .hold], reports: false) {
            print(try await $0.consult(number, holding: $1))
        }
    }
}

struct CancelConsultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel-consult", abstract: "End a consultation; the held call is taken back.")

    @OptionGroup var part: PartOptions

    func run() async throws {
        try await part.afterConsultation("cancel-consult") { try await $0.cancelConsultation($1, with: $2) }
    }
}

struct ConferenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conference", abstract: "Make one call of the held one and the one with whom one consults.")

    @OptionGroup var part: PartOptions

    func run() async throws {
        try await part.afterConsultation("conference") { try await $0.conference($1, with: $2) }
    }
}

struct JoinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Bring somebody into the call.",
        discussion: "A supervisor barges in: ringside join 8009 --call ID --device 8001 --agent 5009")

    @Argument(help: "Whom to bring in.")
    var number: String

    @Flag(help: "The one who comes in hears, and is not heard.")
    var silent = false

    @OptionGroup var part: PartOptions

    func run() async throws {
        try await part.act("join", in: [.connect]) { try await $0.addParty(number, to: $1, isSilent: silent) }
    }
}

struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen", abstract: "Hear a call unnoticed; for supervisors.")

    @Argument(help: "The call's id; the beginning is enough.")
    var call: String

    @Option(help: "The device to hear it on, if not the supervisor's own.")
    var device: String?

    @OptionGroup var server: ServerOptions

    func run() async throws {
        try await atServer(server) { client, access in
            let call = try await client.call(beginning: call)
            let device = try await client.device(device, access)
            try await client.listen(to: call, on: device)
            print("\(device): listen, call \(call)")
        }
    }
}

/// Which part in which call, where a number is the argument.
struct PartOptions: ParsableArguments {
    @Option(help: "The call's id; the beginning is enough. (default: the agent's call to which this can be done)")
    var call: String?

    @Option(
        help: "The device whose part in the call it is, if not the agent's own; for supervisors. Needs the whole id.")
    var device: String?

    @OptionGroup var server: ServerOptions

    private var choice: ConnectionChoice { ConnectionChoice(call: call, device: device) }

    func validate() throws { try choice.validate(as: "--call") }

    func act(
        _ verb: String, in states: [ConnectionState], reports: Bool = true,
        _ body: (Client, ConnectionID) async throws -> Void
    ) async throws {
        try await choice.act(at: server, verb, in: states, reports: reports, body)
    }

    /// Does something with the held call and the one for which it is held.
    func afterConsultation(_ verb: String, _ body: (Client, ConnectionID, CallID) async throws -> Void) async throws {
        try await act(verb, in: [.hold]) { client, held in
            guard let active = try await client.snapshot().calls.first(where: { $0.state != .hold }) else {
                throw NothingToDo("\(held.device) consults nobody; see `ringside state` and `ringside consult`")
            }
            try await body(client, held, active.connection.call)
        }
    }
}
