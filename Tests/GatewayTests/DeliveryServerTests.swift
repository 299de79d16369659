import RingsideTesting
import Testing

@testable import Gateway

@Suite("HTTP and events on one port", .timeLimit(.minutes(1)))
struct DeliveryServerTests {
    static let stream = ["Authorization": "Bearer good", "Accept": "text/event-stream"]
    static let upgrade = ClientSocket.upgradeHeaders.merging(TestServer.session) { $1 }

    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var target = "/events"
        var headers: [String: String]
        var status: Int
        var code: String
    }

    static let refused = [
        Refused(testDescription: "no session", headers: ClientSocket.upgradeHeaders, status: 401, code: "noSession"),
        Refused(
            testDescription: "no session, SSE", headers: ["Accept": "text/event-stream"], status: 401,
            code: "noSession"),
        Refused(
            testDescription: "neither upgrade nor SSE", headers: TestServer.session, status: 426,
            code: "upgradeRequired"),
        Refused(
            testDescription: "old WebSocket", headers: upgrade.merging(["Sec-WebSocket-Version": "8"]) { $1 },
            status: 426, code: "webSocketVersion"),
        Refused(
            testDescription: "short key", headers: upgrade.merging(["Sec-WebSocket-Key": "abc"]) { $1 }, status: 400,
            code: "malformed"),
        Refused(
            testDescription: "no Connection: Upgrade", headers: upgrade.merging(["Connection": "keep-alive"]) { $1 },
            status: 400, code: "malformed"),
        Refused(
            testDescription: "another namespace", target: "/events?agent=5001@other.cc", headers: upgrade, status: 403,
            code: "otherNamespace"),
        Refused(
            testDescription: "no serial", target: "/events?after=soon", headers: upgrade, status: 400,
            code: "malformed"),
        Refused(
            testDescription: "a broken escape", target: "/events?agent=%5", headers: stream.merging([:]) { $1 },
            status: 200, code: ""),
        Refused(
            testDescription: "too long a head",
            headers: upgrade.merging(["X": String(repeating: "x", count: 20_000)]) { $1 },
            status: 400, code: "malformed"),
    ]

    /// On a socket of its own, and on one that the router had before.
    @Test(arguments: refused, [false, true])
    func refusals(refused: Refused, isLater: Bool) async throws {
        try await TestServer.with { server async throws in
            try await server.socket { socket async throws in
                if isLater {
                    try await socket.request("GET", "/hello")
                    #expect(try await socket.readResponse().body == "hello")
                }
                try? await socket.request("GET", refused.target, refused.headers)
                let (head, body) = try await socket.readResponse()
                #expect(head.status == refused.status)
                guard refused.status != 200 else { return }
                // The router has its own answer to a head that is too long.
                if !(isLater && refused.headers["X"] != nil) {
                    #expect(body.contains("\"status\":\(refused.status),\"code\":\"\(refused.code)\""))
                }
                #expect(head.headers["connection"] == "close")
                #expect(await socket.readToEnd() == "")
            }
            _ = try await server.statistics { $0.webSockets == 0 && $0.eventStreams == 0 }
        }
    }

    @Test func requestsOfOneSocketThenAStream() async throws {
        try await TestServer.with { server async throws in
            try await server.socket { socket async throws in
                for _ in 0..<3 {
                    try await socket.request("GET", "/hello")
                    let (head, body) = try await socket.readResponse()
                    #expect(head.status == 200 && body == "hello")
                }
                try await socket.request("POST", "/events", ["Content-Length": "0"])
                #expect(try await socket.readResponse().head.status == 404)
                try await socket.request("GET", "/eventsource", Self.stream)
                #expect(try await socket.readResponse().head.status == 404)
                try await socket.request("GET", "/events", Self.stream)
                #expect(try await socket.readHead().status == 200)
                server.publish([1])
                #expect(try await socket.readText(through: "\n\n").hasPrefix("id: 1\n"))
            }
        }
    }

    @Test func requestsOfOneSocketThenAWebSocket() async throws {
        try await TestServer.with(lastSerial: 3) { server async throws in
            try await server.socket { socket async throws in
                try await socket.request("GET", "/hello")
                #expect(try await socket.readResponse().body == "hello")
                try await socket.upgrade("/events?after=1", TestServer.session)
                #expect(try await socket.nextSerials(2) == [2, 3])
                server.publish([1])
                #expect(try await socket.nextSerials(1) == [4])
                try await socket.sendFrame(first: 0x88, [0x03, 0xE8])
                #expect(try await socket.nextClose()?.closeCode == 1000)
                #expect(try await socket.nextFrame() == nil)
            }
        }
    }

    @Test func aRequestInPipelineWaitsForTheAnswersBeforeIt() async throws {
        try await TestServer.with { server async throws in
            try await server.socket { socket async throws in
                let hello = "GET /hello HTTP/1.1\r\nHost: test\r\n\r\n"
                try await socket.send(
                    hello + hello + "GET /events HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer good\r\n"
                        + "Accept: text/event-stream\r\n\r\n")
                #expect(try await socket.readResponse().body == "hello")
                #expect(try await socket.readResponse().body == "hello")
                #expect(try await socket.readHead().headers["content-type"] == "text/event-stream")
                server.publish([1])
                #expect(try await socket.readText(through: "\n\n").hasPrefix("id: 1\n"))
            }
        }
    }

    @Test func aRequestThatComesByteByByte() async throws {
        try await TestServer.with { server async throws in
            try await server.socket { socket async throws in
                var text = "GET /events?agent=5001 HTTP/1.1\r\nHost: test\r\n"
                for (name, value) in Self.upgrade { text += "\(name): \(value)\r\n" }
                for byte in (text + "\r\n").utf8 { try await socket.send([byte]) }
                #expect(try await socket.readHead().status == 101)
                server.publish([1])
                #expect(try await socket.nextSerials(1) == [1])
            }
        }
    }

    /// A client may not send before it has the answer, but nothing bad may come of it.
    @Test func framesRightBehindTheHandshake() async throws {
        try await TestServer.with { server async throws in
            try await server.socket { socket async throws in
                var text = "GET /events HTTP/1.1\r\nHost: test\r\n"
                for (name, value) in Self.upgrade { text += "\(name): \(value)\r\n" }
                try await socket.send(Array((text + "\r\n").utf8) + ClientSocket.frame(first: 0x89, [9]))
                #expect(try await socket.readHead().status == 101)
                server.publish([1])
                #expect(try await socket.nextFrame() == .init(opcode: 10, payload: [9]))
                #expect(try await socket.nextSerials(1) == [1])
            }
        }
    }

    @Test(arguments: ["", "GET /ev", "GET /events HTTP/1.1\r\nHost: t"])
    func aHandshakeThatDoesNotEnd(text: String) async throws {
        try await TestServer.with(handshakeTimeoutMilliseconds: 400) { server async throws in
            try await server.socket { socket async throws in
                if !text.isEmpty { try? await socket.send(text) }
                #expect(await socket.readToEnd() == "")
            }
        }
    }

    @Test func anAuthorizerThatDoesNotAnswer() async throws {
        try await TestServer.with(handshakeTimeoutMilliseconds: 400) { server async throws in
            try await server.socket { socket async throws in
                try? await socket.request(
                    "GET", "/events", ClientSocket.upgradeHeaders.merging(["Authorization": "Bearer never"]) { $1 })
                #expect(await socket.readToEnd() == "")
            }
        }
    }

    @Test func aStreamEndsWithItsSession() async throws {
        // Rounds are about sessions here, not about silence.
        let limits = TestServer.limits {
            $0.silentRoundsBeforePing = 100
            $0.closeGraceMilliseconds = 50
        }
        try await TestServer.with(limits: limits) { server async throws in
            try await server.webSocket { socket async throws in
                try await server.webSocket(session: TestServer.otherSession) { other async throws in
                    try await server.socket { stream async throws in
                        try await stream.request("GET", "/events", Self.stream)
                        #expect(try await stream.readHead().status == 200)
                        await server.hub.runRound()
                        server.publish([1])
                        #expect(try await socket.nextSerials(1) == [1])
                        server.isLoggedOut.change { $0 = true }
                        await server.hub.runRound()
                        let close = try await socket.nextClose()
                        #expect(close?.closeCode == 4401)
                        #expect(close?.closeText == "the session is over: log in again and come back with after=SERIAL")
                        #expect(
                            await stream.readToEnd().hasSuffix(
                                "\n\n: the session is over: log in again and come back with after=SERIAL\n\n"))
                    }
                    server.publish([1], of: server.other)
                    #expect(try await other.nextSerials(1) == [1])
                }
            }
        }
    }

    @Test func subscribersAreToldOfARestart() async throws {
        try await TestServer.with { server async throws in
            try await server.webSocket { socket async throws in
                try await server.socket { stream async throws in
                    try await stream.request("GET", "/events", Self.stream)
                    #expect(try await stream.readHead().status == 200)
                    await server.shutDown()
                    let close = try await socket.nextClose()
                    #expect(close?.closeCode == 1012)
                    #expect(close?.closeText == "server restarts: come back with after=SERIAL")
                    try await socket.sendFrame(first: 0x88, [0x03, 0xF4])
                    #expect(try await socket.nextFrame() == nil)
                    #expect(await stream.readToEnd() == ": server restarts: come back with after=SERIAL\n\n")
                }
            }
            // Whoever comes too late for the fan-out misses nothing that the journal does not have.
            server.publish([1])
        }
    }
}
