import CSTA
import CallCenter
import RingsideTesting
import SwitchDriver
import Testing

@testable import Gateway

@Suite("Measures of splits and campaigns as they change", .timeLimit(.minutes(1)))
struct MeasuresTests {
    /// With `splits` splits from 7000 on, of which the first has the number 4700.
    private func world(splits count: Int = 1) throws -> World {
        try World { setup in
            let ids = (0..<count).compactMap { DeviceID("\(7000 + $0)", in: setup.namespace) }
            setup.splits = ids.map { id in
                var split = SplitProfile(id: id, name: "Sales \(id)")
                split.maximumWaiting = 1000
                return split
            }
            setup.inbound["4700"] = ids.first.map { InboundRoute(to: $0) }
        }
    }

    /// A customer comes into the first split of `one.cc`.
    private func customer(_ number: Int, _ tenant: TestTenant) {
        tenant.feed(
            .legOffered(
                OfferedLeg(
                    leg: LegID("in-\(number)"), origin: .trunk(group: "1", member: "a", number: "13800000001"),
                    dialled: "4700")),
            newCall: CallID("in-\(number)"))
    }

    private func splits(_ text: String) throws -> [JSON] {
        let measures = try JSON.parse(text)
        #expect(measures["measures"]?.string == "splits")
        #expect(measures["serial"] == nil && measures["eventName"] == nil)
        return try #require(measures["splits"]?.array)
    }

    /// Of the first split: to read all of hundreds takes its time.
    private func entered(_ text: String) -> Int? {
        text.prefix(1000).firstMatch(of: /"entered":(\d+)/).flatMap { Int($0.1) }
    }

    private func nextText(_ socket: ClientSocket) async throws -> String {
        let frame = try #require(try await socket.nextFrame())
        #expect(frame.opcode == 1)
        return frame.text
    }

    @Test("WebSocket: at once what GET says, then only what has changed")
    func webSocket() async throws {
        let world = try world()
        let one = try world.one
        try await LiveWorld.with(world) { live in
            let session = ["Authorization": "Bearer \(try await live.logIn("5900"))"]
            try await ClientSocket.with(port: live.port) { socket in
                try await socket.upgrade("/events?measures=splits&event=measures", session)
                let first = try splits(try await nextText(socket))
                let got = try JSON.parse(try await live.send("GET", "/api/csta/splits", session).body)
                #expect(first == got["splits"]?.array)
                // Nothing has changed: nothing comes of it.
                await live.hub.refreshMeasures()
                for number in 1...3 {
                    customer(number, one)
                    await live.hub.refreshMeasures()
                    let now = try splits(try await nextText(socket))
                    #expect(now.first?["entered"]?.integer == Int64(number))
                }
            }
        }
    }

