import HTTPTypes
public import Hummingbird
import Logging
import NIOCore

/// What goes with a request from the socket to its handler.
public struct GatewayContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Of the other end of the socket, without its port; nil if it is not known. It may be a proxy.
    let peerAddress: String?
    /// For the line in the log.
    let notes = RequestNotes()

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peerAddress = source.channel.remoteAddress?.ipAddress
    }
}

/// The HTTP API of the gateway.
///
/// Every answer of it that is not a success has a JSON body with `status`, `code` and `message`, for unknown paths and
/// methods too. More paths may be added to the router; they get its log and its error bodies.
public func makeRouter(_ services: GatewayServices) -> Router<GatewayContext> {
    let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)
    let routes = RouteTable(services)
    router.add(middleware: RequestCounting(counts: services.requestCounts))
    router.add(
        middleware: RequestLog(
            logger: services.logger, now: services.now, masked: services.audit.masked))
    router.add(middleware: CrossOrigin(origins: services.configuration.access.origins, methods: routes.methods))
    router.add(middleware: ErrorBodies(logger: services.logger))
    routes.register(with: router, services)
    return router
}

/// The paths of the API with their methods, so that a wrong method can be told from a wrong path.
struct RouteTable {
    typealias Handler = @Sendable (APIRequest) async throws -> Response

    /// HEAD is made from GET.
    private static let methods: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete, .options, .head]

    private var paths: [(path: String, handlers: [(method: HTTPRequest.Method, handler: Handler)])] = []

    /// All that there are, `DELETE, GET, HEAD, POST`.
    var methods: String {
        Set(paths.flatMap { $0.handlers.map(\.method.rawValue) } + ["HEAD"]).sorted().joined(separator: ", ")
    }

    /// Each path with a method that it knows.
    var all: [(method: HTTPRequest.Method, path: String)] {
        paths.flatMap { path, handlers in handlers.map { ($0.method, path) } }
    }

    /// All that the services can do.
    init(_ services: GatewayServices) {
        LoginRoutes.add(to: &self)
        SessionRoutes.add(to: &self)
        AgentRoutes.add(to: &self)
        CallRoutes.add(to: &self)
        CallServiceRoutes.add(to: &self)
        UserDataRoutes.add(to: &self)
        SplitRoutes.add(to: &self)
        OutboundRoutes.add(to: &self)
        if let campaigns = services.campaigns { CampaignRoutes.add(to: &self, campaigns) }
        OperationRoutes.add(to: &self)
        if let recordings = services.recordings { RecordingRoutes.add(to: &self, recordings) }
        if let records = services.records {
            RecordRoutes.add(to: &self, records)
            SplitHistoryRoutes.add(to: &self, records)
        }
        if let administration = services.administration { AdministrationRoutes.add(to: &self, administration) }
        if let keys = services.keys { KeyRoutes.add(to: &self, keys) }
        if let sandbox = services.sandbox { SandboxRoutes.add(to: &self, sandbox) }
        DescriptionRoutes.add(to: &self)
    }

    func has(_ method: HTTPRequest.Method, _ path: String) -> Bool {
        paths.contains { $0.path == path && $0.handlers.contains { $0.method == method } }
    }

    mutating func on(_ method: HTTPRequest.Method, _ path: String, _ handler: @escaping Handler) {
        if let index = paths.firstIndex(where: { $0.path == path }) {
            paths[index].handlers.append((method, handler))
        } else {
            paths.append((path, [(method, handler)]))
        }
    }

    func register(with router: Router<GatewayContext>, _ services: GatewayServices) {
        for (path, handlers) in paths {
            let known = handlers.map(\.method)
            for (method, handler) in handlers {
                router.on(RouterPath(path), method: method) { request, context in
                    let request = APIRequest(request: request, context: context, services: services)
                    do {
                        let response = try await handler(request)
                        services.audit.record(request, path: path, error: nil)
                        return response
                    } catch let error as APIError {
                        services.audit.record(request, path: path, error: error)
                        throw error
                    }
                }
            }
            let allowed = known.map(\.rawValue).sorted().joined(separator: ", ")
            for method in Self.methods
            where !known.contains(method) && !(method == .head && known.contains(.get)) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw APIError.wrongMethod(allowed: allowed)
                }
            }
        }
    }
}
