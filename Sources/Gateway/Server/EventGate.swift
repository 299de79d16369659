import CSTA
import CallCenter
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Stands behind the HTTP decoder and takes requests for events out of the stream of requests; the others go on to the
/// router, in either order, on the same socket.
///
/// A request for events is the last of its socket: it is answered by an upgrade, a stream or a refusal.
final class EventGate: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    static let path = "/events"
    /// Where clients in the field look for STOMP.
    static let stompPath = "/mvc/stomp/websocket"

    /// Parts that wait behind the router's unfinished responses: head, end, and nearly nothing between.
    private static let maximumHeldParts = 8

    private let services: SocketServices
    private let isFirst: Bool
    private var state = State.passing
    /// Of the request for events.
    private var origin = OriginRules.Origin.none
    /// Requests that the router has not answered yet.
    private var unanswered = 0
    private var deadline: Scheduled<Void>?
    private var seat: SubscriberKind?
    private var context: ChannelHandlerContext?

    private enum State {
        case passing
        /// A request for events that came before the router had answered those before it.
        case held([HTTPServerRequestPart])
        /// The rest of a request for events is on its way.
        case receiving(HTTPRequestHead)
        case authorizing(EventOffer, Lane)
        /// Another handler has the socket, or it is being closed: what comes here is not HTTP.
        case handedOver
    }

    /// - Parameter isFirst: the socket begins with a request for events, whose head is on its way.
    init(_ services: SocketServices, isFirst: Bool) {
        self.services = services
        self.isFirst = isFirst
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if isFirst { startDeadline(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
        if let seat { services.hub.leave(seat) }
        seat = nil
        self.context = nil
    }

    // MARK: HTTP

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .handedOver = state { return context.fireChannelRead(data) }
        read(unwrapInboundIn(data), context: context)
    }

    private func read(_ part: HTTPServerRequestPart, context: ChannelHandlerContext) {
        switch (state, part) {
        case (.passing, .head(let head)) where isForEvents(head):
            if deadline == nil { startDeadline(context) }
            state = unanswered == 0 ? .receiving(head) : .held([part])
        case (.passing, .head):
            unanswered += 1
            context.fireChannelRead(wrapInboundOut(part))
        case (.passing, _): context.fireChannelRead(wrapInboundOut(part))
        case (.held(let parts), _):
            guard parts.count < Self.maximumHeldParts else { return context.close(promise: nil) }
            state = .held(parts + [part])
        case (.receiving(let head), .end): ask(head, context: context)
        case (.receiving, _), (.authorizing, _), (.handedOver, _): break  // a body has no meaning here
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .handedOver = state else {
            if case .end = unwrapOutboundIn(data) { responseEnded(context) }
            return context.write(data, promise: promise)
        }
        context.write(data, promise: promise)
    }

    private func responseEnded(_ context: ChannelHandlerContext) {
        unanswered -= 1
        guard unanswered == 0, case .held = state else { return }
        // Not before the response itself has been written.
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.releaseHeld() }
    }

    private func releaseHeld() {
        guard case .held(let parts) = state, let context else { return }
        state = .passing
        for part in parts { read(part, context: context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch state {
        case .passing, .held, .handedOver: context.fireUserInboundEventTriggered(event)
        case .receiving, .authorizing:
            // The client is gone, or the server is going.
            if event is ChannelShouldQuiesceEvent || event as? ChannelEvent == .inputClosed {
                context.close(promise: nil)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch state {
        case .passing where isFirst:
            // No router is here to answer what is no HTTP, or has too long a head.
            state = .handedOver
            answer(EventRefusal(status: 400, code: "malformed", message: "no HTTP request"), context: context)
        case .passing, .held, .handedOver: context.fireErrorCaught(error)
        case .receiving, .authorizing: context.close(promise: nil)
        }
    }

    /// Only GET: an OPTIONS of a browser, or a mistake, is the router's to answer.
    private func isForEvents(_ head: HTTPRequestHead) -> Bool {
        guard head.method == .GET else { return false }
        let path = head.uri.prefix { $0 != "?" }
        return services.eventPaths.contains { $0 == path }
    }

    private func startDeadline(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: .milliseconds(services.handshakeTimeoutMilliseconds)) {
            bound.value.close(promise: nil)
        }
    }

    // MARK: Authorizing

    private func ask(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        origin = services.origins.judge(head.headers["origin"], authority: head.headers["host"].first)
        let request = EventRequest(head, channel: context.channel)
        let offer: EventOffer
        do throws(EventRefusal) {
            offer = try EventOffer(head, channel: context.channel)
            // Browsers let any page open a WebSocket to any server (RFC 6455 §10.2).
            if offer.isSocket, origin == .foreign { throw EventRefusal(.foreignOrigin) }
            try takeSeat(for: offer)
        } catch {
            services.authorizer.refused(request, error)
            return refuse(error)
        }
        guard let lane = services.hub.lane(on: context.eventLoop) else {
            return refuse(EndReason.restarting.refusal)
        }
        if case .stomp(let headers) = offer, let authorizer = services.stompAuthorizer {
            // It says who it is when it has the socket.
            return handOver(
                to: StompConnection(request, authorizer: authorizer, lane: lane), answering: headers, lane)
        }
        state = .authorizing(offer, lane)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let authorizer = services.authorizer
        let inbox = lane.inbox
        Task {
            let answer = await authorizer.authorize(request)
            inbox.execute { bound.value.answered(answer) }
        }
    }

    private func takeSeat(for offer: EventOffer) throws(EventRefusal) {
        let kind: SubscriberKind = if case .eventStream = offer { .eventStream } else { .webSocket }
        guard services.hub.admit(kind) else {
            throw EventRefusal(status: 503, code: "full", message: "no more subscribers now; come back later")
        }
        seat = kind
    }

    private func answered(_ answer: Result<EventSubscription, EventRefusal>) {
        guard case .authorizing(let offer, let lane) = state else { return }
        switch answer {
        case .failure(let refusal): refuse(refusal)
        case .success(let subscription):
            switch offer {
            case .webSocket(let headers), .stomp(let headers):
                handOver(to: WebSocketSubscriber(subscription, lane: lane), answering: headers, lane)
            case .eventStream:
                handOver(to: StreamSubscriber(subscription, lane: lane, origin: origin), behind: [], beginning: nil)
            }
        }
    }

    // MARK: Handing over

    private func handOver(to subscriber: WebSocketSubscriber, answering headers: HTTPHeaders, _ lane: Lane) {
        let decoder = ByteToMessageHandler(
            WebSocketFrameDecoder(maxFrameSize: lane.limits.maximumClientMessageBytes))
        handOver(to: subscriber, behind: [decoder], beginning: RawResponse.switchingProtocols(headers))
    }

    /// Gives the socket to a subscriber, with as little around it as can be.
    private func handOver(
        to subscriber: any Subscriber & ChannelInboundHandler, behind decoders: [any ChannelHandler],
        beginning: ByteBuffer?
    ) {
        guard let context else { return }
        seat = nil  // it is the subscriber's now
        state = .handedOver
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandlers(decoders + [subscriber], position: .after(self))
            try takeHTTPAway(context)
            try shrink(context.channel)
        } catch {
            subscriber.gone()
            return context.close(promise: nil)
        }
        // Not flushed before the subscriber has its place: who has seen the answer misses no event from then on.
        if let beginning { context.write(NIOAny(beginning), promise: nil) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        subscriber.opened()
    }

    private func refuse(_ refusal: EventRefusal) {
        guard let context else { return }
        state = .handedOver
        do { try takeHTTPAway(context) } catch { return context.close(promise: nil) }
        answer(refusal, context: context)
    }

    private func answer(_ refusal: EventRefusal, context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(NIOAny(RawResponse.refusal(refusal, to: origin)))
            .whenComplete { _ in bound.value.close(promise: nil) }
    }

    /// Removes the handlers that speak HTTP. Those behind this one get nothing any more; one that would close the
    /// socket because it is idle must go.
    private func takeHTTPAway(_ context: ChannelHandlerContext) throws {
        let pipeline = context.pipeline.syncOperations
        if let encoder = try? pipeline.context(handlerType: HTTPResponseEncoder.self) {
            pipeline.removeHandler(context: encoder, promise: nil)
        }
        if let idle = try? pipeline.context(handlerType: HTTPConnectionStateHandler.self) {
            pipeline.removeHandler(context: idle, promise: nil)
        }
        let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
        pipeline.removeHandler(context: decoder, promise: nil)
    }

    /// A client's end of stream closes the socket from now on, and it needs little memory to read the little it sends.
    private func shrink(_ channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.allowRemoteHalfClosure, value: false)
        try options.setOption(.maxMessagesPerRead, value: 1)
        try options.setOption(
            .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: RequestSniffer.smallReadBytes))
    }
}

extension EventRequest {
    fileprivate init(_ head: HTTPRequestHead, channel: any Channel) {
        var fields = HTTPFields()
        for (name, value) in head.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        self.init(
            target: head.uri, headers: fields, remoteAddress: channel.remoteAddress.map { "\($0)" },
            clientAddress: channel.remoteAddress?.ipAddress)
    }
}
