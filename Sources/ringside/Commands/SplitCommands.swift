import ArgumentParser
import CSTA
import Foundation
import RingsideClient

struct SplitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "splits", abstract: "How the splits stand, and how they did.",
        subcommands: [Live.self, History.self], defaultSubcommand: Live.self)

    struct Live: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "live", abstract: "Show the splits: who waits, what the agents do, what came of today's calls."
        )

        @Flag(help: "Print a JSON object a line, for pipes.")
        var json = false

        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await atServer(server) { client, _ in
                guard let splits = try await client.get("/api/csta/splits")["splits"]?.array else {
                    throw ClientError.unintelligible(path: "splits", what: "no list of splits")
                }
                for split in splits { print(json ? split.text : MeasureLines.split(split).printable) }
                if splits.isEmpty { say("There is no split that you may see.") }
            }
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what came of a split's calls, by interval on the tenant's clock.")

        @Argument(help: "The split's number, such as 7000.")
        var split: String

        @Option(
            help:
                "From the interval on in which this lies: \"2026.01.31\" or \"2026.01.31 12:00:00\"; today if left out."
        )
        var from: String?

        @Option(help: "Before then.")
        var to: String?

        @Option(help: "Seconds: 900, 1800, 3600 or 86400.")
        var interval = 3600

        @Flag(help: "Print a JSON object a line, for pipes.")
        var json = false

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let fields = [("from", from), ("to", to), ("interval", String(interval))]
            let query = fields.compactMap { name, value in value.map { "\(name)=\($0.percentEncoded)" } }
            let path = "/api/csta/splits/\(split.percentEncoded)/history?\(query.joined(separator: "&"))"
            try await atServer(server) { client, _ in
                guard let intervals = try await client.get(path)["intervals"]?.array else {
                    throw ClientError.unintelligible(path: "history", what: "no list of intervals")
                }
                for interval in intervals { print(json ? interval.text : MeasureLines.interval(interval).printable) }
            }
        }
    }
}
