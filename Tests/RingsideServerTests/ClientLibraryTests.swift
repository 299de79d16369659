import CSTA
import Foundation
import RingsideClient
import RingsideTesting
import Testing

/// The library as a desktop uses it, with the server as its users run it.
@Suite("The Swift client", .timeLimit(.minutes(3)), .serialized)
struct ClientLibraryTests {
    private static let configuration = """
        log: info
        tenants:
          - namespace: demo.cc
            agents:
              - { id: 5001-5003, password: secret }
              - { id: 5004, password: PASSWORD }
              - { id: 5010, role: admin, password: secret }
            devices: [{ id: 8001-8004, remoteAnswer: talk }]
        """

    private static func configuration(passwordOf5004: String = "secret") -> String {
        configuration.replacing("PASSWORD", with: passwordOf5004)
    }

    private func server(port: Int) async throws -> ServerProcess {
        let server = try ServerProcess(configuration: Self.configuration(), port: port)
        try await server.start()
        return server
    }

    private func client(
        _ agent: String, at server: ServerProcess, _ settings: ClientSettings = ClientSettings()
    ) throws -> Client {
        try Client(
            url: "http://127.0.0.1:\(server.port)/", agent: "\(agent)@demo.cc", password: "secret", settings: settings)
    }

    private func device(_ number: String) throws -> DeviceID { try #require(DeviceID("\(number)@demo.cc")) }

    @Test("gets measures between the events, if it is a supervisor's")
    func measures() async throws {
        let splits = "\n    splits: [{ id: 7000, agents: [5001] }]"
        let server = try ServerProcess(configuration: Self.configuration() + splits, port: 28778)
        try await server.start()
        let supervisor = try client("5010", at: server)
        let following = Following(supervisor.events(after: Serial(0), measures: [.splits, .campaigns]))
        @Sendable func loggedOff(in all: [Followed]) -> [Int64?] {
            all.compactMap { followed in
                guard case .measures(let now) = followed, now.kind == .splits else { return nil }
                return now.entries.first?["agents"]?["loggedOff"]?.integer
            }
        }
        #expect(await following.wait { loggedOff(in: $0) == [1] })
        #expect(
            await following.wait { all in
                all.contains { if case .measures(let now) = $0 { now.kind == .campaigns } else { false } }
            })
        let agent = try client("5001", at: server)
        try await agent.agentLogIn(on: device("8001"))
        #expect(await following.wait { loggedOff(in: $0).last == 0 })
        #expect(await following.see("agentLoggedOn"))
        #expect(!following.all.contains { if case .unreadable = $0 { true } else { false } })
        let refused = Following(agent.events(after: Serial(0), measures: [.splits]))
        guard case .failed(.refused(let refusal)) = await refused.end() else {
            Issue.record("an agent got \(refused.all)")
            return
        }
        #expect(refusal.status == 403 && refusal.code == "notYours")
        await server.end()
    }

    /// What following has brought so far, and how it ended.
    private final class Following: Sendable {
        enum End: Equatable, Sendable {
            case finished
            case failed(ClientError)
        }

        private let tape = Tape<Followed>()
        private let ends = Tape<End>()
        private let task: Task<Void, Never>

        init(_ events: Events) {
            task = Task { [tape, ends] in
                do {
                    for try await followed in events { tape.append(followed) }
                    ends.append(.finished)
                } catch {
                    if let error = error as? ClientError { ends.append(.failed(error)) }
                }
            }
        }

        deinit { task.cancel() }

        var all: [Followed] { tape.elements }
        var events: [Event] { Self.events(all) }

        static func events(_ all: [Followed]) -> [Event] {
            all.compactMap { if case .event(let event) = $0 { event } else { nil } }
        }

        func see(_ name: String, times: Int = 1) async -> Bool {
            await tape.wait(within: .seconds(20)) { Self.events($0).count { $0.name == name } >= times }
        }

        func wait(until holds: @Sendable ([Followed]) -> Bool) async -> Bool {
            await tape.wait(within: .seconds(20), until: holds)
        }

        func end() async -> End? { await ends.first(within: .seconds(20)) { $0 }?.found }
    }

