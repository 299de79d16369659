import CSTA
import HTTPTypes
import Hummingbird
import NIOCore

/// An answer that is not a success: `{"status":459,"code":"deviceInUse","message":"…", …}`.
struct APIError: Error, Hashable, Sendable {
    var status: Int
    /// For programs; does not change.
    var code: String
    /// For people: what is wrong and what to do.
    var message: String
    /// Further members of the body, in this order.
    var details = JSONObject()
    var retryAfterSeconds: Int?
    /// For 405: the methods that the path knows.
    var allowed: String?

    init(_ status: Int, _ code: String, _ message: String, _ details: JSONObject = JSONObject()) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
    }

    var response: Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("status")
        writer.integer(status)
        writer.key("code")
        writer.string(code)
        writer.key("message")
        writer.string(message)
        for (key, value) in details {
            writer.key(key)
            writer.value(value)
        }
        writer.endObject()
        var response = Response.json(writer.bytes, status: HTTPResponse.Status(code: status, reasonPhrase: code))
        if let retryAfterSeconds { response.headers[.retryAfter] = String(retryAfterSeconds) }
        if let allowed { response.headers[.allow] = allowed }
        if status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}

extension APIError {
    /// 400: something in a field of the body, the path or the query.
    static func malformed(_ field: String, _ message: String) -> APIError {
        APIError(400, "malformed", "\(field): \(message)", ["field": .string(field)])
    }

    /// 400: a text that should be JSON and is not.
    static func notJSON(_ field: String, _ error: JSONError) -> APIError {
        APIError(
            400, "notJSON", "\(field): not JSON, \(error)",
            ["field": .string(field), "offset": .number(String(error.offset))])
    }

    static let noSession = APIError(
        401, "noSession", "Log in with POST /login and send the sessionId with each request.")
    static let sessionExpired = APIError(
        401, "sessionExpired", "The session has expired: log in again with POST /login.")
    /// On logging an agent in, where clients know this status and log in again by themselves.
    static let sessionExpiredAtLogin = APIError(
        426, "sessionExpired", "The session has expired: log in again with POST /login.")
    static let badCredentials = APIError(
        401, "badCredentials", "Agent, password or namespace is wrong, or the account is disabled.")
    static let wrongPassword = APIError(401, "wrongPassword", "The password is wrong.")

    /// Of another namespace, whether it is there or not.
    static let otherNamespace = APIError(
        403, "notYours", "This belongs to another namespace than the one you are logged in to.")
    static let adminsOnly = APIError(403, "notYours", "Only an admin may do this.")
    static let foreignOrigin = APIError(
        403, "foreignOrigin",
        "A page of another origin asks, which the operator has not allowed: http.origins in the configuration lists them."
    )
    static let badTicket = APIError(
        401, "badTicket",
        "The ticket was used already, is too old, or its session is over: POST /api/security/ticket gives another.")
    static let noSuchPath = APIError(
        404, "noSuchPath", "There is nothing here: docs/api.md lists the paths.")
    static let bodyTooLarge = APIError(
        413, "bodyTooLarge", "The body is larger than \(APIRequest.maximumBodyBytes) bytes.",
        ["maximumBytes": .number(String(APIRequest.maximumBodyBytes))])
    static let unexpected = APIError(500, "internalError", "Something went wrong here; it is in the server's log.")
    static let tenantAway = APIError(503, "tenantAway", "Your namespace is not served here now; try again.")

    static func tooManyFailures(seconds: Int) -> APIError {
        var error = APIError(
            429, "tooManyFailures", "Too many failed logins: try again in \(seconds) s.",
            ["retryAfterSeconds": .number(String(seconds))])
        error.retryAfterSeconds = seconds
        return error
    }

    static func tooManyRequests(seconds: Int) -> APIError {
        var error = APIError(429, "tooManyRequests", "More requests a second than one session may send: slow down.")
        error.retryAfterSeconds = seconds
        return error
    }

    static func tooManyCallsAtOnce(seconds: Int) -> APIError {
        var error = APIError(429, "tooManyCalls", "More calls a second than this tenant may begin: slow down.")
        error.retryAfterSeconds = seconds
        return error
    }

    static let busy: APIError = {
        var error = APIError(503, "busy", "Too many are logging in at this moment: try again in a few seconds.")
        error.retryAfterSeconds = 5
        return error
    }()

    static func wrongMethod(allowed: String) -> APIError {
        var error = APIError(405, "wrongMethod", "This path knows \(allowed) only.")
        error.allowed = allowed
        return error
    }
}

extension Response {
    static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            // What is answered is somebody's, and of this moment.
            headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// `{"key":"value"}`.
    static func json(_ key: StaticString, _ value: String) -> Response {
        var writer = JSONWriter(reserving: 96)
        writer.beginObject()
        writer.key(key)
        writer.string(value)
        writer.endObject()
        return .json(writer.bytes)
    }

    static var noContent: Response { Response(status: .noContent) }
}
