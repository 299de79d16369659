import CSTA
import Foundation
import FoundationNetworking
import RingsideTesting
import Testing

private enum Python {
    static let schemathesis = URL(filePath: Lab.tools + "/schemathesis")
    static let python = URL(filePath: Lab.tools + "/python")
}

/// Other people's programs, which know the formats and nothing of Ringside, at a server that runs.
@Suite(
    "The interface, as others read it", .timeLimit(.minutes(5)), .serialized,
    .enabled(if: Lab.hasTools, "the tools are not installed: Tests/Lab/README.md"))
struct InterfaceTests {
    private struct Outcome {
        var status: Int32
        var output: String
    }

    private func run(_ program: URL, _ arguments: [String], in folder: TemporaryFolder) async throws -> Outcome {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        process.standardInput = FileHandle.nullDevice
        let output = try folder.newFile("output")
        process.standardOutput = output
        process.standardError = output
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
        return Outcome(status: status, output: try folder.text("output"))
    }

    @Test("prometheus_client reads the metrics")
    func metrics() async throws {
        let server = try ServerProcess(
            configuration: """
                log: error
                metrics: { port: 28776 }
                tenants:
                  - namespace: demo.cc
                    agents: [{ id: 5001, password: secret }]
                    devices: [{ id: 8001 }]
                """, port: 28775)
        try await server.start()
        let url = try #require(URL(string: "http://127.0.0.1:28776/metrics"))
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "metrics")
        try (try await URLSession.shared.data(from: url)).0.write(to: file)
        let program = """
            import sys
            from prometheus_client.parser import text_string_to_metric_families as read
            families = {family.name: family for family in read(open(sys.argv[1]).read())}
            for name, kind in sorted((family.name, family.type) for family in families.values()):
                print(name, kind, len(families[name].samples))
            """
        let outcome = try await run(Python.python, ["-c", program, file.path], in: folder)
        #expect(outcome.status == 0, "\(outcome.output)")
        for line in [
            "ringside_agents gauge 5", "ringside_events counter 1", "ringside_switch_to_socket_seconds histogram 16",
            "ringside_journal_commit_seconds summary 2", "ringside_subscribers gauge 2", "process_open_fds gauge 1",
        ] {
            #expect(outcome.output.split(separator: "\n").contains { $0 == line }, "\(line) in \(outcome.output)")
        }
        await server.end()
    }

    private func logIn(_ agent: String, at url: String) async throws -> String {
        var request = URLRequest(url: try #require(URL(string: "\(url)/login")))
        request.httpMethod = "POST"
        request.httpBody = Data("username=\(agent)&password=demo&namespace=demo.cc".utf8)
        let (data, _) = try await URLSession.shared.data(for: request)
        return try #require(try JSON.parse(data)["sessionId"]?.string)
    }

    /// Some thousand requests, drawn from the server's own description; an agent's, and an admin's who has the sandbox too.
    @Test("schemathesis finds no server error, and no answer that is not described", arguments: ["5001", "5010"])
    func fuzz(agent: String) async throws {
        let folder = try TemporaryFolder()
        let server = try RunningProgram(["serve", "--data", folder.path + "/data", "--port", "0", "--log", "error"])
        let line = try #require(await server.nextLine())
        let url = try #require(line.split(separator: " ").first { $0.hasPrefix("http") }.map { String($0.dropLast()) })
        let session = try await logIn(agent, at: url)
        let outcome = try await run(
            Python.schemathesis,
            [
                "run", "\(url)/openapi.json", "--header", "Authorization: Bearer \(session)", "--seed", "1",
                "--checks",
                "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
                "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--generation-deterministic",
                // It would end the session that the others need.
                "--exclude-operation-id", "logOut", "--suppress-health-check", "all", "--no-color",
            ], in: folder)
        #expect(outcome.status == 0, "\(outcome.output)")
        // It has asked, and not only looked.
        #expect(outcome.output.contains("Test cases:"), "\(outcome.output)")
        #expect(server.terminate() == 0)
    }
}
