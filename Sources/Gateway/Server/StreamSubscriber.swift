import NIOCore

/// A client that follows events by SSE.
///
/// It has its socket for itself, not a response body of the router: so it has the same bounds, the same shared bytes
/// and no task, as a WebSocket has. The body ends with the socket and is not chunked, so that a proxy that speaks
/// HTTP/1.0 can pass it on.
final class StreamSubscriber: Subscriber, ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let origin: OriginRules.Origin

    /// - Parameter origin: of the page that asks.
    init(_ subscription: EventSubscription, lane: Lane, origin: OriginRules.Origin) {
        self.origin = origin
        super.init(subscription, kind: .eventStream, lane: lane)
    }

    override func writeBeginning() { write(RawResponse.eventStreamHead(for: origin)) }

    override func bytes(of event: OutgoingEvent) -> ByteBuffer { event.streamText }

    override func bytes(of measures: OutgoingMeasures) -> ByteBuffer { measures.streamText }

    override var framing: any EventFraming { LineFraming() }

    override func writeEnd(_ reason: EndReason, hasBegun: Bool) {
        let last =
            hasBegun
            ? ByteBuffer(string: ": \(reason.text)\n\n") : RawResponse.refusal(reason.refusal, to: origin)
        guard let context else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        write(last, promise: written)
        context.flush()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.closeSocket() }
    }

    override func keepAlive() {
        write(StreamFraming.heartbeat)
        flush()
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) { attach(context) }

    func handlerRemoved(context: ChannelHandlerContext) { gone() }

    func channelInactive(context: ChannelHandlerContext) {
        gone()
        context.fireChannelInactive()  // the router's part of the socket may be behind this one, and waits for it
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        wantPageIfWritable()
        sendMeasures()
    }

    /// After its request a client has nothing to say.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: end(.restarting)
        case ChannelEvent.inputClosed: context.close(promise: nil)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
