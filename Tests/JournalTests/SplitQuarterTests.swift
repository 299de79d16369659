import CSTA
import CallCenter
import Testing

@testable import Journal

@Suite("Quarters of an hour of splits")
struct SplitQuarterTests {
    private static let all = (from: Instant(milliseconds: 0), to: Instant(milliseconds: .max))

    private func store(_ passages: [SplitPassage], in journal: SQLiteJournal) async throws {
        try await journal.append(
            JournalBatch(
                namespace: demo, events: [], state: [], records: passages.map(CallCenter.Record.passage),
                lastSerial: Serial(0)))
    }

    private func quarters(
        _ split: Int, _ journal: SQLiteJournal, in namespace: Namespace = demo,
        _ range: (from: Instant, to: Instant) = all
    ) async throws -> [SplitQuarter] {
        try await journal.splitQuarters(of: device(split), in: namespace, from: range.from, to: range.to)
    }

    private func passage(_ split: Int, _ minute: Int64, _ kind: SplitPassage.Kind) -> SplitPassage {
        SplitPassage(split: device(split), at: Instant(milliseconds: minute * 60_000), kind: kind)
    }

    @Test("Passages are added up where they belong, over several batches and a restart; nobody else has any of them")
    func addedUp() async throws {
        try await withDirectory { directory in
            var journal = try open(directory)
            try await store(
                [
                    passage(7000, 0, .entered), passage(7000, 14, .entered), passage(7001, 14, .entered),
                    passage(7000, 14, .left(.answered, afterMilliseconds: 9000, isInTime: true)),
                ], in: journal)
            try await journal.close()
            journal = try open(directory)
            try await store(
                [
                    passage(7000, 14, .left(.answered, afterMilliseconds: 30_000, isInTime: false)),
                    passage(7000, 15, .left(.abandoned, afterMilliseconds: 7000, isInTime: true)),
                    passage(7000, 15, .left(.overflowed, afterMilliseconds: 0, isInTime: false)),
                    passage(7000, 45, .left(.givenUp, afterMilliseconds: 1, isInTime: true)),
                ], in: journal)
            let found = try await quarters(7000, journal)
            #expect(found.map(\.began.milliseconds) == [0, 900_000, 2_700_000])
            let first = try #require(found.first?.counts)
            #expect(first.entered == 2 && first.answered == 2 && first.answeredInTime == 1)
            #expect(first.answeredWaitMilliseconds == 39_000 && first.longestWaitMilliseconds == 30_000)
            #expect(found[1].counts.abandoned == 1 && found[1].counts.overflowed == 1)
            #expect(found[1].counts.longestWaitMilliseconds == 7000 && found[2].counts.givenUp == 1)
            let middle = (Instant(milliseconds: 1), Instant(milliseconds: 2_700_000))
            #expect(try await quarters(7000, journal, middle) == [found[1]])
            #expect(try await quarters(7001, journal).map(\.counts.entered) == [1])
            #expect(try await quarters(7002, journal).isEmpty)
            #expect(try await quarters(7000, journal, in: namespace("other.cc")).isEmpty)
            try await journal.close()
        }
    }

    @Test("Old ones are deleted with the other records")
    func retention() async throws {
        try await withJournal({ $0.maximumRecordAgeSeconds = 3600 }) { journal in
            try await store((0..<12).map { passage(7000, $0 * 15, .entered) }, in: journal)
            let pruned = try await journal.prune(now: Instant(milliseconds: 3 * 3600 * 1000))
            #expect(pruned == JournalPruning(records: 8))
            #expect(try await quarters(7000, journal).map(\.began.milliseconds).first == 2 * 3600 * 1000)
        }
    }
}
