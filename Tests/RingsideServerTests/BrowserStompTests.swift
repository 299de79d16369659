import CSTA
import RingsideTesting
import Testing

@Suite(
    "STOMP over the WebSocket of Chromium",
    .enabled(if: Lab.hasBrowser, "there is no Chromium: Tests/Lab/README.md"), .serialized)
struct BrowserStompTests {
    private static let page = "Tests/Lab/stomp.html"
    private static let pagePort = 28793
    private static let otherPagePort = 28794
    private static let protocols = "v10.stomp,v11.stomp,v12.stomp"
    private static let configuration = """
        tenants:
          - namespace: demo.cc
            agents: [{ id: 5001-5004, password: secret }]
            devices: [{ id: 8001-8004, remoteAnswer: talk }]
        """

    /// The server with the pages of one other origin allowed.
    private func server(port: Int) async throws -> ServerProcess {
        let server = try ServerProcess(
            configuration: Self.configuration, port: port, http: "origins: [\"http://127.0.0.1:\(Self.pagePort)\"]")
        try await server.start()
        return server
    }

    /// Opens the page, which knows the server from now on.
    private func browser(on port: Int, to server: Int) async throws -> LabBrowser {
        let page = try await LabBrowser(page: Self.page, port: port)
        try await page.fill("server", "http://127.0.0.1:\(server)")
        try await page.fill("protocols", Self.protocols)
        return page
    }

    private func send(_ frame: String, on page: LabBrowser) async throws {
        try await page.fill("frame", frame)
        try await page.press("Send")
    }

    @Test("A page follows a call by the session's id, acknowledges, and leaves in peace")
    func followsACall() async throws {
        let server = try await server(port: 28763)
        let page = try await browser(on: Self.pagePort, to: server.port)
        let session = try await server.logIn("5001")
        try await page.press("Open")
        try await page.see("open v12.stomp", in: "#state")
        try await send("CONNECT|accept-version:1.2|host:demo.cc|sessionId:\(session)||", on: page)
        try await page.see("CONNECTED|version:1.2", in: "#log")
        try await send(
            "SUBSCRIBE|id:a|destination:/topic/event.agent.*.5001@demo_cc|ack:client-individual|receipt:s||", on: page)
        try await page.see("RECEIPT|receipt-id:s", in: "#log")

        try await server.logInAgent("5001", session: session)
        try await page.see("/topic/event.agent.agentReady.5001@demo_cc", in: "#log")
        let other = try await server.logIn("5002")
        try await server.logInAgent("5002", session: other)
        let answer = try await server.request(
            "POST", "/api/csta/callControl/calls", session: other, json: #"{"from":"8002","to":"8001"}"#)
        let text = try #require(answer.body?["callId"]?.string, "\(answer)")
        try await page.see(#""eventName":"delivered""#, in: "#log")
        let connection = ConnectionID(
            device: try #require(DeviceID("8001@demo.cc")), call: try #require(CallID(text)))
        #expect(try await server.act("answer", on: connection, session: session).status == 204)
        try await page.see(#""eventName":"established""#, in: "#log")
        #expect(try await server.act(nil, on: connection, session: session).status == 204)
        try await page.see(#""eventName":"connectionCleared""#, in: "#log")

        let messages = try await page.read("#log").split(separator: "^").filter { $0.contains("MESSAGE|") }
        let serials = messages.compactMap { $0.firstMatch(of: /\|serial:(\d+)\|/).flatMap { Int($0.1) } }
        #expect(serials.count == messages.count && serials.count >= 5)
        #expect(serials == serials.sorted() && Set(serials).count == serials.count)
        let ids = messages.compactMap { $0.firstMatch(of: /\|ack:([^|]+)\|/).map { String($0.1) } }
        #expect(ids.count == messages.count)
        for id in ids {
            try await send("ACK|id:\(id)|receipt:\(id)||", on: page)
            try await page.see("RECEIPT|receipt-id:\(id)", in: "#log")
        }
        try await send("ACK|id:guess||", on: page)
        try await page.see("ERROR|message:no such message", in: "#log")
        try await page.see("closed 4400", in: "#state")

        try await page.press("Open")
        try await page.see("open v12.stomp", in: "#state")
        try await send("CONNECT|accept-version:1.2|host:demo.cc|sessionId:\(session)||", on: page)
        try await page.see("CONNECTED|version:1.2", in: "#log")
        try await send("DISCONNECT|receipt:bye||", on: page)
        try await page.see("RECEIPT|receipt-id:bye", in: "#log")
        try await page.see("closed 1000", in: "#state")
        #expect(try await page.read("#log").contains("ERROR") == false)
        await page.end()
        await server.end()
    }

    @Test("A page that has logged in needs no more than the cookie, and without it is told so")
    func cookie() async throws {
        let server = try await server(port: 28764)
        let page = try await browser(on: Self.pagePort, to: server.port)
        try await page.press("Open")
        try await page.see("open v12.stomp", in: "#state")
        try await send("CONNECT|accept-version:1.1,1.2|host:demo.cc||", on: page)
        try await page.see("ERROR|message:noSession", in: "#log")
        try await page.see("closed 4401", in: "#state")

        try await page.fill("username", "5001")
        try await page.press("Log in")
        try await page.see("logged in", in: "#session")
        try await page.press("Open")
        try await page.see("open v12.stomp", in: "#state")
        try await send("CONNECT|accept-version:1.1,1.2|host:demo.cc||", on: page)
        try await page.see("CONNECTED|version:1.2", in: "#log")
        // Another's events are not this agent's.
        try await send("SUBSCRIBE|id:a|destination:/topic/event.agent.*.5002@demo_cc||", on: page)
        try await page.see("ERROR|message:not yours", in: "#log")
        try await page.see("closed 4403", in: "#state")
        await page.end()
        await server.end()
    }

    @Test("A page of an origin that is not allowed gets no socket")
    func foreignPage() async throws {
        let server = try await server(port: 28765)
        let page = try await browser(on: Self.otherPagePort, to: server.port)
        try await page.press("Open")
        try await page.see("closed 1006", in: "#state")
        #expect(try await page.read("#log").isEmpty)
        await page.end()
        await server.end()
    }
}
