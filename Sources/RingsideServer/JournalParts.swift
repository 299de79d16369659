import CSTA
import CallCenter
import Journal

/// Splits what is too much for one batch of the journal into several.
///
/// One input can do so: when the link comes back without any of 50,000 calls, all of them end. A crash between two
/// parts must leave each call and agent as its own events say, so that a part has the state of those whose last event
/// is in it, and ends between calls where it can.
struct JournalParts {
    /// What the journal takes in one batch.
    struct Bounds: Hashable, Sendable {
        var events = JournalLimits.batchEvents
        var stateEntries = JournalLimits.batchStateEntries
        var bytes = JournalLimits.batchBytes

        func admits(_ size: Size) -> Bool {
            size.events <= events && size.stateEntries <= stateEntries && size.bytes <= bytes
        }
    }

    struct Size: Hashable, Sendable {
        var events = 0
        var stateEntries = 0
        var bytes = 0

        static func + (a: Size, b: Size) -> Size {
            Size(events: a.events + b.events, stateEntries: a.stateEntries + b.stateEntries, bytes: a.bytes + b.bytes)
        }
    }

    /// An event with the state and the records that are stored with it, or these alone.
    private struct Piece {
        var event: EncodedEvent?
        var state: [StateEntry] = []
        var records: [Record] = []

        var size: Size {
            Size(
                events: event == nil ? 0 : 1, stateEntries: state.count,
                bytes: records.reduce(state.reduce(event?.journalBytes ?? 0) { $0 + $1.journalBytes }) {
                    $0 + $1.journalBytes
                })
        }

        /// Whether a call's events may begin with it.
        func begins(after last: Piece?) -> Bool { event?.call != nil && event?.call != last?.event?.call }
    }

    private let bounds: Bounds

    init(_ bounds: Bounds) { self.bounds = bounds }

    /// What is to be stored, in this order; nothing if nothing has changed.
    ///
    /// - Parameter serial: of the last event, or of the one before if there is none.
    func split(_ outcome: TenantOutcome, upTo serial: Serial, of namespace: Namespace) -> [JournalBatch] {
        let (events, state, records) = (outcome.events, outcome.state, outcome.records)
        if events.isEmpty && state.isEmpty && records.isEmpty { return [] }
        let size = Size(events: events.count, stateEntries: state.count, bytes: outcome.bytes)
        if bounds.admits(size) {
            return [
                JournalBatch(namespace: namespace, events: events, state: state, records: records, lastSerial: serial)
            ]
        }
        var last = Serial(serial.value - Int64(events.count))
        return parts(of: pieces(events, state, records)).map { pieces in
            let events = pieces.compactMap(\.event)
            last = events.last?.serial ?? last
            return JournalBatch(
                namespace: namespace, events: events, state: pieces.flatMap(\.state),
                records: pieces.flatMap(\.records), lastSerial: last)
        }
    }

    private func pieces(_ events: [EncodedEvent], _ state: [StateEntry], _ records: [Record]) -> [Piece] {
        var pieces = events.map { Piece(event: $0) }
        var lastPiece: [String: Int] = [:]
        for (index, event) in events.enumerated() {
            if let key = StateEntry.key(ofWhatChangesWith: event) { lastPiece[key] = index }
        }
        let latest = Dictionary(state.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        for entry in latest.values.sorted(by: { $0.key < $1.key }) {
            if let index = lastPiece[entry.key] {
                pieces[index].state.append(entry)
            } else {
                lastPiece[entry.key] = pieces.count
                pieces.append(Piece(state: [entry]))
            }
        }
        // With the state that says that it is over: after a crash it is either told again or told already.
        for record in records {
            if let index = lastPiece[StateEntry.key(ofWhatIsToldBy: record)] {
                pieces[index].records.append(record)
            } else {
                pieces.append(Piece(records: [record]))
            }
        }
        return pieces
    }

    /// As many pieces together as fit; a part that is half full ends where the next call begins.
    private func parts(of pieces: [Piece]) -> [[Piece]] {
        var parts: [[Piece]] = []
        var part: [Piece] = []
        var size = Size()
        for piece in pieces {
            let isHalf = !bounds.admits(size + size)
            if !part.isEmpty, !bounds.admits(size + piece.size) || (isHalf && piece.begins(after: part.last)) {
                parts.append(part)
                part = []
                size = Size()
            }
            part.append(piece)
            size = size + piece.size
        }
        if !part.isEmpty { parts.append(part) }
        return parts
    }
}
