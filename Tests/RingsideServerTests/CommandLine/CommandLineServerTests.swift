import Foundation
import RingsideTesting
import Testing

/// The program against itself: `serve` in one process, a client in others.
@Suite("The command line with a server", .timeLimit(.minutes(2)), .serialized)
struct CommandLineServerTests {
    /// A demo server on a port of its own.
    private struct Server {
        let program: RunningProgram
        let url: String

        init(data: String, port: Int = 0) async throws {
            program = try RunningProgram(["serve", "--data", data, "--port", String(port), "--log", "error"])
            let line = try #require(await program.nextLine())
            url = try #require(line.split(separator: " ").first { $0.hasPrefix("http") }.map { String($0.dropLast()) })
        }

        var port: Int { url.split(separator: ":").last.flatMap { Int($0) } ?? 0 }

        @discardableResult
        func client(_ arguments: String..., as agent: Int, expecting status: Int32 = 0) async throws -> String {
            let outcome = try await RingsideProgram.run(arguments + ["--url", url, "--agent", "\(agent)"])
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            return status == 0 ? outcome.output : outcome.errors
        }

        func tail(_ arguments: String...) throws -> RunningProgram {
            try RunningProgram(["tail", "--url", url, "--agent", "5009"] + arguments)
        }
    }

    /// Serial and sentence of the next events.
    private func next(_ count: Int, of tail: RunningProgram) async -> [String] {
        var result: [String] = []
        while result.count < count, let line = await tail.nextLine() {
            // Without the time, and without the call's id.
            let words = line.split(separator: " ")
            result.append(
                (words.prefix(1) + words.dropFirst(4)).joined(separator: " ").split(separator: "  [")[0].description)
        }
        return result.map { $0.split(separator: " [call").first.map(String.init) ?? $0 }
    }

