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
    init(_ tenant: Tenant, for requester: Requester, at now: Instant) {
        let seen =
            requester.role.supervises ? Array(tenant.splits.keys) : tenant.agents[requester.agent]?.splits ?? []
        splits = seen.sorted { $0.text < $1.text }.compactMap { tenant.status(of: $0, at: now) }
        serial = tenant.serial
    }

    /// `{"splits":[…],"serial":n}`, by number.
    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("splits")
        writer.beginArray()
        for split in splits { write(split, to: &writer) }
        writer.endArray()
        writer.key("serial")
        writer.integer(serial.value)
        writer.endObject()
        return writer.bytes
    }

    private func write(_ split: SplitStatus, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("splitId", split.id.text)
        writer.member("name", split.name)
        writer.count("waiting", split.waiting)
        if let wait = split.longestWaitMilliseconds { writer.count("longestWaitMilliseconds", Int(wait)) }
        writer.key("agents")
        writer.beginObject()
        for standing in AgentStanding.allCases {
            writer.key(standing.rawValue)
            writer.integer(split.agents[standing, default: 0])
        }
        writer.endObject()
        let today = split.today
        writer.count("entered", today.entered)
        writer.count("answered", today.answered)
        writer.count("answeredInTime", today.answeredInTime)
        writer.count("abandoned", today.abandoned)
        writer.count("overflowed", today.overflowed)
        writer.count("givenUp", today.givenUp)
        writer.count("serviceLevelSeconds", split.thresholdSeconds)
        writer.percent("serviceLevelPercent", today.answeredInTime, of: today.left)
        if today.answered > 0 {
            writer.count(
                "averageSpeedOfAnswerMilliseconds", Int(today.answeredWaitMilliseconds / Int64(today.answered)))
        }
        writer.percent("occupancyPercent", Int(today.busyMilliseconds), of: Int(today.staffedMilliseconds))
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func count(_ key: StaticString, _ value: Int) {
        self.key(key)
        integer(value)
    }

    /// Rounded to whole per cents; left out where there is nothing to divide by.
    fileprivate mutating func percent(_ key: StaticString, _ part: Int, of whole: Int) {
        if whole > 0 { count(key, (part * 200 + whole) / (2 * whole)) }
    }
}
