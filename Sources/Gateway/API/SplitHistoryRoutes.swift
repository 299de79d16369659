import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// `/api/csta/splits/{split}/history`: what came of a split's calls, by interval, from the journal.
enum SplitHistoryRoutes {
    static let history = SplitRoutes.splits + "/{split}/history"
    /// Ten days of quarters of an hour, or more than a year of days.
    static let maximumIntervals = 1000

    static func add(to routes: inout RouteTable, _ archive: any RecordArchive) {
        routes.on(.get, history) { try await show($0, archive) }
    }

    private static func show(_ request: APIRequest, _ archive: any RecordArchive) async throws -> Response {
        let requester = try request.requester()
        let tenant = try request.services.tenant(of: requester)
        let number = try request.parameter("split")
        // That of another namespace is as one that is not there.
        guard let split = DeviceID(number) ?? DeviceID(number, in: tenant.namespace) else {
            throw APIError.malformed("split", "not a split's number, alone or as number@namespace.")
        }
        let (zone, isThere, isSeen) = await tenant.read { tenant in
            let isSeen = requester.role.supervises || tenant.agents[requester.agent]?.splits.contains(split) == true
            return (tenant.configuration.zone, tenant.splits[split] != nil, isSeen)
        }
        guard isThere else { throw APIError(404, "noSuchSplit", "There is no such split in this namespace.") }
        guard isSeen else { throw APIError(.notYours, in: .call) }
        let fields = HistoryFields(query: QueryFields(try request.query(), in: tenant.namespace, zone: zone))
        let (intervals, bounds) = try fields.intervals(now: request.services.now())
        var history = SplitHistory(split: split, intervals: intervals, bounds: bounds)
        if let from = bounds.first, let to = bounds.last {
            do throws(RecordError) {
                history.quarters = try await archive.splitQuarters(
                    of: split, in: tenant.namespace, from: from, to: to)
            } catch {
                throw APIError.recordsAway
            }
        }
        return .json(history.encoded())
    }
}

/// The parameters of a query for a split's history.
private struct HistoryFields {
    let query: QueryFields

    /// From the beginning of today, up to now, in hours, unless told otherwise.
    func intervals(now: Instant) throws(APIError) -> (SplitIntervals, bounds: [Instant]) {
        let intervals = SplitIntervals(try length(), in: query.zone)
        let today = SplitIntervals(.day, in: query.zone).bounds(from: now, to: now, atMost: 1)?.first
        let (from, to) = (
            try query.moment("from") ?? today ?? now, try query.moment("to") ?? now.advanced(bySeconds: 1)
        )
        guard from <= to else { throw .malformed("to", "before from, which is the beginning of today if left out.") }
        guard let bounds = intervals.bounds(from: from, to: to, atMost: SplitHistoryRoutes.maximumIntervals) else {
            throw .malformed(
                "from", "more than \(SplitHistoryRoutes.maximumIntervals) intervals lie between it and to.")
        }
        return (intervals, bounds)
    }

    private func length() throws(APIError) -> SplitIntervals.Length {
        guard let text = query.text("interval") else { return .hour }
        guard let length = Int(text).flatMap(SplitIntervals.Length.init(rawValue:)) else {
            let known = SplitIntervals.Length.allCases.map { String($0.rawValue) }.joined(separator: ", ")
            throw .malformed("interval", "none of \(known) seconds.")
        }
        return length
    }
}

/// A split's history as it goes out.
private struct SplitHistory {
    let split: DeviceID
    let intervals: SplitIntervals
    let bounds: [Instant]
    var quarters: [SplitQuarter] = []

    /// `{"splitId":"…","intervalSeconds":3600,"intervals":[…]}`, each interval there is, in the order of time.
    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("splitId", split.text)
        writer.member("intervalSeconds", Int64(intervals.length.rawValue))
        writer.key("intervals")
        writer.beginArray()
        let counts = intervals.counts(of: quarters, between: bounds)
        for (index, counts) in counts.enumerated() {
            writer.beginObject()
            writer.moment("beginTime", "beginTimestamp", bounds[index], intervals.zone)
            writer.moment("endTime", "endTimestamp", bounds[index + 1], intervals.zone)
            writer.members(of: counts)
            if counts.left > 0 { writer.member("longestWaitMilliseconds", counts.longestWaitMilliseconds) }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    /// The counts, and what follows from them: docs/metrics.md.
    mutating func members(of counts: SplitCounts) {
        member("entered", Int64(counts.entered))
        member("answered", Int64(counts.answered))
        member("answeredInTime", Int64(counts.answeredInTime))
        member("abandoned", Int64(counts.abandoned))
        member("overflowed", Int64(counts.overflowed))
        member("givenUp", Int64(counts.givenUp))
        percent("serviceLevelPercent", Int64(counts.answeredInTime), of: Int64(counts.left))
        if counts.answered > 0 {
            member("averageSpeedOfAnswerMilliseconds", counts.answeredWaitMilliseconds / Int64(counts.answered))
        }
    }

    /// Rounded to whole per cents; left out where there is nothing to divide by.
    mutating func percent(_ key: StaticString, _ part: Int64, of whole: Int64) {
        if whole > 0 { member(key, (part * 200 + whole) / (2 * whole)) }
    }
}
