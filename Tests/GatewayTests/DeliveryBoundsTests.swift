import CSTA
import CallCenter
import RingsideTesting
import Testing

@testable import Gateway

@Suite("Bounds of delivery", .timeLimit(.minutes(1)))
struct DeliveryBoundsTests {
    private static let eventBytes = 8_000
    /// 80 MB: far past what the kernel keeps for a socket.
    private static let mostEvents = 10_000
    private static let smallBufferBytes: Int = 4_096

    @Test func aSlowReaderIsClosedAndAFastOneNoticesNothing() async throws {
        let limits = TestServer.limits { $0.maximumPendingBytes = 128 * 1024 }
        try await TestServer.with(limits: limits) { server async throws in
            try await server.webSocket { fast async throws in
                try await server.webSocket(receiveBufferBytes: Self.smallBufferBytes) { slow async throws in
                    _ = try await server.statistics { $0.webSockets == 2 }
                    var last: Int64 = 0
                    while server.hub.statistics().closedSlow == 0, last < Self.mostEvents {
                        server.publish([1], padding: Self.eventBytes)
                        last += 1
                        #expect(try await fast.nextSerials(1) == [last])
                    }
                    #expect(server.hub.statistics().closedSlow == 1)
                    #expect(server.hub.statistics().deepestQueueBytes > limits.maximumPendingBytes)
                    #expect(server.hub.statistics().webSockets == 1)

                    var got: [Int64] = []
                    var close: ClientSocket.Frame?
                    while close == nil, let frame = try await slow.nextFrame() {
                        if let serial = frame.serial { got.append(serial) } else { close = frame }
                    }
                    #expect(close?.closeCode == 4408)
                    #expect(close?.closeText == "too slow; resume with after=SERIAL")
                    #expect(got == Array(1...Int64(got.count)))

                    // And resumes where it was.
                    try await server.webSocket("?after=\(got.count)") { resumed async throws in
                        server.publish([1])
                        #expect(
                            try await resumed.nextSerials(Int(last) - got.count + 1)
                                == Array(Int64(got.count) + 1...last + 1))
                    }
                }
            }
        }
    }

    @Test func aSlowStreamIsEnded() async throws {
        let limits = TestServer.limits { $0.maximumPendingBytes = 128 * 1024 }
        try await TestServer.with(limits: limits) { server async throws in
            try await server.socket(receiveBufferBytes: Self.smallBufferBytes) { slow async throws in
                try await slow.request(
                    "GET", "/events", TestServer.session.merging(["Accept": "text/event-stream"]) { $1 })
                _ = try await server.statistics { $0.eventStreams == 1 }
                for _ in 0..<Self.mostEvents where server.hub.statistics().closedSlow == 0 {
                    server.publish([1], padding: Self.eventBytes)
                    await Task.yield()
                }
                let statistics = try await server.statistics { $0.closedSlow == 1 }
                #expect(statistics.eventStreams == 0)
                #expect(await slow.readToEnd().hasSuffix("\n\n: too slow; resume with after=SERIAL\n\n"))
            }
        }
    }

    @Test func aSocketThatTakesNothingForLongIsClosed() async throws {
        let limits = TestServer.limits { $0.maximumPendingBytes = 1 << 30 }
        try await TestServer.with(limits: limits) { server async throws in
            try await server.webSocket(receiveBufferBytes: Self.smallBufferBytes) { stuck async throws in
                while server.hub.statistics().deepestQueueBytes == 0 {
                    server.publish([1], padding: Self.eventBytes)
                    await Task.yield()
                }
                for _ in 0...limits.stalledRoundsBeforeClose { await server.hub.runRound() }
                #expect(server.hub.statistics().closedSlow == 1)
                #expect(try await stuck.nextClose()?.closeCode == 4408)
            }
        }
    }

    /// A client that says goodbye without having read what it was sent: it never gets the answer, and must not keep its
    /// seat for that.
    @Test func aCloseOfOneWhoNeverReads() async throws {
        let limits = TestServer.limits {
            $0.maximumPendingBytes = 1 << 30
            $0.closeGraceMilliseconds = 50
            $0.maximumSubscribers = 2
        }
        try await TestServer.with(limits: limits, threads: 1) { server async throws in
            try await server.webSocket { other async throws in
                try await server.webSocket(receiveBufferBytes: Self.smallBufferBytes) { deaf async throws in
                    var last: Int64 = 0
                    while server.hub.statistics().deepestQueueBytes == 0 {
                        server.publish([1], padding: Self.eventBytes)
                        last += 1
                        #expect(try await other.nextSerials(1) == [last])
                    }
                    try await deaf.sendFrame(first: 0x88, [0x03, 0xE8])
                    _ = try await server.statistics { $0.webSockets == 1 }
                    // Its seat is free when its socket is closed, and not before.
                    var third = 503
                    while third == 503 {
                        third = try await server.socket { socket async throws in
                            try await socket.request(
                                "GET", "/events", ClientSocket.upgradeHeaders.merging(TestServer.session) { $1 })
                            return try await socket.readHead().status
                        }
                    }
                    #expect(third == 101)
                    // What the kernel had of it is there yet, and no more: not even a close frame.
                    let rest = try await deaf.nextClose()
                    #expect(rest == nil)
                    server.publish([1])
                    #expect(try await other.nextSerials(1) == [last + 1])
                    #expect(server.hub.statistics().closedSlow == 0)
                }
            }
        }
    }

    /// A replay waits for its reader; only live events may pile up.
    @Test func aLongReplayIsNotTooMuch() async throws {
        let limits = TestServer.limits {
            $0.maximumPendingBytes = 64 * 1024
            $0.replayPageEvents = 20
        }
        try await TestServer.with(limits: limits) { server async throws in
            for _ in 0..<2_000 { server.publish([1], padding: Self.eventBytes) }
            try await server.webSocket("?after=0", receiveBufferBytes: Self.smallBufferBytes) { socket async throws in
                #expect(try await socket.nextSerials(2_000) == Array(1...2_000))
            }
            #expect(server.hub.statistics().closedSlow == 0)
        }
    }

    /// A burst of one tenant closes that tenant's subscribers of the event loop, and nobody else's.
    @Test func moreThanATenantMayHaveWaitingForAnEventLoop() async throws {
        let limits = TestServer.limits { $0.maximumInboxEvents = 10 }
        try await TestServer.with(limits: limits, threads: 1) { server async throws in
            try await server.webSocket(session: TestServer.otherSession) { other async throws in
                try await server.webSocket { socket async throws in
                    server.publish([1, 2])
                    #expect(try await socket.nextSerials(2) == [1, 2])
                    server.publish([1, 2], of: server.other)
                    server.publish(Array(repeating: 1, count: 11))
                    server.publish([3], of: server.other)
                    #expect(try await socket.nextClose()?.closeCode == 4408)
                }
                #expect(server.hub.statistics().closedSlow == 1)
                try await server.webSocket("?after=2") { socket async throws in
                    #expect(try await socket.nextSerials(11) == Array(3...13))
                    server.publish([1])
                    #expect(try await socket.nextSerials(1) == [14])
                }
                server.publish([1], of: server.other)
                #expect(try await other.nextSerials(4) == [1, 2, 3, 4])
            }
        }
    }

    @Test func oneSubscriberTooMany() async throws {
        let limits = TestServer.limits { $0.maximumSubscribers = 1 }
        try await TestServer.with(limits: limits) { server async throws in
            try await server.webSocket { first async throws in
                try await server.socket { second async throws in
                    try await second.request(
                        "GET", "/events", ClientSocket.upgradeHeaders.merging(TestServer.session) { $1 })
                    #expect(try await second.readResponse().head.status == 503)
                }
                server.publish([1])
                #expect(try await first.nextSerials(1) == [1])
            }
            _ = try await server.statistics { $0.webSockets == 0 }
            try await server.webSocket { third async throws in
                server.publish([1])
                #expect(try await third.nextSerials(1) == [2])
            }
        }
    }
}
