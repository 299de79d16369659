public import Hummingbird
import HummingbirdCore
public import Logging
public import NIOCore
import NIOPosix
public import ServiceLifecycle

/// Where the gateway listens, and the bounds of its sockets.
public struct GatewayServerConfiguration: Hashable, Sendable {
    public var host: String
    /// 0: any free one.
    public var port: Int
    /// Event loops; each has a thread.
    public var threads: Int

    /// Sockets of all kinds. Past it new ones wait in the kernel until others close.
    public var maximumSockets = 25_000

    /// Connects that may wait to be accepted: a reconnect storm's first second. The kernel may allow fewer.
    public var maximumWaitingConnects = 4_096

    /// From the accept to the first bytes, and again from a request for events to the authorizer's answer.
    public var handshakeTimeoutMilliseconds: Int64 = 10_000

    /// How long a socket may be without a request, or in the middle of one.
    public var idleTimeoutSeconds: Int64 = 75

    /// All header fields of a request together; cookies are the longest.
    public var maximumHeaderBytes = 16 * 1024

    public var maximumHeaderFields = 100

    /// The same as ``APIConfiguration/access``.
    public var access = AccessRules()

    public init(host: String = "127.0.0.1", port: Int = 8080, threads: Int = System.coreCount) {
        self.host = host
        self.port = port
        self.threads = threads
    }
}

/// The gateway's HTTP server: requests for events go to the hub, the others to the responder.
///
/// A graceful shutdown tells the subscribers to come back, lets requests under way end, and returns when all sockets are
/// closed.
public struct GatewayServer<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    private let configuration: GatewayServerConfiguration
    private let responder: Responder
    private let hub: EventHub
    private let authorizer: any EventAuthorizer
    private let stompAuthorizer: (any StompAuthorizer)?
    private let certificate: TLSCertificate?
    private let logger: Logger
    private let onRunning: @Sendable (SocketAddress) async -> Void

    /// - Parameters:
    ///   - responder: answers all requests but those for events; a router's `buildResponder()`.
    ///   - stompAuthorizer: nil: STOMP is not spoken, and its path is the responder's.
    ///   - certificate: nil: the server does not speak TLS.
    ///   - onRunning: called with the address once clients can connect.
    public init(
        configuration: GatewayServerConfiguration, responder: Responder, hub: EventHub,
        authorizer: any EventAuthorizer, stompAuthorizer: (any StompAuthorizer)? = nil,
        certificate: TLSCertificate? = nil, logger: Logger,
        onRunning: @escaping @Sendable (SocketAddress) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.responder = responder
        self.hub = hub
        self.authorizer = authorizer
        self.stompAuthorizer = stompAuthorizer
        self.certificate = certificate
        self.logger = logger
        self.onRunning = onRunning
    }

    /// - Throws: when the address cannot be bound.
    public func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.threads))
        let result: Result<Void, any Error>
        do {
            let hub = hub
            try await withGracefulShutdownHandler {
                try await application(on: group).run()
            } onGracefulShutdown: {
                Task { await hub.shutdown() }
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await hub.shutdown()
        hub.retire()
        try await group.shutdownGracefully()
        try result.get()
    }

    private func application(on group: any EventLoopGroup) -> Application<Responder> {
        let services = SocketServices(
            hub: hub, authorizer: authorizer, stompAuthorizer: stompAuthorizer, certificate: certificate,
            configuration: configuration)
        let onRunning = onRunning
        return Application(
            responder: responder,
            server: HTTPServerBuilder { GatewayChildChannel(services, responder: $0) },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                backlog: configuration.maximumWaitingConnects,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumSockets)),
            onServerRunning: { channel in
                if let address = channel.localAddress { await onRunning(address) }
            },
            eventLoopGroupProvider: .shared(group),
            logger: logger)
    }
}
