import CSTA
import CallCenter
import Hummingbird
import HummingbirdTesting
import RingsideTesting
import Synchronization
import Testing

@testable import Gateway

/// An archive in memory that can be broken.
final class MemoryArchive: SessionArchive {
    private struct Broken: Error {}

    private struct State {
        var kept: [[UInt8]: StoredSession] = [:]
        var isBroken = false
        var steps = 0
    }

    private let state = Mutex(State())

    var kept: [StoredSession] { state.withLock { Array($0.kept.values) } }
    var steps: Int { state.withLock(\.steps) }

    func breakDown(_ isBroken: Bool = true) { state.withLock { $0.isBroken = isBroken } }

    func sessions(atMost maximum: Int) async throws -> [StoredSession] {
        try state.withLock {
            if $0.isBroken { throw Broken() }
            return Array($0.kept.values.sorted { $0.began > $1.began }.prefix(maximum))
        }
    }

    func store(_ changes: SessionChanges) async throws {
        try state.withLock { state in
            if state.isBroken { throw Broken() }
            state.steps += 1
            if changes.beginsAnew { state.kept = [:] }
            for key in changes.ended { state.kept[key] = nil }
            for session in changes.kept { state.kept[session.key] = session }
        }
    }
}

/// Sessions over a restart: another ``World/services(archive:sandbox:)`` with the same archive is one.
@Suite struct APISessionKeepingTests {
    private static let path = "/api/csta/agent/client-state"
    private let archive = MemoryArchive()

    /// Runs a process's life; at its end all that waits is written, unless it is killed.
    private func run(
        _ world: World, isKilled: Bool = false, _ body: @escaping @Sendable (Browser) async throws -> Void
    ) async throws {
        let services = world.services(archive: archive)
        await services.restoreSessions()
        try await Application(router: makeRouter(services), logger: world.log.logger).test(.router) {
            try await body(Browser(client: $0))
        }
        if !isKilled { _ = await services.sessionKeeper?.write() }
    }

    /// What a client with this session is told in a process of its own.
    private func answer(to id: String, in world: World, isKilled: Bool = false) async throws -> String {
        let box = Mutex<String>.Box("")
        try await run(world, isKilled: isKilled) { browser in
            let answer = try await Browser(client: browser.client, session: id).get(Self.path)
            box.change { $0 = answer.brief }
        }
        return box.get()
    }

    private func session(in world: World, of number: String = "5001") async throws -> String {
        let box = Mutex<String?>.Box(nil)
        try await run(world) { browser in
            let id = try await browser.loggedIn(number).session
            box.change { $0 = id }
        }
        return try #require(box.get())
    }

    @Test func aSessionGoesOnAfterARestart() async throws {
        let world = try World()
        let id = try await session(in: world)
        for _ in 0..<2 {
            world.clock.advance(seconds: 3600)
            try await run(world) { browser in
                let agent = Browser(client: browser.client, session: id)
                #expect(try await agent.get(Self.path).status == 200)
                #expect(try await agent.get(Self.path).status == 200)
                try await agent.onDevice("8001", as: "5001", mode: "NotReady")
                let out = #"{"func":"Logout","agentId":"5001"}"#
                #expect(try await agent.post("/api/csta/agent/state", out).status == 204)
            }
        }
        #expect(archive.kept.count == 1)
        #expect(archive.kept.allSatisfy { $0.key.count == 32 && $0.key != Array(id.utf8) })
    }

    @Test func aSessionThatWasEndedStaysEnded() async throws {
        let world = try World()
        let id = try await session(in: world)
        try await run(world) { browser in
            let agent = Browser(client: browser.client, session: id)
            let answer = try await agent.post("/api/security/logout")
            #expect(answer.status == 204)
        }
        #expect(archive.kept.isEmpty)
        #expect(try await answer(to: id, in: world) == "401 noSession")
    }

