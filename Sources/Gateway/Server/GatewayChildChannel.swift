import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// What the handlers of the gateway's sockets need.
struct SocketServices: Sendable {
    let hub: EventHub
    let authorizer: any EventAuthorizer
    /// Nil: STOMP is not spoken.
    let stompAuthorizer: (any StompAuthorizer)?
    /// Nil: no TLS.
    let certificate: TLSCertificate?
    /// What the router does not get.
    let eventPaths: [String]
    /// How requests for ``eventPaths`` begin.
    let eventPatterns: [[UInt8]]
    let handshakeTimeoutMilliseconds: Int64
    let idleTimeoutSeconds: Int64
    let maximumHeaderBytes: Int
    let maximumHeaderFields: Int
    let origins: OriginRules

    init(
        hub: EventHub, authorizer: any EventAuthorizer, stompAuthorizer: (any StompAuthorizer)?,
        certificate: TLSCertificate?, configuration: GatewayServerConfiguration
    ) {
        self.hub = hub
        self.authorizer = authorizer
        self.stompAuthorizer = stompAuthorizer
        self.certificate = certificate
        eventPaths = stompAuthorizer == nil ? [EventGate.path] : [EventGate.path, EventGate.stompPath]
        eventPatterns = eventPaths.map { Array("GET \($0)".utf8) }
        handshakeTimeoutMilliseconds = configuration.handshakeTimeoutMilliseconds
        idleTimeoutSeconds = configuration.idleTimeoutSeconds
        maximumHeaderBytes = configuration.maximumHeaderBytes
        maximumHeaderFields = configuration.maximumHeaderFields
        origins = configuration.access.origins
    }
}

/// How a socket begins: with a look at its first bytes. See ``RequestSniffer``.
struct GatewayChildChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        /// The router's part of the socket, once the first bytes have shown that it has one.
        let routed: EventLoopFuture<HTTP1Channel.Value?>
    }

    private let services: SocketServices
    private let router: HTTP1Channel

    init(_ services: SocketServices, responder: @escaping HTTPChannelHandler.Responder) {
        self.services = services
        var configuration = HTTP1Channel.Configuration(idleTimeout: .seconds(services.idleTimeoutSeconds))
        configuration.httpDecoder = .init(
            maxHeaderFieldSize: services.maximumHeaderBytes, maxHeaderListSize: services.maximumHeaderBytes,
            maxHeaderFieldCount: services.maximumHeaderFields)
        router = HTTP1Channel(responder: responder, configuration: configuration)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let routed = channel.eventLoop.makePromise(of: HTTP1Channel.Value?.self)
            try channel.syncOptions?.setOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: RequestSniffer.smallReadBytes))
            if let certificate = services.certificate {
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate.context))
            }
            try channel.pipeline.syncOperations.addHandler(
                RequestSniffer(services, router: router, logger: logger, routed: routed))
            return Value(channel: channel, routed: routed.futureResult)
        }
    }

    /// Serves the router's requests; returns at once, and its task ends, for a socket that has events alone.
    func handle(value: Value, logger: Logger) async {
        guard let routed = try? await value.routed.get() else { return }
        await router.handle(value: routed, logger: logger)
    }
}
