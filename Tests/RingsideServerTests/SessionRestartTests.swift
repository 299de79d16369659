import CSTA
import Crypto
import Foundation
import RingsideTesting
import Testing

@Suite("Sessions over a restart of the program", .timeLimit(.minutes(2)), .serialized)
struct SessionRestartTests {
    private static let clientState = "/api/csta/agent/client-state"

    private func configuration(password: String = "secret") -> String {
        """
        log: warning
        tenants:
          - namespace: demo.cc
            agents:
              - { id: 5001-5003, password: secret }
              - { id: 5004, password: \(password) }
            devices: [{ id: 8001-8004 }]
        """
    }

    /// Waits until the journal has a session.
    private func isKept(_ session: String, by server: ServerProcess) async throws {
        let hash = Data(SHA256.hash(data: Data(session.utf8)))
        while server.journalBytes.range(of: hash) == nil { try await Task.sleep(for: .milliseconds(10)) }
    }

    private func status(_ session: String, at server: ServerProcess) async throws -> Int {
        try await server.request("GET", Self.clientState, session: session).status
    }

    @Test("kill -9, and a stop: clients go on with the session and the stream they had; who logged out is out")
    func restart() async throws {
        let server = try ServerProcess(configuration: configuration(), port: 28761)
        try await server.start()
        let (staying, leaving) = (try await server.logIn("5001"), try await server.logIn("5002"))
        for session in [staying, leaving] { try await isKept(session, by: server) }
        let follower = EventFollower(port: 28761, target: "/events?after=0", session: staying)
        try await server.logInAgent("5001", session: staying)
        #expect(await follower.wait { $0.count >= 2 })

        await server.kill9()
        try await server.start()
        #expect(try await status(staying, at: server) == 200)
        #expect(try await server.request("POST", "/api/security/logout", session: leaving).status == 204)
        let ready = try await server.request(
            "POST", "/api/csta/agent/state", session: staying,
            json: #"{"func":"SetState","agentId":"5001","device":"8001","agentMode":"NotReady"}"#)
        #expect(ready.status == 204, "\(ready)")
        #expect(await follower.wait { $0.count >= 3 })

        #expect(await server.stop() == 0)
        try await server.start()
        #expect(try await status(staying, at: server) == 200)
        #expect(try await status(leaving, at: server) == 401)
        let login = try await server.request(
            "POST", "/api/csta/agent/state", session: leaving,
            json: #"{"func":"Login","loginId":"5002","device":"8002","password":"secret"}"#)
        #expect(login.status == 426)
        #expect(follower.events.map(\.serial.value) == Array(1...Int64(follower.events.count)))

        let bytes = server.journalBytes
        for session in [staying, leaving] { #expect(bytes.range(of: Data(session.utf8)) == nil) }
        #expect(bytes.range(of: Data("secret".utf8)) == nil)
        #expect(!server.log.contains(staying))
        follower.end()
        await server.end()
    }

    @Test("A password that was changed meanwhile ends its sessions")
    func changedPassword() async throws {
        let server = try ServerProcess(configuration: configuration(), port: 28762)
        try await server.start()
        let (same, changed) = (try await server.logIn("5001"), try await server.logIn("5004"))
        #expect(await server.stop() == 0)
        try server.configure(configuration(password: "another"))
        try await server.start()
        #expect(try await status(same, at: server) == 200)
        #expect(try await status(changed, at: server) == 401)
        await server.end()
    }
}
