/// Keys in the order of their ranks: an indexed binary heap. The first is found in O(1); inserting and removing any costs
/// O(log n), looks the key up once, and leaves nothing of a removed key behind.
struct RankedSet<Key: Hashable & Sendable, Rank: Comparable & Sendable>: Sendable {
    struct Node: Sendable {
        let key: Key
        let rank: Rank
        fileprivate let seat: Int
    }

    /// The first is the smallest; the others only as a heap has them.
    private(set) var nodes: [Node] = []
    /// Each key has a number while it is here, so that no key is looked up where nodes change their places.
    private var seats: [Key: Int] = [:]
    /// By seat: where in the heap its node is.
    private var positions: [Int] = []
    private var freeSeats: [Int] = []

    var count: Int { nodes.count }
    var isEmpty: Bool { nodes.isEmpty }
    var first: Node? { nodes.first }

    func contains(_ key: Key) -> Bool { seats[key] != nil }

    /// Does nothing if the key is there already.
    mutating func insert(_ key: Key, _ rank: Rank) {
        let seat = freeSeats.last ?? positions.count
        if let present = seats.updateValue(seat, forKey: key) {
            seats[key] = present
            return
        }
        if freeSeats.popLast() == nil { positions.append(seat) }
        let node = Node(key: key, rank: rank, seat: seat)
        nodes.append(node)
        rise(node, from: nodes.count - 1)
    }

    /// - Returns: whether it was there.
    @discardableResult
    mutating func remove(_ key: Key) -> Bool {
        guard let seat = seats.removeValue(forKey: key), let last = nodes.popLast() else { return false }
        freeSeats.append(seat)
        let position = positions[seat]
        if position < nodes.count {
            if position > 0, last.rank < nodes[(position - 1) / 2].rank {
                rise(last, from: position)
            } else {
                sink(last, from: position)
            }
        }
        return true
    }

    private mutating func rise(_ node: Node, from start: Int) {
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard node.rank < nodes[parent].rank else { break }
            place(nodes[parent], position)
            position = parent
        }
        place(node, position)
    }

    private mutating func sink(_ node: Node, from start: Int) {
        var position = start
        while true {
            var child = 2 * position + 1
            guard child < nodes.count else { break }
            if child + 1 < nodes.count, nodes[child + 1].rank < nodes[child].rank { child += 1 }
            guard nodes[child].rank < node.rank else { break }
            place(nodes[child], position)
            position = child
        }
        place(node, position)
    }

    private mutating func place(_ node: Node, _ position: Int) {
        nodes[position] = node
        positions[node.seat] = position
    }
}
