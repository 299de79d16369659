import CSTA
import CallCenter
import HTTPTypes
import Hummingbird
import NIOCore

/// `/api/csta/records`: what calls and agents' times have come to.
enum RecordRoutes {
    static func add(to routes: inout RouteTable, _ archive: any RecordArchive) {
        routes.on(.get, "/api/csta/records/calls") { try await calls($0, archive) }
        routes.on(.get, "/api/csta/records/agents") { try await agents($0, archive) }
    }

    private static func calls(_ request: APIRequest, _ archive: any RecordArchive) async throws -> Response {
        let requester = try request.requester()
        let tenant = try request.services.tenant(of: requester)
        let zone = await tenant.read { $0.configuration.zone }
        let fields = RecordFields(query: QueryFields(try request.query(), in: tenant.namespace, zone: zone))
        let format = try fields.format(accept: request.request.headers[.accept])
        let filter = try fields.callFilter(for: requester)
        let (position, limit) = (try fields.afterCall(), try fields.query.limit())
        let page: CallRecordPage
        do throws(RecordError) {
            page = try await archive.calls(
                in: tenant.namespace, matching: filter, after: position, limit: limit)
        } catch {
            throw APIError.recordsAway
        }
        // Nothing tells an agent who listened to its call, or what became of it at another's.
        let visible = page.calls.map { call in
            VisibleCall(call: call, parts: call.parts.filter { requester.role.supervises || $0.agent == filter.agent })
        }
        let next = page.next.map(RecordCursor.text)
        switch format {
        case .json: return .json(RecordJSON(zone: zone).calls(visible, next: next))
        case .csv: return .csv(RecordTable(zone: zone).calls(visible), name: "calls", next: next)
        }
    }

    private static func agents(_ request: APIRequest, _ archive: any RecordArchive) async throws -> Response {
        let requester = try request.requester()
        let tenant = try request.services.tenant(of: requester)
        let zone = await tenant.read { $0.configuration.zone }
        let now = request.services.now()
        let fields = RecordFields(query: QueryFields(try request.query(), in: tenant.namespace, zone: zone))
        let format = try fields.format(accept: request.request.headers[.accept])
        var filter = try fields.agentFilter(for: requester, now: now)
        let agent = filter.agent
        filter.running = await tenant.read { $0.runningTimes(of: agent, until: now) }
        return try await fields.isDetailed()
            ? detail(fields, filter, format, in: tenant.namespace, archive)
            : sums(fields, filter, format, in: tenant.namespace, archive)
    }

    private static func detail(
        _ fields: RecordFields, _ filter: AgentTimeFilter, _ format: RecordFormat, in namespace: Namespace,
        _ archive: any RecordArchive
    ) async throws(APIError) -> Response {
        let (position, limit) = (try fields.afterTime(), try fields.query.limit())
        let page: AgentTimePage
        do throws(RecordError) {
            page = try await archive.agentTimes(in: namespace, matching: filter, after: position, limit: limit)
        } catch {
            throw .recordsAway
        }
        let next = page.next.map(RecordCursor.text)
        return switch format {
        case .json: .json(RecordJSON(zone: fields.query.zone).times(page.times, filter, next: next))
        case .csv: .csv(RecordTable(zone: fields.query.zone).times(page.times, filter), name: "agents", next: next)
        }
    }

    private static func sums(
        _ fields: RecordFields, _ filter: AgentTimeFilter, _ format: RecordFormat, in namespace: Namespace,
        _ archive: any RecordArchive
    ) async throws(APIError) -> Response {
        let (agent, limit) = (try fields.afterAgent(), try fields.query.limit())
        let page: AgentTimeSumPage
        do throws(RecordError) {
            page = try await archive.agentTimeSums(in: namespace, matching: filter, after: agent, limit: limit)
        } catch {
            throw .recordsAway
        }
        let next = page.next.map(RecordCursor.text)
        return switch format {
        case .json: .json(RecordJSON(zone: fields.query.zone).sums(page.sums, filter, next: next))
        case .csv: .csv(RecordTable(zone: fields.query.zone).sums(page.sums), name: "agents", next: next)
        }
    }
}

/// A call with those of its parts that the one who asks may see.
struct VisibleCall {
    var call: CallRecord
    var parts: [CallPart]
}

extension APIError {
    static let recordsAway: APIError = {
        var error = APIError(503, "recordsAway", "The records cannot be read now: try again in a few seconds.")
        error.retryAfterSeconds = 5
        return error
    }()
}

extension Response {
    /// Where a table says after what the next page begins: it has no place for it in its body.
    private static let nextName = HTTPField.Name("Next-After")

    fileprivate static func csv(_ bytes: [UInt8], name: String, next: String?) -> Response {
        var response = Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8; header=present", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"\(name).csv\"",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        if let next, let nextName { response.headers[nextName] = next }
        return response
    }
}

extension Tenant {
    /// What agents who are logged in are doing, all or one; it is in the journal only when it is over.
    fileprivate func runningTimes(of agent: AgentID?, until now: Instant) -> [AgentID: AgentTime] {
        if let agent {
            return agents[agent]?.login.map { [agent: $0.runningTime(of: agent, until: now)] } ?? [:]
        }
        return Dictionary(
            uniqueKeysWithValues: agents.compactMap { id, agent in
                agent.login.map { (id, $0.runningTime(of: id, until: now)) }
            })
    }
}
