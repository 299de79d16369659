/// Keys in the order of their ranks: an indexed binary heap. The first is found in O(1); inserting and removing any costs
/// O(log n), and nothing of a removed key is left behind.
struct RankedSet<Key: Hashable & Sendable, Rank: Comparable & Sendable>: Sendable {
    struct Node: Sendable {
        let key: Key
        let rank: Rank
    }

    /// The first is the smallest; the others only as a heap has them.
    private(set) var nodes: [Node] = []
    private var positions: [Key: Int] = [:]

    var count: Int { nodes.count }
    var isEmpty: Bool { nodes.isEmpty }
    var first: Node? { nodes.first }

    func contains(_ key: Key) -> Bool { positions[key] != nil }

    /// Does nothing if the key is there already.
    mutating func insert(_ key: Key, _ rank: Rank) {
        guard positions[key] == nil else { return }
        nodes.append(Node(key: key, rank: rank))
        rise(nodes.count - 1)
    }

    /// - Returns: whether it was there.
    @discardableResult
    mutating func remove(_ key: Key) -> Bool {
        guard let position = positions.removeValue(forKey: key), let last = nodes.popLast() else { return false }
        if position < nodes.count {
            nodes[position] = last
            rise(position)
            sink(positions[last.key] ?? position)
        }
        return true
    }

    private mutating func rise(_ start: Int) {
        var position = start
        let node = nodes[position]
        while position > 0 {
            let parent = (position - 1) / 2
            guard node.rank < nodes[parent].rank else { break }
            place(nodes[parent], position)
            position = parent
        }
        place(node, position)
    }

    private mutating func sink(_ start: Int) {
        var position = start
        let node = nodes[position]
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
        positions[node.key] = position
    }
}
