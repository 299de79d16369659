import NIOCore
import NIOWebSocket

/// A client that follows events over a WebSocket.
///
/// It writes frames that were built before; of what the client sends only the protocol's own frames matter, but to
/// ``StompConnection``.
class WebSocketSubscriber: Subscriber, ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = ByteBuffer

    private var hasSentClose = false
    private var mustFlush = false
    /// Bytes of a message that the client sends in parts.
    private var partialBytes: Int?

    init(_ subscription: EventSubscription, lane: Lane) {
        super.init(subscription, kind: .webSocket, lane: lane)
    }

    override func bytes(of event: OutgoingEvent) -> ByteBuffer { event.frame }

    override func bytes(of measures: OutgoingMeasures) -> ByteBuffer { measures.frame }

    override func writeEnd(_ reason: EndReason, hasBegun: Bool) {
        sendClose(WebSocketFraming.close(reason.closeCode, reason.text), closesOutput: reason.isProtocolBreach)
    }

    override func keepAlive() {
        silentRounds += 1
        if silentRounds >= lane.limits.silentRoundsBeforeClose {
            lane.countSilent()
            closeSocket()
        } else if silentRounds == lane.limits.silentRoundsBeforePing {
            write(WebSocketFraming.ping)
            flush()
        }
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

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        silentRounds = 0
        let frame = unwrapInboundIn(data)
        // RFC 6455 §5.1: a client masks; §5.2: reserved bits mean an extension, and none was agreed.
        guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return end(.protocolError) }
        switch frame.opcode {
        case .connectionClose: closeReceived(frame)
        case .ping: pingReceived(frame)
        case .pong: break
        case .text, .binary: messageReceived(frame)
        case .continuation: continuationReceived(frame)
        default: end(.protocolError)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard mustFlush else { return }
        mustFlush = false
        flush()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: end(.restarting)
        case ChannelEvent.inputClosed: context.close(promise: nil)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: end(.tooLarge)
        case is NIOWebSocketError: end(.protocolError)
        case is ByteToMessageDecoderError: break  // what comes after a breach, until the socket is closed
        default: context.close(promise: nil)
        }
    }

    // MARK: What a client sends

    /// Not answered while the client does not read: RFC 6455 §5.5.3 wants the last ping answered, no more.
    private func pingReceived(_ frame: WebSocketFrame) {
        guard state == .new || state == .following, context?.channel.isWritable == true else { return }
        write(WebSocketFraming.pong(frame.unmaskedData))
        mustFlush = true
    }

    /// Clients have nothing to say here; what they say is dropped, within bounds.
    ///
    /// - Parameter part: of a message, or all of it.
    func received(_ part: ByteBuffer) {}

    private func messageReceived(_ frame: WebSocketFrame) {
        guard partialBytes == nil else { return end(.protocolError) }
        if !frame.fin { partialBytes = frame.length }
        received(frame.unmaskedData)
    }

    private func continuationReceived(_ frame: WebSocketFrame) {
        guard let bytes = partialBytes else { return end(.protocolError) }
        partialBytes = frame.fin ? nil : bytes + frame.length
        guard bytes + frame.length <= lane.limits.maximumClientMessageBytes else { return end(.tooLarge) }
        received(frame.unmaskedData)
    }

    private func closeReceived(_ frame: WebSocketFrame) {
        if hasSentClose { return closeSocket() }
        // RFC 6455 §5.5.1: no body, or a code and a text.
        guard frame.length != 1 else { return end(.protocolError) }
        let data = frame.unmaskedData
        guard let code = data.getInteger(at: data.readerIndex, as: UInt16.self) else {
            return answerClose(WebSocketFraming.emptyClose)
        }
        guard Self.mayBeSent(code) else { return end(.protocolError) }
        answerClose(WebSocketFraming.close(code, ""))
    }

    /// RFC 6455 §7.4: 1004, 1005, 1006 and 1015 never stand in a frame.
    private static func mayBeSent(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// Ends a socket at the client's wish: the answer, then the close, which is the server's to begin.
    private func answerClose(_ answer: ByteBuffer) {
        stopFollowing()
        guard let context else { return }
        hasSentClose = true
        let written = context.eventLoop.makePromise(of: Void.self)
        write(answer, promise: written)
        context.flush()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.closeSocket() }
        // A client that does not read never gets the answer.
        scheduleClose(after: lane.limits.closeGraceMilliseconds)
    }

    private func sendClose(_ frame: ByteBuffer, closesOutput: Bool) {
        guard let context, !hasSentClose else { return }
        hasSentClose = true
        guard closesOutput else {
            write(frame)
            context.flush()
            return
        }
        // What comes from this client is not understood any more, its answer neither: it notices the end of the stream.
        let written = context.eventLoop.makePromise(of: Void.self)
        write(frame, promise: written)
        context.flush()
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.close(mode: .output, promise: nil) }
    }
}
