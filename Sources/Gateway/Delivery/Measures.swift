public import CSTA
import NIOCore

/// Measures that a subscriber can follow beside the events.
public enum MeasureKind: String, Hashable, Sendable, CaseIterable {
    case splits
    case campaigns
}

/// Where measures are read for those who follow them.
public protocol MeasureSource: Sendable {
    /// The measures of a namespace as they stand, as JSON text; nil: they cannot be had now.
    func measures(_ kind: MeasureKind, of namespace: Namespace) async -> [UInt8]?
}

/// What is followed.
struct MeasureTopic: Hashable {
    var namespace: Namespace
    var kind: MeasureKind
}

/// Measures in the forms in which they go out, built once and shared by all their receivers.
///
/// They are no event: they have no serial, and are neither stored nor sent again. Each makes those before it worthless.
final class OutgoingMeasures: Sendable {
    let kind: MeasureKind
    let json: [UInt8]
    /// A complete, unmasked WebSocket text frame.
    let frame: ByteBuffer
    /// The same for SSE: `event: measures` without an `id:`, so that an `EventSource` does not take it for an event.
    let streamText: ByteBuffer

    init(_ kind: MeasureKind, _ json: [UInt8]) {
        self.kind = kind
        self.json = json
        frame = WebSocketFraming.text(json)
        var text = ByteBuffer(string: "event: measures\ndata: ")
        text.writeBytes(json)
        text.writeString("\n\n")
        streamText = text
    }
}

extension Subscriber {
    /// Of measures that wait for the socket only the latest are kept.
    struct MeasuresInHand {
        var latest: OutgoingMeasures
        var isSent = false
    }

    /// Sends measures now, or when the socket takes something again.
    final func receive(_ measures: OutgoingMeasures) {
        guard measuresInHand[measures.kind]?.latest !== measures else { return }
        measuresInHand[measures.kind] = MeasuresInHand(latest: measures)
        sendMeasures()
    }

    /// Only the latest waits, and none is written while the socket takes nothing. One that is large counts as pending like an event
    /// once it is written.
    final func sendMeasures() {
        guard !measuresInHand.isEmpty, state == .following, hasBegun else { return }
        for kind in MeasureKind.allCases {
            guard let inHand = measuresInHand[kind], !inHand.isSent, context?.channel.isWritable == true else {
                continue
            }
            measuresInHand[kind]?.isSent = true
            write(bytes(of: inHand.latest))
            context?.flush()
        }
    }
}
