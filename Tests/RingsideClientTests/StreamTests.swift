import CSTA
import Testing

@testable import RingsideClient

@Suite("A stream of events")
struct StreamTests {
    private static let text =
        ": hello\r\nid: 1\ndata:{\"a\":1}\n\nid:2\r\ndata: x\r\ndata:  y\r\n\r\n: beat\n\nretry: 5\ndata\n\n"
    private static let events = [
        ServerSentEvent(id: "1", data: "{\"a\":1}"), ServerSentEvent(id: "2", data: "x\n y"),
        ServerSentEvent(id: "2", data: ""),
    ]

    @Test("is cut into its events, whatever the pieces in which it comes", arguments: 1...9)
    func pieces(_ count: Int) throws {
        var parser = ServerSentEventParser()
        var found: [ServerSentEvent] = []
        var rest = Array(Self.text.utf8)[...]
        while !rest.isEmpty {
            found += try parser.consume(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        #expect(found == Self.events)
    }

    @Test("has a bound for what never ends")
    func bound() throws {
        var parser = ServerSentEventParser()
        let line = [UInt8](repeating: 65, count: ServerSentEventParser.maximumEventBytes)
        #expect(try parser.consume(line) == [])
        #expect(throws: ServerSentEventParser.TooLong.self) { try parser.consume([65]) }
        var lines = ServerSentEventParser()
        let data = Array("data: ".utf8) + [UInt8](repeating: 65, count: 1000) + [10]
        #expect(throws: ServerSentEventParser.TooLong.self) {
            for _ in 0...ServerSentEventParser.maximumEventBytes / 1000 { _ = try lines.consume(data) }
        }
    }

    @Test("Pauses before the next attempt grow to a bound, and begin anew")
    func pauses() {
        var backOff = BackOff()
        let pauses = (0..<9).map { _ in backOff.pause(chance: 100) }
        #expect(pauses.map { $0 / .milliseconds(1) } == [250, 500, 1000, 2000, 4000, 8000, 15000, 15000, 15000])
        backOff.reset()
        #expect(backOff.pause(chance: 50) == .milliseconds(125))
        #expect((0..<100).allSatisfy { _ in (125...375).contains(Int(BackOff.first() / .milliseconds(1))) })
    }
}

extension BackOff {
    fileprivate static func first() -> Duration {
        var backOff = BackOff()
        return backOff.pause()
    }
}

@Suite("What a client is told to be")
struct ClientBeginningTests {
    @Test("is checked before anything is sent", arguments: ["", "cti.example", "ftp://cti.example"])
    func addresses(_ url: String) {
        #expect(throws: ClientError.self) { try Client(url: url, as: .session("abc")) }
    }

    @Test("takes no agent without a namespace, and no key that would break a header")
    func credentials() throws {
        #expect(throws: ClientError.self) { try Client(url: "http://a", agent: "5001", password: "") }
        #expect(throws: ClientError.self) { try Client(url: "http://a", as: .apiKey("a\r\nb: c")) }
        #expect(try Client(url: "http://a//", agent: "5001@demo.cc", password: "").url == "http://a")
    }

    @Test("The server that is not there is named, and the events go on trying", arguments: [Serial(7), nil])
    func unreachable(after serial: Serial?) async throws {
        // Nobody listens on port 1 of this machine.
        let client = try Client(url: "http://127.0.0.1:1", agent: "5001@demo.cc", password: "x")
        await #expect(throws: ClientError.self) { try await client.snapshot() }
        var events = client.events(after: serial).makeAsyncIterator()
        guard case .disconnected(.unreachable(let url, _), _) = try await events.next() else {
            Issue.record("it is there")
            return
        }
        #expect(url == "http://127.0.0.1:1")
        await client.close()
        #expect(try await events.next() == nil)
        #expect(try await events.next() == nil)
    }
}
