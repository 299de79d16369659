import CSTA
import CallCenter

/// How far one subscriber has come: from stored events to live ones, with nothing twice, nothing missing, in order.
///
/// While a page is being read, live events are captured. The *edge*, taken before the reading begins, is the last serial
/// that was published until then: what lies past it will be captured. So a page that reaches the edge, followed by what
/// was captured past the page, is all there is, and the subscriber is live. A page that does not reach it is followed by
/// another. What was captured for it is dropped: the journal has it.
struct CatchUp {
    private(set) var phase: Phase
    /// Everything up to here has been written, or is not for this subscriber.
    private(set) var through: Serial

    enum Phase {
        /// Wants a page; live events are left to the journal.
        case wanting
        case reading(Reading)
        case live
    }

    struct Reading {
        /// Nil if nothing has been published since the server began.
        var edge: Serial?
        var captured: [OutgoingEvent] = []
        /// More was published than may be captured.
        var isOverfull = false
    }

    init(after: Serial?) {
        phase = after == nil ? .live : .wanting
        through = after ?? Serial(-1)
    }

    var isLive: Bool { if case .live = phase { true } else { false } }
    var isWanting: Bool { if case .wanting = phase { true } else { false } }

    /// Takes a live event; true: it is to be written now.
    mutating func receive(_ event: OutgoingEvent, capturingAtMost bound: Int) -> Bool {
        switch phase {
        case .live: return event.serial > through
        case .wanting: return false
        case .reading(var reading):
            phase = .wanting  // so that the array is not copied
            if !reading.isOverfull && reading.captured.count < bound {
                reading.captured.append(event)
            } else {
                reading.isOverfull = true
                reading.captured = []
            }
            phase = .reading(reading)
            return false
        }
    }

    /// What ``begin(edge:)`` asks for.
    enum Beginning: Equatable {
        case read(after: Serial)
        /// There is nothing to read.
        case live
    }

    /// Begins a page, or goes live when the subscriber has come to the edge already.
    ///
    /// Past the edge nothing is concluded: the journal is ahead of the hub, or the serial is none of this life.
    mutating func begin(edge: Serial?) -> Beginning {
        if through == edge {
            phase = .live
            return .live
        }
        phase = .reading(Reading(edge: edge))
        return .read(after: through)
    }

    /// What ``arrived(through:isEmpty:)`` asks for, after the page's events have been written.
    enum Arrival {
        /// Write these; then everything is live.
        case live([OutgoingEvent])
        case readOn
        /// The journal does not have what it should.
        case stuck
    }

    mutating func arrived(through pageEnd: Serial, isEmpty: Bool) -> Arrival {
        guard case .reading(let reading) = phase else { return .readOn }
        let isProgress = pageEnd > through || !isEmpty
        through = max(through, pageEnd)
        let isAtEdge = reading.edge.map { through >= $0 } ?? !isProgress
        if isAtEdge && !reading.isOverfull {
            let rest = reading.captured.filter { $0.serial > through }
            if let last = rest.last { through = last.serial }
            phase = .live
            return .live(rest)
        }
        phase = .wanting
        return isProgress || isAtEdge ? .readOn : .stuck
    }
}
