import ArgumentParser
import CSTA
import Foundation
import RingsideClient

struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Start or stop recording the call in which a device talks.",
        subcommands: [Start.self, Stop.self])

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Start recording.")
        @OptionGroup var options: RecordOptions
        func run() async throws { try await options.record("start") { try await $0.startRecording($1) } }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop recording.")
        @OptionGroup var options: RecordOptions
        func run() async throws { try await options.record("stop") { try await $0.stopRecording($1) } }
    }
}

struct RecordOptions: ParsableArguments {
    @Argument(help: "The device; the agent's own if left out.")
    var device: String?

    @OptionGroup var server: ServerOptions

    func record(_ verb: String, _ body: (Client, DeviceID) async throws -> Void) async throws {
        try await atServer(server) { client, access in
            let device = try await client.device(device, access)
            try await body(client, device)
            print("\(device): record \(verb)")
        }
    }
}

struct RecordingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recordings",
        abstract: "List recordings, or get one: one's own, or for a supervisor the tenant's.",
        subcommands: [List.self, Get.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List recordings, in the order in which they began.")

        @Option(help: "Only those of this agent.")
        var ofAgent: String?

        @Option(help: "Only those of this device.")
        var device: String?

        @Option(help: "Only those of this call.")
        var call: String?

        @Option(help: "Only those that began then or later: \"2026.01.31\" or \"2026.01.31 12:00:00\".")
        var from: String?

        @Option(help: "Only those that began before.")
        var to: String?

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let filter = [("agent", ofAgent), ("device", device), ("call", call), ("from", from), ("to", to)]
                .compactMap { name, value in value.map { "\(name)=\($0.percentEncoded)" } }
            try await atServer(server) { client, _ in
                var next: String? = ""
                var isEmpty = true
                while let position = next {
                    let query = (filter + ["limit=1000", "after=\(position.percentEncoded)"]).joined(separator: "&")
                    let page = try await client.get("/api/csta/recordings?\(query)")
                    guard let recordings = page["recordings"]?.array else {
                        throw ClientError.unintelligible(path: "recordings", what: "no list of recordings")
                    }
                    for recording in recordings { print(Self.line(recording)) }
                    isEmpty = isEmpty && recordings.isEmpty
                    next = page["next"]?.string
                }
                if isEmpty { say("There is no recording.") }
            }
        }

        private static func line(_ recording: JSON) -> String {
            let outcome = recording["isSuccess"]?.bool.map { $0 ? "" : "  failed" } ?? "  runs"
            let agent = recording["agentId"]?.string.map { "  \($0)" } ?? ""
            return
                ("\(recording["startTime"]?.string ?? "?")  \(recording["deviceId"]?.string ?? "?")\(agent)"
                + "  \(recording["recordId"]?.string ?? "?")\(outcome)").printable
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Save a recording's sound in a file.")

        @Argument(help: "The recording's id, as ringside recordings list shows it.")
        var recording: String

        @Option(name: .shortAndLong, help: "The file; - for standard output. (default: the id with .wav)")
        var output: String?

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let file = output ?? recording.replacing("/", with: "_") + ".wav"
            try await atServer(server) { client, _ in
                try await save("/api/csta/recordings/\(recording.percentEncoded)", from: client, in: file)
            }
            if file != "-" { say("Saved as \(file.printable).") }
        }

        /// What is broken off is no file.
        private func save(_ path: String, from client: Client, in file: String) async throws {
            var output: FileHandle?
            do {
                try await client.download(path) { piece in
                    let handle = try output ?? Self.open(file)
                    output = handle
                    try handle.write(contentsOf: Data(piece))
                }
                try output?.close()
            } catch {
                if output != nil, file != "-" { try? FileManager.default.removeItem(atPath: file) }
                guard let error = error as? CocoaError else { throw error }
                throw NothingToDo("the file cannot be written: \(error.localizedDescription)")
            }
        }

        private static func open(_ file: String) throws -> FileHandle {
            if file == "-" { return .standardOutput }
            guard FileManager.default.createFile(atPath: file, contents: nil),
                let handle = FileHandle(forWritingAtPath: file)
            else { throw NothingToDo("\(file) cannot be written") }
            return handle
        }
    }
}
