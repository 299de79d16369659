import ArgumentParser
import CSTA
import Foundation
import RingsideClient

struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Follow events, through interruptions.",
        discussion: """
            An agent sees its own events, a supervisor or admin those of the whole tenant. After an interruption it goes on \
            where it was, and says on standard error if something was missed.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "Begin after this serial; 0 is before the first event. (default: with what happens next)")
    var after: Int64?

    @Option(help: "Only the events of this device.")
    var device: String?

    @Option(help: "Only the events of this agent; for supervisors.")
    var ofAgent: String?

    @Option(help: "Only events with this name, such as delivered.")
    var event: String?

    @Flag(help: "Send the agent's heartbeat meanwhile, as a desktop does: who sends none for 3 minutes is logged out.")
    var heartbeat = false

    func validate() throws {
        guard after ?? 0 >= 0 else { throw ValidationError("--after takes a serial: 0 or more.") }
    }

    func run() async throws {
        var settings = ClientSettings.command
        settings.heartbeatFailed = { say("The heartbeat was not taken: \($0.description.printable)") }
        try await atServer(server, settings) { client, access in
            let filter = EventFilter(
                agent: try ofAgent.map(access.agent), device: try device.map(access.device), name: event)
            if heartbeat { await client.keepLoggedIn(access.agent) }
            try await EventFollower(client: client, filter: filter, printer: EventPrinter(output))
                .run(after: after.map { Serial($0) })
        }
    }
}

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print stored events readably.",
        discussion: "Reads what `ringside tail --json` wrote, an event a line, from a file or from standard input.")

    /// Events have some 600 bytes.
    static let maximumFileBytes = 256 << 20

    @Argument(help: "The file; - for standard input.")
    var file = "-"

    @OptionGroup var output: OutputOptions

    func run() throws {
        let handle = file == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: file)
        guard let handle, let data = try? handle.read(upToCount: Self.maximumFileBytes + 1) ?? Data(),
            data.count <= Self.maximumFileBytes
        else { throw ValidationError("\(file) cannot be read, or has more than \(Self.maximumFileBytes >> 20) MB.") }
        let printer = EventPrinter(output)
        var isClean = true
        for (index, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where !line.isEmpty {
            do {
                if printer.isJSON {
                    try printer.print(json: String(decoding: line, as: UTF8.self))
                } else {
                    try printer.print(try Event(json: line))
                }
            } catch let error as EventError {
                say("\(file):\(index + 1): this is no event: \(error)")
                isClean = false
            }
        }
        if !isClean { throw ExitCode.failure }
    }
}
