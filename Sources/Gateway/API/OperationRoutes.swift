import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// `/healthz` and `/readyz`, for load balancers and supervisors of processes; no session is needed.
enum OperationRoutes {
    static func add(to routes: inout RouteTable) {
        routes.on(.get, "/healthz") { request in
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("status", "ok")
            writer.member("version", request.services.configuration.version)
            writer.endObject()
            return .json(writer.bytes)
        }
        routes.on(.get, "/readyz") { request in
            let reasons = request.services.tenants.unreadiness()
            guard !reasons.isEmpty else { return .json("status", "ready") }
            throw APIError(
                503, "notReady", "The server should get no traffic now: see reasons.",
                ["reasons": .array(reasons.map(JSON.string))])
        }
    }
}
