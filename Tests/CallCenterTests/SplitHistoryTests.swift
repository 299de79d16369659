import CSTA
import SwitchDriver
import Testing

@testable import CallCenter

@Suite("The history of splits")
struct SplitHistoryTests {
    private static let hour: Int64 = 3_600_000

    /// UTC+1, and from the 100th hour on UTC+2, and from the 200th on UTC+1 again.
    private static let summer = ZoneOffsets([
        .init(start: .min, offsetSeconds: 3600), .init(start: 100 * 3600, offsetSeconds: 7200),
        .init(start: 200 * 3600, offsetSeconds: 3600),
    ])

    private func bounds(
        _ length: SplitIntervals.Length, _ zone: ZoneOffsets, _ from: Int64, _ to: Int64, atMost maximum: Int = 100
    ) -> [Int64]? {
        SplitIntervals(length, in: zone)
            .bounds(from: Instant(milliseconds: from), to: Instant(milliseconds: to), atMost: maximum)?
            .map(\.milliseconds)
    }

    @Test("Intervals are the clock's: they begin where it shows a whole one, and the last one holds the end")
    func aligned() {
        let hour = Self.hour
        #expect(bounds(.hour, .utc, hour + 5, 3 * hour) == [hour, 2 * hour, 3 * hour])
        #expect(bounds(.quarter, .utc, 1, 900_001) == [0, 900_000, 1_800_000])
        #expect(bounds(.quarter, .utc, 1, 1) == [0, 900_000])
        // Three quarters of an hour beside UTC, as in Nepal.
        let nepal = ZoneOffsets(offsetSeconds: 20_700)
        #expect(bounds(.hour, nepal, 0, hour) == [-2_700_000, 900_000, 4_500_000])
        #expect(bounds(.day, nepal, 0, 1) == [-20_700_000, 65_700_000])
        #expect(bounds(.hour, .utc, 0, 5 * hour, atMost: 4) == nil)
        #expect(bounds(.hour, .utc, 0, 4 * hour, atMost: 4)?.count == 5)
        #expect(bounds(.hour, .utc, Int64.min / 4, 0, atMost: 1000) == nil)
    }

    @Test("A day has 23 or 25 hours where the clock is set, and quarters and hours go on without gap or double")
    func clockChanges() {
        let hour = Self.hour
        // The day of the change begins at 95 h (UTC+1) and ends at 118 h (UTC+2), that of the other one at 190 h and 215 h.
        #expect(bounds(.day, Self.summer, 96 * hour, 120 * hour) == [95 * hour, 118 * hour, 142 * hour])
        #expect(bounds(.day, Self.summer, 191 * hour, 192 * hour) == [190 * hour, 215 * hour])
        for length in SplitIntervals.Length.allCases {
            let all = bounds(length, Self.summer, 50 * hour, 250 * hour, atMost: 1000) ?? []
            #expect(zip(all, all.dropFirst()).allSatisfy { $0 < $1 }, "\(length)")
            #expect(all.allSatisfy { $0 % SplitQuarter.milliseconds == 0 })
        }
    }

    @Test("A day begins with the first moment of it where the clock leaves midnight out")
    func noMidnight() {
        let zone = ZoneOffsets([.init(start: .min, offsetSeconds: 0), .init(start: 240 * 3600, offsetSeconds: 3600)])
        let hour = Self.hour
        #expect(bounds(.day, zone, 241 * hour, 242 * hour) == [240 * hour, 263 * hour])
        #expect(bounds(.day, zone, 239 * hour, 239 * hour) == [216 * hour, 240 * hour])
    }

    @Test("Quarters are added up in their interval, others are left")
    func addedUp() throws {
        let intervals = SplitIntervals(.hour, in: .utc)
        var counts = SplitCounts()
        counts.add(.entered)
        let quarters = (-2..<10).map {
            SplitQuarter(began: Instant(milliseconds: $0 * SplitQuarter.milliseconds), counts: counts)
        }
        let found = intervals.counts(
            of: quarters.reversed(), between: [0, 1, 2].map { Instant(milliseconds: $0 * Self.hour) })
        #expect(found.map(\.entered) == [4, 4])
        #expect(intervals.counts(of: quarters, between: []).isEmpty)
    }

