import CSTA
import NIOCore
import STOMP

/// One subscription of a STOMP client. Its socket is its connection's, and what ends it ends that.
final class StompFollower: Subscriber {
    private let connection: StompConnection
    private let stomp: Subscription
    private let messages: StompFraming

    init(
        _ stomp: Subscription, _ destination: StompDestination, following subscription: EventSubscription,
        over connection: StompConnection
    ) {
        self.connection = connection
        self.stomp = stomp
        messages = StompFraming(stomp, destination)
        super.init(subscription, kind: .stomp, lane: connection.lane)
    }

    override var framing: any EventFraming { messages }

    override var socket: Subscriber { connection }

    override var mayReplay: Bool { stomp.acknowledgement == .auto || connection.mayReplayUnacknowledged }

    override func bytes(of event: OutgoingEvent) -> ByteBuffer {
        let json = WebSocketFraming.payload(of: event.frame)
        var frame = ByteBufferAllocator().buffer(capacity: json.count + StompFraming.usualFrameBytes)
        messages.append(json, name: event.name, serial: event.serial, to: &frame)
        return frame
    }

    override func send(_ event: OutgoingEvent) {
        super.send(event)
        connection.sent(event.serial, to: stomp)
    }

    override func send(_ page: ReplayedPage) {
        super.send(page)
        for serial in page.serials { connection.sent(serial, to: stomp) }
    }

    override func write(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        countWritten(bytes.readableBytes)
        connection.write(bytes, promise: promise)
    }

    override func flush() { connection.flush() }

    override func end(_ reason: EndReason) { connection.end(reason) }

    override func wentLive() { connection.replayNext() }

    /// The connection is looked after, with all that is written to it.
    override func keepRound() {}
}
