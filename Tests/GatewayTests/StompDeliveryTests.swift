import CSTA
import CallCenter
import HTTPTypes
import RingsideTesting
import Testing

@testable import Gateway

@Suite("STOMP's replay, bounds and ends", .timeLimit(.minutes(1)))
struct StompDeliveryTests {
    @Test("after: what was stored, then what is live, nothing twice, for several subscriptions")
    func replay() async throws {
        // 1000 events for agent 1, then pages that end in the middle.
        try await TestServer.with(lastSerial: 1_000, limits: TestServer.limits { $0.replayPageEvents = 37 }) {
            server async throws in
            server.publish([2, 1, 2])
            try await server.stomp { socket async throws in
                try await socket.sendStomp(
                    TestServer.subscribe(1, "after:10") + TestServer.subscribe(2, "after:0")
                        + TestServer.subscribe(3, "after:1003"))
                server.publish([1, 3, 2])
                var serials: [String: [Int64]] = [:]
                while serials.values.reduce(0, { $0 + $1.count }) < 996 {
                    let frame = try await socket.nextStompFrame()
                    guard frame.hasPrefix("MESSAGE\n") else { continue }
                    let id = try #require(socket.header("subscription", of: frame))
                    serials[id, default: []].append(try #require(Int64(socket.header("serial", of: frame) ?? "")))
                }
                let first: [Int64] = Array(11...1_000) + [1_002, 1_004]
                #expect(serials["1"] == first)
                #expect(serials["2"] == [1_001, 1_003, 1_006])
                #expect(serials["3"] == [1_005])
            }
        }
    }

    @Test("a subscription that is given up while it replays, or before, makes way for the next")
    func replayGivenUp() async throws {
        try await TestServer.with(lastSerial: 1_000, limits: TestServer.limits { $0.replayPageEvents = 3 }) { server in
            server.publish([2])
            try await server.stomp { socket async throws in
                try await socket.sendStomp(
                    TestServer.subscribe(1, "after:0") + TestServer.subscribe(3, "after:0")
                        + TestServer.subscribe(2, "after:0") + "UNSUBSCRIBE\nid:3\n\n\0UNSUBSCRIBE\nid:1\n\n\0")
                var frame = ""
                repeat {
                    frame = try await socket.nextStompFrame()
                } while socket.header("subscription", of: frame) != "2"
                #expect(socket.header("serial", of: frame) == "1001")
                server.publish([1, 3, 2])
                #expect(try await socket.nextMessages(1) == [1_004])
            }
            _ = try await server.statistics { $0.stompSubscriptions == 0 }
        }
    }

    @Test("a serial that the journal no longer has: the client is told to take a snapshot")
    func tooOld() async throws {
        try await TestServer.with(lastSerial: 20) { server async throws in
            server.tenant.forget(through: 10)
            try await server.stomp { socket async throws in
                try await socket.sendStomp(TestServer.subscribe(1, "after:5"))
                let (frames, closeCode) = try await socket.restOfStomp()
                #expect(frames.last?.contains("message:tooOld\n") == true && closeCode == 4410)
                #expect(frames.last?.contains("take a snapshot") == true)
            }
            _ = try await server.statistics { $0.closedGone == 1 && $0.stompSubscriptions == 0 }
        }
    }

    @Test("it ends with its session, with a subscription and without", arguments: [true, false])
    func sessionOver(isSubscribed: Bool) async throws {
        try await TestServer.with { server async throws in
            try await server.stomp { socket async throws in
                if isSubscribed {
                    try await socket.sendStomp(TestServer.subscribe(1))
                    #expect(try await socket.nextStompFrame().hasPrefix("RECEIPT\n"))
                }
                await server.hub.runRound()
                server.isLoggedOut.change { $0 = true }
                await server.hub.runRound()
                let (frames, closeCode) = try await socket.restOfStomp()
                #expect(frames.last?.contains("message:sessionExpired\n") == true && closeCode == 4401)
            }
        }
    }

    @Test("it is told that the server restarts")
    func shutdown() async throws {
        try await TestServer.with { server async throws in
            try await server.stomp { socket async throws in
                await server.shutDown()
                let (frames, closeCode) = try await socket.restOfStomp()
                #expect(frames.last?.contains("message:restarting\n") == true && closeCode == 1012)
            }
        }
    }

    @Test("who reads too slowly gets what is pending, an ERROR and 4408; another gets all")
    func slow() async throws {
        let limits = TestServer.limits { $0.maximumPendingBytes = 64 * 1024 }
        try await TestServer.with(limits: limits) { server async throws in
            try await server.stomp { steady async throws in
                try await steady.sendStomp(TestServer.subscribe(2))
                #expect(try await steady.nextStompFrame().hasPrefix("RECEIPT\n"))
                try await server.stomp(receiveBufferBytes: 4_096) { socket async throws in
                    try await socket.sendStomp(TestServer.subscribe(1))
                    #expect(try await socket.nextStompFrame().hasPrefix("RECEIPT\n"))
                    var published: Int64 = 0
                    while server.hub.statistics().closedSlow == 0, published < 10_000 {
                        server.publish([1], padding: 16_000)
                        server.publish([2])
                        published += 2
                        #expect(try await steady.nextMessages(1) == [published])
                    }
                    let (frames, closeCode) = try await socket.restOfStomp()
                    #expect(frames.last?.contains("message:tooSlow\n") == true && closeCode == 4408)
                    // What came before it is whole.
                    let serials = frames.dropLast().compactMap { socket.header("serial", of: $0).flatMap { Int64($0) } }
                    let whole = serials.indices.map { Int64(2 * $0 + 1) }
                    #expect(serials == whole)
                }
            }
        }
    }

    @Test("who acknowledges nothing is too slow; who does gets on", arguments: [true, false])
    func unacknowledged(acknowledges: Bool) async throws {
        let limits = TestServer.limits { $0.maximumUnacknowledgedMessages = 10 }
        try await TestServer.with(limits: limits) { server async throws in
            try await server.stomp { socket async throws in
                try await socket.sendStomp(TestServer.subscribe(1, "ack:client"))
                #expect(try await socket.nextStompFrame().hasPrefix("RECEIPT\n"))
                for round in 0..<3 {
                    server.publish(Array(repeating: 1, count: 5))
                    guard acknowledges || round < 2 else { break }
                    let serials = try await socket.nextMessages(5)
                    guard acknowledges else { continue }
                    try await socket.sendStomp("ACK\nid:1.\(serials[4])\nreceipt:a\n\n\0")
                    #expect(try await socket.nextStompFrame() == "RECEIPT\nreceipt-id:a\n\n")
                }
                if acknowledges { try await socket.sendStomp("DISCONNECT\n\n\0") }
                let (frames, closeCode) = try await socket.restOfStomp()
                #expect(closeCode == (acknowledges ? 1000 : 4408))
                if !acknowledges { #expect(frames.last?.contains("message:too slow\n") == true) }
            }
        }
    }

    @Test("a replay to who acknowledges waits for the acknowledgements, and loses nothing")
    func replayWaits() async throws {
        let limits = TestServer.limits {
            $0.maximumUnacknowledgedMessages = 10
            $0.replayPageEvents = 4
        }
        try await TestServer.with(lastSerial: 40, limits: limits) { server async throws in
            try await server.stomp { socket async throws in
                try await socket.sendStomp(TestServer.subscribe(1, "after:0", "ack:client-individual"))
                #expect(try await socket.nextStompFrame().hasPrefix("RECEIPT\n"))
                for serial in 1...40 {
                    #expect(try await socket.nextMessages(1) == [Int64(serial)])
                    try await socket.sendStomp("\(serial % 3 == 0 ? "NACK" : "ACK")\nid:1.\(serial)\n\n\0")
                }
            }
            #expect(server.hub.statistics().closedSlow == 0)
        }
    }

    @Test("a client that promised to be heard and falls silent is closed; one that wants to hear is let hear")
    func heartbeats() async throws {
        let limits = TestServer.limits { $0.heartbeatMilliseconds = 20 }
        try await TestServer.with(limits: limits) { server async throws in
            let connect = "CONNECT\naccept-version:1.2\nlogin:5900\npasscode:good\nheart-beat:"
            try await server.stomp(connect + "1,0\n\n\0") { socket async throws in
                let (frames, closeCode) = try await socket.restOfStomp()
                #expect(frames.last?.contains("message:no heart-beat\n") == true && closeCode == 4408)
            }
            try await server.stomp(connect + "0,1\n\n\0") { socket async throws in
                for _ in 0..<10 { #expect(try await socket.nextStomp() == .heartbeat) }
            }
            #expect(server.hub.statistics().closedSilent == 1)
        }
    }

    @Test("who does not connect in time is told so")
    func connectTimeout() async throws {
        try await TestServer.with(limits: TestServer.limits { $0.connectMilliseconds = 50 }) { server async throws in
            try await server.socket { socket async throws in
                try await socket.upgrade("/mvc/stomp/websocket")
                let (frames, closeCode) = try await socket.restOfStomp()
                #expect(frames.last?.contains("message:timeout\n") == true && closeCode == 4408)
            }
        }
    }

    // MARK: Who it is

    /// Session, login, passcode, cookie, and who that is: the agent it may follow, `*` for all; or the refusal.
    @Test(
        arguments: [
            ("5001", nil, nil, nil, "5001"), ("5900", nil, nil, nil, "*"), (nil, nil, nil, "5001", "5001"),
            (nil, "5002@one.cc", "secret-5002", nil, "5002"), (nil, "5999@one.cc", "secret-5999", nil, "*"),
            (nil, "5002@one.cc", "secret-5001", nil, "401 badCredentials"),
            (nil, "6666@one.cc", "x", nil, "401 badCredentials"),
            (nil, "nobody", "x", nil, "401 badCredentials"), (nil, "5002@one.cc", nil, "5001", "401 badCredentials"),
            ("guess", nil, nil, "5001", "401 noSession"), (nil, nil, nil, nil, "401 noSession"),
            (nil, nil, nil, "guess", "401 noSession"),
        ] as [(String?, String?, String?, String?, String)])
    func identities(session: String?, login: String?, passcode: String?, cookie: String?, expected: String) async throws
    {
        let world = try World()
        let services = world.services()
        func id(_ who: String?) throws -> String? {
            try who.map { $0 == "guess" ? $0 : try world.session(of: $0, in: services) }
        }
        var headers: HTTPFields = [:]
        if let cookie = try id(cookie) { headers[.cookie] = "sessionId=\(cookie)" }
        let asked = StompLogin(
            upgrade: EventRequest(target: "/mvc/stomp/websocket", headers: headers, clientAddress: "192.0.2.1"),
            sessionID: try id(session), login: login, passcode: passcode)
        #expect(brief(await SessionStompAuthorizer(services).admit(asked)) == expected)
        // Who says nothing is let in where the operator wants it; who says something wrong is not.
        let namespace = try #require(Namespace("two.cc"))
        let lenient = SessionStompAuthorizer(services, anonymousNamespace: namespace)
        let isSilent = session == nil && login == nil && (cookie == nil || cookie == "guess")
        #expect(brief(await lenient.admit(asked)) == (isSilent ? "* of two.cc" : expected))
    }

    @Test("passwords by STOMP count among the failures that lock an agent out, and a disabled account ends it")
    func lockOut() async throws {
        let world = try World()
        let services = world.services()
        let authorizer = SessionStompAuthorizer(services)
        func admit(_ passcode: String) async -> Result<StompIdentity, EventRefusal> {
            await authorizer.admit(
                StompLogin(
                    upgrade: EventRequest(target: "/", headers: [:], clientAddress: "192.0.2.1"), sessionID: nil,
                    login: "5001@one.cc", passcode: passcode))
        }
        let session = try #require(try await admit("secret-5001").get().session)
        #expect(session.isLive())
        var answer = ""
        for _ in 0..<50 where answer != "429 tooManyFailures" { answer = brief(await admit("wrong")) }
        #expect(answer == "429 tooManyFailures")
        #expect(brief(await admit("secret-5001")) == "429 tooManyFailures")
        world.accounts.change { accounts in
            for key in accounts.keys where key.number == "5001" { accounts[key]?.isDisabled = true }
        }
        #expect(!session.isLive())
        #expect(!world.log.all.contains("secret"))
    }

    private func brief(_ answer: Result<StompIdentity, EventRefusal>) -> String {
        switch answer {
        case .success(let identity):
            (identity.agent.map { String($0.number) } ?? "*")
                + (identity.namespace.name == "one.cc" ? "" : " of \(identity.namespace)")
        case .failure(let refusal): "\(refusal.status) \(refusal.code)"
        }
    }

    @Test(
        "destinations",
        arguments: [
            ("*.5001@one_cc", "5001@one.cc *"), ("*.5001@one.cc", "5001@one.cc *"),
            ("held.+86.1@one_cc", "+86.1@one.cc held"),
            ("*.5001@two_cc", "elsewhere"), ("*.5001@one_cc_", "elsewhere"), ("5001@one_cc", "malformed"),
            (".5001@one_cc", "malformed"), ("a*.5001@one_cc", "malformed"), ("*.@one_cc", "malformed"),
            ("*.50 01@one_cc", "malformed"), ("*.5001@", "malformed"), ("*.5001", "malformed"), ("", "malformed"),
        ])
    func destinations(text: String, expected: String) throws {
        let namespace = try #require(Namespace("one.cc"))
        let found: String
        do throws(StompDestination.Problem) {
            let destination = try StompDestination(StompDestination.prefix + text, in: namespace)
            found = "\(destination.agent) \(destination.event ?? "*")"
        } catch { found = "\(error)" }
        #expect(found == expected)
    }
}
