import CSTA
import RingsideTesting
import Testing

@Suite(
    "The JavaScript module and the example's page in Chromium",
    .enabled(if: Lab.hasBrowser, "there is no Chromium: Tests/Lab/README.md"), .serialized)
struct DesktopPageTests {
    private static let pagePort = 28791
    private static let configuration = """
        tenants:
          - namespace: demo.cc
            agents: [{ id: 5001-5004, password: secret }]
            devices: [{ id: 8001-8004, remoteAnswer: talk }]
        """

    /// The server with a page of another origin allowed.
    private func server(port: Int) async throws -> ServerProcess {
        let server = try ServerProcess(
            configuration: Self.configuration, port: port, http: "origins: [\"http://127.0.0.1:\(Self.pagePort)\"]")
        try await server.start()
        return server
    }

    @Test("A page takes a call, holds it, loses the server in the middle, and has every event once")
    func takesACall() async throws {
        let port = 28761
        let server = try await server(port: port)
        let page = try await LabBrowser(page: "examples/desktop/index.html", port: Self.pagePort)
        try await page.fill("url", "http://127.0.0.1:\(port)")
        try await page.fill("password", "secret")
        try await page.press("Log in")
        try await page.see("connected", in: "#state")
        try await page.see("agentLoggedOn", in: "#log")

        let other = try await server.logIn("5002")
        try await server.logInAgent("5002", session: other)
        let answer = try await server.request(
            "POST", "/api/csta/callControl/calls", session: other, json: #"{"from":"8002","to":"8001"}"#)
        #expect(answer.status == 200, "\(answer)")
        try await page.see("8002@demo.cc: Alerting", in: "#calls")
        try await page.press("Answer")
        try await page.see("8002@demo.cc: Connect", in: "#calls")

        try await page.press("Hold")
        try await page.see("8002@demo.cc: Hold", in: "#calls")

        // The sandbox and its calls are gone with the server: that is told when it is back.
        await server.kill9()
        try await page.see("connecting", in: "#state")
        try await server.start()
        try await page.see("connected", in: "#state")
        try await page.see("connectionCleared", in: "#log")
        try await page.press("Call")
        try await page.see("8002@demo.cc: Alerting", in: "#calls")
        try await page.press("Hang up")
        try await page.see("connectionCleared 8002@demo.cc", in: "#log")
        let events = try await page.read("#log").split(separator: "|").map { $0.split(separator: " ") }
        let serials = events.compactMap { $0.first.flatMap { Int($0) } }
        #expect(serials == serials.sorted() && Set(serials).count == serials.count)
        let names = events.compactMap { $0.count > 2 ? String($0[2]) : nil }
        #expect(
            names.prefix(8) == [
                "agentLoggedOn", "agentReady", "delivered", "established", "held", "connectionCleared",
                "connectionCleared", "serviceInitiated",
            ])
        await page.end()
        await server.end()
    }
}
