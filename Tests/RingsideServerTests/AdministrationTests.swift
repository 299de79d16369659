import CSTA
import Foundation
import RingsideTesting
import Testing

@Suite("What is set up is changed over HTTP while the program runs", .timeLimit(.minutes(3)), .serialized)
struct AdministrationTests {
    private static let tenants = "/api/admin/tenants"
    private static let demo = tenants + "/demo.cc"

    /// `demo.cc` has the operators; `one.cc` is somebody else's.
    private static let configuration = """
        log: warning
        operators: demo.cc
        tenants:
          - namespace: demo.cc
            agents:
              - { id: 5001-5004, password: secret }
              - { id: 5009, role: supervisor, password: secret }
              - { id: 5010, role: admin, password: secret }
            devices: [{ id: 8001-8004 }]
            trunks: [{ group: "1", prefix: "9", endpoint: pstn }]
            inbound: { 4001: 8001 }
          - namespace: one.cc
            agents:
              - { id: 5001-5002, password: secret }
              - { id: 5010, role: admin, password: secret }
            devices: [{ id: 8001-8002 }]
        """

    private func withServer(_ port: Int, _ body: (ServerProcess) async throws -> Void) async throws {
        let server = try ServerProcess(configuration: Self.configuration, port: port)
        try await server.start()
        do {
            try await body(server)
        } catch {
            await server.end()
            throw error
        }
        await server.end()
    }

    private func code(_ answer: ServerProcess.Answer) -> String {
        "\(answer.status) \(answer.body?["code"]?.string ?? "")"
    }

    private func ids(_ kind: String, _ server: ServerProcess, _ session: String) async throws -> [String] {
        let answer = try await server.request("GET", "\(Self.demo)/\(kind)", session: session)
        return (answer.body?[kind]?.array ?? []).compactMap { ($0["id"] ?? $0["group"])?.string }
    }

