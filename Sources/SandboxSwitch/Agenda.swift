/// What is going to happen, by the time at which it is due; what is due at the same time keeps the order in which it
/// was added.
///
/// A binary heap: adding and taking cost O(log n). Nothing is removed before it is due; an owner that changes its mind
/// compares tickets when the entry comes up, and clears out with ``keep(_:)`` when too many are void.
struct Agenda<Item: Sendable>: Sendable {
    struct Entry: Sendable {
        var milliseconds: Int64
        /// Grows with each entry of an agenda, and is never used again in it.
        var ticket: UInt64
        var item: Item

        fileprivate func comes(before other: Entry) -> Bool {
            (milliseconds, ticket) < (other.milliseconds, other.ticket)
        }
    }

    private var heap: [Entry] = []
    private var nextTicket: UInt64 = 0

    var count: Int { heap.count }
    var firstMilliseconds: Int64? { heap.first?.milliseconds }

    /// Returns the ticket of the new entry.
    @discardableResult
    mutating func add(_ item: Item, at milliseconds: Int64) -> UInt64 {
        let ticket = nextTicket
        nextTicket += 1
        heap.append(Entry(milliseconds: milliseconds, ticket: ticket, item: item))
        siftUp(heap.count - 1)
        return ticket
    }

    /// Takes the first entry out, if it is due at `milliseconds` or was before.
    mutating func takeDue(at milliseconds: Int64) -> Entry? {
        guard let first = heap.first, first.milliseconds <= milliseconds else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            siftDown(0)
        }
        return first
    }

    /// Throws away all entries but those for which `isWanted` is true. O(n).
    mutating func keep(_ isWanted: (Entry) -> Bool) {
        heap.removeAll { !isWanted($0) }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    mutating func removeAll() { heap.removeAll(keepingCapacity: true) }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].comes(before: heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var first = parent
            let left = 2 * parent + 1
            let right = left + 1
            if left < heap.count, heap[left].comes(before: heap[first]) { first = left }
            if right < heap.count, heap[right].comes(before: heap[first]) { first = right }
            guard first != parent else { return }
            heap.swapAt(parent, first)
            parent = first
        }
    }
}
