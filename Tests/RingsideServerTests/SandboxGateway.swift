import CSTA
import CallCenter
import Gateway
import Hummingbird
import Logging
import NIOCore
import RingsideTesting
import Synchronization

@testable import RingsideServer

/// A ``SandboxBench`` behind the real gateway on a free port: HTTP, WebSockets, accounts and sessions.
final class SandboxGateway: Sendable {
    struct Failure: Error {
        var description = ""
    }

    let bench: SandboxBench
    let port: Int
    let campaigns: CampaignDesk
    private let running: Task<Void, any Error>

    init(limits: DeliveryLimits = DeliveryLimits()) async throws {
        let tenants = Directory()
        let hub = EventHub(tenants: tenants, limits: limits)
        bench = try await SandboxBench { hub.publish($0, in: $1, origins: $2) }
        tenants.runner.withLock { [bench] in $0 = bench.runner }
        let clock = bench.clock
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        campaigns = bench.campaigns()
        let services = GatewayServices(
            tenants: tenants, accounts: Accounts(), records: JournalRecords(journal: bench.journal, logger: logger),
            campaigns: campaigns, now: { clock.instant },
            newCallID: { CallID("unused") ?? .none },
            logger: logger)
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let server = GatewayServer(
            configuration: GatewayServerConfiguration(port: 0, threads: 2),
            responder: makeRouter(services).buildResponder(), hub: hub,
            authorizer: SessionEventAuthorizer(services), stompAuthorizer: SessionStompAuthorizer(services),
            logger: logger
        ) { address in
            found.yield(address.port ?? 0)
        }
        running = Task {
            defer { found.finish() }
            try await server.run()
        }
        guard let port = await ports.first(where: { _ in true }) else { throw Failure() }
        self.port = port
    }

    func close() async throws {
        running.cancel()
        _ = await running.result
        try await bench.close()
    }

    /// - Returns: the session's id.
    func logIn(_ agent: String) async throws -> String {
        try await ClientSocket.with(port: port) { socket in
            let form = "username=\(agent)&password=\(ServerConfiguration.demoPassword)&namespace=demo.cc"
            try await socket.send(
                "POST /login HTTP/1.1\r\nHost: test\r\nContent-Length: \(form.utf8.count)\r\n\r\n\(form)")
            let answer = try JSON.parse(Array(try await socket.readResponse().body.utf8))
            guard let id = answer["sessionId"]?.string else { throw Failure() }
            return id
        }
    }

    /// - Returns: the answer to a GET.
    func get(_ path: String, _ session: String) async throws -> (status: Int, body: String) {
        try await ClientSocket.with(port: port) { socket in
            try await socket.send("GET \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer \(session)\r\n\r\n")
            let response = try await socket.readResponse()
            return (response.head.status, response.body)
        }
    }

    private final class Directory: TenantDirectory {
        let runner = Mutex<TenantRunner?>(nil)

        func tenant(_ namespace: Namespace) -> (any TenantPort)? {
            runner.withLock { $0?.namespace == namespace ? $0 : nil }
        }

        func unreadiness() -> [String] { [] }
    }

    private struct Accounts: AccountStore {
        private let accounts = ServerConfiguration.demo().accounts

        func account(of agent: AgentID) -> Account? { accounts.first { $0.agent == agent } }
        func policy(of namespace: Namespace) -> TenantPolicy { TenantPolicy() }
    }
}
