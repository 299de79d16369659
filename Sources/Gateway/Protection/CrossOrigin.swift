import HTTPTypes
import Hummingbird

/// What browsers are told of pages from other origins (Fetch standard, "CORS protocol").
///
/// Pages of listed origins may use the whole interface, also with the cookie. Others get no header of it, so that
/// browsers keep answers from them; and a request that changes something by the cookie alone is refused if such a page
/// sends it, for the browser would send it though the page may not see the answer.
struct CrossOrigin: RouterMiddleware {
    let origins: OriginRules
    /// Of the whole interface, for preflights.
    let methods: String

    /// So long a browser need not ask again: short enough that a changed list takes effect.
    private static let maximumAgeSeconds = 600
    private static let requestHeaders = "Authorization, Content-Type, Last-Event-ID, X-Requested-With, sessionId"
    private static let responseHeaders = "Content-Disposition, Content-Range, Retry-After"

    func handle(
        _ request: Request, context: GatewayContext, next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let origin = origins.judge(request.headers[values: .origin], authority: request.head.authority)
        var response: Response
        if case .listed = origin, request.method == .options,
            request.headers[.accessControlRequestMethod] != nil
        {
            response = Response(
                status: .noContent,
                headers: [
                    .accessControlAllowMethods: methods, .accessControlAllowHeaders: Self.requestHeaders,
                    .accessControlMaxAge: String(Self.maximumAgeSeconds),
                ])
        } else if origin == .foreign, Self.changes(request), try SessionID.isCookieAlone(request) {
            response = APIError.foreignOrigin.response
        } else {
            response = try await next(request, context)
        }
        for (name, value) in Self.fields(for: origin) {
            if let name = HTTPField.Name(name) { response.headers.append(HTTPField(name: name, value: value)) }
        }
        return response
    }

    /// The fields that every answer to a request of this origin has.
    static func fields(for origin: OriginRules.Origin) -> [(name: String, value: String)] {
        guard case .listed(let text) = origin else { return [("Vary", "Origin")] }
        return [
            ("Vary", "Origin"), ("Access-Control-Allow-Origin", text), ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", responseHeaders),
        ]
    }

    private static func changes(_ request: Request) -> Bool {
        ![.get, .head, .options].contains(request.method)
    }
}

extension SessionID {
    /// Whether the browser has added the session's cookie, and the page itself names no session.
    fileprivate static func isCookieAlone(_ request: Request) throws -> Bool {
        guard let query = FormFields(request.uri.query ?? "", plusIsSpace: false) else { return true }
        var headers = request.headers
        guard try find(headers: headers, query: query) != nil else { return false }
        headers[.cookie] = nil
        return try find(headers: headers, query: query) == nil
    }
}