    @Test("logs in, follows, calls, is answered and hangs up; then logs out, and the events end")
    func call() async throws {
        let server = try await server(port: 28781)
        let (first, second) = (try client("5001", at: server), try client("5002", at: server))
        try await first.logIn()
        let following = Following(first.events())
        #expect(await following.wait { $0.contains(.connected(after: Serial(0))) })
        guard case .snapshot(let beginning) = following.all.first else {
            Issue.record("no snapshot: \(following.all)")
            return
        }
        #expect(beginning.agent?.mode == .logout && beginning.calls.isEmpty)

        try await first.agentLogIn(on: device("8001"))
        try await second.agentLogIn(on: device("8002"), mode: .notReady)
        #expect(try await second.setMode(.ready) == nil)
        let data = try #require(UserData(["colour": .string("red")]))
        let call = try await first.call(from: device("8001"), to: "8002", userData: data)
        #expect(await following.see("delivered"))
        let ringing = try #require(try await second.snapshot().calls.first)
        #expect(ringing.connection.call == call && ringing.state == .alerting)
        let caller = try device("8001")
        #expect(ringing.isOutgoing == false && ringing.otherSide == caller)
        #expect(ringing.userData?["colour"] == "red")
        try await second.answer(ringing.connection)
        #expect(await following.see("established"))
        // While it talks, what it becomes has to wait.
        #expect(try await second.setMode(.notReady, reason: "3") == .notReady)
        let own = ConnectionID(device: caller, call: call)
        try await first.hold(own)
        try await first.retrieve(own)
        try await first.hangUp(own)
        #expect(await following.see("connectionCleared"))
        let names = following.events.map(\.name)
        #expect(
            names.prefix(9) == [
                "agentLoggedOn", "agentReady", "serviceInitiated", "originated", "delivered", "established", "held",
                "retrieved", "connectionCleared",
            ])
        await #expect(throws: ClientError.self) { try await first.hangUp(own) }
        try await first.agentLogOut()
        #expect(await following.see("agentLoggedOff"))
        try await first.logOut()
        #expect(await following.end() == .finished)
        await #expect(throws: ClientError.closed) { _ = try await first.snapshot() }
        await second.close()
        await server.end()
    }

    @Test("has each event once and in order when the server is killed in the middle of a call")
    func restart() async throws {
        let server = try await server(port: 28782)
        let (first, second) = (try client("5001", at: server), try client("5002", at: server))
        let following = Following(first.events(after: Serial(0)))
        try await first.agentLogIn(on: device("8001"))
        try await second.agentLogIn(on: device("8002"))
        let call = try await first.call(from: device("8001"), to: "8002")
        #expect(await following.see("delivered"))
        try await second.answer(ConnectionID(device: device("8002"), call: call))
        #expect(await following.see("established"))
        for round in 1...2 {
            await server.kill9()
            #expect(await following.wait { $0.count { $0.isDisconnected } >= round })
            try await server.start()
            // The sandbox's calls are gone with the server.
            #expect(await following.see("connectionCleared", times: 1))
            _ = try await first.setMode(round == 1 ? .notReady : .ready)
            #expect(await following.see(round == 1 ? "agentNotReady" : "agentReady", times: round == 1 ? 1 : 2))
        }
        let last = try #require(following.events.last)
        let again = Following(first.events(after: Serial(0)))
        #expect(await again.wait { Following.events($0).last?.serial == last.serial })
        #expect(following.events == again.events)
        let serials = following.events.map(\.serial)
        #expect(serials == serials.sorted() && Set(serials).count == serials.count)
        #expect(!following.all.contains { if case .messagesLost = $0 { true } else { false } })
        await first.close()
        #expect(await following.end() == .finished)
        #expect(await again.end() == .finished)
        await second.close()
        await server.end()
    }

    @Test("says that messages are lost, and goes on with a snapshot")
    func lost() async throws {
        let server = try await server(port: 28783)
        let client = try client("5001", at: server)
        let following = Following(client.events(after: Serial(1000)))
        #expect(await following.wait { $0.contains(.connected(after: Serial(0))) })
        guard case .messagesLost(let after, let reason, let now) = following.all.first else {
            Issue.record("nothing lost: \(following.all)")
            return
        }
        #expect(after == Serial(1000) && reason.contains("snapshot") && now.serial == Serial(0))
        try await client.agentLogIn(on: device("8001"))
        #expect(await following.see("agentReady"))
        #expect(following.events.map(\.serial) == [Serial(1), Serial(2)])
        await client.close()
        await server.end()
    }

    @Test("ends with the session where it has no password, and begins a new one where it has")
    func sessionEnds() async throws {
        let server = try await server(port: 28784)
        let session = try await server.logIn("5001")
        let bound = try Client(url: "http://127.0.0.1:\(server.port)", as: .session(session))
        let following = Following(bound.events())
        #expect(await following.wait { $0.contains(.connected(after: Serial(0))) })
        #expect(try await server.request("POST", "/api/security/logout", session: session).status == 204)
        guard case .failed(let error) = await following.end() else {
            Issue.record("it goes on: \(following.all)")
            return
        }
        #expect(error.isUnauthorized)
        await bound.close()

        // All sessions of an account end when its password changes.
        let other = try Client(url: "http://127.0.0.1:\(server.port)", agent: "5004@demo.cc", password: "secret")
        let stays = try client("5002", at: server)
        let (ending, going) = (Following(other.events()), Following(stays.events()))
        for following in [ending, going] {
            #expect(await following.wait { $0.contains(.connected(after: Serial(0))) })
        }
        await server.kill9()
        try server.configure(Self.configuration(passwordOf5004: "another"))
        try await server.start()
        guard case .failed(let refused) = await ending.end() else {
            Issue.record("it goes on: \(ending.all)")
            return
        }
        #expect(refused.isUnauthorized)
        try await stays.agentLogIn(on: device("8002"))
        #expect(await going.see("agentReady"))
        await other.close()
        await stays.close()
        await server.end()
    }

    @Test("acts as a machine with an API key")
    func key() async throws {
        let server = try await server(port: 28785)
        let admin = try client("5010", at: server)
        let made = try await admin.post(
            "/api/admin/keys", ["name": .string("crm"), "scopes": .array([.string("read")])])
        let key = try #require(made["key"]?.string)
        let machine = try Client(url: "http://127.0.0.1:\(server.port)", as: .apiKey(key))
        let following = Following(machine.events(matching: EventFilter(name: "agentReady")))
        #expect(await following.wait { $0.contains(.connected(after: Serial(0))) })
        let agent = try client("5001", at: server)
        try await agent.agentLogIn(on: device("8001"))
        #expect(await following.see("agentReady"))
        #expect(following.events.count == 1)
        let call = try await agent.call(from: device("8001"), to: "8002")
        let seen = try await machine.snapshot()
        #expect(seen.agent == nil && Set(seen.calls.map(\.connection.call)) == [call])
        let id = try #require(made["id"]?.string)
        try await admin.delete("/api/admin/keys/\(id)")
        guard case .failed(let error) = await following.end() else {
            Issue.record("it goes on: \(following.all)")
            return
        }
        #expect(error.isUnauthorized)
        for client in [admin, machine, agent] { await client.close() }
        await server.end()
    }

    @Test("keeps its agent logged in and its session alive")
    func keepsAlive() async throws {
        let server = try await server(port: 28786)
        var settings = ClientSettings()
        settings.heartbeatInterval = .milliseconds(50)
        settings.renewalInterval = .milliseconds(50)
        let first = try client("5001", at: server, settings)
        try await first.agentLogIn(on: device("8001"))
        func lines(_ path: String) -> Int {
            server.log.split(separator: "\n").count { $0.contains("path=\(path) ") && $0.contains("status=20") }
        }
        while lines("/api/csta/agent/heartbeat/{agentId}") < 3 || lines("/api/security/renew") < 2 {
            try await Task.sleep(for: .milliseconds(20))
        }
        await first.close()
        // A desktop that was started anew finds its agent logged in, and goes on.
        let before = lines("/api/csta/agent/heartbeat/{agentId}")
        let second = try client("5001", at: server, settings)
        let following = Following(second.events())
        #expect(await following.wait { $0.count >= 2 })
        while lines("/api/csta/agent/heartbeat/{agentId}") < before + 2 {
            try await Task.sleep(for: .milliseconds(20))
        }
        await second.close()
        await server.end()
    }

    @Test("consults, transfers, makes conferences, records, and sets data")
    func services() async throws {
        let server = try await server(port: 28787)
        let (first, second) = (try client("5001", at: server), try client("5002", at: server))
        let third = try client("5003", at: server)
        for (client, number) in [(first, "8001"), (second, "8002"), (third, "8003")] {
            try await client.agentLogIn(on: device(number))
        }
        let following = Following(first.events(after: Serial(0)))
        let call = try await first.call(from: device("8001"), to: "8002")
        #expect(await following.see("delivered"))
        try await second.answer(ConnectionID(device: device("8002"), call: call))
        #expect(await following.see("established"))
        let held = ConnectionID(device: try device("8001"), call: call)
        let consultation = try await first.consult("8003", holding: held)
        #expect(await following.see("delivered", times: 2))
        try await first.cancelConsultation(held, with: consultation)
        #expect(await following.see("retrieved"))
        let data = try #require(UserData(["order": .string("17")]))
        try await first.setUserData(data, of: held.call)
        #expect(try await first.calls(of: device("8001")).calls.first?.userData?["order"] == "17")
        try await first.startRecording(device("8001"))
        #expect(await following.see("recordStarted"))
        try await first.stopRecording(device("8001"))
        #expect(await following.see("recordStopped"))
        let other = try await first.consult("8003", holding: held)
        #expect(await following.see("delivered", times: 3))
        try await third.answer(ConnectionID(device: device("8003"), call: other))
        #expect(await following.see("established", times: 2))
        try await first.conference(held, with: other)
        #expect(await following.see("conferenced"))
        let mine = try #require(try await first.snapshot().calls.first)
        try await first.hangUp(mine.connection)
        #expect(await following.see("connectionCleared"))
        for client in [first, second, third] { await client.close() }
        await server.end()
    }

    @Test("The example of ten lines prints the events of a running server")
    func example() async throws {
        let server = try await server(port: 28788)
        let program = RingsideProgram.url.deletingLastPathComponent().appending(path: "ringside-example").path()
        // What it prints into a pipe shall come line by line, as in a terminal.
        let example = try RunningProgram(
            ["-oL", program, "http://127.0.0.1:\(server.port)", "5001@demo.cc", "secret"],
            program: URL(filePath: "/usr/bin/stdbuf"))
        #expect(await example.nextLine() == "after 0")
        let client = try client("5001", at: server)
        try await client.agentLogIn(on: device("8001"))
        #expect(await example.nextLine() == "1 agentLoggedOn")
        #expect(await example.nextLine() == "2 agentReady")
        await client.close()
        await server.end()
    }
}

extension Followed {
    fileprivate var isDisconnected: Bool { if case .disconnected = self { true } else { false } }
}
