import RingsideTesting
import Testing

@testable import Gateway

@Suite("WebSocket protocol", .timeLimit(.minutes(1)))
struct DeliveryProtocolTests {
    struct Breach: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var code: Int
    }

    static let breaches = [
        Breach(
            testDescription: "HTTP", bytes: Array(String(repeating: "GET / HTTP/1.1\r\n", count: 20).utf8), code: 1002),
        Breach(testDescription: "unmasked", bytes: ClientSocket.frame(first: 0x81, [65], isMasked: false), code: 1002),
        Breach(testDescription: "reserved bit", bytes: ClientSocket.frame(first: 0xC1, [65]), code: 1002),
        Breach(testDescription: "reserved opcode", bytes: ClientSocket.frame(first: 0x83, [65]), code: 1002),
        Breach(testDescription: "reserved control opcode", bytes: ClientSocket.frame(first: 0x8B), code: 1002),
        Breach(testDescription: "continuation of nothing", bytes: ClientSocket.frame(first: 0x80, [65]), code: 1002),
        Breach(
            testDescription: "message within a message",
            bytes: ClientSocket.frame(first: 0x01, [65]) + ClientSocket.frame(first: 0x81, [65]), code: 1002),
        Breach(testDescription: "fragmented ping", bytes: ClientSocket.frame(first: 0x09, [65]), code: 1002),
        Breach(
            testDescription: "long ping",
            bytes: ClientSocket.frame(first: 0x89, Array(repeating: 65, count: 126)), code: 1002),
        Breach(testDescription: "close with half a code", bytes: ClientSocket.frame(first: 0x88, [3]), code: 1002),
        Breach(testDescription: "close with 1005", bytes: ClientSocket.frame(first: 0x88, [0x03, 0xED]), code: 1002),
        Breach(
            testDescription: "64 KiB and one byte",
            bytes: ClientSocket.frame(first: 0x82, Array(repeating: 0, count: 65_537)), code: 1009),
        Breach(testDescription: "2^62 bytes", bytes: [0x82, 0xFF, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], code: 1009),
        Breach(testDescription: "2^64 - 1 bytes", bytes: [0x82] + Array(repeating: 0xFF, count: 13), code: 1009),
        Breach(
            testDescription: "many parts of one message",
            bytes: ClientSocket.frame(first: 0x01, Array(repeating: 65, count: 40_000))
                + ClientSocket.frame(first: 0x00, Array(repeating: 65, count: 40_000)),
            code: 1009),
    ]

    @Test(arguments: breaches)
    func aBreachEndsItsOwnSocketOnly(breach: Breach) async throws {
        try await TestServer.with { server async throws in
            try await server.webSocket { other async throws in
                try await server.webSocket { socket async throws in
                    try? await socket.send(breach.bytes)
                    #expect(try await socket.nextClose()?.closeCode == breach.code)
                    #expect(try await socket.nextFrame() == nil)
                }
                _ = try await server.statistics { $0.webSockets == 1 && $0.closedProtocol == 1 }
                server.publish([1])
                #expect(try await other.nextSerials(1) == [1])
            }
        }
    }

    @Test func randomBytesEndInACloseOrAreFrames() async throws {
        try await TestServer.with { server async throws in
            try await server.webSocket { other async throws in
                for seed in UInt64(0)..<100 {
                    var random = SeededGenerator(seed: seed)
                    let garbage = (0..<300).map { _ in UInt8.random(in: 0...255, using: &random) }
                    try await server.webSocket { socket async throws in
                        try? await socket.send(garbage)
                        socket.finish()
                        while let frame = try await socket.nextFrame() {
                            let isExpected = frame.opcode == 10 || [1002, 1009].contains(frame.closeCode)
                            #expect(isExpected, "seed \(seed)")
                        }
                    }
                }
                _ = try await server.statistics { $0.webSockets == 1 }
                server.publish([1])
                #expect(try await other.nextSerials(1) == [1])
            }
        }
    }

    @Test func messagesOfClientsAreDropped() async throws {
        try await TestServer.with { server async throws in
            try await server.webSocket { socket async throws in
                try await socket.sendFrame(first: 0x81, Array("hello".utf8))
                try await socket.sendFrame(first: 0x02, Array(repeating: 0, count: 30_000))
                try await socket.sendFrame(first: 0x89, [])
                try await socket.sendFrame(first: 0x00, Array(repeating: 0, count: 30_000))
                try await socket.sendFrame(first: 0x80)
                try await socket.sendFrame(first: 0x82, Array(repeating: 0, count: 65_536))
                try await socket.sendFrame(first: 0x89, [1, 2, 3])
                #expect(try await socket.nextFrame() == .init(opcode: 10, payload: []))
                #expect(try await socket.nextFrame() == .init(opcode: 10, payload: [1, 2, 3]))
                server.publish([1])
                #expect(try await socket.nextSerials(1) == [1])
            }
        }
    }

    @Test(
        arguments: [
            ([], []), ([0x03, 0xE8], [0x03, 0xE8]), ([0x03, 0xE9] + Array("going".utf8), [0x03, 0xE9]),
            ([0x0F, 0xA0], [0x0F, 0xA0]),
        ] as [([UInt8], [UInt8])])
    func aClientCloses(payload: [UInt8], answer: [UInt8]) async throws {
        try await TestServer.with { server async throws in
            try await server.webSocket { socket async throws in
                try await socket.sendFrame(first: 0x88, payload)
                #expect(try await socket.nextFrame() == .init(opcode: 8, payload: answer))
                #expect(try await socket.nextFrame() == nil)
            }
            let statistics = try await server.statistics { $0.webSockets == 0 }
            #expect(statistics.closedProtocol == 0)
        }
    }

    @Test func aQuietClientIsPingedAndOneThatDoesNotAnswerIsClosed() async throws {
        try await TestServer.with { server async throws in
            try await server.webSocket { alive async throws in
                try await server.webSocket { dead async throws in
                    for _ in 0..<2 {
                        await server.hub.runRound()
                        await server.hub.runRound()
                        #expect(try await alive.nextFrame() == .init(opcode: 9, payload: []))
                        try await alive.sendFrame(first: 0x8A)
                        // The answer to this says that the pong has been read.
                        try await alive.sendFrame(first: 0x89, [7])
                        #expect(try await alive.nextFrame() == .init(opcode: 10, payload: [7]))
                    }
                    #expect(try await dead.nextFrame() == .init(opcode: 9, payload: []))
                    #expect(try await dead.nextFrame() == nil)
                    #expect(server.hub.statistics().closedSilent == 1)
                }
                server.publish([1])
                #expect(try await alive.nextSerials(1) == [1])
            }
        }
    }

    @Test func aStreamHasAHeartbeat() async throws {
        try await TestServer.with { server async throws in
            try await server.socket { socket async throws in
                try await socket.request(
                    "GET", "/events", TestServer.session.merging(["Accept": "text/event-stream"]) { $1 })
                #expect(try await socket.readHead().status == 200)
                await server.hub.runRound()
                server.publish([1])
                #expect(try await socket.readText(through: "\n\n") == ":\n\n")
                #expect(try await socket.readText(through: "\n\n").hasPrefix("id: 1\n"))
            }
        }
    }

    @Test func aClientThatIsGone() async throws {
        try await TestServer.with { server async throws in
            try await server.webSocket { socket async throws in
                socket.finish()
                #expect(try await socket.nextFrame() == nil)
                _ = try await server.statistics { $0.webSockets == 0 }
            }
            try await server.webSocket { _ in }
            try await server.socket { socket async throws in
                try await socket.request(
                    "GET", "/events", TestServer.session.merging(["Accept": "text/event-stream"]) { $1 })
                #expect(try await socket.readHead().status == 200)
            }
            _ = try await server.statistics { $0.webSockets == 0 && $0.eventStreams == 0 }
            server.publish([1])
        }
    }
}
