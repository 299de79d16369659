import CSTA
import CallCenter
import Gateway
import RingsideServer
import RingsideTesting
import Synchronization
import Testing

@Suite("Following events over a real server with calls going on", .timeLimit(.minutes(3)))
struct SandboxResumeTests {
    /// What a client follows, and how many agents it will see leave: those are its last events.
    private struct Client: Sendable {
        var user: String
        var query: String
        var filter: EventFilter
        var leaving: Int
    }

    /// Clients that still come and go.
    private final class Busy: Sendable {
        private let left: Mutex<Int>
        init(_ count: Int) { left = Mutex(count) }
        var count: Int { left.withLock(\.self) }
        func leave() { left.withLock { $0 -= 1 } }
    }

    private static let parties: [Scenario.Party] = [.b, .c, .d, .e]
    /// Connects of each client that comes and goes.
    private static let rounds = 15

    private func clients() throws -> [Client] {
        let agents = try (1...4).map { number in
            let agent = try #require(AgentID("500\(number)@demo.cc"))
            return Client(user: "500\(number)", query: "", filter: EventFilter(agent: agent), leaving: 1)
        }
        let device = try #require(DeviceID("8002@demo.cc"))
        return agents + [
            Client(user: "5009", query: "", filter: EventFilter(), leaving: 4),
            Client(user: "5009", query: "&device=8002", filter: EventFilter(device: device), leaving: 1),
        ]
    }

    /// Whoever leaves at any moment and resumes has in the end what one has who never left, and what is stored.
    @Test(arguments: [UInt64(1), 2, 3])
    func resumedIsAsNeverLeft(seed: UInt64) async throws {
        var limits = DeliveryLimits()
        // Small enough that pages, and what is captured beside them, end in the middle of things.
        limits.replayPageEvents = 7
        limits.maximumCapturedEvents = 10
        let gateway = try await SandboxGateway(limits: limits)
        let clients = try clients()
        let sessions = try await withThrowingTaskGroup(of: (String, String).self) { group in
            for user in Set(clients.map(\.user)) { group.addTask { (user, try await gateway.logIn(user)) } }
            return try await group.reduce(into: [String: String]()) { $0[$1.0] = $1.1 }
        }
        let busy = Busy(clients.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, client) in clients.enumerated() {
                let session = sessions[client.user] ?? ""
                group.addTask {
                    async let steady = self.follow(client, gateway.port, session)
                    var random = SeededGenerator(seed: seed &* 100 &+ UInt64(index))
                    var got: [String] = []
                    for _ in 0..<Self.rounds {
                        let wanted = Int.random(in: 0...10, using: &random)
                        got += try await self.follow(client, gateway.port, session, after: got, atMost: wanted)
                    }
                    busy.leave()
                    got += try await self.follow(client, gateway.port, session, after: got)
                    let stored = try await self.stored(client, gateway)
                    #expect(self.difference(got, stored) == nil, "seed \(seed), client \(index)")
                    #expect(self.difference(try await steady, stored) == nil, "seed \(seed), client \(index), steady")
                }
            }
            group.addTask {
                var random = SeededGenerator(seed: seed)
                while busy.count > 0 {
                    try Task.checkCancellation()
                    try await self.step(on: gateway.bench, &random)
                }
                try await self.goHome(gateway.bench)
            }
            try await group.waitForAll()
        }
        #expect(gateway.bench.allEvents.count > 100, "seed \(seed): too few events to say anything")
        try await gateway.close()
    }

    /// Where two lists differ first; not the lists themselves, as hundreds of events help nobody.
    private func difference(_ got: [String], _ expected: [String]) -> String? {
        if got == expected { return nil }
        let first = zip(got, expected).first { $0 != $1 }
        return "\(got.count) events instead of \(expected.count); \(first.map { "\($0), not \($1)" } ?? "")"
    }

    /// Reads so many events, or up to the last one there will be, and leaves without a word.
    private func follow(
        _ client: Client, _ port: Int, _ session: String, after before: [String] = [], atMost maximum: Int = .max
    ) async throws -> [String] {
        let after = before.last.flatMap { serialNumber(in: $0) } ?? 0
        return try await ClientSocket.with(port: port) { socket in
            try await socket.upgrade("/events?after=\(after)\(client.query)", ["Authorization": "Bearer \(session)"])
            var got: [String] = []
            var left = 0
            while got.count < maximum, left < client.leaving {
                guard let frame = try await socket.nextFrame() else { throw SandboxGateway.Failure() }
                switch frame.opcode {
                case 1:
                    got.append(frame.text)
                    if try Event(json: frame.payload).name == "agentLoggedOff" { left += 1 }
                case 9: try await socket.sendFrame(first: 0x8A, frame.payload)
                default: throw SandboxGateway.Failure(description: "\(frame.opcode) \(frame.closeText)")
                }
            }
            return got
        }
    }

    private func stored(_ client: Client, _ gateway: SandboxGateway) async throws -> [String] {
        var (through, found) = (Serial(0), [String]())
        while true {
            let page = try await gateway.bench.runner.events(after: through, matching: client.filter, limit: 1000)
            found += page.events.map { String(decoding: $0.json, as: UTF8.self) }
            guard page.through > through else { return found }
            through = page.through
        }
    }

    // MARK: Calls

    /// Something that people do, whether it is possible or not, and a quarter of a second.
    private func step(on bench: SandboxBench, _ random: inout SeededGenerator) async throws {
        guard let one = Self.parties.randomElement(using: &random),
            let other = ([.a] + Self.parties).randomElement(using: &random)
        else { return }
        let isByService = Bool.random(using: &random)
        let act: Scenario.Act? = [.answer, .answer, .answer, .hold, .retrieve, .hangUp].randomElement(using: &random)
        let doing: Scenario.Step =
            switch Int.random(in: 0..<8, using: &random) {
            case 0: .call(from: one, to: .party(other), analysis: isByService)
            case 1: .dial(from: other, to: .party(one))
            default: .ask(one, .act(act ?? .answer), call: nil)
            }
        // What is not possible is refused, and that is as good here.
        try? await bench.perform(doing, calls: [:])
        await bench.pass(milliseconds: 250)
        try await tellAll(bench) { .heartbeat($0) }
    }

    /// Ends all calls and logs all agents out.
    private func goHome(_ bench: SandboxBench) async throws {
        while await bench.runner.read({ !$0.calls.isEmpty }) {
            try Task.checkCancellation()
            for party in Self.parties { try? await bench.perform(.ask(party, .act(.hangUp), call: nil), calls: [:]) }
            await bench.pass(milliseconds: 1_000)
            try await tellAll(bench) { .heartbeat($0) }
        }
        try await tellAll(bench) { .logOut($0) }
    }

    private func tellAll(_ bench: SandboxBench, _ command: (AgentID) -> Command) async throws {
        for number in 5001...5004 {
            let agent = try #require(AgentID("\(number)@demo.cc"))
            let reply = await bench.runner.perform(command(agent), by: Requester(agent: agent, role: .agent))
            #expect(reply == .done)
        }
    }
}
