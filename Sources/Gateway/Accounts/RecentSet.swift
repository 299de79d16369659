/// A set that keeps a bounded number of members and forgets the oldest first.
struct RecentSet<Member: Hashable & Sendable>: Sendable {
    private let maximumCount: Int
    private var members: Set<Member> = []
    /// In the order in which they came, as a ring once it is full.
    private var order: [Member] = []
    private var oldest = 0

    init(maximumCount: Int) { self.maximumCount = max(1, maximumCount) }

    var count: Int { members.count }

    func contains(_ member: Member) -> Bool { members.contains(member) }

    mutating func insert(_ member: Member) {
        guard members.insert(member).inserted else { return }
        if order.count < maximumCount {
            order.append(member)
        } else {
            members.remove(order[oldest])
            order[oldest] = member
            oldest = (oldest + 1) % maximumCount
        }
    }
}
