import CSTA
import Foundation
import FoundationNetworking
import RingsideTesting
import Testing

@Suite("Metrics of a server that runs", .timeLimit(.minutes(2)), .serialized)
struct MetricsTests {
    private static let port = 28771
    private static let metricsPort = 28772
    private static let otherPort = 28773

    private func server(metrics: String, port: Int = port) throws -> ServerProcess {
        try ServerProcess(
            configuration: """
                log: warning
                metrics: \(metrics)
                tenants:
                  - namespace: demo.cc
                    agents: [{ id: 5001-5004, password: secret }]
                    devices: [{ id: 8001-8004 }]
                    splits: [{ id: 7000, agents: [5001-5002] }]
                """, port: port)
    }

    private func scrape() async throws -> Exposition {
        let url = try #require(URL(string: "http://127.0.0.1:\(Self.metricsPort)/metrics"))
        let (data, response) = try await URLSession.shared.data(from: url)
        let http = try #require(response as? HTTPURLResponse)
        #expect(http.value(forHTTPHeaderField: "Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        return try Exposition(String(decoding: data, as: UTF8.self))
    }

    @Test("are in the text format, and move with a call and with those who follow it")
    func call() async throws {
        let server = try server(metrics: "{ port: \(Self.metricsPort) }")
        try await server.start()
        let before = try await scrape()
        #expect(before[#"ringside_switch_link_up{tenant="demo.cc"}"#] == 1)
        #expect(before[#"ringside_agents{tenant="demo.cc",mode="Logout"}"#] == 4)
        #expect(before[#"ringside_calls{tenant="demo.cc"}"#] == 0)
        #expect(before[#"ringside_split_agents{tenant="demo.cc",split="7000",state="loggedOff"}"#] == 2)
        #expect(before[#"ringside_split_left_total{tenant="demo.cc",split="7000",how="abandoned"}"#] == 0)
        #expect(before[#"ringside_inputs_ignored_total{tenant="demo.cc",reason="unknownLeg"}"#] == 0)

        let (caller, callee) = (try await server.logIn("5001"), try await server.logIn("5002"))
        let follower = EventFollower(port: Self.port, target: "/events?after=0", session: callee)
        try await server.logInAgent("5001", session: caller)
        try await server.logInAgent("5002", session: callee)
        let answer = try await server.request(
            "POST", "/api/csta/callControl/calls", session: caller, json: #"{"from":"8001","to":"8002"}"#)
        #expect(answer.status == 200)
        // Two of the login, then the phone rings.
        #expect(await follower.wait { $0.count >= 3 })
        // A closed list of routes: what a client makes up is not among them.
        #expect(try await server.request("GET", "/made/up", session: caller).status == 404)
        #expect(try await server.request("GET", "/api/csta/callControl/calls/none", session: caller).status == 404)

        // What is sent is counted once it has gone, which the one who has it already may be ahead of.
        var during = try await scrape()
        let sent = "ringside_switch_to_socket_seconds_count"
        for _ in 0..<100 where during[sent] == before[sent] { during = try await scrape() }
        #expect(during[#"ringside_calls{tenant="demo.cc"}"#] == 1)
        #expect(during[#"ringside_legs{tenant="demo.cc"}"#] == 2)
        #expect(during[#"ringside_agents{tenant="demo.cc",mode="Ready"}"#] == 2)
        #expect(during[#"ringside_subscribers{kind="websocket"}"#] == 1)
        #expect(during[#"ringside_http_requests_total{method="POST",route="/login",status="200"}"#] == 2)
        #expect(during[#"ringside_http_requests_total{method="GET",route="unmatched",status="404"}"#] == 1)
        #expect(
            during[
                #"ringside_http_requests_total{method="GET",route="/api/csta/callControl/calls/{callId}",status="404"}"#
            ] == 1)
        for name in [
            #"ringside_events_total{tenant="demo.cc"}"#, "ringside_journal_commit_seconds_count",
            "ringside_journal_commit_seconds_sum", "ringside_journal_bytes_total", "ringside_events_sent_total",
            "ringside_switch_to_socket_seconds_count", "ringside_switch_to_socket_seconds_sum",
        ] {
            let (from, to) = (try #require(before[name]), try #require(during[name]))
            #expect(to > from, "\(name) stays \(from)")
        }
        for name in [
            "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_max_fds",
            "ringside_journal_size_bytes",
        ] {
            #expect(try #require(during[name]) > 0, "\(name)")
        }
        #expect(Set(before.types.keys) == Set(during.types.keys))

        // Both of the split talk with each other: who calls it waits.
        let other = try await server.logIn("5003")
        try await server.logInAgent("5003", session: other)
        let second = try await server.request(
            "POST", "/api/csta/callControl/calls", session: other, json: #"{"from":"8003","to":"7000"}"#)
        #expect(second.status == 200)
        var now = during
        while now[#"ringside_split_entered_total{tenant="demo.cc",split="7000"}"#] != 1 { now = try await scrape() }
        #expect(now[#"ringside_split_waiting{tenant="demo.cc",split="7000"}"#] == 1)
        #expect(now[#"ringside_split_longest_wait_seconds{tenant="demo.cc",split="7000"}"#] != nil)
        #expect(now[#"ringside_split_agents{tenant="demo.cc",split="7000",state="inCall"}"#] == 2)

        let metricsElsewhere = try await server.request("GET", "/metrics", session: caller)
        #expect(metricsElsewhere.status == 404, "not where clients and their proxies reach")
        await server.end()
    }

    @Test("that cannot be served stop no calls")
    func taken() async throws {
        let first = try server(metrics: "{ port: \(Self.metricsPort) }", port: Self.port)
        try await first.start()
        let server = try server(metrics: "{ port: \(Self.metricsPort) }", port: Self.otherPort)
        try await server.start()
        let session = try await server.logIn("5001")
        try await server.logInAgent("5001", session: session)
        #expect(await server.stop() == 0)
        #expect(server.log.contains("metrics are not served"))
        await server.end()
        await first.end()
    }
}
