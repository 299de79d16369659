import CSTA
import CallCenter
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RingsideTesting
import ServiceLifecycle
import Synchronization

@testable import Gateway

/// A whole server on a free port, with tenants in memory.
struct TestServer: Sendable {
    let port: Int
    let hub: EventHub
    /// `test.cc`, whose session is ``session``.
    let tenant: MemoryTenant
    /// The session that goes with it.
    let isLoggedOut: Mutex<Bool>.Box
    /// `other.cc`, whose session is ``otherSession``.
    let other: MemoryTenant
    private let services: ServiceGroup

    static let session = ["Authorization": "Bearer good"]
    static let otherSession = ["Authorization": "Bearer other"]

    /// Housekeeping and reading that never come by themselves: tests call ``EventHub/runRound()`` and
    /// ``EventHub/refreshMeasures()``.
    static let manualLimits = limits { _ in }

    static func limits(_ change: (inout DeliveryLimits) -> Void) -> DeliveryLimits {
        var limits = DeliveryLimits()
        limits.roundMilliseconds = 3_600_000
        limits.measuresMilliseconds = 3_600_000
        change(&limits)
        return limits
    }

    struct Failure: Error {}

    /// Runs a server for the time of `body`.
    static func with<Value: Sendable>(
        lastSerial: Int64 = 0, limits: DeliveryLimits = manualLimits, threads: Int = 2,
        handshakeTimeoutMilliseconds: Int64 = 10_000,
        _ body: @escaping @Sendable (TestServer) async throws -> Value
    ) async throws -> Value {
        guard let namespace = Namespace("test.cc"), let otherNamespace = Namespace("other.cc") else { throw Failure() }
        let tenant = MemoryTenant(namespace, lastSerial: lastSerial)
        let other = MemoryTenant(otherNamespace)
        let isLoggedOut = Mutex<Bool>.Box(false)
        let hub = EventHub(tenants: MemoryTenants(tenants: [tenant, other]), limits: limits)
        var configuration = GatewayServerConfiguration(port: 0, threads: threads)
        configuration.handshakeTimeoutMilliseconds = handshakeTimeoutMilliseconds
        let router = Router()
        router.get("hello") { _, _ in "hello" }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = GatewayServer(
            configuration: configuration, responder: router.buildResponder(), hub: hub,
            authorizer: BearerAuthorizer(
                namespace: namespace, other: otherNamespace, session: EventSession { !isLoggedOut.get() }),
            stompAuthorizer: PasscodeAuthorizer(namespace: namespace, session: EventSession { !isLoggedOut.get() }),
            logger: quietLogger
        ) { address in
            port.yield(address.port ?? 0)
        }
        let services = ServiceGroup(configuration: .init(services: [server], logger: quietLogger))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { port.finish() }
                try await services.run()
            }
            guard let bound = await ports.first(where: { _ in true }) else { throw Failure() }
            let result: Result<Value, any Error>
            do {
                result = .success(
                    try await body(
                        TestServer(
                            port: bound, hub: hub, tenant: tenant, isLoggedOut: isLoggedOut, other: other,
                            services: services)))
            } catch {
                result = .failure(error)
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            return try result.get()
        }
    }

    func shutDown() async { await services.triggerGracefulShutdown() }

    /// Stores and publishes one event for each number; 1 is agent 5001.
    @discardableResult
    func publish(_ agents: [Int], name: String = "delivered", padding: Int = 0) -> [EncodedEvent] {
        publish(agents, name: name, padding: padding, of: tenant)
    }

    @discardableResult
    func publish(
        _ agents: [Int], name: String = "delivered", padding: Int = 0, of tenant: MemoryTenant
    ) -> [EncodedEvent] {
        tenant.append(agents.map { MemoryTenant.Draft(agent: $0, name: name, padding: padding) }) {
            hub.publish($0, in: tenant.namespace)
        }
    }

    func socket<Value: Sendable>(
        receiveBufferBytes: Int? = nil, _ body: (ClientSocket) async throws -> Value
    ) async throws -> Value {
        try await ClientSocket.with(port: port, receiveBufferBytes: receiveBufferBytes, body)
    }

    /// Opens a WebSocket for the time of `body`.
    func webSocket<Value: Sendable>(
        _ query: String = "", session: [String: String] = session, receiveBufferBytes: Int? = nil,
        _ body: (ClientSocket) async throws -> Value
    ) async throws -> Value {
        try await socket(receiveBufferBytes: receiveBufferBytes) { socket in
            try await socket.upgrade("/events\(query)", session)
            return try await body(socket)
        }
    }

    /// Waits, turn by turn, until the statistics are as wanted.
    func statistics(where isWanted: (DeliveryStatistics) -> Bool) async throws -> DeliveryStatistics {
        while true {
            try Task.checkCancellation()
            let statistics = hub.statistics()
            if isWanted(statistics) { return statistics }
            await Task.yield()
        }
    }
}

/// Lets in who has the right word.
struct BearerAuthorizer: EventAuthorizer {
    var namespace: Namespace
    var other: Namespace
    var session: EventSession

    func authorize(_ request: EventRequest) async -> Result<EventSubscription, EventRefusal> {
        let word = request.headers[.authorization]
        switch word {
        case "Bearer good", "Bearer other":
            do throws(EventRefusal) {
                guard word == "Bearer good" else { return .success(try request.subscription(in: other)) }
                var subscription = try request.subscription(in: namespace)
                subscription.session = session
                return .success(subscription)
            } catch { return .failure(error) }
        case "Bearer never":
            // An authorizer that hangs: until the socket's time is over.
            try? await Task.sleep(for: .seconds(3_600))
            fallthrough
        default:
            return .failure(EventRefusal(status: 401, code: "noSession", message: "log in first"))
        }
    }
}

private let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