    @Test("WebSocket: both kinds beside the events, which are as they were")
    func besideEvents() async throws {
        let world = try world()
        let one = try world.one
        try await LiveWorld.with(world) { live in
            let session = ["Authorization": "Bearer \(try await live.logIn("5900"))"]
            try await ClientSocket.with(port: live.port) { socket in
                try await socket.upgrade("/events?measures=campaigns,splits", session)
                let kinds = [try await nextText(socket), try await nextText(socket)]
                #expect(Set(kinds.compactMap { try? JSON.parse($0)["measures"]?.string }) == ["splits", "campaigns"])
                let campaigns = try #require(kinds.first { $0.contains(#""measures":"campaigns""#) })
                #expect(try JSON.parse(campaigns)["campaigns"]?.array?.count == 1)
                let event = EncodedEvent(
                    serial: Serial(1), name: "held", device: try #require(DeviceID("8001", in: one.namespace)),
                    agent: nil,
                    call: nil, timestamp: 0, json: Array(#"{"eventName":"held","serial":1}"#.utf8))
                live.hub.publish([event], in: one.namespace)
                #expect(try await nextText(socket) == #"{"eventName":"held","serial":1}"#)
            }
        }
    }

    @Test("SSE: an event of the name measures, without an id")
    func eventStream() async throws {
        let world = try world()
        let one = try world.one
        try await LiveWorld.with(world) { live in
            let headers = [
                "Authorization": "Bearer \(try await live.logIn("5900"))", "Accept": "text/event-stream",
            ]
            try await ClientSocket.with(port: live.port) { socket in
                try await socket.request("GET", "/events?measures=splits", headers)
                #expect(try await socket.readHead().status == 200)
                for number in 0...2 {
                    if number > 0 {
                        customer(number, one)
                        await live.hub.refreshMeasures()
                    }
                    let text = try await socket.readText(through: "\n\n")
                    let beginning = "event: measures\ndata: "
                    #expect(text.hasPrefix(beginning))
                    let now = try splits(String(text.dropFirst(beginning.count)))
                    #expect(now.first?["entered"]?.integer == Int64(number))
                }
            }
        }
    }

    @Test("STOMP: a destination a kind; who is an agent, or would acknowledge them, is told no")
    func stomp() async throws {
        let world = try world()
        let one = try world.one
        try await LiveWorld.with(world) { live in
            func connected<Value: Sendable>(
                _ number: String, _ subscribe: String, _ body: (ClientSocket) async throws -> Value
            ) async throws -> Value {
                try await ClientSocket.with(port: live.port) { socket in
                    try await socket.upgrade("/mvc/stomp/websocket")
                    try await socket.sendStomp(
                        "CONNECT\naccept-version:1.2\nlogin:\(number)@one.cc\npasscode:secret-\(number)\n\n\0")
                    #expect(try await socket.nextStompFrame().hasPrefix("CONNECTED\n"))
                    try await socket.sendStomp(subscribe)
                    return try await body(socket)
                }
            }
            let subscribe = "SUBSCRIBE\nid:m\ndestination:/topic/measures.splits\n"
            try await connected("5900", subscribe + "\n\0") { socket in
                for number in 0...2 {
                    if number > 0 {
                        customer(number, one)
                        await live.hub.refreshMeasures()
                    }
                    let frame = try await socket.nextStompFrame()
                    #expect(frame.hasPrefix("MESSAGE\nsubscription:m\n"))
                    #expect(socket.header("destination", of: frame) == "/topic/measures.splits")
                    #expect(socket.header("message-id", of: frame) == "1.\(number + 1)")
                    #expect(socket.header("serial", of: frame) == nil)
                    let body = try #require(frame.split(separator: "\n\n", maxSplits: 1).last)
                    #expect(try splits(String(body)).first?["entered"]?.integer == Int64(number))
                }
                // Nobody follows them any more, and nothing more comes: the receipt is the next frame.
                try await socket.sendStomp("UNSUBSCRIBE\nid:m\nreceipt:gone\n\n\0")
                #expect(try await socket.nextStompFrame().contains("receipt-id:gone"))
                customer(3, one)
                await live.hub.refreshMeasures()
                try await socket.sendStomp("DISCONNECT\nreceipt:bye\n\n\0")
                #expect(try await socket.nextStompFrame().contains("receipt-id:bye"))
            }
            for (number, text, message, code) in [
                ("5001", subscribe + "\n\0", "not yours", 4403),
                ("5900", subscribe + "ack:client\n\n\0", "malformed frame", 4400),
                ("5900", "SUBSCRIBE\nid:m\ndestination:/topic/measures.agents\n\n\0", "no such destination", 4400),
            ] {
                let rest = try await connected(number, text) { try await $0.restOfStomp() }
                #expect(rest.frames.last?.contains("message:\(message)\n") == true && rest.closeCode == code)
            }
        }
    }

    @Test("Agents get none, and nobody gets those of another tenant")
    func refused() async throws {
        let world = try world()
        let one = try world.one
        try await LiveWorld.with(world) { live in
            let agent = ["Authorization": "Bearer \(try await live.logIn("5001"))"]
            let supervisor = ["Authorization": "Bearer \(try await live.logIn("5900"))"]
            for accept in [["Accept": "text/event-stream"], ClientSocket.upgradeHeaders] {
                let one = try await live.send("GET", "/events?measures=splits", agent.merging(accept) { $1 })
                #expect(one.brief == "403 notYours")
                let two = try await live.send("GET", "/events?measures=split", supervisor.merging(accept) { $1 })
                #expect(two.brief == "400 malformed")
            }
            let other = ["Authorization": "Bearer \(try await live.logIn("5900", in: "two.cc"))"]
            try await ClientSocket.with(port: live.port) { socket in
                try await socket.upgrade("/events?measures=splits,campaigns", other)
                var texts = [try await nextText(socket), try await nextText(socket)]
                customer(1, one)
                await live.hub.refreshMeasures()
                customer(1, try #require(world.tenants.first { $0.key.name == "two.cc" }?.value))
                await live.hub.refreshMeasures()
                texts.append(try await nextText(socket))
                #expect(texts.allSatisfy { !$0.contains("one.cc") })
                #expect(try splits(texts[2]).first?["entered"]?.integer == 1)
            }
        }
    }

    @Test("Who does not read gets the latest, not all that there were; it is not closed, and the others notice nothing")
    func slowReader() async throws {
        let world = try world(splits: 500)
        let one = try world.one
        try await LiveWorld.with(world) { live in
            let session = ["Authorization": "Bearer \(try await live.logIn("5900"))"]
            try await ClientSocket.with(port: live.port, receiveBufferBytes: 4096) { slow in
                try await slow.upgrade("/events?measures=splits&event=measures", session)
                let rounds = 60
                try await ClientSocket.with(port: live.port) { other in
                    try await other.upgrade("/events?measures=splits&event=measures", session)
                    _ = try await nextText(other)
                    for number in 1...rounds {
                        customer(number, one)
                        await live.hub.refreshMeasures()
                        #expect(entered(try await nextText(other)) == number)
                    }
                }
                var seen: [Int] = []
                while seen.last != rounds { seen.append(try #require(entered(try await nextText(slow)))) }
                #expect(seen == seen.sorted() && Set(seen).count == seen.count)
                #expect(seen.count < rounds / 2, "\(seen.count) of \(rounds) messages were kept for it")
            }
        }
    }
}
