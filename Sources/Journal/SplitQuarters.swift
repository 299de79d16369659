public import CSTA
public import CallCenter
import GRDB

extension SQLiteJournal {
    /// Reads what has come of a split's calls, in the order of time: quarters of an hour that begin at `from` or later, and
    /// before `to`. Those without a call are left out.
    ///
    /// - Throws: ``JournalReadError/unavailable(_:)``
    public func splitQuarters(
        of split: DeviceID, in namespace: Namespace, from: Instant, to: Instant
    ) async throws(JournalReadError) -> [SplitQuarter] {
        try await read { db in
            guard let tenant = try TenantRow(namespace, in: db) else { return [] }
            let select = try RawStatement(SplitQuarterRow.selecting, in: db)
            defer { select.reset() }
            try select.bind(tenant.id, at: 1)
            try select.bind(split.text, at: 2)
            try select.bind(from.milliseconds, at: 3)
            try select.bind(to.milliseconds, at: 4)
            var quarters: [SplitQuarter] = []
            while try select.step() { quarters.append(SplitQuarterRow.read(select)) }
            return quarters
        }
    }
}

/// A quarter of an hour of a split as a row of the table `split_quarter`.
enum SplitQuarterRow {
    private static let columns = """
        began, entered, answered, answered_in_time, abandoned, overflowed, given_up, answered_wait, longest_wait
        """
    private static let sums = [
        "entered", "answered", "answered_in_time", "abandoned", "overflowed", "given_up", "answered_wait",
    ]

    /// With the tenant, the split and ``columns`` as parameters.
    static let adding = """
        INSERT INTO split_quarter (tenant, split, \(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        ON CONFLICT (tenant, split, began) DO UPDATE SET
        \(sums.map { "\($0) = \($0) + excluded.\($0)" }.joined(separator: ", ")),
        longest_wait = max(longest_wait, excluded.longest_wait)
        """

    static let selecting = """
        SELECT \(columns) FROM split_quarter
        WHERE tenant = ?1 AND split = ?2 AND began >= ?3 AND began < ?4
        ORDER BY began LIMIT \(JournalLimits.quartersPerRead)
        """

    static func bind(_ quarter: SplitQuarter, of split: DeviceID, to row: RawStatement) throws {
        let counts = quarter.counts
        try row.bind(split.text, at: 2)
        try row.bind(quarter.began.milliseconds, at: 3)
        let values = [
            counts.entered, counts.answered, counts.answeredInTime, counts.abandoned, counts.overflowed, counts.givenUp,
        ]
        for (index, value) in values.enumerated() { try row.bind(Int64(value), at: Int32(4 + index)) }
        try row.bind(counts.answeredWaitMilliseconds, at: 10)
        try row.bind(counts.longestWaitMilliseconds, at: 11)
    }

    static func read(_ row: RawStatement) -> SplitQuarter {
        var counts = SplitCounts()
        func count(_ column: Int32) -> Int { Int(row.integer(column)) }
        (counts.entered, counts.answered, counts.answeredInTime) = (count(1), count(2), count(3))
        (counts.abandoned, counts.overflowed, counts.givenUp) = (count(4), count(5), count(6))
        (counts.answeredWaitMilliseconds, counts.longestWaitMilliseconds) = (row.integer(7), row.integer(8))
        return SplitQuarter(began: Instant(milliseconds: row.integer(0)), counts: counts)
    }
}
