import ArgumentParser
import CSTA
import Foundation
import RingsideClient

struct RecordsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "records",
        abstract: "What calls and agents' times have come to: one's own, or for a supervisor the tenant's.",
        subcommands: [Calls.self, Agents.self])

    struct Calls: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List calls that have ended, by their end, each with all parts of it.")

        @OptionGroup var range: RecordRange

        @Option(help: "Only calls in which this device was.")
        var device: String?

        @Option(help: "Only this call.")
        var call: String?

        @Option(help: "Only calls that belong together: the id of the first.")
        var conversation: String?

        @Option(help: "Only calls of this type, such as Inbound.")
        var type: String?

        @Option(help: "Only calls on this trunk group.")
        var trunkGroup: String?

        @Option(help: "Only calls that were answered, or that were not: yes or no.")
        var answered: String?

        @OptionGroup var output: RecordOutput
        @OptionGroup var server: ServerOptions

        func run() async throws {
            let filter =
                range.filter + [
                    ("device", device), ("call", call), ("conversation", conversation), ("callType", type),
                    ("trunkGroup", trunkGroup), ("answered", answered),
                ]
            try await atServer(server) { client, _ in
                try await RecordPrinter(output).print(
                    "calls", filter, of: "calls", from: client, empty: "There is no call.", line: RecordLines.call)
            }
        }
    }

    struct Agents: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add up the time of agents in each mode, up to now.",
            discussion: "What reaches beyond --from and --to counts as far as it lies between them.")

        @OptionGroup var range: RecordRange

        @Flag(help: "Show each time in one mode instead of sums.")
        var detail = false

        @OptionGroup var output: RecordOutput
        @OptionGroup var server: ServerOptions

        func run() async throws {
            let filter = range.filter + [("detail", detail ? "true" : nil)]
            try await atServer(server) { client, _ in
                try await RecordPrinter(output).print(
                    "agents", filter, of: detail ? "times" : "agents", from: client,
                    empty: "Nobody was logged in.", line: detail ? RecordLines.time : RecordLines.sum)
            }
        }
    }
}

struct RecordRange: ParsableArguments {
    @Option(help: "From then on: \"2026.01.31\" or \"2026.01.31 12:00:00\".")
    var from: String?

    @Option(help: "Before then.")
    var to: String?

    @Option(help: "Only of this agent.")
    var ofAgent: String?

    fileprivate var filter: [(String, String?)] { [("from", from), ("to", to), ("agent", ofAgent)] }
}

struct RecordOutput: ParsableArguments {
    @Flag(help: "Print a table of comma-separated values, with a header.")
    var csv = false

    @Flag(help: "Print a JSON object a line, for pipes.")
    var json = false

    func validate() throws {
        if csv && json { throw ValidationError("Write --csv or --json, not both.") }
    }
}

/// Gets all pages of a list of records and prints them, each as it comes.
private struct RecordPrinter {
    let output: RecordOutput

    init(_ output: RecordOutput) { self.output = output }

    func print(
        _ name: String, _ filter: [(String, String?)], of key: String, from client: Client, empty: String,
        line: (JSON) -> String
    ) async throws {
        let fields = filter.compactMap { name, value in value.map { "\(name)=\($0.percentEncoded)" } }
        let path = "/api/csta/records/\(name)?" + (fields + ["limit=1000"]).joined(separator: "&")
        if output.csv { return try await printTable(path, from: client) }
        var (next, isEmpty) = ("" as String?, true)
        while let position = next {
            let page = try await client.get("\(path)&after=\(position.percentEncoded)")
            guard let records = page[key]?.array else {
                throw ClientError.unintelligible(path: "records", what: "no list of \(key)")
            }
            for record in records {
                try write(output.json ? record.text + "\n" : line(record))
            }
            isEmpty = isEmpty && records.isEmpty
            next = page["next"]?.string
        }
        if isEmpty, !output.json { say(empty) }
    }

    private func printTable(_ path: String, from client: Client) async throws {
        var (next, isFirst) = ("" as String?, true)
        while let position = next {
            let page = try await client.table("\(path)&format=csv&after=\(position.percentEncoded)")
            // Each page has the header; the names of columns have no line breaks in them.
            let begin = isFirst ? page.text.startIndex : page.text.firstRange(of: "\r\n")?.upperBound
            try write(String(page.text[(begin ?? page.text.endIndex)...]))
            (next, isFirst) = (page.next, false)
        }
    }

    private func write(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            // The reader of the pipe has gone: that is how `| head` ends.
            throw ExitCode.success
        }
    }
}

/// Records as lines for people, each with its end.
enum RecordLines {
    /// A line for the call, and one for each part.
    static func call(_ call: JSON) -> String {
        let group = call["trunkGroup"]?.string.map { "  trunk \($0)" } ?? ""
        let head =
            "\(text(call["beginTime"]))  \(duration(call["durationMilliseconds"]))  \(text(call["callType"]))\(group)"
            + "  call \(text(call["callId"]))"
        return ([head] + (call["parts"]?.array ?? []).map(part)).map { $0.printable + "\n" }.joined()
    }

    private static func part(_ part: JSON) -> String {
        let who = [part["deviceId"], part["agentId"]].compactMap { $0?.string }.joined(separator: " ")
        var words = ["  \(text(part["role"]))  \(who)"]
        words.append(
            part["answerTime"] == nil ? "not answered" : "talked \(duration(part["talkMilliseconds"]))")
        if part["heldMilliseconds"]?.integer ?? 0 > 0 { words.append("held \(duration(part["heldMilliseconds"]))") }
        if let cause = part["cause"]?.string { words.append(cause) }
        if let device = part["hangupDevice"]?.string { words.append("by \(device)") }
        if let device = part["transferredToDevice"]?.string { words.append("to \(device)") }
        if let call = part["continuedInCallId"]?.string { words.append("goes on in \(call)") }
        if let count = part["recordings"]?.array?.count {
            words.append("\(count) recording\(count == 1 ? "" : "s")")
        }
        return words.joined(separator: "  ")
    }

    /// `5001@demo.cc  1:10:00  NotReady 0:10:00 (1: 0:05:00)  Ready 1:00:00`
    static func sum(_ sum: JSON) -> String {
        let modes = (sum["modes"]?.array ?? []).map { mode in
            let reasons = (mode["reasons"]?.array ?? []).map {
                "\(text($0["reason"])): \(duration($0["milliseconds"]))"
            }
            return "  \(text(mode["agentMode"])) \(duration(mode["milliseconds"]))"
                + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))")
        }
        return "\(text(sum["agentId"]))  \(duration(sum["loggedInMilliseconds"]))\(modes.joined())".printable + "\n"
    }

    /// `2026.01.01 00:00:00  0:10:00  5001@demo.cc on 8001@demo.cc  NotReady, reason 1, still`
    static func time(_ time: JSON) -> String {
        let reason = time["reason"]?.string.map { ", reason \($0)" } ?? ""
        let running = time["isRunning"]?.bool == true ? ", still" : ""
        let line =
            "\(text(time["beginTime"]))  \(duration(time["milliseconds"]))  \(text(time["agentId"])) on "
            + "\(text(time["deviceId"]))  \(text(time["agentMode"]))\(reason)\(running)"
        return line.printable + "\n"
    }

    private static func text(_ json: JSON?) -> String { json?.string ?? "?" }

    private static func duration(_ json: JSON?) -> String { json?.integer.map(MeasureLines.duration) ?? "?" }
}
