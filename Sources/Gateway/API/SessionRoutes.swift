import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// What a client may do with the session that it has: end it, make it last longer, or get a ticket for it.
enum SessionRoutes {
    static func add(to routes: inout RouteTable) {
        routes.on(.post, "/api/security/logout", logOut)
        routes.on(.post, "/api/security/renew", renew)
        routes.on(.post, "/api/security/ticket", ticket)
    }

    /// Ends the session; one that is not there any more is no error, or a client could not get rid of its cookie.
    private static func logOut(_ request: APIRequest) async throws -> Response {
        if let id = try request.sessionID() {
            let authenticator = request.services.authenticator
            if case .account(let account) = authenticator.session(id) {
                request.context.notes.note(Requester(agent: account.agent, role: account.role))
            }
            authenticator.sessions.end(id)
        }
        var response = Response.noContent
        response.headers[.setCookie] = request.sessionCookie("") + "; Max-Age=0"
        return response
    }

    /// Its lifetime begins anew; its id, its streams and the cookie stay.
    private static func renew(_ request: APIRequest) async throws -> Response {
        let id = try liveSession(of: request)
        let services = request.services
        services.authenticator.sessions.renew(id, at: services.now())
        let limits = services.configuration.sessions
        var writer = JSONWriter(reserving: 160)
        writer.beginObject()
        writer.key("sessionId")
        writer.string(id)
        writer.key("expiresInSeconds")
        writer.integer(limits.lifetimeSeconds)
        writer.key("idleSeconds")
        writer.integer(limits.idleSeconds)
        writer.endObject()
        return .json(writer.bytes)
    }

    private static func ticket(_ request: APIRequest) async throws -> Response {
        let services = request.services
        let tickets = services.tickets
        let session = SessionStore.hash(try liveSession(of: request))
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.key("ticket")
        writer.string(tickets.issue(for: session, at: services.now()))
        writer.key("expiresInSeconds")
        writer.integer(tickets.limits.lifetimeSeconds)
        writer.endObject()
        return .json(writer.bytes)
    }

    private static func liveSession(of request: APIRequest) throws(APIError) -> String {
        let id = try request.sessionID()
        guard let id, !KeyStore.isKey(id) else { throw .noSession }
        _ = try request.requester(credential: id)
        return id
    }
}
