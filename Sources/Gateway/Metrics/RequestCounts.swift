import HTTPTypes
import Hummingbird
import Synchronization

/// How many requests were answered, by method, route and status. Events' own connections are no requests here.
///
/// A route is a path's template, a method one of a closed list: a client cannot add to what is kept here.
public final class RequestCounts: Sendable {
    public struct Key: Hashable, Sendable {
        public var method: String
        /// `/api/csta/agent/heartbeat/{agentId}`; `unmatched` for a path that nobody serves.
        public var route: String
        public var status: Int
    }

    private let counts = Mutex<[Key: Int]>([:])

    public init() {}

    /// In the order of routes, methods and statuses.
    public var all: [(key: Key, count: Int)] {
        counts.withLock { Array($0) }.map { ($0.key, $0.value) }
            .sorted { ($0.0.route, $0.0.method, $0.0.status) < ($1.0.route, $1.0.method, $1.0.status) }
    }

    func count(_ key: Key) { counts.withLock { $0[key, default: 0] += 1 } }
}

/// Counts each request that was answered.
struct RequestCounting: RouterMiddleware {
    let counts: RequestCounts

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        // The router has a word of its own for a path that nobody serves.
        let route = context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "unmatched"
        counts.count(
            RequestCounts.Key(method: request.method.known, route: route, status: response.status.code))
        return response
    }
}

extension HTTPRequest.Method {
    /// A method is the client's text, too: one of those that are served here, or `other`.
    var known: String {
        switch self {
        case .get, .head, .post, .put, .patch, .delete, .options: rawValue
        default: "other"
        }
    }
}
