import CSTA
import CallCenter
import Dispatch
import Testing

@testable import Gateway

@Suite struct PasswordTests {
    // RFC 7914 §12; the vector with an empty password is not for us, and that with 1 GiB not for a test.
    @Test(arguments: [
        (
            "password", "NaCl", 10, 8, 16,
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        ),
        (
            "pleaseletmein", "SodiumChloride", 14, 8, 1,
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
        ),
    ])
    func knownVectors(
        password: String, salt: String, logRounds: Int, blockSize: Int, parallelism: Int, expected: String
    ) throws {
        let cost = try #require(ScryptCost(logRounds: logRounds, blockSize: blockSize, parallelism: parallelism))
        let key = try #require(
            ScryptHash.derive(Array(password.utf8), salt: Array(salt.utf8), cost: cost, keyBytes: 64))
        #expect(key.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == expected)
    }

    @Test func hashesAreReadBack() throws {
        let first = try #require(PasswordHasher.hash("pässword"))
        let second = try #require(PasswordHasher.hash("pässword"))
        #expect(first.hasPrefix("$scrypt$ln=14,r=8,p=1$"))
        #expect(first != second)
        #expect(PasswordHasher.accepts(first))
        let hash = try #require(ScryptHash(first))
        #expect(hash.text == first)
        #expect(hash.matches("pässword"))
        #expect(!hash.matches("passwort"))
        #expect(!hash.matches(""))
        #expect(PasswordHasher.hash("") == nil)
    }

    @Test(arguments: [
        "", "$", "$scrypt$", "plain", "$scrypt$ln=14,r=8,p=1$AAAA$", "$scrypt$ln=14,r=8,p=1$$" + key,
        "$scrypt$ln=14,r=8,p=1$AAAA$AAAA", "$scrypt$ln=14,r=8$AAAA$" + key, "$scrypt$ln=14,r=8,p=1$AA=A$" + key,
        "$scrypt$ln=14,r=8,p=1$A$" + key, "$scrypt$ln=-1,r=8,p=1$AAAA$" + key, "$scrypt$ln=0,r=8,p=1$AAAA$" + key,
        "$scrypt$ln=63,r=8,p=1$AAAA$" + key, "$scrypt$ln=20,r=8,p=1$AAAA$" + key, "$scrypt$ln=14,r=0,p=1$AAAA$" + key,
        "$scrypt$ln=14,r=17,p=1$AAAA$" + key, "$scrypt$ln=14,r=8,p=0$AAAA$" + key,
        "$scrypt$ln=14,r=8,p=9223372036854775807$AAAA$" + key, "$scrypt$ln=9999999999999999999,r=8,p=1$AAAA$" + key,
        "$scrypt$ln=14,r=8,p=1000$AAAA$" + key, "$argon2id$ln=14,r=8,p=1$AAAA$" + key,
        "$scrypt$ln=14,r=8,p=1$AAAA$" + key + "$x",
        "$scrypt$ln=14,r=8,p=1$AAAA$" + String(repeating: "A", count: 1000),
    ])
    func hostileHashesAreRefused(text: String) {
        #expect(ScryptHash(text) == nil)
    }

    /// What is accepted can be computed.
    @Test(arguments: [(1, 1, 1), (1, 16, 1000), (15, 16, 1), (16, 8, 1)])
    func extremeCosts(logRounds: Int, blockSize: Int, parallelism: Int) throws {
        let cost = try #require(ScryptCost(logRounds: logRounds, blockSize: blockSize, parallelism: parallelism))
        #expect(ScryptHash.derive([1], salt: [2], cost: cost, keyBytes: 32)?.count == 32)
    }

    @Test(arguments: [(16, 1, 1), (17, 8, 1), (16, 16, 1), (1, 16, 1 << 20), (1, 1, Int.max), (Int.max, 1, 1)])
    func costsOutOfBounds(logRounds: Int, blockSize: Int, parallelism: Int) {
        #expect(ScryptCost(logRounds: logRounds, blockSize: blockSize, parallelism: parallelism) == nil)
    }

    private static let key = String(repeating: "A", count: 43)

    @Test func base64GoesBothWays() {
        for count in 0..<20 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + count) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.encode(Array("foob".utf8)) == "Zm9vYg")  // RFC 4648 §10, without its padding
        #expect(Base64.decode("Zm9vYh") == nil)
    }

    @Test func theCheckerTellsRightFromWrong() async throws {
        let cost = try #require(ScryptCost(logRounds: 1, blockSize: 1, parallelism: 1))
        let checker = PasswordChecker(cost: cost)
        let agent = try #require(AgentID("5001@one.cc"))
        let stored = StoredPassword.scrypt(try #require(PasswordHasher.hash("right", cost: cost)))
        for _ in 0..<2 {
            #expect(await checker.check("right", of: agent, against: stored) == .right)
            #expect(await checker.check("wrong", of: agent, against: stored) == .wrong)
            #expect(await checker.check("", of: agent, against: stored) == .wrong)
            #expect(await checker.check("right", of: agent, against: .plain("right")) == .right)
            #expect(await checker.check("wrong", of: agent, against: .plain("right")) == .wrong)
            #expect(await checker.check("", of: agent, against: .plain("")) == .wrong)
            #expect(await checker.check("right", of: agent, against: .scrypt("nonsense")) == .wrong)
            #expect(await checker.check("right", of: agent, against: nil) == .wrong)
        }
        let long = String(repeating: "x", count: PasswordChecker.maximumPasswordBytes + 1)
        #expect(await checker.check(long, of: agent, against: .plain(long)) == .wrong)
    }

    @Test func aStormOfLoginsGetsThrough() async throws {
        let cost = try #require(ScryptCost(logRounds: 4, blockSize: 1, parallelism: 1))
        let checker = PasswordChecker(cost: cost)
        let stored = StoredPassword.scrypt(try #require(PasswordHasher.hash("right", cost: cost)))
        let outcomes = try await withThrowingTaskGroup(of: PasswordChecker.Outcome.self) { group in
            for number in 0..<HashingQueue.maximumWaiting {
                let agent = try #require(AgentID("\(number)@one.cc"))
                group.addTask { await checker.check("right", of: agent, against: stored) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count == HashingQueue.maximumWaiting)
        #expect(outcomes.allSatisfy { $0 == .right })
    }

    @Test func aKnownSuccessNeedsNoQueueAndAFullQueueSaysSo() async throws {
        let cost = try #require(ScryptCost(logRounds: 1, blockSize: 1, parallelism: 1))
        let queue = HashingQueue(maximumWaiting: 0)
        let checker = PasswordChecker(cost: cost, queue: queue)
        let agent = try #require(AgentID("5001@one.cc"))
        let stored = StoredPassword.scrypt(try #require(PasswordHasher.hash("right", cost: cost)))
        #expect(await checker.check("right", of: agent, against: stored) == .right)

        let gate = DispatchSemaphore(value: 0)
        let (started, starts) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<HashingQueue.maximumRunning {
                group.addTask {
                    await queue.run {
                        starts.yield()
                        gate.wait()
                    }
                }
            }
            var iterator = started.makeAsyncIterator()
            for _ in 0..<HashingQueue.maximumRunning { await iterator.next() }
            #expect(await checker.check("right", of: agent, against: stored) == .right)
            // Whatever is stored, a wrong password takes its turn in the queue: time tells nothing.
            for other in [stored, .plain("right"), .scrypt("nonsense"), nil] {
                #expect(await checker.check("wrong", of: agent, against: other) == .busy)
            }
            for _ in 0..<HashingQueue.maximumRunning { gate.signal() }
        }
        #expect(await checker.check("wrong", of: agent, against: stored) == .wrong)
    }
}

@Suite struct SessionTests {
    private let agent = AgentID("5001@one.cc")
    private func at(_ seconds: Int) -> Instant { Instant(milliseconds: Int64(seconds) * 1000) }

    @Test func aSessionLivesWhileItIsUsedAndNotForEver() throws {
        let agent = try #require(agent)
        var limits = SessionLimits()
        limits.idleSeconds = 10
        limits.lifetimeSeconds = 25
        var table = SessionTable(limits: limits)
        table.begin([1], for: agent, at: at(0))
        #expect(table.use([1], at: at(9)) == .live(agent))
        #expect(table.use([1], at: at(18)) == .live(agent))
        #expect(table.use([1], at: at(25)) == .expired)
        #expect(table.use([1], at: at(26)) == .expired)
        table.begin([2], for: agent, at: at(30))
        #expect(table.use([2], at: at(40)) == .expired)
        table.begin([3], for: agent, at: at(50))
        table.end([3])
        #expect(table.use([3], at: at(50)) == .unknown)
        #expect(table.use([4], at: at(50)) == .unknown)
        #expect(table.count == 0)
    }

    @Test func theOldestGoesFirst() throws {
        let agent = try #require(agent)
        let other = try #require(AgentID("5002@one.cc"))
        var limits = SessionLimits()
        limits.maximumPerAccount = 2
        limits.maximumSessions = 3
        limits.maximumRemembered = 1
        var table = SessionTable(limits: limits)
        for id: UInt8 in 1...3 { table.begin([id], for: agent, at: at(Int(id))) }
        #expect(table.use([1], at: at(5)) == .expired)
        #expect(table.use([2], at: at(5)) == .live(agent))
        table.begin([4], for: other, at: at(6))
        table.begin([5], for: other, at: at(7))
        #expect(table.count == 3)
        #expect(table.use([2], at: at(8)) == .expired)
        #expect(table.use([1], at: at(8)) == .unknown, "only the last expired one is remembered")
        #expect(table.use([3], at: at(8)) == .live(agent))
    }

    @Test func manySessionsKeepTheBounds() throws {
        var limits = SessionLimits()
        limits.maximumSessions = 50
        limits.maximumPerAccount = 3
        var table = SessionTable(limits: limits)
        for number in 0..<5000 {
            let agent = try #require(AgentID("\(5000 + number % 40)@one.cc"))
            let key = [UInt8(number & 255), UInt8(number >> 8)]
            table.begin(key, for: agent, at: at(number))
            if number % 3 == 0 { table.end(key) }
            #expect(table.count <= 50)
        }
    }

    @Test func idsAreLongAndDiffer() {
        let ids = Set((0..<100).map { _ in SessionStore.randomID() })
        #expect(ids.count == 100)
        #expect(ids.allSatisfy { $0.utf8.count == 64 })
    }
}

@Suite struct FailureCounterTests {
    private func at(_ seconds: Int) -> Instant { Instant(milliseconds: Int64(seconds) * 1000) }

    @Test func theDelayGrowsAndIsForgotten() throws {
        let agent = try #require(AgentID("5001@one.cc"))
        let counter = FailureCounter(limits: .init(freePerAccount: 2, maximumDelaySeconds: 4, memorySeconds: 100))
        #expect(counter.admit(agent, from: nil, at: at(0)) == nil)
        #expect(counter.admit(agent, from: nil, at: at(0)) == nil)
        var waits: [Int] = []
        var now = 0
        for _ in 0..<5 {
            let wait = try #require(counter.admit(agent, from: nil, at: at(now)))
            waits.append(wait)
            now += wait
            #expect(counter.admit(agent, from: nil, at: at(now)) == nil)
        }
        #expect(waits == [1, 2, 4, 4, 4])
        #expect(counter.admit(agent, from: nil, at: at(now + 101)) == nil)
        counter.succeeded(agent)
        #expect(counter.admit(agent, from: nil, at: at(now + 101)) == nil)
    }

    @Test func anAddressIsSlowedDownForAllAgents() throws {
        let counter = FailureCounter(limits: .init(freePerAddress: 3))
        for number in 0..<3 {
            let agent = try #require(AgentID("\(number)@one.cc"))
            #expect(counter.admit(agent, from: "192.0.2.1", at: at(0)) == nil)
            counter.failed(from: "192.0.2.1", at: at(0))
        }
        let agent = try #require(AgentID("5001@one.cc"))
        #expect(counter.admit(agent, from: "192.0.2.1", at: at(0)) == 1)
        #expect(counter.admit(agent, from: "192.0.2.2", at: at(0)) == nil)
        #expect(counter.admit(agent, from: nil, at: at(0)) == nil)
    }

    @Test func theTablesStaySmall() throws {
        let counter = FailureCounter(limits: .init(freePerAccount: 1, maximumEntries: 10))
        for number in 0..<1000 {
            let agent = try #require(AgentID("\(number)@one.cc"))
            #expect(counter.admit(agent, from: nil, at: at(number / 100)) == nil)
        }
        let last = try #require(AgentID("999@one.cc"))
        #expect(counter.admit(last, from: nil, at: at(9)) == 1, "the newest is remembered")
    }
}
