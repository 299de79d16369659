import CSTA
import HTTPTypes

/// One method of one path: what it takes, what it answers, and what it refuses.
struct Operation: Sendable {
    /// What belongs together on the page.
    enum Group: String, CaseIterable, Sendable {
        case login = "Login"
        case agents = "Agents"
        case calls = "Calls"
        case splits = "Splits"
        case campaigns = "Campaigns"
        case recordings = "Recordings"
        case records = "Records"
        case server = "Server"
        case administration = "Administration"
        case sandbox = "Sandbox"
    }

    struct Parameter: Sendable {
        var name: String
        var schema: Schema
        var isRequired = false
    }

    struct Answer: Sendable {
        var status: Int
        var description: String
        /// By media type; empty: no body.
        var content: [(type: String, schema: Schema)] = []
    }

    /// What a refusal is, for programs.
    struct Refusal: Hashable, Sendable {
        var status: Int
        var code: String

        init(_ status: Int, _ code: String) {
            self.status = status
            self.code = code
        }
    }

    var method: HTTPRequest.Method
    /// With the parameters in braces, as the router has it.
    var path: String
    /// Unique, for generated clients.
    var id: String
    var group: Group
    var summary: String
    var needsSession = true
    var query: [Parameter] = []
    /// By media type; empty: none is read.
    var body: [(type: String, schema: Schema)] = []
    var isBodyRequired = true
    var answers: [Answer]
    var refusals: [Refusal]

    /// The names in braces, in their order.
    var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    static let json = "application/json"
    static let form = "application/x-www-form-urlencoded"
}

extension Operation.Answer {
    static func json(_ schema: Schema, _ description: String) -> Self {
        Self(status: 200, description: description, content: [(Operation.json, schema)])
    }

    static func done(_ description: String) -> Self { Self(status: 204, description: description) }
}

extension [Operation.Refusal] {
    private static func all(_ status: Int, _ codes: String...) -> Self { codes.map { Operation.Refusal(status, $0) } }

    /// Of all paths.
    static let any = all(400, "malformed") + all(500, "internalError")
    /// Of all that need a session.
    static let session =
        any + all(401, "noSession", "sessionExpired", "badKey") + all(403, "notYours", "keyScope", "foreignOrigin")
        + all(429, "tooManyRequests") + all(503, "tenantAway")
    /// Of all that take a body.
    static let body = all(400, "notJSON") + all(413, "bodyTooLarge")
    /// Of those that check a password.
    static let password = all(429, "tooManyFailures") + all(503, "busy")
    /// Of those that change something.
    static let command = session + all(503, "switchAway", "shuttingDown", "overloaded")

    /// Of those that change a call: all that the rules may say of one.
    static let call =
        command + all(404, "noSuchCall", "noSuchConnection", "noSuchDevice", "noSuchAgent", "noRoute")
        + all(
            409, "wrongState", "answerAtPhone", "retrieveAtPhone", "otherCallActive", "partyPending", "splitNotAllowed",
            "notTwoParties",
            "tooManyParties", "alreadyInCall", "notLoggedInThere", "alreadyRecording", "notRecording", "deviceInCall",
            "deviceInUse", "deviceNotRegistered", "deviceNotUsable", "deviceNotAllowed", "agentLoggedOut",
            "agentAllocated", "alreadyLoggedInHere", "loggedInElsewhere", "tooManyAgents")
        + all(403, "numberBarred") + all(429, "tooManyCalls") + all(466, "recordingForbidden")

    static func also(_ status: Int, _ codes: String...) -> Self { codes.map { Operation.Refusal(status, $0) } }
}
