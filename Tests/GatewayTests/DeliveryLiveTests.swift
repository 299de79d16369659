import CSTA
import CallCenter
import RingsideTesting
import Testing

@testable import Gateway

@Suite("Live events", .timeLimit(.minutes(1)))
struct DeliveryLiveTests {
    @Test(
        arguments: [
            ("", [1, 2, 3, 4]),
            ("?agent=5002", [2, 4]),
            ("?agent=5002@test.cc", [2, 4]),
            ("?device=8001", [1]),
            ("?event=held", [3, 4]),
            ("?agent=5002&event=held", [4]),
            ("?agent=5002&device=8002", [2, 4]),
            ("?agent=%35002&device=8001", []),
        ] as [(String, [Int64])])
    func filters(query: String, expected: [Int64]) async throws {
        try await TestServer.with { server async throws in
            try await server.webSocket(query) { socket async throws in
                server.publish([1, 2])
                server.publish([3, 2], name: "held")
                // A last one that all filters but the impossible one let through.
                server.publish([1, 2], name: "end")
                #expect(try await socket.nextSerials(expected.count) == expected)
            }
            try await server.socket { socket async throws in
                try await socket.request(
                    "GET", "/events\(query)", TestServer.session.merging(["Accept": "text/event-stream"]) { $1 })
                let head = try await socket.readHead()
                #expect(head.status == 200)
                #expect(head.headers["content-type"] == "text/event-stream")
                server.publish([1, 2])
                server.publish([3, 2], name: "held")
                for serial in expected {
                    let event = try await socket.readText(through: "\n\n")
                    #expect(event.hasPrefix("id: \(serial + 6)\ndata: {\"eventName\":"))
                    #expect(serialNumber(in: event) == serial + 6)
                }
            }
        }
    }

    @Test func eventsOfEverySize() async throws {
        try await TestServer.with { server async throws in
            try await server.webSocket { socket async throws in
                for padding in [0, 60, 70, 126, 127, 65_400, 65_536, 200_000] {
                    let event = server.publish([1], padding: padding)
                    #expect(try await socket.nextFrame()?.payload == event.first?.json)
                }
            }
        }
    }

    @Test func oneBatchIsSharedByAllReceiversOfAllLoops() async throws {
        try await TestServer.with(threads: 3) { server async throws in
            try await withThrowingTaskGroup(of: [Int64].self) { group in
                let clients = 30
                for _ in 0..<clients {
                    group.addTask {
                        try await server.webSocket { socket in try await socket.nextSerials(20) }
                    }
                }
                _ = try await server.statistics { $0.webSockets == clients }
                for _ in 0..<10 { server.publish([1, 2]) }
                for try await serials in group { #expect(serials == Array(1...20)) }
            }
            let statistics = try await server.statistics { $0.webSockets == 0 }
            #expect(statistics.eventsSent == 600)
            #expect(statistics.eventsReplayed == 0)
        }
    }

    @Test func anotherNamespaceHearsNothing() async throws {
        try await TestServer.with { server async throws in
            let other = try #require(Namespace("other.cc"))
            try await server.webSocket { socket async throws in
                let foreign = MemoryTenant(other)
                foreign.append([.init(agent: 1)]) { server.hub.publish($0, in: other) }
                server.publish([2])
                #expect(try await socket.nextFrame()?.text.contains("\"agent\":2") == true)
            }
        }
    }
}
