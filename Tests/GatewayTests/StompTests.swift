import CSTA
import CallCenter
import RingsideTesting
import Testing

@testable import Gateway

@Suite("STOMP over a WebSocket", .timeLimit(.minutes(1)))
struct StompTests {
    @Test(
        "a message is the event with its subscription's headers, by version",
        arguments: [
            ("1.0", "", "\n"), ("1.1", "", "\n"), ("1.2", "", "\n"), ("1.2", "ack:client\n", "\nack:1.2\n"),
            ("1.1", "ack:client\n", "\n"),
        ])
    func message(version: String, mode: String, ack: String) async throws {
        try await TestServer.with { server async throws in
            let connect = "CONNECT\naccept-version:\(version)\nlogin:5001\npasscode:good\n\n\0"
            try await server.stomp(connect) { socket async throws in
                try await socket.sendStomp(
                    "SUBSCRIBE\nid:sub-0\n\(mode)destination:/topic/event.agent.*.5001@test_cc\nreceipt:r\n\n\0")
                #expect(try await socket.nextStompFrame() == "RECEIPT\nreceipt-id:r\n\n")
                let event = try #require(server.publish([2, 1]).last)
                #expect(event.serial.value == 2)
                let json = String(decoding: event.json, as: UTF8.self)
                let expected = """
                    MESSAGE
                    subscription:sub-0
                    content-type:application/json
                    destination:/topic/event.agent.delivered.5001@test_cc
                    message-id:1.2\(ack)serial:2
                    content-length:\(json.utf8.count)

                    \(json)
                    """
                let frame = try await socket.nextStompFrame()
                #expect(frame == expected)
            }
        }
    }

