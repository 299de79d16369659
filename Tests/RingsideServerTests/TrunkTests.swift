import CSTA
import Foundation
import FoundationNetworking
import RingsideTesting
import Testing

@Suite("Trunk groups of a server that runs", .timeLimit(.minutes(2)), .serialized)
struct TrunkTests {
    private static let port = 28766
    private static let metricsPort = 28767
    private static let tenant = "/api/admin/tenants/demo.cc"

    /// 9 leads to a line that is out of order and one that carries a call, and then to group 2, which carries one, too.
    private static let configuration = """
        log: warning
        operators: demo.cc
        metrics: { port: \(metricsPort) }
        tenants:
          - namespace: demo.cc
            agents: [{ id: 5001-5004, password: secret }, { id: 5010, role: admin, password: secret }]
            devices: [{ id: 8001-8004 }]
            trunks:
              - group: "1"
                prefix: none
                endpoint: a-down
                capacity: 1
                further: [{ endpoint: b, capacity: 1 }]
              - { group: "2", prefix: "8", endpoint: c, capacity: 1 }
            outbound: { "9": { groups: ["1", "2"], barred: ["0555"] } }
        """

    private struct Desks {
        let server: ServerProcess
        let admin: String
        let sessions: [String: String]
        let follower: EventFollower

        func ask(_ method: String, _ path: String, _ json: String? = nil) async throws -> ServerProcess.Answer {
            try await server.request(method, TrunkTests.tenant + path, session: admin, json: json)
        }

        func dial(_ device: String, _ number: String) async throws -> ServerProcess.Answer {
            try await server.request(
                "POST", "/api/csta/callControl/calls", session: sessions[device],
                json: #"{"from":"\#(device)","to":"\#(number)","cpa":"1"}"#)
        }

        /// The line of a call that rings: `GROUP/MEMBER`.
        func line(_ device: String, _ number: String) async throws -> String {
            let answer = try await dial(device, number)
            let call = try #require(answer.body?["callId"]?.string, "\(answer)")
            #expect(await follower.wait { $0.contains { $0.name == "delivered" && $0.isOf(call) } }, "\(number)")
            let state = try await server.request(
                "GET", "/api/csta/callControl/calls/\(call)", session: sessions[device])
            return "\(state.body?["trunkGroup"]?.string ?? "-")/\(state.body?["trunkMember"]?.string ?? "-")"
        }

        func failure(_ device: String, _ number: String) async throws -> FailedCode? {
            let answer = try await dial(device, number)
            let call = try #require(answer.body?["callId"]?.string, "\(answer)")
            #expect(
                await follower.wait { $0.contains { $0.name == "connectionCleared" && $0.isOf(call) } }, "\(number)")
            return follower.events.lazy.filter { $0.isOf(call) }.compactMap(\.failedCode).first
        }
    }

    private func withDesks(_ body: (Desks) async throws -> Void) async throws {
        let server = try ServerProcess(configuration: Self.configuration, port: Self.port)
        do {
            try await server.start()
            var sessions: [String: String] = [:]
            for number in 1...4 {
                let session = try await server.logIn("500\(number)")
                try await server.logInAgent("500\(number)", session: session)
                sessions["800\(number)"] = session
            }
            let admin = try await server.logIn("5010")
            let follower = EventFollower(port: Self.port, target: "/events?after=0", session: admin)
            try await body(Desks(server: server, admin: admin, sessions: sessions, follower: follower))
            follower.end()
        } catch {
            await server.end()
            throw error
        }
        await server.end()
    }