    @Test("A new agent takes a call on a new device at once; what was set up is there after kill -9")
    func newAgentTakesACall() async throws {
        try await withServer(28792) { server in
            let admin = try await server.logIn("5010")
            #expect(
                code(
                    try await server.request(
                        "POST", Self.demo + "/devices", session: admin, json: #"{"id":"8005-8006"}"#))
                    == "200 ")
            let created = try await server.request(
                "POST", Self.demo + "/agents", session: admin,
                json: #"{"id":"5005","name":"Agent {number}","password":"secret","devices":["8005"]}"#)
            #expect(created.body?["agents"]?.array?.first?["name"]?.string == "Agent 5005")
            #expect(created.body?["agents"]?.array?.first?["passwordHash"] == nil)

            let (caller, called) = (try await server.logIn("5001"), try await server.logIn("5005"))
            try await server.logInAgent("5001", session: caller)
            try await server.logInAgent("5005", session: called)
            let follower = EventFollower(port: 28792, target: "/events?after=0", session: called)
            let call = try await server.request(
                "POST", "/api/csta/callControl/calls", session: caller, json: #"{"from":"8001","to":"8005"}"#)
            let id = try #require(call.body?["callId"]?.string.flatMap { CallID($0) })
            #expect(await follower.wait { $0.contains { $0.name == "delivered" } })
            let connection = ConnectionID(device: try #require(DeviceID("8005@demo.cc")), call: id)
            #expect(try await server.act("answer", on: connection, session: called).status == 204)
            #expect(await follower.wait { $0.contains { $0.name == "established" } })

            // The call goes on without either of them, and its end is theirs.
            let patched = try await server.request(
                "PATCH", Self.demo + "/agents/5005", session: admin, json: #"{"disabled":true}"#)
            #expect(patched.body?["disabled"]?.bool == true)
            #expect(try await server.request("GET", "/api/csta/callControl/calls/\(id)", session: caller).status == 200)
            #expect(try await server.request("GET", "/api/csta/callControl/calls/\(id)", session: called).status == 401)
            follower.end()
            let watcher = EventFollower(port: 28792, target: "/events?after=0", session: try await server.logIn("5009"))
            #expect(
                try await server.act(
                    nil, on: ConnectionID(device: try #require(DeviceID("8001@demo.cc")), call: id), session: caller
                ).status == 204)
            #expect(await watcher.wait { $0.last?.name == "agentLoggedOff" })
            watcher.end()

            await server.kill9()
            try await server.start()
            let again = try await server.logIn("5010")
            let agents = try await ids("agents", server, again)
            #expect(agents == ["5001", "5002", "5003", "5004", "5005", "5009", "5010"])
            #expect(try await ids("devices", server, again) == (8001...8006).map(String.init))
            #expect(server.journalBytes.range(of: Data("\"secret\"".utf8)) == nil)
        }
    }

    @Test("Created, changed, listed page by page, deleted; what is deleted stays so though the file has it")
    func lifeOfAnEntry() async throws {
        try await withServer(28793) { server in
            let admin = try await server.logIn("5010")
            func ask(_ method: String, _ path: String, _ json: String? = nil) async throws -> ServerProcess.Answer {
                try await server.request(method, Self.demo + path, session: admin, json: json)
            }
            #expect(code(try await ask("POST", "/agents", #"{"id":"5001","password":"x"}"#)) == "409 exists")
            let wrong = try await ask("POST", "/agents", #"{"id":"5020","password":"x","role":"boss","shift":1}"#)
            #expect(code(wrong) == "400 malformed")
            let flaws = wrong.body?["flaws"]?.array?.compactMap { $0["field"]?.string } ?? []
            #expect(Set(flaws) == ["role", "shift"])
            #expect(code(try await ask("PATCH", "/agents/5099", "{}")) == "404 notFound")
            #expect(code(try await ask("PATCH", "/agents/5001", #"{"id":"5002"}"#)) == "400 malformed")
            #expect(code(try await ask("PATCH", "/agents/5001", "[]")) == "400 malformed")

            let page = try await ask("GET", "/agents?limit=2")
            #expect(page.body?["agents"]?.array?.count == 2)
            #expect(page.body?["next"]?.string == "5002")
            let rest = try await ask("GET", "/agents?after=5002&limit=1000")
            #expect(rest.body?["agents"]?.array?.first?["id"]?.string == "5003")
            #expect(rest.body?["next"] == nil)

            // A device that an agent or a number needs stays.
            _ = try await ask("PATCH", "/agents/5002", #"{"devices":["8002"]}"#)
            #expect(code(try await ask("DELETE", "/devices/8002")) == "409 conflict")
            #expect(code(try await ask("DELETE", "/devices/8001")) == "409 conflict")
            #expect(try await ask("PATCH", "/agents/5002", #"{"devices":null}"#).body?["devices"] == nil)
            #expect(try await ask("DELETE", "/devices/8002").status == 204)

            // A changed password ends the sessions, and is the one that counts.
            let session = try await server.logIn("5003")
            #expect(try await ask("PATCH", "/agents/5003", #"{"password":"another"}"#).status == 200)
            #expect(try await server.request("GET", "/api/csta/agent/client-state", session: session).status == 401)
            await #expect(throws: ServerProcess.Failure.self) { try await server.logIn("5003") }
            let login = try await server.request(
                "POST", "/login", form: "username=5003&password=another&namespace=demo.cc")
            #expect(login.status == 200)

            // Nobody locks themselves out.
            #expect(code(try await ask("DELETE", "/agents/5010")) == "409 yourself")
            #expect(code(try await ask("PATCH", "/agents/5010@demo.cc", #"{"role":"agent"}"#)) == "409 yourself")
            for json in [#"{"disabled":true}"#, #"{"disabled":"yes"}"#] {
                #expect(code(try await ask("PATCH", "", json)) == "409 yourself")
                #expect(code(try await ask("PATCH", "/agents/5010", json)) == "409 yourself")
            }

            #expect(try await ask("DELETE", "/agents/5004").status == 204)
            #expect(try await ask("POST", "/trunks", #"{"group":"2","prefix":"8","endpoint":"b"}"#).status == 200)
            #expect(
                code(try await ask("POST", "/trunks", #"{"group":"3","prefix":"9","endpoint":"c"}"#)) == "409 conflict")
            #expect(try await ask("DELETE", "/trunks/1").status == 204)
            #expect(await server.stop() == 0)
            try await server.start()
            let again = try await server.logIn("5010")
            #expect(try await ids("agents", server, again) == ["5001", "5002", "5003", "5009", "5010"])
            #expect(try await ids("devices", server, again) == ["8001", "8003", "8004"])
            #expect(try await ids("trunks", server, again) == ["2"])
        }
    }

    @Test("A tenant is created, runs, is disabled and deleted, and comes back with the serials that it had")
    func lifeOfATenant() async throws {
        try await withServer(28794) { server in
            let operatorSession = try await server.logIn("5010")
            func ask(_ method: String, _ path: String, _ json: String? = nil) async throws -> ServerProcess.Answer {
                try await server.request(method, Self.tenants + path, session: operatorSession, json: json)
            }
            let body = """
                {"namespace":"new.cc","timeZone":"Asia/Shanghai","devices":[{"id":"8001-8003"}],\
                "agents":[{"id":"5001-5002","password":"secret"},{"id":"5010","role":"admin","password":"secret"}]}
                """
            #expect(code(try await ask("POST", "", #"{"namespace":"new.cc"}"#)) == "400 malformed")
            #expect(try await ask("POST", "", body).body?["timeZone"]?.string == "Asia/Shanghai")
            #expect(code(try await ask("POST", "", body)) == "409 exists")
            let agent = try await server.logIn("5001", namespace: "new.cc")
            try await server.logInAgent("5001", session: agent, namespace: "new.cc")
            let before = try await server.request("GET", "/api/csta/agent/client-state", session: agent)
            #expect(before.body?["serial"]?.integer == 2)
            #expect(try await server.request("GET", "/metrics").status == 404)

            let admin = try await server.logIn("5010", namespace: "new.cc")
            let key = try await server.request(
                "POST", "/api/admin/keys", session: admin, json: #"{"name":"m","scopes":["read"]}"#)
            let keyText = try #require(key.body?["key"]?.string)
            let calls = "/api/csta/callControl/calls"
            #expect(try await server.request("GET", calls, session: keyText).status == 200)

            #expect(code(try await ask("DELETE", "/new.cc")) == "409 conflict")
            #expect(try await ask("PATCH", "/new.cc", #"{"disabled":true}"#).body?["disabled"]?.bool == true)
            #expect(try await server.request("GET", "/api/csta/agent/client-state", session: agent).status == 401)
            #expect(try await server.request("GET", calls, session: keyText).status == 401)
            await #expect(throws: ServerProcess.Failure.self) { try await server.logIn("5002", namespace: "new.cc") }
            #expect(try await ask("DELETE", "/new.cc").status == 204)
            #expect(code(try await ask("GET", "/new.cc")) == "404 noSuchTenant")

            #expect(try await ask("POST", "", body).status == 200)
            // Whose name it is now is somebody else.
            for old in [agent, admin, keyText] {
                #expect(try await server.request("GET", calls, session: old).status == 401)
            }
            await server.kill9()
            try await server.start()
            let again = try await server.logIn("5001", namespace: "new.cc")
            try await server.logInAgent("5001", session: again, namespace: "new.cc")
            let after = try await server.request("GET", "/api/csta/agent/client-state", session: again)
            #expect(after.body?["serial"]?.integer == 5)  // Logged off, when disabled, was the third.
        }
    }

    @Test("Each path is tried by everybody who may not: other tenants' admins, supervisors, agents and machines")
    func rights() async throws {
        try await withServer(28795) { server in
            let owner = try await server.logIn("5010")
            let other = try await server.logIn("5010", namespace: "one.cc")
            let key = try await server.request(
                "POST", "/api/admin/keys", session: owner, json: #"{"name":"m","scopes":["read","control"]}"#)
            let outsiders = [
                ("another's admin", other), ("supervisor", try await server.logIn("5009")),
                ("agent", try await server.logIn("5001")), ("key", try #require(key.body?["key"]?.string)),
                ("nobody", "no-such-session"),
            ]
            let kinds = ["agents", "devices", "trunks"]
            let paths: [(String, String)] =
                [("GET", Self.demo), ("PATCH", Self.demo), ("DELETE", Self.demo), ("POST", Self.tenants)]
                + kinds.flatMap { kind in
                    let id = ["agents": "5002", "devices": "8002", "trunks": "1"][kind] ?? ""
                    return [
                        ("GET", "\(Self.demo)/\(kind)"), ("POST", "\(Self.demo)/\(kind)"),
                        ("GET", "\(Self.demo)/\(kind)/\(id)"), ("PATCH", "\(Self.demo)/\(kind)/\(id)"),
                        ("DELETE", "\(Self.demo)/\(kind)/\(id)"),
                    ]
                }
            let all = try await server.request("GET", Self.demo, session: owner).body
            for (name, session) in outsiders {
                for (method, path) in paths {
                    let json = #"{"id":"7777","group":"7","endpoint":"x","password":"x","namespace":"x.cc"}"#
                    let answer = try await server.request(
                        method, path, session: session, json: method == "GET" ? nil : json)
                    #expect(answer.status == (name == "nobody" ? 401 : 403), "\(name): \(method) \(path): \(answer)")
                    #expect(answer.body?["namespace"] == nil, "\(name): \(method) \(path): \(answer)")
                }
            }
            #expect(try await server.request("GET", Self.demo, session: owner).body == all)

            // An admin that is no operator sees its own tenant and changes what costs nobody else anything.
            let own = Self.tenants + "/one.cc"
            let list = try await server.request("GET", Self.tenants, session: other)
            #expect(list.body?["tenants"]?.array?.compactMap { $0["namespace"]?.string } == ["one.cc"])
            let zone = try await server.request("PATCH", own, session: other, json: #"{"timeZone":"UTC"}"#)
            #expect(zone.status == 200)
            for field in [
                #"{"dialling":{"allowed":["+"]}}"#, #"{"limits":{}}"#, #"{"inbound":{}}"#, #"{"disabled":false}"#,
            ] {
                #expect(
                    code(try await server.request("PATCH", own, session: other, json: field)) == "403 operatorsOnly")
            }
            #expect(
                code(
                    try await server.request(
                        "POST", own + "/trunks", session: other, json: #"{"group":"1","endpoint":"pstn"}"#))
                    == "403 operatorsOnly")
            // An endpoint leads into the switch that all share: PJSIP/19005551234@pstn would be a call on the trunk.
            for (method, path, json) in [
                ("POST", "/devices", #"{"id":"8003"}"#), ("PATCH", "/devices/8002", #"{"endpoint":"8001"}"#),
            ] {
                let answer = try await server.request(method, own + path, session: other, json: json)
                #expect(code(answer) == "403 operatorsOnly")
            }
            for json in [#"{"id":"8003","endpoint":"1900@pstn"}"#, #"{"id":"8003","endpoint":"a/b"}"#] {
                let answer = try await server.request("POST", Self.demo + "/devices", session: owner, json: json)
                #expect(code(answer) == "400 malformed")
            }
            let changed = try await server.request(
                "PATCH", own + "/devices/8002", session: other, json: #"{"usable":false}"#)
            #expect(changed.body?["usable"]?.bool == false)
            let done = server.log.split(separator: "\n").filter { $0.contains("subject=device 8002@one.cc") }
            #expect(done.count == 1, "\(server.log)")
        }
    }

    @Test("Who gets another role or password follows no longer what was allowed before")
    func streamsEnd() async throws {
        try await withServer(28796) { server in
            let admin = try await server.logIn("5010")
            let (demoted, renamed) = (try await server.logIn("5009"), try await server.logIn("5001"))
            try await ClientSocket.with(port: 28796) { first in
                try await first.upgrade("/events?sessionId=\(demoted)")
                try await ClientSocket.with(port: 28796) { second in
                    try await second.upgrade("/events?sessionId=\(renamed)")
                    for (agent, json) in [("5009", #"{"role":"agent"}"#), ("5001", #"{"password":"another"}"#)] {
                        let changed = try await server.request(
                            "PATCH", "\(Self.demo)/agents/\(agent)", session: admin, json: json)
                        #expect(changed.status == 200)
                    }
                    #expect(try await first.nextClose()?.closeCode == 4401)
                    #expect(try await second.nextClose()?.closeCode == 4401)
                }
            }
        }
    }

    @Test("A file that has changed meanwhile takes back nothing that was restricted over HTTP")
    func changedFile() async throws {
        try await withServer(28797) { server in
            let admin = try await server.logIn("5010")
            let path = Self.tenants + "/one.cc"
            for json in [#"{"inbound":{"4002":"8002"},"limits":{"maximumCalls":7}}"#, #"{"disabled":true}"#] {
                #expect(try await server.request("PATCH", path, session: admin, json: json).status == 200)
            }
            #expect(await server.stop() == 0)
            let fewer = Self.configuration.replacing("devices: [{ id: 8001-8002 }]", with: "devices: [{ id: 8001 }]")
            try server.configure(fewer)
            try await server.start()
            let tenant = try await server.request("GET", path, session: try await server.logIn("5010")).body
            #expect(tenant?["disabled"]?.bool == true)
            #expect(tenant?["limits"]?["maximumCalls"]?.integer == 7)
            #expect(server.log.contains("what was set up is not possible any more"))
        }
    }

    @Test(
        "A split, its hours and the number that leads to it are set up, take a call at once, and are the same after kill -9"
    )
    func splits() async throws {
        try await withServer(28798) { server in
            let admin = try await server.logIn("5010")
            func ask(_ method: String, _ path: String, _ json: String? = nil) async throws -> ServerProcess.Answer {
                try await server.request(method, Self.demo + path, session: admin, json: json)
            }
            let split =
                #"{"id":"7000","agents":["5001",{"id":"5002-5003","level":5}],"wrapUpSeconds":1,"overflow":"7001"}"#
            #expect(code(try await ask("POST", "/splits", split)) == "400 malformed")
            #expect(try await ask("POST", "/splits", #"{"id":"7001"}"#).status == 200)
            #expect(try await ask("POST", "/splits", split).status == 200)
            let circle = try await ask("PATCH", "/splits/7001", #"{"overflow":"7000"}"#)
            #expect(code(circle) == "400 malformed")
            let inbound = """
                {"hours":{"office":{"mon-fri":["08:00-12:00","13:00-18:00"],"sat":"00:00-24:00","holidays":["2026-12-25"]},\
                "always":{"mon-sun":"00:00-24:00"},"never":{}},\
                "inbound":{"4100":{"to":"7000","priority":5,"hours":"always","closed":"8001"},\
                "4101":{"to":"7001","hours":"office"},"4102":"7000",\
                "4103":{"to":"7000","hours":"never","closed":{"sound":"closed","seconds":2}}}}
                """
            let changed = try await ask("PATCH", "", inbound)
            #expect(changed.body?["inbound"]?["4100"]?["priority"]?.integer == 5, "\(changed)")
            #expect(changed.body?["inbound"]?["4102"]?.string == "7000")
            #expect(changed.body?["inbound"]?["4103"]?["closed"]?["seconds"]?.integer == 2)
            let both = #"{"inbound":{"4103":{"closed":{"sound":"closed","number":"8001"}}}}"#
            #expect(code(try await ask("PATCH", "", both)) == "400 malformed")
            let number = try await ask("PATCH", "", #"{"inbound":{"4103":{"closed":"8001"}}}"#)
            #expect(number.body?["inbound"]?["4103"]?["closed"]?.string == "8001")
            let sound = #"{"inbound":{"4103":{"closed":{"sound":"custom/closed","seconds":3}}}}"#
            let played = try await ask("PATCH", "", sound)
            #expect(played.body?["inbound"]?["4103"]?["closed"]?["sound"]?.string == "custom/closed")
            #expect(code(try await ask("DELETE", "/splits/7001")) == "409 conflict")
            #expect(code(try await ask("DELETE", "/agents/5002")) == "409 conflict")

            let agent = try await server.logIn("5002")
            try await server.logInAgent("5002", session: agent)
            let follower = EventFollower(port: 28798, target: "/events?after=0", session: agent)
            let customer = try await server.request(
                "POST", "/sandbox/calls", session: admin, json: #"{"from":"13900000040","to":"4100"}"#)
            #expect((200..<300).contains(customer.status), "\(customer)")
            #expect(
                await follower.wait {
                    $0.contains { $0.name == "delivered" && $0.json.contains(#""split":"7000@demo.cc""#) }
                })
            follower.end()

            let before = [try await ask("GET", "").body, try await ask("GET", "/splits").body]
            await server.kill9()
            try await server.start()
            let again = try await server.logIn("5010")
            let after = [
                try await server.request("GET", Self.demo, session: again).body,
                try await server.request("GET", Self.demo + "/splits", session: again).body,
            ]
            #expect(after == before)
        }
    }
}
