import CSTA
import CallCenter
import HTTPTypes
import RingsideTesting
import Testing

@testable import Gateway

@Suite("Replay", .timeLimit(.minutes(1)))
struct DeliveryReplayTests {
    @Test(arguments: [1, 3, 200])
    func storedThenLive(pageEvents: Int) async throws {
        let limits = TestServer.limits { $0.replayPageEvents = pageEvents }
        try await TestServer.with(lastSerial: 10, limits: limits) { server async throws in
            try await server.webSocket("?after=4") { socket async throws in
                #expect(try await socket.nextSerials(6) == Array(5...10))
                server.publish([1, 1])
                #expect(try await socket.nextSerials(2) == [11, 12])
            }
            try await server.webSocket("?after=12") { socket async throws in
                server.publish([1])
                #expect(try await socket.nextSerials(1) == [13])
            }
        }
    }

    @Test func lastEventIDGoesBeforeAfter() async throws {
        try await TestServer.with(lastSerial: 10) { server async throws in
            try await server.socket { socket async throws in
                try await socket.request(
                    "GET", "/events?after=1",
                    ["Authorization": "Bearer good", "Accept": "text/event-stream", "Last-Event-ID": "8"])
                #expect(try await socket.readHead().status == 200)
                #expect(try await socket.readText(through: "\n\n").hasPrefix("id: 9\n"))
                #expect(try await socket.readText(through: "\n\n").hasPrefix("id: 10\n"))
                server.publish([1])
                #expect(try await socket.readText(through: "\n\n").hasPrefix("id: 11\n"))
            }
        }
    }

    @Test(arguments: [(2, 4410, "stored events begin at 6"), (99, 4410, "the last serial is 10")])
    func aSerialThatCannotBeServed(after: Int, code: Int, text: String) async throws {
        try await TestServer.with(lastSerial: 10) { server async throws in
            server.tenant.forget(through: 5)
            try await server.webSocket("?after=\(after)") { socket async throws in
                let close = try await socket.nextClose()
                #expect(close?.closeCode == code)
                #expect(close?.closeText.hasPrefix(text) == true)
            }
            try await server.socket { socket async throws in
                try await socket.request(
                    "GET", "/events?after=\(after)",
                    TestServer.session.merging(["Accept": "text/event-stream"]) { $1 })
                let (head, body) = try await socket.readResponse()
                #expect(head.status == 410)
                #expect(head.headers["content-type"] == "application/json")
                #expect(body.contains(text))
                #expect(await socket.readToEnd() == "")
            }
            #expect(server.hub.statistics().closedGone == 2)
        }
    }

    @Test func aBrokenJournal() async throws {
        try await TestServer.with(lastSerial: 10) { server async throws in
            server.tenant.breakDown()
            try await server.webSocket("?after=3") { socket async throws in
                #expect(try await socket.nextClose()?.closeCode == 1011)
            }
        }
    }

    @Test func aStormIsServedWhileLiveEventsFlow() async throws {
        let limits = TestServer.limits {
            $0.maximumConcurrentReplays = 2
            $0.replayPageEvents = 50
        }
        try await TestServer.with(lastSerial: 300, limits: limits) { server async throws in
            try await server.webSocket { live async throws in
                try await withThrowingTaskGroup(of: [Int64].self) { group in
                    for _ in 0..<100 {
                        group.addTask {
                            try await server.webSocket("?after=0") { try await $0.nextSerials(320) }
                        }
                    }
                    for serial in Int64(301)...320 {
                        server.publish([1])
                        #expect(try await live.nextSerials(1) == [serial])
                    }
                    for try await serials in group { #expect(serials == Array(1...320)) }
                }
            }
        }
    }

    /// Whoever leaves at any moment and resumes has in the end what one has who never left.
    @Test(arguments: [UInt64(1), 2, 3])
    func resumedStreamsHaveNoGapAndNoDouble(seed: UInt64) async throws {
        let limits = TestServer.limits {
            $0.replayPageEvents = 7
            $0.maximumCapturedEvents = 20
        }
        try await TestServer.with(limits: limits) { server async throws in
            let (ticks, tick) = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let ends = AsyncStream.makeStream(of: Void.self)
                for client in 0..<8 {
                    group.addTask {
                        var random = SeededGenerator(seed: seed &* 100 &+ UInt64(client))
                        let query = client < 5 ? "agent=500\(client + 1)" : client == 5 ? "event=held" : "x="
                        var got: [Int64] = []
                        for _ in 0..<12 {
                            let wanted = Int.random(in: 1...30, using: &random)
                            got += try await server.webSocket("?\(query)&after=\(got.last ?? 0)") {
                                socket async throws in
                                for _ in 0..<wanted { tick.yield() }
                                return try await socket.nextSerials(wanted)
                            }
                        }
                        ends.continuation.yield()
                        let filter = try EventRequest(target: "/events?\(query)", headers: [:])
                            .subscription(in: server.tenant.namespace).filter
                        // The publishers stop when all have come so far; then the rest is known.
                        try await server.webSocket("?\(query)&after=\(got.last ?? 0)") { socket async throws in
                            var end = Int64.max
                            while got.last ?? 0 < end {
                                got += try await socket.nextSerials(1)
                                if end == .max { end = server.tenant.lastSerialWhenDone(filter) }
                            }
                        }
                        let expected = server.tenant.stored(matching: filter).map(\.serial.value)
                        // Not the lists themselves: thousands of serials help nobody.
                        let difference = zip(got, expected).first { $0 != $1 }.map { "\($0), not \($1)" }
                        #expect(difference == nil, "seed \(seed), client \(client)")
                        #expect(got.count == expected.count, "seed \(seed), client \(client)")
                    }
                }
                group.addTask {
                    var count = 0
                    for await _ in ends.stream {
                        count += 1
                        if count == 8 { break }
                    }
                    tick.finish()
                }
                group.addTask { await publish(on: server, at: ticks, seed: seed) }
                try await group.waitForAll()
            }
        }
    }

    /// Four threads publish at each tick one event for each agent, in random order and batches.
    private func publish(on server: TestServer, at ticks: AsyncStream<Void>, seed: UInt64) async {
        await withTaskGroup(of: Void.self) { group in
            var random = SeededGenerator(seed: seed)
            var running = 0
            for await _ in ticks {
                var agents = [1, 2, 3, 4, 5].shuffled(using: &random)
                let cut = Int.random(in: 0...5, using: &random)
                let name = Bool.random(using: &random) ? "held" : "delivered"
                if running == 4 { await group.next() } else { running += 1 }
                agents.append(1)
                let batch = agents
                group.addTask {
                    server.publish(Array(batch[..<cut]), name: name)
                    server.publish(Array(batch[cut...]), name: "held")
                }
            }
        }
        // One more for everybody wakes those who wait for what comes after the last they know.
        server.tenant.appendLast((1...5).map { .init(agent: $0, name: "held") }) {
            server.hub.publish($0, in: server.tenant.namespace)
        }
    }
}
