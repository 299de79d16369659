/// Finds what somebody who mistyped a word probably meant.
enum NearestWord {
    /// Longer words are not compared: nobody mistypes that much, and the cost grows with the product of the lengths.
    static let maximumBytes = 64

    /// The candidate that the fewest typing slips away from `word`; nil if none is near.
    static func find(_ word: String, in candidates: some Sequence<String>) -> String? {
        guard word.utf8.count <= maximumBytes else { return nil }
        let typed = Array(word.lowercased().utf8)
        let allowed = max(1, typed.count / 3)
        var best: (word: String, distance: Int)?
        for candidate in candidates {
            let distance = slips(typed, Array(candidate.lowercased().utf8))
            if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment).
    static func slips(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for (i, byte) in a.enumerated() {
            var row = [i + 1]
            for (j, other) in b.enumerated() {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (byte == other ? 0 : 1))
                if i > 0, j > 0, byte == b[j - 1], a[i - 1] == other { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
