import CSTA
import CallCenter
import Foundation
import Gateway
import Logging
import RingsideServer
import SwitchDriver
import Testing

@Suite("A configuration file")
struct ConfigurationTests {
    private func parse(_ text: String) throws -> ServerConfiguration {
        let files = ["/etc/ringside/ari.password": "first\nsecond\n"]
        let sources = ConfigurationSources(directory: "/etc/ringside", environment: ["AMI": "third"]) { files[$0] }
        return try ServerConfiguration.parse(text, file: "f.yaml", sources: sources)
    }

    @Test("The example is the demo")
    func example() throws {
        let sources = ConfigurationSources { _ in nil }
        let example = try ServerConfiguration.parse(ServerConfiguration.example, file: "example", sources: sources)
        #expect(example == ServerConfiguration.demo(timeZone: .gmt))
    }

    @Test("The demo has what its page promises")
    func demo() throws {
        let demo = ServerConfiguration.demo()
        let tenant = try #require(demo.tenants.first)
        #expect(demo.tenants.count == 1 && demo.http.isLoopback && demo.http.port == 8750)
        #expect(tenant.agents.map(\.profile.id.text).first == "5001@demo.cc" && tenant.agents.count == 10)
        #expect(tenant.agents.map(\.profile.role).suffix(3) == [.agent, .supervisor, .admin])
        #expect(demo.accounts.allSatisfy { $0.password == .plain("demo") })
        #expect(tenant.inbound["4001"]?.destination.text == "8001@demo.cc" && tenant.inbound.count == 11)
        #expect(
            demo.warnings == [
                "This is a demonstration: its passwords are known to everybody. Do not let others reach it."
            ])
    }

    @Test("says everything about the server")
    func server() throws {
        let configuration = try parse(
            """
            http:
              host: 0.0.0.0
              port: 9000
              cookieNeedsTLS: yes
              tls: { certificate: tls/cert.pem, key: /etc/key.pem }
              origins: ["https://crm.example"]
              trustedProxies: [10.0.0.0/8, "::1"]
            metrics: {host: 10.0.0.2, port: 9100}
            data: ../data
            durability: os
            retention: {days: 30, megabytes: 100, recordDays: 90}
            recordings: {root: ../spool}
            log: debug
            sessions: {idleMinutes: 5, lifetimeHours: 2, maximumPerAccount: 1, requestsPerSecond: 9}
            stomp: {anonymousTenant: a.cc}
            operators: a.cc
            threads: 2
            switch:
              asterisk:
                host: pbx
                user: u
                passwordFile: ari.password
                application: app
                manager: {port: 5039, user: m, passwordEnvironment: AMI}
            tenants:
              - namespace: a.cc
                maskNumbers: yes
                agents: [{id: 5001, password: geheim}]
                devices: [{id: 8001}]
            """)
        var access = AccessRules()
        access.origins = OriginRules(["https://crm.example"])
        access.proxies = TrustedProxies(["10.0.0.0/8", "::1"].compactMap(TrustedProxies.Network.init))
        #expect(
            configuration.http
                == HTTPSettings(
                    host: "0.0.0.0", port: 9000, cookieNeedsTLS: true,
                    tls: .init(certificate: "/etc/ringside/tls/cert.pem", key: "/etc/key.pem"), access: access))
        #expect(configuration.tenants.first?.maskNumbers == true)
        #expect(configuration.metrics == MetricsSettings(host: "10.0.0.2", port: 9100))
        #expect(configuration.dataDirectory == "/etc/ringside/../data")
        #expect(configuration.durability == .os)
        #expect(configuration.retention == Retention(days: 30, megabytes: 100, recordDays: 90))
        #expect(configuration.recordingsRoot == "/etc/spool")
        #expect(configuration.logLevel == .debug)
        #expect(
            configuration.sessions
                == SessionSettings(idleMinutes: 5, lifetimeHours: 2, maximumPerAccount: 1, requestsPerSecond: 9))
        #expect(configuration.operators == Namespace("a.cc"))
        #expect(configuration.stomp == StompSettings(anonymousTenant: Namespace("a.cc")))
        #expect(configuration.eventLoopThreads == 2)
        #expect(
            configuration.switch
                == .asterisk(
                    AsteriskSettings(
                        host: "pbx", user: "u", password: Secret("first"), application: "app",
                        manager: .init(host: "pbx", port: 5039, user: "m", password: Secret("third")))))
        #expect(
            configuration.warnings == [
                "1 passwords stand in clear text in the configuration: see `ringside hash-password`.",
                "The server listens on 0.0.0.0, beyond this machine.",
                "Metrics are served on 10.0.0.2, beyond this machine, to anyone.",
            ])
        #expect(!String(reflecting: configuration.switch).contains("first"))
    }

    @Test("says everything about a tenant")
    func tenant() throws {
        let hash = "$scrypt$ln=14,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        let configuration = try parse(
            """
            tenants:
              - namespace: a.cc
                timeZone: Asia/Shanghai
                agents:
                  - {id: 0098-0101, name: "Desk {number}", role: supervisor, passwordHash: "\(hash)", devices: 8001}
                  - {id: 7, password: 0123, disabled: true, devices: [8001-8002, "*9"]}
                devices:
                  - {id: 8001-8002, endpoint: "a-{number}", remoteAnswer: header}
                  - {id: "*9", usable: false, remoteAnswer: none, record: false}
                trunks:
                  - {group: 1, endpoint: pstn}
                  - {group: 2, prefix: 0, endpoint: mobile, callerNumber: +49301}
                  - {group: 3, prefix: none, endpoint: x, capacity: 5, further: [{endpoint: y}], selection: balanced}
                outbound:
                  "8": 3
                  "7": {groups: [3, 2], strip: 1, prepend: "0049", callerNumber: 17, allowed: ["0049"], barred: ["00499"]}
                inbound: {4001-4002: 8001-8002, +49302: "*9"}
                recording: {mode: automatic, keepDays: 7}
                dialling: {country: 49, allowed: [+43, "0123"], premium: ["0900"]}
                limits: {answerSeconds: 30, callsPerSecond: 3}
            """)
        let tenant = try #require(configuration.tenants.first?.configuration)
        let phones = try ["8001", "8002", "*9"].map { try #require(DeviceID("\($0)@a.cc")) }
        #expect(tenant.agents.map(\.id.text) == ["0098@a.cc", "0099@a.cc", "0100@a.cc", "0101@a.cc", "7@a.cc"])
        #expect(tenant.agents[3].name == "Desk 0101" && tenant.agents[4].name == "7")
        #expect(tenant.agents[3].role == .supervisor && tenant.agents[3].devices == [phones[0]])
        #expect(tenant.agents[4].isDisabled && tenant.agents[4].devices == Set(phones))
        #expect(tenant.devices.map(\.id) == phones)
        #expect(tenant.devices.map(\.remoteAnswer) == [.autoAnswerHeader, .autoAnswerHeader, .none])
        #expect(tenant.devices.map(\.isUsable) == [true, true, false])
        #expect(
            tenant.trunks == [
                Trunk(group: "1", prefix: "", members: [.init("pstn")]),
                Trunk(group: "2", prefix: "0", callerNumber: "+49301", members: [.init("mobile")]),
                Trunk(
                    group: "3", prefix: nil, members: [.init("x", capacity: 5), .init("y")], selection: .balanced),
            ])
        #expect(
            tenant.outbound == [
                "8": OutboundRoute(groups: ["3"]),
                "7": OutboundRoute(
                    groups: ["3", "2"], strippedDigits: 1, prepended: "0049", callerNumber: "17", allowed: ["0049"],
                    barred: ["00499"]),
            ])
        #expect(tenant.dialPrefixes == ["", "0", "7", "8"])
        #expect(tenant.inbound.mapValues(\.destination) == ["4001": phones[0], "4002": phones[1], "+49302": phones[2]])
        #expect(tenant.recording.mode == .automatic && configuration.tenants.first?.recording.keepDays == 7)
        #expect(tenant.devices.map(\.recordsCalls) == [nil, nil, false])
        #expect(tenant.dialling == DiallingRules(country: "49", allowed: ["+43", "0123"], premium: ["0900"]))
        #expect(tenant.limits.callsPerSecond == 3)
        #expect(tenant.limits.answerSeconds == 30 && tenant.limits.heartbeatSeconds == 180)
        #expect(tenant.zone.transitions.map(\.offsetSeconds) == [8 * 3600])

        #expect(configuration.accounts.map(\.password) == Array(repeating: .scrypt(hash), count: 4) + [.plain("0123")])
        let lines = try #require(configuration.tenants.first?.lines)
        #expect(lines.phones.map(\.endpoint) == ["a-8001", "a-8002", "*9"])
        #expect(
            lines.trunks == [
                TrunkLine(group: "1", endpoint: "pstn"), TrunkLine(group: "2", endpoint: "mobile"),
                TrunkLine(group: "3", endpoint: "x"), TrunkLine(group: "3", endpoint: "y"),
            ])
        #expect(lines.inboundNumbers == ["4001", "4002", "+49302"])
    }

    @Test("says everything about a tenant's splits, hours and numbers")
    func splits() throws {
        let tenant = try #require(
            try parse(
                """
                tenants:
                  - namespace: a.cc
                    agents: [{id: 5001-5004, password: p}]
                    devices: [{id: 8001}]
                    splits:
                      - id: 7000
                        name: Sales
                        strategy: most-skilled
                        agents: [5001, {id: 5002-5003, level: 7, priority: 2}]
                        ringSeconds: 15
                        wrapUpSeconds: 0
                        maximumWaiting: 5
                        maximumWaitSeconds: 60
                        overflow: 7001
                        announceSeconds: 30
                      - {id: 7001, agents: 5004}
                    hours:
                      office: {mon-tue: [09:00-12:00, 13:00-24:00], sat: 10:00-11:30, holidays: [2026-12-25]}
                    inbound:
                      1: 7001
                      2: {to: 7000, priority: 3, hours: office, closed: "9123"}
                      3: {to: 7000, hours: office, closed: {sound: custom/closed, seconds: 12}}
                """
            ).tenants.first?.configuration)
        let ids = try (7000...7001).map { try #require(DeviceID("\($0)@a.cc")) }
        let agents = try (5001...5004).map { try #require(AgentID("\($0)@a.cc")) }
        var first = SplitProfile(
            id: ids[0], name: "Sales", strategy: .mostSkilled,
            members: [
                agents[0]: .init(), agents[1]: .init(level: 7, priority: 2), agents[2]: .init(level: 7, priority: 2),
            ])
        first.ringSeconds = 15
        first.wrapUpSeconds = 0
        first.maximumWaiting = 5
        first.maximumWaitSeconds = 60
        first.overflow = ids[1]
        first.announceSeconds = 30
        #expect(tenant.splits == [first, SplitProfile(id: ids[1], name: "7001", members: [agents[3]: .init()])])
        let christmas = try #require(LocalTime("2026.12.25 12:00:00"))
        let days = [540..<720, 780..<1440]
        let hours = OpeningHours(
            "office", periods: [.monday: days, .tuesday: days, .saturday: [600..<690]],
            holidays: [christmas.daysSinceEpoch])
        let announcement = Announcement(try #require(SoundName("custom/closed")), seconds: 12)
        #expect(
            tenant.inbound == [
                "1": InboundRoute(to: ids[1]),
                "2": InboundRoute(to: ids[0], priority: 3, hours: hours, closedNumber: "9123"),
                "3": InboundRoute(to: ids[0], hours: hours, closedAnnouncement: announcement),
            ])
        // The 21st of December 2026 is a Monday.
        let open = ["2026.12.21 09:00:00", "2026.12.22 23:59:59", "2026.12.26 11:29:59"]
        let closed = ["2026.12.21 12:00:00", "2026.12.23 10:00:00", "2026.12.25 10:00:00", "2026.12.26 11:30:00"]
        #expect(open.allSatisfy { LocalTime($0).map(hours.isOpen) == true })
        #expect(closed.allSatisfy { LocalTime($0).map(hours.isOpen) == false })
    }

    @Test("leaves recordings where the switch has them")
    func recordings() throws {
        var configuration = ServerConfiguration.demo()
        configuration.dataDirectory = "/var/lib/ringside"
        #expect(configuration.recordingsRoot == "/var/lib/ringside/recordings")
        configuration.switch = .asterisk(AsteriskSettings(user: "u", password: Secret("p")))
        #expect(configuration.recordingsRoot == "/var/spool/asterisk/recording")
        configuration.dataDirectory = "data"
        configuration.switch = .sandbox
        #expect(
            configuration.recordingsRoot.hasPrefix("/") && configuration.recordingsRoot.hasSuffix("/data/recordings"))
        let tenant = try #require(configuration.tenants.first)
        #expect(tenant.recording == RecordingSettings(mode: .onRequest, keepDays: 90))
    }

    @Test("that is not there is a problem of its own")
    func missing() {
        #expect(throws: ConfigurationError.self) { try ServerConfiguration.load(file: "/nowhere/f.yaml") }
    }
}

@Suite("A time zone's offsets")
struct ZoneOffsetsTests {
    /// Summer time north and south, half hours, a change of standard time (Volgograd 2020), summer time but for Ramadan.
    static let zones = [
        "UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
        "Europe/Volgograd", "Africa/Casablanca", "Pacific/Auckland",
    ]

    @Test("are those of the system, hour by hour", arguments: zones)
    func hourly(_ name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        let offsets = ZoneOffsets(zone)
        let start: Int64 = 1_577_836_800  // 2020-01-01
        let wrong = stride(from: start, to: start + 8 * 366 * 86_400, by: 3600).filter { second in
            offsets.offset(at: Instant(milliseconds: second * 1000))
                != zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(second)))
        }
        #expect(wrong.isEmpty)
    }

    @Test("change in the right second")
    func exact() throws {
        let offsets = ZoneOffsets(try #require(TimeZone(identifier: "Europe/Berlin")))
        // 2030-03-31 01:00:00 UTC
        let change: Int64 = 1_901_149_200_000
        #expect(offsets.offset(at: Instant(milliseconds: change - 1)) == 3600)
        #expect(offsets.offset(at: Instant(milliseconds: change)) == 7200)
        #expect(offsets.transitions.count == 1 + 2 * 26)
    }
}
