/// What is going to happen, the earliest first; of two things at one moment the one that was planned first.
struct Agenda<Item: Sendable>: Sendable {
    private struct Entry: Sendable {
        var time: Int64
        var ticket: UInt64
        var item: Item

        static func < (a: Entry, b: Entry) -> Bool { (a.time, a.ticket) < (b.time, b.ticket) }
    }

    /// A binary heap.
    private var entries: [Entry] = []
    private var tickets: UInt64 = 0

    /// - Returns: what tells the entry from others.
    @discardableResult
    mutating func add(_ item: Item, at time: Int64) -> UInt64 {
        tickets += 1
        var child = entries.count
        entries.append(Entry(time: time, ticket: tickets, item: item))
        while child > 0, entries[child] < entries[(child - 1) / 2] {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
        return tickets
    }

    mutating func takeDue(at time: Int64) -> (item: Item, time: Int64, ticket: UInt64)? {
        guard let first = entries.first, first.time <= time else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return (first.item, first.time, first.ticket)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < entries.count else { return }
            let right = left + 1
            let child = right < entries.count && entries[right] < entries[left] ? right : left
            guard entries[child] < entries[parent] else { return }
            entries.swapAt(child, parent)
            parent = child
        }
    }
}