    @Test("What is written down adds up to the counts of today, whichever way calls come and go")
    func passages() {
        let other = SplitProfile(id: Desk.device(7001), members: SplitRuleTests.members(5003...5003))
        var desk = Desk(
            configuration: SplitRuleTests.configuration(others: [other]) {
                $0.maximumWaiting = 2
                $0.overflow = other.id
            })
        var written: [DeviceID: SplitCounts] = [:]
        func note() {
            for case .record(.passage(let passage)) in desk.effects {
                #expect(passage.at == desk.now)
                written[passage.split, default: SplitCounts()].add(passage.kind)
            }
        }
        desk.logIn(5001, on: 8001)
        desk.takeCall(1, leg: 1) { _ in }
        // Answered at once, and ended: both inputs have written something.
        written[SplitRuleTests.split] = desk.tally
        for number in 2...5 {
            desk.customer(number)
            note()
        }
        desk.now = desk.now.advanced(bySeconds: 40)
        desk.tell(.legEnded(LegID("trunk-2"), cause: .originatorCancel))
        note()
        desk.apply(.timer(.waitLimit(CallID("q-3") ?? .none)))
        note()
        desk.apply(.timer(.waitLimit(CallID("q-4") ?? .none)))
        note()
        for (id, counts) in written { #expect(desk.tenant.splits[id]?.count.tally.counts == counts, "\(id)") }
        let overflowed = desk.tenant.splits[other.id]?.count.tally.counts
        #expect(desk.tally.overflowed > 0 && desk.tally.abandoned == 1 && overflowed?.entered ?? 0 > 0)
    }

    @Test("A caller's part says in whose queue it was and for how long, an agent's which split offered it the call")
    func parts() {
        var desk = Desk(configuration: SplitRuleTests.configuration())
        desk.customer(1)
        desk.now = desk.now.advanced(bySeconds: 12)
        desk.tell(.legEnded(LegID("trunk-1"), cause: .originatorCancel))
        #expect(desk.parts.map(\.split) == [SplitRuleTests.split])
        #expect(desk.parts.map(\.queuedMilliseconds) == [12_000])
        desk.customer(2)
        desk.now = desk.now.advanced(bySeconds: 5)
        desk.logIn(5001, on: 8001)
        desk.tell(.legRinging(desk.leg(1, of: 2)))
        desk.now = desk.now.advanced(bySeconds: 3)
        desk.tell(.legAnswered(desk.leg(1, of: 2)))
        desk.now = desk.now.advanced(bySeconds: 60)
        desk.tell(.legEnded(LegID("trunk-2"), cause: .normalClearing))
        #expect(desk.parts.map(\.split) == [SplitRuleTests.split, SplitRuleTests.split])
        #expect(desk.parts.map { $0.isInternal ? 0 : $0.queuedMilliseconds }.max() == 8000)
        #expect(desk.parts.first { $0.isInternal }?.queuedMilliseconds == 0)
    }

    @Test("Who goes over to a split without room has waited once")
    func overflowToFull() {
        var full = SplitProfile(id: Desk.device(7001))
        full.maximumWaiting = 0
        var desk = Desk(configuration: SplitRuleTests.configuration(others: [full]) { $0.overflow = full.id })
        desk.customer(1)
        desk.now = desk.now.advanced(bySeconds: 60)
        desk.apply(.timer(.waitLimit(CallID("q-1") ?? .none)))
        #expect(desk.parts.map(\.queuedMilliseconds) == [60_000])
        #expect(desk.tenant.splits[full.id]?.count.tally.counts.givenUp == 1)
        let waits = desk.effects.compactMap { effect -> Int64? in
            guard case .record(.passage(let passage)) = effect, passage.split == full.id,
                case .left(_, let milliseconds, _) = passage.kind
            else { return nil }
            return milliseconds
        }
        #expect(waits == [0])
    }
}

extension Desk {
    /// The parts that the last input has ended.
    fileprivate var parts: [CallPart] {
        effects.compactMap { if case .record(.part(let part)) = $0 { part } else { nil } }
    }
}
