import CSTA
import CallCenter
import NIOCore
import Synchronization

/// How many pages the whole server reads from its journals at once, and whose turn is next.
///
/// Ten thousand clients that come back at once are served page by page in the order of their asking, while the journal
/// and the event loops go on with what is live.
final class ReplayGate: Sendable {
    private let maximumReads: Int
    private let state = Mutex(State())

    private struct State {
        var reads = 0
        /// A lane stands here once for each of its subscribers that waits.
        var waiting = CircularBuffer<LaneInbox>()
    }

    init(maximumReads: Int) { self.maximumReads = max(1, maximumReads) }

    /// True: the turn is now. False: the lane's `takeTurn` will be called.
    func enter(_ inbox: LaneInbox) -> Bool {
        state.withLock {
            if $0.reads < maximumReads {
                $0.reads += 1
                return true
            }
            $0.waiting.append(inbox)
            return false
        }
    }

    /// Gives the turn to the next.
    func leave() {
        let next = state.withLock {
            let next = $0.waiting.popFirst()
            if next == nil { $0.reads -= 1 }
            return next
        }
        if let next {
            next.execute { next.lane?.takeTurn() }
        }
    }
}

/// The subscribers of one lane that wait for their turn to read a page.
struct ReplayQueue {
    private var waiting = CircularBuffer<Subscriber>()

    mutating func append(_ subscriber: Subscriber) { waiting.append(subscriber) }

    mutating func next() -> Subscriber? { waiting.popFirst() }
}

/// How stored events look on the wire of one client.
protocol EventFraming: Sendable {
    func append(_ event: EncodedEvent, to buffer: inout ByteBuffer)
}

/// A page in the bytes in which it goes out to its one receiver.
struct ReplayedPage: Sendable {
    var bytes: ByteBuffer
    /// Of the events in it.
    var serials: [Serial]
    /// As in ``EventPage``.
    var through: Serial

    var eventCount: Int { serials.count }

    /// - Parameter cursor: what lies at or before it has been written already.
    init(_ page: EventPage, after cursor: Serial, framing: any EventFraming) {
        var bytes = ByteBuffer()
        let events = page.events.filter { $0.serial > cursor }
        for event in events { framing.append(event, to: &bytes) }
        self.bytes = bytes
        serials = events.map(\.serial)
        through = page.through
    }
}

typealias PageResult = Result<ReplayedPage, ReplayError>
