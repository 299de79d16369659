import CSTA
import CallCenter
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import SwitchDriver
import Synchronization
import Testing

@testable import Gateway

/// A clock that stands still until it is moved.
final class HandClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_767_225_600_000)  // 2026-01-01 00:00:00 UTC
    var now: Instant { Instant(milliseconds: milliseconds.withLock { $0 }) }
    func advance(seconds: Int) { milliseconds.withLock { $0 += Int64(seconds) * 1000 } }
}

/// Gives 1, 2, 3.
final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}

/// All that was logged, as text.
final class LogText: Sendable {
    private let text = Mutex("")
    var all: String { text.withLock { $0 } }
    fileprivate func append(_ line: String) { text.withLock { $0 += line + "\n" } }
    var logger: Logger { Logger(label: "test") { _ in CapturingHandler(log: self) } }
}

private struct CapturingHandler: LogHandler {
    let log: LogText
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level = .trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        log.append("\(event.level) \(event.message) " + all.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
    }
}

/// A tenant that answers what it is told to, or by the real rules, and remembers what it was asked.
final class TestTenant: TenantPort {
    struct Asked: Hashable, Sendable {
        var command: Command
        var requester: Requester
    }

    private struct State: Sendable {
        var tenant: Tenant
        var script: [Reply] = []
        var asked: [Asked] = []
    }

    let namespace: Namespace
    private let state: Mutex<State>
    private let clock: HandClock

    init(_ configuration: TenantConfiguration, clock: HandClock) {
        namespace = configuration.namespace
        state = Mutex(State(tenant: Tenant(configuration: configuration)))
        self.clock = clock
    }

    /// What the next commands get; without it the rules answer.
    func script(_ replies: Reply...) { state.withLock { $0.script = replies } }
    var asked: [Asked] { state.withLock { $0.asked } }

    func feed(_ event: SwitchEvent, newCall: CallID? = nil) {
        _ = state.withLock { [now = clock.now] in $0.tenant.apply(.switchEvent(event, newCall: newCall), at: now) }
    }

    func perform(_ command: Command, by requester: Requester) async -> Reply {
        state.withLock { [now = clock.now] state in
            state.asked.append(Asked(command: command, requester: requester))
            if !state.script.isEmpty { return state.script.removeFirst() }
            let effects = state.tenant.apply(.command(command, by: requester, request: RequestID(1)), at: now)
            for case .reply(_, let reply) in effects { return reply }
            return .refused(.switchAway)
        }
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Tenant) -> Value) async -> Value {
        body(state.withLock { $0.tenant })
    }

    func events(after: Serial, matching: EventFilter, limit: Int) async throws(ReplayError) -> EventPage {
        throw .unavailable
    }
}

/// Buttons pressed, as text; the number `404` is not there, `409` not possible, `429` too much.
final class TestSandbox: SandboxPort {
    private let log = Mutex<[String]>([])
    var pressed: [String] { log.withLock { $0 } }

    func press(button: String, device: DeviceID, number: String?) -> SandboxOutcome {
        log.withLock { $0.append("\(button) \(device) \(number ?? "-")") }
        return outcome(String(device.number))
    }

    func customerCalls(from: String, to: String, in namespace: Namespace) -> SandboxOutcome {
        log.withLock { $0.append("call \(from) \(to) \(namespace)") }
        return outcome(to)
    }

    func phones(in namespace: Namespace) -> [SandboxPhone] {
        [DeviceID("8001", in: namespace)].compactMap(\.self).map {
            SandboxPhone(
                device: $0, isRegistered: true, isMuted: false, state: "ringing", display: "13800000000",
                transfer: "accepted", announcement: "5001")
        }
    }

    private func outcome(_ number: String) -> SandboxOutcome {
        switch number {
        case "404": .notFound("no such phone")
        case "409": .notPossible(state: "idle", "nothing rings")
        case "429": .tooMany
        default: .done
        }
    }
}

/// Two tenants, `one.cc` and `two.cc`, with agents 5001 to 5004, a supervisor 5900 and an admin 5999, whose password is
/// `secret-` and their number, and devices 8001 to 8004; and the API in front of them.
struct World: TenantDirectory, AccountStore {
    let clock = HandClock()
    let log = LogText()
    let audit = LogText()
    let sandbox = TestSandbox()
    let sessions = Counter()
    let tenants: [Namespace: TestTenant]
    let accounts: Mutex<[AgentID: Account]>.Box
    let reasons = Mutex<[String]>.Box([])
    var configuration = APIConfiguration()
    var policies: [Namespace: TenantPolicy] = [:]

