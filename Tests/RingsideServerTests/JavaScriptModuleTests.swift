import Foundation
import RingsideTesting
import Testing

@Suite("The JavaScript module outside of a browser", .timeLimit(.minutes(2)), .serialized)
struct JavaScriptModuleTests {
    private static let configuration = """
        tenants:
          - namespace: demo.cc
            agents: [{ id: 5001, password: secret }]
            devices: [{ id: 8001 }]
        """

    private func run(_ script: String, at server: ServerProcess) throws -> RunningProgram {
        try RunningProgram(
            [Lab.file(script), "http://127.0.0.1:\(server.port)", "5001@demo.cc", "secret"],
            program: URL(filePath: try #require(Lab.node)))
    }

    @Test(
        "The example prints the events of a running server",
        .enabled(if: Lab.node != nil, "there is no Node.js: Tests/Lab/README.md"))
    func example() async throws {
        let server = try ServerProcess(configuration: Self.configuration, port: 28791)
        try await server.start()
        let example = try run("examples/events.mjs", at: server)
        #expect(await example.nextError(with: "connected") != nil)
        try await server.logInAgent("5001", session: try await server.logIn("5001"))
        #expect(await example.nextLine() == "1 agentLoggedOn 8001@demo.cc")
        #expect(await example.nextLine() == "2 agentReady 8001@demo.cc")
        await server.kill9()
        #expect(await example.nextError(with: "connecting") != nil)
        try await server.start()
        #expect(await example.nextError(with: "connected") != nil)
        let session = try await server.logIn("5001")
        let logout = try await server.request(
            "POST", "/api/csta/agent/state", session: session, json: #"{"func":"Logout","agentId":"5001@demo.cc"}"#)
        #expect(logout.status == 204)
        #expect(await example.nextLine() == "3 agentLoggedOff 8001@demo.cc")
        await server.end()
    }

    @Test(
        "A first snapshot that is refused leaves it closed, and it can be used again",
        .enabled(if: Lab.node != nil, "there is no Node.js: Tests/Lab/README.md"))
    func refused() async throws {
        let server = try ServerProcess(configuration: Self.configuration, port: 28791)
        try await server.start()
        let program = try run("Tests/Lab/connect_again.mjs", at: server)
        #expect(await program.nextLine() == "refused 401 closed")
        #expect(await program.nextLine() == "then connected")
        #expect(await program.nextLine() == "connecting closed connecting connected closed")
        await server.end()
    }

    @Test(
        "Where the journal does not reach it takes a snapshot; when the password is another one it ends",
        .enabled(if: Lab.node != nil, "there is no Node.js: Tests/Lab/README.md"))
    func snapshots() async throws {
        let server = try ServerProcess(configuration: Self.configuration, port: 28791)
        try await server.start()
        let program = try run("Tests/Lab/snapshots.mjs", at: server)
        #expect(await program.nextLine() == "snapshot 0")
        try await server.logInAgent("5001", session: try await server.logIn("5001"))
        #expect(await program.nextLine() == "event 1")
        #expect(await program.nextLine() == "event 2")
        // A journal that knows of nothing, as after a restore of an old backup.
        #expect(await server.stop() == 0)
        try server.forget()
        try await server.start()
        #expect(await program.nextLine() == "snapshot 0")
        try await server.logInAgent("5001", session: try await server.logIn("5001"))
        #expect(await program.nextLine() == "event 1")
        #expect(await program.nextLine() == "event 2")
        #expect(await server.stop() == 0)
        try server.configure(Self.configuration.replacing("password: secret", with: "password: another"))
        try await server.start()
        #expect(await program.nextLine() == "closed")
        await server.end()
    }

    @Test(
        "Measures come at once, when they change, and again after a connection that was lost; they are no events",
        .enabled(if: Lab.node != nil, "there is no Node.js: Tests/Lab/README.md"))
    func measures() async throws {
        let server = try ServerProcess(
            configuration: """
                tenants:
                  - namespace: demo.cc
                    agents: [{ id: 5001, password: secret, role: supervisor }]
                    devices: [{ id: 8001 }]
                    splits: [{ id: 7000, agents: [5001] }]
                """, port: 28791)
        try await server.start()
        let program = try run("Tests/Lab/measures.mjs", at: server)
        #expect(await program.nextLine() == "connecting")
        #expect(await program.nextLine() == "connected")
        #expect(await program.nextLine() == "splits 1")
        try await server.logInAgent("5001", session: try await server.logIn("5001"))
        var lines: Set<String?> = []
        for _ in 1...3 { lines.insert(await program.nextLine()) }
        #expect(lines == ["event 1", "event 2", "splits 0"])
        await server.kill9()
        while let line = await program.nextLine(), line != "connecting" { #expect(line == "splits 0") }
        try await server.start()
        #expect(await program.nextLine() == "connected")
        #expect(await program.nextLine() == "splits 0")
        await server.end()
    }

    @Test(
        "Its types let be written what it does, and nothing else",
        .enabled(if: Lab.tsc != nil, "there is no TypeScript: Tests/Lab/README.md"), arguments: ["node", "node16"])
    func types(_ resolution: String) async throws {
        let compiler = try RunningProgram(
            [
                "--strict", "--noEmit", "--target", "es2022", "--moduleResolution", resolution, "--module",
                resolution == "node" ? "es2022" : resolution, Lab.file("Tests/Lab/usage.mts"),
            ], program: URL(filePath: try #require(Lab.tsc)))
        var lines: [String] = []
        while let line = await compiler.nextLine() { lines.append(line) }
        #expect(lines == [])
        #expect(compiler.terminate() == 0)
    }
}
