import CSTA
import CallCenter
import NIOCore
import STOMP

/// Events as the MESSAGE frames of one subscription, each a WebSocket text frame.
struct StompFraming: EventFraming {
    private let subscription: Subscription
    private let beginning: [UInt8]
    private let suffix: String

    /// What most frames have beside the event.
    static let usualFrameBytes = 320

    init(_ subscription: Subscription, _ destination: StompDestination) {
        self.subscription = subscription
        beginning =
            Array("MESSAGE\n".utf8) + subscription.messageHeaders
            + Array("content-type:application/json\ndestination:\(StompDestination.prefix)".utf8)
        suffix = destination.suffix
    }

    func append(_ event: EncodedEvent, to buffer: inout ByteBuffer) {
        append(event.json, name: event.name, serial: event.serial, to: &buffer)
    }

    /// - Parameter json: no more than an event's text; it is encoded once for all who get it.
    func append(_ json: some Collection<UInt8>, name: String, serial: Serial, to buffer: inout ByteBuffer) {
        var head = beginning
        head.reserveCapacity(Self.usualFrameBytes)
        let id = subscription.messageID(serial.value)
        head += name.utf8
        head += suffix.utf8
        head += "\nmessage-id:\(id)\n".utf8
        if subscription.wantsAcknowledgementID { head += "ack:\(id)\n".utf8 }
        head += "serial:\(serial.value)\ncontent-length:\(json.count)\n\n".utf8
        WebSocketFraming.appendTextHeader(count: head.count + json.count + 1, to: &buffer)
        buffer.writeBytes(head)
        buffer.writeBytes(json)
        buffer.writeInteger(UInt8(0))
    }
}
