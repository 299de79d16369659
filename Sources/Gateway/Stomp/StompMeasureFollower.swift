import CSTA
import NIOCore
import STOMP

/// `/topic/measures.splits` and `/topic/measures.campaigns`: the measures of the client's namespace.
enum StompMeasures {
    static let prefix = "/topic/measures."

    /// - Returns: nil if it is a destination of something else.
    static func kind(of destination: String) -> MeasureKind? {
        guard destination.hasPrefix(prefix) else { return nil }
        return MeasureKind(rawValue: String(destination.dropFirst(prefix.count)))
    }
}

/// A subscription of a STOMP client to measures. Its socket is its connection's, and it gets no events.
final class StompMeasureFollower: Subscriber {
    private let connection: StompConnection
    private let stomp: Subscription
    private let beginning: [UInt8]
    private var messages: Int64 = 0

    init(_ stomp: Subscription, _ kind: MeasureKind, in namespace: Namespace, over connection: StompConnection) {
        self.connection = connection
        self.stomp = stomp
        beginning =
            Array("MESSAGE\n".utf8) + stomp.messageHeaders
            + Array("content-type:application/json\ndestination:\(StompMeasures.prefix)\(kind.rawValue)\n".utf8)
        var subscription = EventSubscription(namespace: namespace)
        subscription.measures = [kind]
        super.init(subscription, kind: .stomp, lane: connection.lane)
    }

    override var socket: Subscriber { connection }

    override var isReceiver: Bool { false }

    override func bytes(of measures: OutgoingMeasures) -> ByteBuffer {
        messages += 1
        let head =
            beginning
            + Array("message-id:\(stomp.messageID(messages))\ncontent-length:\(measures.json.count)\n\n".utf8)
        let count = head.count + measures.json.count + 1
        var frame = ByteBufferAllocator().buffer(capacity: count + WebSocketFraming.maximumHeaderBytes)
        WebSocketFraming.appendTextHeader(count: count, to: &frame)
        frame.writeBytes(head)
        frame.writeBytes(measures.json)
        frame.writeInteger(UInt8(0))
        return frame
    }

    override func write(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        connection.write(bytes, promise: promise)
    }

    override func flush() { connection.flush() }

    override func end(_ reason: EndReason) { connection.end(reason) }

    /// The connection is looked after, with all that is written to it.
    override func keepRound() {}
}