    @Test("one name of an event narrows it; several subscriptions go by themselves; UNSUBSCRIBE ends one")
    func subscriptions() async throws {
        try await TestServer.with { server async throws in
            try await server.stomp { socket async throws in
                try await socket.sendStomp(TestServer.subscribe(1))
                try await socket.sendStomp(
                    "SUBSCRIBE\nid:h\ndestination:/topic/event.agent.held.5002@test.cc\nreceipt:done\n\n\0")
                for _ in 1...2 { #expect(try await socket.nextStompFrame().hasPrefix("RECEIPT\n")) }
                server.publish([1, 2])
                server.publish([2, 1], name: "held")
                var seen: [String] = []
                for _ in 1...3 {
                    let frame = try await socket.nextStompFrame()
                    seen.append(
                        "\(socket.header("subscription", of: frame) ?? "") \(socket.header("serial", of: frame) ?? "")")
                }
                #expect(seen == ["1 1", "h 3", "1 4"])
                try await socket.sendStomp("UNSUBSCRIBE\nid:1\nreceipt:u\n\n\0")
                #expect(try await socket.nextStompFrame() == "RECEIPT\nreceipt-id:u\n\n")
                server.publish([1])
                server.publish([2], name: "held")
                #expect(try await socket.nextMessages(1) == [6])
                try await socket.sendStomp("DISCONNECT\nreceipt:bye\n\n\0")
                let (frames, closeCode) = try await socket.restOfStomp()
                #expect(frames == ["RECEIPT\nreceipt-id:bye\n\n"] && closeCode == 1000)
            }
            _ = try await server.statistics { $0.webSockets == 0 && $0.stompSubscriptions == 0 }
        }
    }

    @Test(
        "the subprotocol is the highest that is offered",
        arguments: [
            ("v10.stomp, v11.stomp, v12.stomp", "v12.stomp"), ("v11.stomp,v10.stomp", "v11.stomp"), ("mqtt", nil),
            (nil, nil),
        ] as [(String?, String?)])
    func subprotocol(offer: String?, agreed: String?) async throws {
        try await TestServer.with { server async throws in
            try await server.socket { socket async throws in
                var headers = ClientSocket.upgradeHeaders
                headers["Sec-WebSocket-Protocol"] = offer
                try await socket.request("GET", "/mvc/stomp/websocket", headers)
                let head = try await socket.readHead()
                #expect(head.status == 101 && head.headers["sec-websocket-protocol"] == agreed)
            }
        }
    }

    @Test("the path alone is told that it wants an upgrade, also behind other requests")
    func plainRequest() async throws {
        try await TestServer.with { server async throws in
            try await server.socket { socket async throws in
                try await socket.request("GET", "/mvc/stomp/websocket/info")
                #expect(try await socket.readResponse().head.status == 404)
                try await socket.request("GET", "/mvc/stomp/websocket")
                #expect(try await socket.readResponse().head.status == 426)
            }
        }
    }

    @Test("frames come in fragments of WebSocket messages, several in one, and before CONNECTED")
    func fragments() async throws {
        try await TestServer.with { server async throws in
            try await server.socket { socket async throws in
                try await socket.upgrade("/mvc/stomp/websocket?x=1")
                let bytes = Array(
                    (TestServer.supervisor + "\n\n" + TestServer.subscribe(1) + TestServer.subscribe(2)).utf8)
                try await socket.sendFrame(first: 0x01, Array(bytes[..<20]))
                try await socket.sendFrame(first: 0x00, Array(bytes[20..<30]))
                try await socket.sendFrame(first: 0x80, Array(bytes[30..<120]))
                try await socket.sendFrame(first: 0x82, Array(bytes[120...]))
                #expect(try await socket.nextStompFrame().hasPrefix("CONNECTED\nversion:1.2\n"))
                for _ in 1...2 { #expect(try await socket.nextStompFrame().hasPrefix("RECEIPT\n")) }
                server.publish([1, 2])
                #expect(try await socket.nextMessages(2) == [1, 2])
            }
        }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var connect = TestServer.supervisor
        var then = ""
        var message: String
        var closeCode: Int
    }

    static let agent = "CONNECT\naccept-version:1.2\nsessionId:good\n\n\0"

    static let refused = [
        Refused(
            testDescription: "nobody", connect: "CONNECT\naccept-version:1.2\n\n\0", message: "noSession",
            closeCode: 4401),
        Refused(
            testDescription: "a wrong passcode", connect: "CONNECT\nlogin:5001\npasscode:bad\n\n\0",
            message: "noSession",
            closeCode: 4401),
        Refused(
            testDescription: "SUBSCRIBE first", connect: TestServer.subscribe(1), message: "not connected",
            closeCode: 4400),
        Refused(testDescription: "no frame", connect: "{}\n", message: "malformed frame", closeCode: 4400),
        Refused(
            testDescription: "SEND", then: "SEND\ndestination:/d\n\n\0", message: "clients cannot send here",
            closeCode: 4400),
        Refused(
            testDescription: "another agent", connect: agent, then: TestServer.subscribe(2), message: "not yours",
            closeCode: 4403),
        Refused(
            testDescription: "an agent that is not there", connect: agent, then: TestServer.subscribe(999),
            message: "not yours", closeCode: 4403),
        Refused(
            testDescription: "another namespace",
            then: "SUBSCRIBE\nid:1\ndestination:/topic/event.agent.*.5001@other_cc\n\n\0", message: "not yours",
            closeCode: 4403),
        Refused(
            testDescription: "a queue", then: "SUBSCRIBE\nid:1\ndestination:/queue/a\n\n\0",
            message: "no such destination",
            closeCode: 4400),
        Refused(
            testDescription: "no serial", then: TestServer.subscribe(1, "after:soon"), message: "malformed frame",
            closeCode: 4400),
        Refused(
            testDescription: "a serial that is not there yet", then: TestServer.subscribe(1, "after:99"),
            message: "notYet",
            closeCode: 4410),
    ]

    @Test("what is refused gets an ERROR that says why, then the close", arguments: refused)
    func refusals(refused: Refused) async throws {
        try await TestServer.with { server async throws in
            try await server.socket { socket async throws in
                try await socket.upgrade("/mvc/stomp/websocket")
                try await socket.sendStomp(refused.connect + refused.then)
                let (frames, closeCode) = try await socket.restOfStomp()
                #expect(socket.header("message", of: frames.last ?? "") == refused.message, "\(frames)")
                #expect(frames.last?.hasPrefix("ERROR\n") == true && closeCode == refused.closeCode)
            }
            _ = try await server.statistics { $0.webSockets == 0 && $0.stompSubscriptions == 0 }
        }
    }

    @Test("there and not there are refused with the same bytes")
    func sameBytes() async throws {
        try await TestServer.with { server async throws in
            var answers: Set<String> = []
            for number in [2, 999] {
                answers.insert(
                    try await server.stomp(Self.agent) { socket async throws in
                        try await socket.sendStomp(TestServer.subscribe(number, id: "1"))
                        return try await socket.restOfStomp().frames.joined()
                    })
            }
            #expect(answers.count == 1)
        }
    }
}
