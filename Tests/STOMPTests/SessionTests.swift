import Testing

@testable import STOMP

/// What a client does, and what it comes to; a line a step.
struct Script: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var version: Version
    /// `COMMAND name:value …`, or `sent SUBSCRIPTION MESSAGE`, or `open`; what is done, or the open messages.
    var steps: [(String, String)]

    init(_ version: Version, _ what: String, _ steps: [(String, String)]) {
        testDescription = "\(version.rawValue) \(what)"
        self.version = version
        self.steps = steps
    }
}

@Suite("A STOMP session")
struct SessionTests {
    private func frame(_ line: String) throws -> Frame {
        let words = line.split(separator: " ")
        return Frame(
            try #require(Frame.Command(rawValue: String(words[0]))),
            words.dropFirst().map { word in
                let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                return .init(String(parts[0]), String(parts.last ?? ""))
            })
    }

    private func brief(_ actions: [Session.Action]) -> String {
        actions.map { action in
            switch action {
            case .authenticate(let who):
                "authenticate \(who.login ?? "-") \(who.passcode ?? "-") \(who.sessionID ?? "-")"
            case .subscribe(let subscription): "subscribe \(subscription.number)"
            case .unsubscribe(let number): "unsubscribe \(number)"
            case .acknowledged(let number): "acknowledged \(number)"
            case .send(let frame): "\(frame.command.rawValue) \(frame["receipt-id"] ?? "")"
            case .fail(let frame):
                "ERROR \(frame["message"] ?? "")" + (frame["receipt-id"].map { " [\($0)]" } ?? "")
            case .close: "close"
            }
        }.joined(separator: ", ")
    }

    private static let connects: [Version: String] = [
        .v1_0: "CONNECT", .v1_1: "CONNECT accept-version:1.0,1.1", .v1_2: "STOMP accept-version:1.0,1.1,1.2",
    ]

    private static let subscribe = "SUBSCRIBE id:a destination:/d"

    static let scripts = [
        Script(
            .v1_0, "subscribes without an id",
            [
                ("SUBSCRIBE destination:/d", "subscribe 1"), ("SUBSCRIBE destination:/e", "subscribe 2"),
                ("UNSUBSCRIBE destination:/d", "unsubscribe 1"),
                ("UNSUBSCRIBE destination:/d", "ERROR no such subscription"),
            ]),
        Script(
            .v1_0, "acknowledges by message-id alone, up to it",
            [
                ("SUBSCRIBE destination:/d ack:client", "subscribe 1"), ("sent 1 5", ""), ("sent 1 7", ""),
                ("sent 1 9", ""),
                ("ACK message-id:1.7", "acknowledged 1"), ("open", "1"),
                ("ACK message-id:1.9 receipt:r", "acknowledged 1, RECEIPT r"),
                ("open", "0"),
            ]),
        Script(.v1_0, "has no NACK", [("NACK message-id:1.1", "ERROR malformed frame")]),
        Script(
            .v1_0, "has no client-individual",
            [
                ("SUBSCRIBE destination:/d ack:client-individual", "ERROR malformed frame")
            ]),
        Script(.v1_1, "needs an id", [("SUBSCRIBE destination:/d receipt:r", "ERROR malformed frame [r]")]),
        Script(
            .v1_1, "acknowledges by subscription and message-id",
            [
                (subscribe + " ack:client-individual", "subscribe 1"), ("sent 1 5", ""), ("sent 1 7", ""),
                ("ACK subscription:a message-id:1.7", "acknowledged 1"), ("open", "1"),
                ("NACK subscription:a message-id:1.5", "acknowledged 1"), ("open", "0"),
                ("ACK message-id:1.5", "ERROR malformed frame"),
            ]),
        Script(
            .v1_1, "does not take another's message",
            [
                (subscribe + " ack:client", "subscribe 1"), ("SUBSCRIBE id:b destination:/d ack:client", "subscribe 2"),
                ("sent 1 5", ""), ("ACK subscription:b message-id:1.5", "ERROR no such message"),
            ]),
        Script(
            .v1_2, "acknowledges by id",
            [
                (subscribe + " ack:client", "subscribe 1"), ("sent 1 5", ""), ("sent 1 6", ""), ("open", "2"),
                ("ACK id:1.6", "acknowledged 1"), ("open", "0"), ("ACK id:1.5", "acknowledged 1"),
                ("ACK id:1.7", "ERROR no such message"),
            ]),
        Script(
            .v1_2, "does not take message-id for id",
            [
                (subscribe + " ack:client", "subscribe 1"), ("sent 1 5", ""),
                ("ACK message-id:1.5 subscription:a", "ERROR malformed frame"),
            ]),
        Script(.v1_2, "does not take what it never sent", [("ACK id:soon", "ERROR no such message")]),
        Script(
            .v1_2, "does not mind an ACK that comes after UNSUBSCRIBE",
            [
                (subscribe + " ack:client", "subscribe 1"), ("sent 1 5", ""), ("UNSUBSCRIBE id:a", "unsubscribe 1"),
                ("open", "0"), ("ACK id:1.5", ""), (subscribe, "subscribe 2"),
            ]),
        Script(
            .v1_2, "holds acknowledgements until COMMIT",
            [
                (subscribe + " ack:client", "subscribe 1"), ("sent 1 5", ""), ("BEGIN transaction:t", ""),
                ("ACK id:1.5 transaction:t receipt:r", "RECEIPT r"), ("open", "1"),
                ("COMMIT transaction:t", "acknowledged 1"), ("open", "0"),
                ("COMMIT transaction:t", "ERROR no such transaction"),
            ]),
        Script(
            .v1_2, "forgets them on ABORT",
            [
                (subscribe + " ack:client", "subscribe 1"), ("sent 1 5", ""), ("BEGIN transaction:t", ""),
                ("ACK id:1.5 transaction:t", ""), ("ABORT transaction:t", ""), ("open", "1"),
                ("ACK id:1.5 transaction:t", "ERROR no such transaction"),
            ]),
        Script(
            .v1_2, "does not begin a transaction twice",
            [
                ("BEGIN transaction:t", ""), ("BEGIN transaction:t", "ERROR transaction has begun"),
            ]),
        Script(
            .v1_2, "refuses SEND and leaves the rest",
            [
                ("SEND destination:/d receipt:r", "ERROR clients cannot send here [r]"), (subscribe, ""),
                ("DISCONNECT", ""),
            ]),
        Script(.v1_2, "refuses one id twice", [(subscribe, "subscribe 1"), (subscribe, "ERROR already subscribed")]),
        Script(.v1_2, "refuses an unknown ack", [(subscribe + " ack:maybe", "ERROR malformed frame")]),
        Script(.v1_2, "refuses a second CONNECT", [("CONNECT", "ERROR already connected")]),
        Script(.v1_2, "refuses a server's frame", [("MESSAGE", "ERROR malformed frame")]),
        Script(
            .v1_2, "says goodbye with a receipt",
            [
                ("DISCONNECT receipt:77", "RECEIPT 77, close"), (subscribe, ""),
            ]),
    ]

