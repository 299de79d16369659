import SwitchDriver

/// Which leg takes up which line: what capacities are compared with.
///
/// It says nothing of its own: each leg stands here exactly as long as its connection stands in a call, and the counts are
/// those of the legs. So nothing is left of a call whose end was never told, once that call is cleared.
struct TrunkUse: Sendable {
    private var lines: [LegID: Call.TrunkLine] = [:]
    private var callsOfMember: [String: Int] = [:]
    private var callsOfGroup: [String: Int] = [:]

    /// Calls on a member, of all groups that it is in.
    func calls(onMember name: String) -> Int { callsOfMember[name] ?? 0 }

    func calls(onGroup group: String) -> Int { callsOfGroup[group] ?? 0 }

    /// - Parameter line: nil: the leg takes up none.
    mutating func set(_ leg: LegID, _ line: Call.TrunkLine?) {
        let old = lines[leg]
        guard old != line else { return }
        lines[leg] = line
        if let old { count(old, -1) }
        if let line { count(line, 1) }
    }

    private mutating func count(_ line: Call.TrunkLine, _ change: Int) {
        Self.change(&callsOfGroup[line.group], by: change)
        if let member = line.member { Self.change(&callsOfMember[member], by: change) }
    }

    /// Names that are not in use do not pile up.
    private static func change(_ count: inout Int?, by change: Int) {
        let new = (count ?? 0) + change
        count = new == 0 ? nil : new
    }
}
