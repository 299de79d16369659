import CSTA
import Foundation
import RingsideTesting
import Gateway
import RingsideServer
import Testing

@Suite("The command line", .timeLimit(.minutes(2)))
struct CommandLineTests {
    private static let helps = [
        "", "serve", "config", "config check", "config example", "hash-password", "key", "key create", "key list",
        "key revoke", "tail", "show", "login", "logout",
        "ready", "notready", "state", "call", "answer", "hangup", "hold", "retrieve", "transfer", "consult",
        "conference", "cancel-consult", "join", "listen", "calls", "record", "record start", "record stop",
        "recordings",
        "recordings list", "recordings get", "records", "records calls", "records agents", "splits",
        "splits live", "splits history", "campaigns", "campaigns list", "campaigns create", "campaigns add",
        "campaigns start", "campaigns pause", "campaigns stop", "campaigns remove",
    ]

    @Test("explains itself", arguments: helps)
    func help(_ command: String) async throws {
        let outcome = try await RingsideProgram.run(["help"] + command.split(separator: " ").map(String.init))
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        Snapshots.expect(outcome.output, as: "help\(command.isEmpty ? "" : "-")\(command.replacing(" ", with: "-"))")
    }

    /// The seed's samples, one a line, as `tail --json` writes them.
    private static func samples() throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "CSTATests/Fixtures")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".json") }
        return try names.sorted().map { name in
            let json = try JSON.parse(try Data(contentsOf: folder.appending(path: name)))
            return String(decoding: json.encoded(), as: UTF8.self) + "\n"
        }.joined()
    }

    @Test("shows events readably", arguments: ["never", "always", "auto"])
    func show(_ color: String) async throws {
        let outcome = try await RingsideProgram.run(["show", "--color", color], input: try Self.samples())
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        // Without a terminal there are no colours.
        Snapshots.expect(outcome.output, as: color == "always" ? "events-colored" : "events")
    }

    @Test("shows what Ringside adds, and what it does not know")
    func extensions() async throws {
        func event(_ serial: Int, _ name: String, _ rest: String, type: String = "csta") -> String {
            """
            {"eventName":"\(name)","eventTime":"2026.01.02 03:04:05","eventType":"\(type)","serial":\(serial),\
            "namespace":"demo.cc",\(rest)}

            """
        }
        let call =
            #""srcDeviceId":"8001@demo.cc","eventSrc":"8001@demo.cc","callId":"1f0c6d1a-1","deviceId":"8001@demo.cc","#
        let input =
            event(1, "serviceInitiated", call + #""localState":"Initiate","initiatedDevice":"8001@demo.cc""#)
            + event(
                2, "originated",
                call + #""localState":"Initiate","callingDevice":"8001@demo.cc","calledDevice":"9100@else.cc""#)
            + event(3, "agentJuggling", "\"agentId\":\"5001@demo.cc\",\"balls\":3,\"bell\":\"\\u0007\"", type: "agent")
            + "no event\n"
        let outcome = try await RingsideProgram.run(["show"], input: input)
        #expect(outcome.status == 1)
        Snapshots.expect(outcome.output + "---\n" + outcome.errors, as: "events-unusual")
    }

    @Test("passes events on unchanged with --json")
    func json() async throws {
        let samples = try Self.samples()
        #expect(try await RingsideProgram.run(["show", "--json"], input: samples).output == samples)
    }

    @Test(
        "refuses what makes no sense, with the code for it",
        arguments: [
            (["tail", "--url", "ftp://host"], 64, "\"ftp://host\" is no server's address"),
            (["tail", "--after", "-1"], 64, "--after"),
            (["state", "--agent", "50 01"], 64, "\"50 01\" is no agent"),
            (["state", "--agent", "5001@else.cc"], 64, "5001@else.cc needs a password"),
            (["call"], 64, "Missing expected argument"),
            (["call", "1", "2", "3"], 64, "Write the number"),
            (["answer", "--device", "8001"], 64, "--device needs the call's whole id"),
            (["transfer", "8003", "--device", "8001"], 64, "--device needs --call with the whole id"),
            (["listen"], 64, "Missing expected argument"),
            (["record", "pause"], 64, "pause"),
            (["serve", "--port", "70000"], 64, "--port takes"),
            (["serve", "--log", "loud"], 64, "There is no level loud"),
            (["serve", "--config", "nowhere.yaml"], 1, "nowhere.yaml: this file cannot be read."),
            (["config", "check", "nowhere.yaml"], 1, "nowhere.yaml: this file cannot be read."),
            (["hash-password"], 64, "There is no password"),
            (["state", "--url", "http://127.0.0.1:1"], 69, "no server answers at http://127.0.0.1:1: "),
            (["records", "calls", "--csv", "--json"], 64, "Write --csv or --json"),
            (["dance"], 64, "dance"),
        ] as [([String], Int32, String)])
    func refusals(_ arguments: [String], _ status: Int32, _ message: String) async throws {
        let outcome = try await RingsideProgram.run(arguments)
        #expect(outcome.status == status)
        #expect(outcome.errors.contains(message))
        #expect(outcome.output.isEmpty)
    }

    @Test("hashes passwords")
    func hash() async throws {
        let outcome = try await RingsideProgram.run(["hash-password"], input: "geheim\n")
        let text = outcome.output.trimmingCharacters(in: .newlines)
        #expect(outcome.status == 0 && PasswordHasher.accepts(text) && !outcome.output.contains("geheim"))
    }

    @Test("checks its own example")
    func config() async throws {
        let folder = try TemporaryFolder()
        let example = try await RingsideProgram.run(["config", "example"]).output
        #expect(example == ServerConfiguration.example)
        let file = folder.url.appending(path: "ringside.yaml")
        try example.write(to: file, atomically: true, encoding: .utf8)
        let good = try await RingsideProgram.run(["config", "check", file.path()])
        #expect(good.status == 0)
        #expect(
            good.output == """
                demo.cc: 10 agents, 10 devices, 1 splits, 1 trunks, 11 inbound numbers, UTC
                \(file.path()) is in order.

                """)
        try example.replacing("role: admin ", with: "role: boss ").replacing("role: admin\n", with: "role: boss\n")
            .write(to: file, atomically: true, encoding: .utf8)
        let bad = try await RingsideProgram.run(["config", "check", file.path()])
        #expect(bad.status == 1)
        let line = try #require(
            example.split(separator: "\n", omittingEmptySubsequences: false)
                .firstIndex { $0.hasSuffix("role: admin") })
        #expect(
            bad.errors
                == "\(file.path()):\(line + 1): tenants[0].agents[2].role: \"boss\" is not known here. "
                + "Write agent, supervisor or admin.\n")
    }
}