    @Test func aSessionExpiresWhileTheServerIsDown() async throws {
        var world = try World()
        world.configuration.sessions.idleSeconds = 1600
        let id = try await session(in: world)
        world.clock.advance(seconds: 1599)
        #expect(try await answer(to: id, in: world) == "200")
        // That it was used then is known, and also to an archive that a killed process has left.
        world.clock.advance(seconds: 1599)
        #expect(try await answer(to: id, in: world, isKilled: true) == "200")
        world.clock.advance(seconds: 1)
        #expect(try await answer(to: id, in: world) == "401 noSession")
        #expect(archive.kept.isEmpty)
    }

    @Test func aSessionEndsWithThePasswordItWasBegunWith() async throws {
        let world = try World()
        let (first, second) = (try await session(in: world), try await session(in: world, of: "5002"))
        world.accounts.change { accounts in
            for key in accounts.keys where key.number == "5001" { accounts[key]?.password = .plain("another") }
        }
        #expect(try await answer(to: first, in: world) == "401 sessionExpired")
        #expect(try await answer(to: second, in: world) == "200")
        #expect(archive.kept.map(\.agent.text) == ["5002@one.cc"])
    }

    @Test func aLoginDoesNotFailWithItsArchive() async throws {
        let world = try World()
        archive.breakDown()
        let services = world.services(archive: archive)
        await services.restoreSessions()
        let keeper = try #require(services.sessionKeeper)
        try await Application(router: makeRouter(services), logger: world.log.logger).test(.router) { client in
            let agent = try await Browser(client: client).loggedIn()
            #expect(await keeper.write() == false)
            #expect(try await agent.get(Self.path).status == 200)
        }
        archive.breakDown(false)
        #expect(await keeper.write())
        #expect(archive.kept.count == 1)
        #expect(world.log.all.contains("warning sessions cannot be kept for after a restart"))
    }

    @Test func manySessionsAreWrittenInSteps() async throws {
        var world = try World()
        world.configuration.sessions.maximumPerAccount = 2000
        let services = world.services(archive: archive)
        for _ in 0..<1201 { _ = try world.session(of: "5001", in: services) }
        #expect(await services.sessionKeeper?.write() == true)
        #expect(archive.steps == 3)
        #expect(archive.kept.count == 1201)
    }

    /// Whatever is written, fails and is written again: in the end the archive has what the table has.
    @Test(arguments: [UInt64(1), 2, 3, 4]) func theArchiveFollowsTheTable(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var limits = SessionLimits()
        (limits.idleSeconds, limits.lifetimeSeconds) = (160, 400)
        (limits.maximumSessions, limits.maximumPerAccount) = (20, 4)
        let agents = try (0..<8).map { try #require(AgentID("500\($0)@one.cc")) }
        var table = SessionTable(limits: limits, isArchived: true)
        var known: Set<[UInt8]> = []
        func write(_ table: inout SessionTable, steps: Int, failing: Bool) {
            for _ in 0..<steps {
                let changes = table.takeChanges(atMost: 3)
                #expect(changes.kept.count + changes.ended.count <= 3, "seed \(seed)")
                if failing { return table.putBack(changes) }
                if changes.beginsAnew { known = [] }
                known = known.subtracting(changes.ended).union(changes.kept.map(\.key))
            }
        }
        for second in 0..<3000 {
            let now = Instant(milliseconds: Int64(second) * 1000)
            let key = [UInt8(Int.random(in: 0..<200, using: &random)), UInt8(second & 255), UInt8(second >> 8)]
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2: table.begin(key, for: agents[Int.random(in: 0..<8, using: &random)], at: now)
            case 3: if let some = known.randomElement(using: &random) { table.end(some) }
            case 4: if let some = known.randomElement(using: &random) { _ = table.use(some, at: now) }
            case 5: table.sweep(at: now)
            default: write(&table, steps: Int.random(in: 0..<4, using: &random), failing: (second / 300) % 2 == 0)
            }
            #expect(known.count <= 20 + 40, "seed \(seed)")
        }
        table.sweep(at: Instant(milliseconds: 3_000_000))
        write(&table, steps: 100, failing: false)
        #expect(known.count == table.count, "seed \(seed)")
        #expect(table.takeChanges(atMost: 1).isEmpty, "seed \(seed)")
        #expect(known.allSatisfy { table.use($0, at: Instant(milliseconds: 3_000_000)) != .unknown }, "seed \(seed)")
    }
}