    private func scrape() async throws -> Exposition {
        let url = try #require(URL(string: "http://127.0.0.1:\(Self.metricsPort)/metrics"))
        return try Exposition(String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self))
    }

    @Test(
        "A line that is out of order or full is passed over; without a line a call fails; another capacity counts at once"
    )
    func overflow() async throws {
        try await withDesks { desks in
            #expect(try await desks.line("8001", "91380000040") == "1/b")
            #expect(try await desks.line("8002", "91380000140") == "2/c")
            #expect(try await desks.failure("8003", "91380000240") == .lineIsBusy)
            #expect(try await desks.failure("8003", "81380000240") == .lineIsBusy)
            let barred = try await desks.dial("8003", "90555123")
            #expect(barred.status == 403 && barred.body?["reason"]?.string == "route")

            let metrics = try await scrape()
            for (group, calls, capacity) in [("1", 1.0, 2.0), ("2", 1, 1)] {
                #expect(metrics[#"ringside_trunk_calls{tenant="demo.cc",group="\#(group)"}"#] == calls)
                #expect(metrics[#"ringside_trunk_capacity{tenant="demo.cc",group="\#(group)"}"#] == capacity)
            }

            let changed = try await desks.ask(
                "PATCH", "/trunks/1", #"{"endpoint":"b","capacity":2,"further":[{"endpoint":"d"}]}"#)
            #expect(changed.body?["further"]?.array?.count == 1)
            #expect(try await desks.line("8003", "91380000240") == "1/b")
            #expect(try await desks.line("8004", "91380000340") == "1/d")
            let after = try await scrape()
            #expect(after[#"ringside_trunk_calls{tenant="demo.cc",group="1"}"#] == 3)
            #expect(after[#"ringside_trunk_capacity{tenant="demo.cc",group="1"}"#] == nil)

            // The sandbox's calls end with the process: nothing of them is left.
            await desks.server.kill9()
            try await desks.server.start()
            #expect(
                await desks.follower.wait {
                    Set($0.filter { $0.name == "connectionCleared" }.compactMap(\.callID)).count >= 6
                })
            #expect(try await scrape()[#"ringside_trunk_calls{tenant="demo.cc",group="1"}"#] == 0)
            #expect(try await desks.line("8001", "91380000040") == "1/b")
        }
    }

    @Test("Routes and groups are set up over HTTP; what does not fit together is refused, and says what is in the way")
    func administration() async throws {
        try await withDesks { desks in
            func code(_ answer: ServerProcess.Answer) -> String {
                "\(answer.status) \(answer.body?["code"]?.string ?? "")"
            }
            #expect(code(try await desks.ask("DELETE", "/trunks/1")) == "409 conflict")
            #expect(
                code(try await desks.ask("POST", "/trunks", #"{"group":"3","prefix":"9","endpoint":"x"}"#))
                    == "409 conflict")
            for (json, field) in [
                (#"{"group":"3","prefix":"5","endpoint":"x","capacity":0}"#, "capacity"),
                (#"{"group":"3","prefix":"5","endpoint":"x","further":[{"endpoint":"x"}]}"#, "further[0]"),
            ] {
                let answer = try await desks.ask("POST", "/trunks", json)
                #expect(code(answer) == "400 malformed" && answer.body?["field"]?.string == field, "\(answer)")
            }
            for (json, field) in [
                (#"{"outbound":{"7":{"groups":["4"]}}}"#, "outbound.7.groups[0]"),
                (#"{"outbound":{"7":{"groups":["1","1"]}}}"#, "outbound.7.groups[1]"),
                (#"{"outbound":{"8":{"groups":["1"]}}}"#, "outbound.8"),
            ] {
                let answer = try await desks.ask("PATCH", "", json)
                #expect(code(answer) == "400 malformed" && answer.body?["field"]?.string == field, "\(answer)")
            }

            let json = #"{"group":"3","prefix":"none","endpoint":"x","selection":"balanced"}"#
            #expect(
                try await desks.ask("POST", "/trunks", json).body?["trunks"]?.array?.first?["endpoint"]?.string == "x")
            let routed = try await desks.ask("PATCH", "", #"{"outbound":{"7":{"groups":["3"],"strip":1},"9":null}}"#)
            #expect(routed.body?["outbound"]?["7"]?["strip"]?.integer == 1 && routed.body?["outbound"]?["9"] == nil)
            #expect(try await desks.line("8001", "71380000040") == "3/x")
            #expect(try await desks.dial("8002", "91380000040").status == 404)
            #expect(try await desks.ask("DELETE", "/trunks/1").status == 204)

            await desks.server.kill9()
            try await desks.server.start()
            let again = try await desks.server.logIn("5010")
            let stored = try await desks.server.request("GET", Self.tenant, session: again)
            #expect(stored.body?["outbound"] == routed.body?["outbound"] && stored.body?["trunks"]?.integer == 2)
            let trunk = try await desks.server.request("GET", Self.tenant + "/trunks/3", session: again)
            #expect(trunk.body?["prefix"]?.string == "none" && trunk.body?["selection"]?.string == "balanced")
        }
    }
}

extension Event {
    fileprivate var callID: String? { if case .call(let event) = body { event.call.text } else { nil } }

    fileprivate func isOf(_ call: String) -> Bool { callID == call }

    fileprivate var failedCode: FailedCode? {
        guard case .call(let event) = body, case .failed(_, let code, _) = event.detail else { return nil }
        return code
    }
}