    /// - Parameter change: what is set up otherwise, in both tenants.
    init(_ change: (inout TenantConfiguration) -> Void = { _ in }) throws {
        var tenants: [Namespace: TestTenant] = [:]
        var accounts: [AgentID: Account] = [:]
        for name in ["one.cc", "two.cc"] {
            let namespace = try #require(Namespace(name))
            var setup = TenantConfiguration(namespace: namespace)
            for number in ["5001", "5002", "5003", "5004", "5900", "5999"] {
                let agent = try #require(AgentID(number, in: namespace))
                let role: Role = number == "5999" ? .admin : number == "5900" ? .supervisor : .agent
                setup.agents.append(AgentProfile(id: agent, name: "Agent \(number)", role: role))
                accounts[agent] = Account(
                    agent: agent, name: "Agent \(number)", role: role, password: .plain("secret-\(number)"))
            }
            setup.devices = try (1...4).map { DeviceProfile(id: try #require(DeviceID("800\($0)", in: namespace))) }
            setup.trunks = [Trunk(group: "out", prefix: "9")]
            change(&setup)
            let tenant = TestTenant(setup, clock: clock)
            tenant.feed(.linkUp(SwitchSnapshot(registered: Set(setup.devices.map(\.id)))))
            tenants[namespace] = tenant
        }
        self.tenants = tenants
        self.accounts = .init(accounts)
        configuration.passwordCost = try #require(ScryptCost(logRounds: 1, blockSize: 1, parallelism: 1))
    }

    func tenant(_ namespace: Namespace) -> (any TenantPort)? { tenants[namespace] }
    func unreadiness() -> [String] { reasons.get() }
    func account(of agent: AgentID) -> Account? { accounts.get()[agent] }
    func policy(of namespace: Namespace) -> TenantPolicy { policies[namespace] ?? TenantPolicy() }

    var one: TestTenant {
        get throws { try #require(tenants.first { $0.key.name == "one.cc" }?.value) }
    }

    func services(
        archive: (any SessionArchive)? = nil, records: (any RecordArchive)? = nil,
        keys: (any KeyArchive)? = nil, sandbox: (any SandboxPort)? = nil, recordings: Recordings? = nil,
        administration: (any AdministrationPort)? = nil, campaigns: (any CampaignPort)? = nil
    ) -> GatewayServices {
        let calls = Counter()
        return GatewayServices(
            tenants: self, accounts: self, administration: administration, archive: archive, records: records,
            keys: keys, sandbox: sandbox, campaigns: campaigns,
            recordings: recordings, configuration: configuration,
            now: { [clock] in clock.now },
            newCallID: { CallID("call-\(calls.next())") ?? .none },
            newSessionID: { [sessions] in "hidden-session-\(sessions.next())" }, logger: log.logger, audit: audit.logger
        )
    }

    func session(of number: String, in services: GatewayServices) throws -> String {
        let agent = try #require(AgentID("\(number)@one.cc"))
        return services.authenticator.sessions.begin(for: try #require(account(of: agent)), at: clock.now)
    }

    func run(
        _ setup: TestingSetup = .router, sandbox: (any SandboxPort)? = nil,
        _ body: @escaping @Sendable (Browser) async throws -> Void
    ) async throws {
        let app = Application(router: makeRouter(services(sandbox: sandbox)), logger: log.logger)
        try await app.test(setup) { try await body(Browser(client: $0)) }
    }
}

extension Mutex where Value: Sendable {
    /// A mutex that several values can share.
    final class Box: Sendable {
        private let mutex: Mutex<Value>
        init(_ value: Value) { mutex = Mutex(value) }
        func get() -> Value { mutex.withLock { $0 } }
        func change(_ body: (inout Value) -> Void) { mutex.withLock { body(&$0) } }
    }
}

/// A client of the API.
struct Browser: Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let text: String

        var json: JSON? { try? JSON.parse(text) }
        subscript(key: String) -> String? { json?[key]?.string }
        /// `409 wrongState`, or the status alone.
        var brief: String { [String(status), self["code"]].compactMap(\.self).joined(separator: " ") }
    }

    let client: any TestClientProtocol
    var session: String?
    /// Whether what is asked is the interface, whose answers are held against its description.
    var isDescribed = true

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, headers: HTTPFields = [:]
    ) async throws -> Answer {
        try await send(method, path, bytes: body.map { Array($0.utf8) }, headers: headers)
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, bytes: [UInt8]?, headers: HTTPFields = [:]
    ) async throws -> Answer {
        var headers = headers
        if let session { headers[.authorization] = "Bearer \(session)" }
        let response = try await client.executeRequest(
            uri: path, method: method, headers: headers, body: bytes.map { ByteBuffer(bytes: $0) })
        let problems = Described.problems(
            method, path, status: response.status.code, type: response.headers[.contentType],
            text: String(buffer: response.body))
        if isDescribed { #expect(problems == [], "\(method) \(path)") }
        return Answer(status: response.status.code, headers: response.headers, text: String(buffer: response.body))
    }

    func post(_ path: String, _ body: String? = nil) async throws -> Answer { try await send(.post, path, body) }
    func get(_ path: String) async throws -> Answer { try await send(.get, path) }

    /// A browser with a session of this person.
    func loggedIn(_ number: String = "5001", in namespace: String = "one.cc") async throws -> Browser {
        let answer = try await post(
            "/login", "username=\(number)&password=secret-\(number)&namespace=\(namespace)")
        let id: String = try #require(answer["sessionId"])
        return Browser(client: client, session: id)
    }

    /// Logs the browser's agent in on a device.
    func onDevice(_ device: String, as number: String, mode: String = "Ready") async throws {
        let answer = try await post(
            "/api/csta/agent/state",
            #"{"func":"Login","loginId":"\#(number)","device":"\#(device)","password":"secret-\#(number)","#
                + #""agentMode":"\#(mode)"}"#)
        #expect(answer.status == 204, "\(answer)")
    }

    /// Sends bytes to a live server as they are, and reads until it closes.
    func exchange(_ request: String) async throws -> String {
        let port = try #require(client.port)
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "localhost", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var answer = ""
            for try await part in inbound { answer += String(buffer: part) }
            return answer
        }
    }
}
