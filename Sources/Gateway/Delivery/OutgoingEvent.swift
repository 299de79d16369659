import CSTA
import CallCenter
import NIOCore

/// An event in the forms in which it goes out, built once and shared by all its receivers.
///
/// A class, because a value with this many references would cost a retain of each at every receiver.
final class OutgoingEvent: Sendable {
    let serial: Serial
    let name: String
    let device: DeviceID
    let agent: AgentID?
    /// When the event of the switch that led to it came in; nil: something else did.
    let origin: ContinuousClock.Instant?
    /// A complete, unmasked WebSocket text frame.
    let frame: ByteBuffer
    /// The same for SSE; nil if nobody followed that way when it was published.
    private let sharedStreamText: ByteBuffer?

    init(_ event: EncodedEvent, origin: ContinuousClock.Instant? = nil, withStreamText: Bool) {
        serial = event.serial
        name = event.name
        device = event.device
        agent = event.agent
        self.origin = origin
        var frame = ByteBufferAllocator().buffer(
            capacity: event.json.count + WebSocketFraming.maximumHeaderBytes)
        WebSocketFraming.appendText(event.json, to: &frame)
        self.frame = frame
        if withStreamText {
            var text = ByteBufferAllocator().buffer(
                capacity: event.json.count + StreamFraming.maximumOverheadBytes)
            StreamFraming.append(event.json, serial: event.serial, to: &text)
            sharedStreamText = text
        } else {
            sharedStreamText = nil
        }
    }

    /// `id:` and `data:` lines. A stream that began after the publishing builds them for itself.
    var streamText: ByteBuffer {
        if let sharedStreamText { return sharedStreamText }
        var text = ByteBufferAllocator().buffer(
            capacity: frame.readableBytes + StreamFraming.maximumOverheadBytes)
        StreamFraming.append(WebSocketFraming.payload(of: frame), serial: serial, to: &text)
        return text
    }
}

/// The events of one call of ``EventHub/publish(_:in:)``.
struct Batch: Sendable {
    var namespace: Namespace
    var events: [OutgoingEvent]
}
