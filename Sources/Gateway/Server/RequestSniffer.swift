import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Looks at the first bytes of a socket and sets up what its first request needs.
///
/// The router's pipeline cannot be taken apart again and has a task. A socket that begins with a request for events, as
/// every browser's WebSocket does, never gets one; any other does, with an ``EventGate`` in it for later requests.
final class RequestSniffer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Enough for a handshake's head in one or two reads; what a socket keeps for its next read.
    static let smallReadBytes = 1_024

    private let services: SocketServices
    private let router: HTTP1Channel
    private let logger: Logger
    /// The router's part of this socket; nil when it has none.
    private let routed: EventLoopPromise<HTTP1Channel.Value?>
    private var isDecided = false
    private var received = ByteBuffer()
    private var deadline: Scheduled<Void>?

    init(
        _ services: SocketServices, router: HTTP1Channel, logger: Logger,
        routed: EventLoopPromise<HTTP1Channel.Value?>
    ) {
        self.services = services
        self.router = router
        self.logger = logger
        self.routed = routed
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: .milliseconds(services.handshakeTimeoutMilliseconds)) {
            bound.value.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
        if !isDecided { routed.succeed(nil) }
        isDecided = true
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDecided else { return context.fireChannelRead(data) }
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        let view = received.readableBytesView
        if services.eventPatterns.contains(where: { Self.isWhole($0, in: view) }) {
            decide(isForEvents: true, context: context)
        } else if !services.eventPatterns.contains(where: { $0.starts(with: view) }) {
            decide(isForEvents: false, context: context)
        }
    }

    /// Whether bytes begin with a pattern, and the path ends there.
    private static func isWhole(_ pattern: [UInt8], in view: ByteBufferView) -> Bool {
        guard view.count > pattern.count, view.starts(with: pattern) else { return false }
        let next = view[view.startIndex + pattern.count]
        return next == UInt8(ascii: " ") || next == UInt8(ascii: "?")
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if !isDecided, event is ChannelShouldQuiesceEvent || event as? ChannelEvent == .inputClosed {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func decide(isForEvents: Bool, context: ChannelHandlerContext) {
        isDecided = true
        do {
            if isForEvents { routed.succeed(nil) } else { setUpRouter(context) }
            try isForEvents ? setUpForEvents(context) : addGate(context)
        } catch {
            logger.debug("a socket could not be set up: \(error)")
            return context.close(promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(received))
        context.fireChannelReadComplete()
        received = ByteBuffer()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func setUpForEvents(_ context: ChannelHandlerContext) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = services.maximumHeaderBytes
        limits.maxHeaderListSize = services.maximumHeaderBytes
        limits.maxHeaderFieldCount = services.maximumHeaderFields
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits)
        try context.pipeline.syncOperations.addHandlers([
            ByteToMessageHandler(decoder), EventGate(services, isFirst: true),
        ])
    }

    /// What the router sets up must reach the one who serves it, whatever happens next.
    private func setUpRouter(_ context: ChannelHandlerContext) {
        router.setup(channel: context.channel, logger: logger).map { $0 }.cascade(to: routed)
    }

    private func addGate(_ context: ChannelHandlerContext) throws {
        let pipeline = context.pipeline.syncOperations
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        try pipeline.addHandler(EventGate(services, isFirst: false), position: .after(decoder))
        try context.channel.syncOptions?.setOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator())
    }
}