    @Test(arguments: scripts)
    func follows(script: Script) throws {
        var session = Session()
        #expect(brief(session.receive(try frame(Self.connects[script.version] ?? ""))) == "authenticate - - -")
        let connected = session.accept(session: "1")
        #expect(connected?["version"] == script.version.rawValue)
        var subscriptions: [Int: Subscription] = [:]
        for (step, expected) in script.steps {
            let words = step.split(separator: " ")
            switch words[0] {
            case "open": #expect("\(session.unacknowledged)" == expected, "\(step)")
            case "sent":
                let number = try #require(Int(words[1]))
                let subscription = try #require(subscriptions[number])
                session.sent(try #require(Int64(words[2])), to: subscription)
            default:
                let actions = session.receive(try frame(step))
                for case .subscribe(let subscription) in actions { subscriptions[subscription.number] = subscription }
                #expect(brief(actions) == expected, "\(step)")
            }
        }
    }

    @Test(
        "connects first, with a version that is known",
        arguments: [
            ("SUBSCRIBE id:a destination:/d", "ERROR not connected"),
            ("CONNECT accept-version:3.0", "ERROR unsupported version"),
            ("CONNECT accept-version:1.1 heart-beat:often", "ERROR malformed frame"),
            ("CONNECT accept-version:1.2 login:5001@demo.cc passcode:p", "authenticate 5001@demo.cc p -"),
            ("CONNECT login: sessionId:s", "authenticate - - s"),
        ])
    func connecting(line: String, expected: String) throws {
        var session = Session()
        #expect(brief(session.receive(try frame(line))) == expected)
    }

    @Test(
        "agrees on heart-beats",
        arguments: [
            ("1.2", "0,0", "0,0"), ("1.2", "5000,0", "0,10000"), ("1.1", "0,20000", "20000,0"),
            ("1.2", "1,1", "10000,10000"), ("1.2", "9999999999999999,0", "0,86400000"), ("1.0", "5000,5000", nil),
        ] as [(String, String, String?)])
    func heartbeats(version: String, offer: String, answer: String?) throws {
        var session = Session()
        _ = session.receive(try frame("CONNECT accept-version:\(version) heart-beat:\(offer)"))
        #expect(session.accept(session: "1")?["heart-beat"] == answer)
    }

    @Test("a refused CONNECT gets an ERROR with its receipt, and nothing follows")
    func refused() throws {
        var session = Session()
        _ = session.receive(try frame("CONNECT accept-version:1.2 receipt:r"))
        #expect(brief([session.refuse("badCredentials", "no")]) == "ERROR badCredentials [r]")
        #expect(session.accept(session: "1") == nil)
        #expect(session.receive(try frame("CONNECT")).isEmpty)
    }

    @Test("everything of a client's has a bound")
    func bounds() throws {
        func connected() throws -> Session {
            var session = Session()
            _ = session.receive(try frame("CONNECT accept-version:1.2"))
            #expect(session.accept(session: "1") != nil)
            return session
        }
        var session = try connected()
        for number in 1...session.limits.maximumSubscriptions {
            #expect(brief(session.receive(try frame("SUBSCRIBE id:\(number) destination:/d"))) == "subscribe \(number)")
        }
        #expect(brief(session.receive(try frame("SUBSCRIBE id:x destination:/d"))) == "ERROR too many subscriptions")
        session = try connected()
        for number in 1...session.limits.maximumTransactions {
            #expect(session.receive(try frame("BEGIN transaction:\(number)")).isEmpty)
        }
        #expect(brief(session.receive(try frame("BEGIN transaction:x"))) == "ERROR too many transactions")
        session = try connected()
        _ = session.receive(try frame("SUBSCRIBE id:a destination:/d"))
        _ = session.receive(try frame("BEGIN transaction:t"))
        for _ in 1...session.limits.maximumHeldFrames {
            #expect(session.receive(try frame("ACK id:1.1 transaction:t")).isEmpty)
        }
        #expect(brief(session.receive(try frame("ACK id:1.1 transaction:t"))) == "ERROR transaction too large")
        session = try connected()
        let long = String(repeating: "x", count: session.limits.maximumIDBytes + 1)
        #expect(brief(session.receive(try frame("SUBSCRIBE id:\(long) destination:/d"))) == "ERROR malformed frame")
    }
}