    @Test("A call from beginning to end")
    func call() async throws {
        let folder = try TemporaryFolder()
        let server = try await Server(data: folder.url.path())
        let tail = try server.tail("--after", "0")
        #expect(
            try await server.client("login", "8001", as: 5001)
                == "5001@demo.cc is logged in on 8001@demo.cc, NotReady.\n")
        try await server.client("login", "8002", "--ready", as: 5002)
        #expect(
            try await server.client("login", "8001", as: 5003, expecting: 1).hasPrefix("ringside: 459 deviceInUse: "))
        let id = try await server.client("call", "8002", as: 5001).trimmingCharacters(in: .newlines)
        #expect(
            await next(8, of: tail) == [
                "1 agent 5001 logs on, NotReady", "2 agent 5001 is not ready", "3 agent 5002 logs on, Ready",
                "4 agent 5002 is ready", "5 8001 lifts", "6 8001 dials 8002", "7 8002 rings: 8001 → 8002, Internal",
                "8 8002 rings: 8001 → 8002, Internal",
            ])
        #expect(
            try await server.client("state", as: 5002)
                == "5002@demo.cc Agent 5002: Ready on 8002@demo.cc\n  Alerting  In  8001@demo.cc  call \(id)\n")
        #expect(try await server.client("calls", as: 5009).hasPrefix("\(id)  Internal  since "))
        try await server.client("answer", as: 5002)
        try await server.client("hold", as: 5001)
        #expect(try await server.client("hold", as: 5001, expecting: 1).contains("has no call to hold"))
        try await server.client("retrieve", as: 5001)
        #expect(
            try await server.client("notready", "--reason", "3", as: 5002)
                == "5002@demo.cc becomes NotReady when the call ends.\n")
        try await server.client("hangup", String(id.prefix(8)), as: 5001)
        #expect(
            await next(10, of: tail) == [
                "9 8002 answers", "10 8002 answers", "11 8001 holds", "12 8001 holds", "13 8001 takes the call back",
                "14 8001 takes the call back", "15 8001 leaves", "16 8001 leaves", "17 8002 leaves, 8001 hung up",
                "18 agent 5002 is not ready, reason 3",
            ])
        try await expectRecords(of: id, at: server)
        try await server.client("logout", "5002", as: 5009)
        #expect(await next(1, of: tail) == ["19 agent 5002 logs off"])
        #expect(server.program.terminate() == 0)
    }

    /// Of the one call and its two agents, who are still logged in.
    private func expectRecords(of call: String, at server: Server) async throws {
        let lines = try await server.client("records", "calls", as: 5009).split(separator: "\n")
        #expect(lines.count == 3 && lines[0].hasSuffix("  Internal  call \(call)"))
        #expect(lines.contains { $0.hasPrefix("  called  8002@demo.cc 5002@demo.cc  talked 0:00:") })
        let table = try await server.client("records", "calls", "--csv", "--call", call, as: 5009)
        let rows = table.split(separator: "\r\n")
        #expect(rows.count == 3 && rows[0].hasPrefix("callId,") && rows[1].hasPrefix("\(call),\(call),Internal,,"))
        let own = try await server.client("records", "calls", "--json", as: 5002)
        #expect(own.contains("8002@demo.cc") && !own.contains(#""deviceId":"8001@demo.cc""#))
        #expect(try await server.client("records", "calls", "--answered", "no", "--json", as: 5009).isEmpty)
        #expect(
            try await server.client("records", "calls", "--type", "Odd", as: 5009, expecting: 1)
                .hasPrefix("ringside: 400 malformed: callType: "))
        let times = try await server.client("records", "agents", "--detail", as: 5002).split(separator: "\n")
        #expect(times.count == 2 && times[0].hasSuffix("  Ready"))
        #expect(times[1].hasSuffix("  5002@demo.cc on 8002@demo.cc  NotReady, reason 3, still"))
        let sums = try await server.client("records", "agents", as: 5009).split(separator: "\n")
        #expect(sums.map { $0.prefix(12) } == ["5001@demo.cc", "5002@demo.cc"])
        #expect(sums[1].contains("  NotReady 0:00:0") && sums[1].contains(" (3: 0:00:0"))
    }

    @Test("A machine's key from beginning to end, over a restart")
    func key() async throws {
        let folder = try TemporaryFolder()
        let server = try await Server(data: folder.url.path())
        #expect(try await server.client("key", "create", "crm", as: 5009, expecting: 1).contains("403 notYours"))
        let key = try await server.client("key", "create", "crm", as: 5010).trimmingCharacters(in: .newlines)
        let line = try await server.client("key", "list", as: 5010)
        #expect(line.hasSuffix("  crm  read  never used\n"))
        #expect(server.program.terminate() == 0)
        let second = try await Server(data: folder.url.path())
        func status() async throws -> Int? {
            try await ClientSocket.with(port: second.port) { socket in
                try await socket.request(
                    "GET", "/api/csta/callControl/calls", ["Authorization": "Bearer \(key)"])
                return try await socket.readHead().status
            }
        }
        #expect(try await status() == 200)
        #expect(try await second.client("key", as: 5010).contains("  crm  read  used 20"))
        let id = try #require(line.split(separator: " ").first.map(String.init))
        #expect(try await second.client("key", "revoke", id, as: 5010) == "\(id) is revoked.\n")
        #expect(try await status() == 401)
        #expect(second.program.terminate() == 0)
    }

    @Test("Following goes on where it was when the server comes back")
    func reconnect() async throws {
        let folder = try TemporaryFolder()
        let server = try await Server(data: folder.url.path())
        let tail = try server.tail("--event", "agentLoggedOn")
        _ = await tail.nextError(with: "Following the events after 0.")
        try await server.client("login", "8001", as: 5001)
        #expect(await next(1, of: tail) == ["1 agent 5001 logs on, NotReady"])
        server.program.kill()
        #expect(await tail.nextError(with: "Reconnecting in ") != nil)
        let second = try await Server(data: folder.url.path(), port: server.port)
        try await second.client("login", "8002", as: 5002)
        #expect(await next(1, of: tail) == ["3 agent 5002 logs on, NotReady"])
        #expect(second.program.terminate() == 0)
    }

    @Test("What cannot be had any more is said, and following goes on")
    func gone() async throws {
        let folder = try TemporaryFolder()
        let server = try await Server(data: folder.url.path())
        let tail = try server.tail("--after", "1000")
        let error = try #require(await tail.nextError(with: "cannot be had"))
        #expect(error.hasPrefix("Events after 1000 cannot be had: ") && error.hasSuffix(" Going on after 0."))
        try await server.client("login", "8001", as: 5001)
        #expect(await next(1, of: tail) == ["1 agent 5001 logs on, NotReady"])
    }

    @Test("A wrong password, and a port that is taken")
    func mistakes() async throws {
        let folder = try TemporaryFolder()
        let server = try await Server(data: folder.url.path())
        let wrong = try await RingsideProgram.run(
            ["state", "--url", server.url], environment: ["RINGSIDE_PASSWORD": "geheim"])
        #expect(wrong.status == 77 && wrong.errors.contains("401") && !wrong.errors.contains("geheim"))
        let second = try await RingsideProgram.run(["serve", "--data", "other", "--port", String(server.port)])
        #expect(second.status == 1 && second.errors.contains("port \(server.port) of 127.0.0.1 is taken"))
    }

    @Test("A campaign from a file, and the splits")
    func campaign() async throws {
        let folder = try TemporaryFolder()
        let server = try await Server(data: folder.url.path())
        let list = folder.url.appending(path: "list.csv")
        try "number,name\r\n13800000001,Li\r\nnobody,Wu\r\n13800000002,Ma\r\n".write(
            to: list, atomically: true, encoding: .utf8)
        let id = try await server.client(
            "campaigns", "create", "Winback", "--split", "7000", "--prefix", "9", as: 5009
        ).trimmingCharacters(in: .newlines)
        #expect(try await server.client("campaigns", "add", id, list.path(), as: 5009) == "2 added, 1 refused\n")
        #expect(
            try await server.client("campaigns", "start", id, as: 5009)
                == "\(id) Winback  running  split 7000@demo.cc  2 left  0 under way  0 done\n")
        #expect(
            try await server.client("campaigns", "remove", id, as: 5009, expecting: 1).contains("campaignNotStopped"))
        #expect(try await server.client("campaigns", "stop", id, as: 5009).contains("stopped"))
        #expect(try await server.client("campaigns", "remove", id, as: 5009) == "Campaign \(id) is deleted.\n")
        #expect(try await server.client("campaigns", as: 5001, expecting: 1).contains("403"))
        let splits = try await server.client("splits", as: 5009)
        #expect(splits.hasPrefix("7000@demo.cc  waiting 0  idle 0  in call 0  after call 0  not ready 0  off "))
        #expect(splits.hasSuffix("entered 0  answered 0  abandoned 0  overflowed 0  given up 0\n"))
        let history = try await server.client(
            "splits", "history", "7000", "--from", "2026.01.31", "--to", "2026.02.01", "--interval", "86400", as: 5009)
        #expect(history == "2026.01.31 00:00:00  entered 0  answered 0  abandoned 0  overflowed 0  given up 0\n")
        #expect(server.program.terminate() == 0)
    }
}
