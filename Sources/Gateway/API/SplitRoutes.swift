import CSTA
import CallCenter
import Hummingbird

/// `/api/csta/splits`: what the splits are like just now.
enum SplitRoutes {
    static let splits = "/api/csta/splits"

    static func add(to routes: inout RouteTable) { routes.on(.get, splits, list) }

    private static func list(_ request: APIRequest) async throws -> Response {
        let requester = try request.requester()
        let now = request.services.now()
        let snapshot = await (try request.services.tenant(of: requester)).read { tenant in
            SplitsSnapshot(tenant, for: requester, at: now)
        }
        return .json(snapshot.encoded())
    }
}

/// Splits as they stand, and the serial that goes with them.
struct SplitsSnapshot: Sendable {
    private let splits: [SplitStatus]
    private let serial: Serial

    /// A supervisor sees all of the namespace, an agent those that it is a member of.
    ///
    /// - Parameter requester: nil: who sees all.
    init(_ tenant: Tenant, for requester: Requester? = nil, at now: Instant) {
        var seen = Array(tenant.splits.keys)
        if let requester, !requester.role.supervises { seen = tenant.agents[requester.agent]?.splits ?? [] }
        splits = seen.sorted { $0.text < $1.text }.compactMap { tenant.status(of: $0, at: now) }
        serial = tenant.serial
    }

    /// `{"splits":[…],"serial":n}`, by number.
    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writeSplits(to: &writer)
        writer.key("serial")
        writer.integer(serial.value)
        writer.endObject()
        return writer.bytes
    }

    /// `{"measures":"splits","splits":[…]}`: no serial, because it does not stand in the order of events.
    func encodedMeasures() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("measures", MeasureKind.splits.rawValue)
        writeSplits(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private func writeSplits(to writer: inout JSONWriter) {
        writer.key("splits")
        writer.beginArray()
        for split in splits { write(split, to: &writer) }
        writer.endArray()
    }

    private func write(_ split: SplitStatus, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("splitId", split.id.text)
        writer.member("name", split.name)
        writer.member("waiting", Int64(split.waiting))
        if let wait = split.longestWaitMilliseconds { writer.member("longestWaitMilliseconds", wait) }
        writer.key("agents")
        writer.beginObject()
        for standing in AgentStanding.allCases {
            writer.key(standing.rawValue)
            writer.integer(split.agents[standing, default: 0])
        }
        writer.endObject()
        let today = split.today
        writer.members(of: today.counts)
        writer.member("serviceLevelSeconds", Int64(split.thresholdSeconds))
        writer.percent("occupancyPercent", today.busyMilliseconds, of: today.staffedMilliseconds)
        writer.endObject()
    }
}
