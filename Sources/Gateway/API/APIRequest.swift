import CSTA
import CallCenter
import HTTPTypes
import Hummingbird
import NIOCore

/// A request on its way through the API, with what its handler needs.
struct APIRequest: Sendable {
    /// Four times the user data of a call, and far more than any other body.
    static let maximumBodyBytes = 64 * 1024
    /// Nothing that is asked here nests.
    static let maximumDepth = 8

    let request: Request
    let context: GatewayContext
    let services: GatewayServices

    /// A part of the path, percent-decoded.
    func parameter(_ name: String) throws(APIError) -> String {
        guard let raw = context.parameters.get(name),
            let text = FormFields.decoded(raw.utf8, plusIsSpace: false), !text.isEmpty
        else { throw .malformed(name, "not percent-encoded UTF-8.") }
        return text
    }

    func query() throws(APIError) -> FormFields {
        guard let fields = FormFields(request.uri.query ?? "", plusIsSpace: false) else {
            throw .malformed("query", "not percent-encoded UTF-8, or too many parameters.")
        }
        return fields
    }

    /// A device that the query has to name, in this namespace.
    func queryDevice(_ name: String, in namespace: Namespace) throws(APIError) -> DeviceID {
        guard let device: DeviceID = try QueryFields(try query(), in: namespace).address(name)
        else { throw .malformed(name, "is missing or empty.") }
        return device
    }

    /// The whole body, read once.
    ///
    /// - Throws: 413 if it is larger than `maximum`; an error of the transport if it does not come to its end.
    func body(atMost maximum: Int = Self.maximumBodyBytes) async throws -> [UInt8] {
        // What says that it is too large is not even read.
        if let length = request.headers[.contentLength], let bytes = Int(length), bytes > maximum {
            throw APIError.bodyTooLarge
        }
        do {
            return Array(buffer: try await request.body.collect(upTo: maximum))
        } catch is NIOTooManyBytesError {
            throw APIError.bodyTooLarge
        }
    }

    /// The body as a JSON object, whatever its content type says.
    func object() async throws -> JSONObject { try Self.object(try await body()) }

    static func object(_ bytes: [UInt8]) throws(APIError) -> JSONObject {
        let json: JSON
        do {
            json = try JSON.parse(bytes, maximumDepth: maximumDepth)
        } catch {
            throw .notJSON("body", error)
        }
        guard let object = json.object else { throw .malformed("body", "not a JSON object.") }
        return object
    }

    /// Who asks, by the session that the request carries.
    func requester() throws(APIError) -> Requester {
        try requester(credential: try sessionID())
    }

    /// Who asks, by a session or an API key; a key has to have the scope that the request's method needs.
    func requester(credential: String?) throws(APIError) -> Requester {
        guard let credential, KeyStore.isKey(credential) else {
            let requester = try services.requester(session: credential)
            context.notes.note(requester)
            context.notes.note(session: credential, of: requester.agent)
            return requester
        }
        let reads = request.method == .get || request.method == .head
        let key = try services.key(credential, in: request.headers)
        context.notes.note(key.requester)
        context.notes.note(session: credential, of: key.requester.agent)
        try key.require(reads ? .read : .control)
        return key.requester
    }

    /// Who asks, if it is an admin.
    func administrator() throws(APIError) -> Requester {
        let requester = try requester()
        guard requester.role == .admin else { throw .adminsOnly }
        return requester
    }

    /// The session that the request names, whether it is there or not; nil if it names none.
    func sessionID() throws(APIError) -> String? {
        try SessionID.find(headers: request.headers, query: try query())
    }

    /// `Set-Cookie` with a session.
    func sessionCookie(_ value: String) -> String {
        let isTLS = services.configuration.access.proxies.isTLS(peer: context.peerAddress, headers: request.headers)
        return "\(SessionID.cookieName)=\(value); Path=/; HttpOnly; SameSite=Lax"
            + (services.configuration.cookieNeedsTLS || isTLS ? "; Secure" : "")
    }

    /// Of the client, without its port, so that a new socket is no new client; nil if it is not known.
    var clientAddress: String? {
        services.configuration.access.proxies.client(peer: context.peerAddress, headers: request.headers)
    }

    /// Gives a command to the rules and makes their answer the response.
    ///
    /// - Parameter names: what the request calls the things that a refusal may be about.
    func perform(
        _ command: Command, by requester: Requester, in area: APIError.Area, naming names: FieldNames = FieldNames()
    ) async throws(APIError) -> Response {
        let tenant = try services.tenant(of: requester)
        if command.dials { try services.throttleCalls(of: requester.agent.namespace) }
        switch await tenant.perform(command, by: requester) {
        case .done: return .noContent
        case .pending(let mode): return .json("pendingMode", mode.rawValue)
        case .call(let call):
            context.notes.note(call: call)
            return .json("callId", call.text)
        case .refused(let refusal):
            if command.dials { services.callWasRefused(in: requester.agent.namespace) }
            let accounts = services.accounts
            throw APIError(refusal, in: area, naming: names) { agent in
                accounts.account(of: agent).flatMap { $0.name.isEmpty ? nil : $0.name }
            }
        }
    }
}

extension Command {
    /// Whether it has somebody called, which costs the switch, and outside money.
    fileprivate var dials: Bool {
        switch self {
        case .makeCall, .singleStepTransferCall, .singleStepConferenceCall, .consultationCall, .listen,
            .answerPreview(_, isAccepted: true):
            true
        default: false
        }
    }
}

/// Where a request carries its session's id.
enum SessionID {
    static let cookieName = "sessionId"
    private static let headerName = HTTPField.Name("sessionId")

    /// The first that is there of `Authorization: Bearer`, the header, the query, the body and the cookie: what a
    /// client says on purpose goes before what its browser adds.
    ///
    /// - Returns: nil if there is none.
    static func find(headers: HTTPFields, query: FormFields, body: JSONObject? = nil) throws(APIError) -> String? {
        if let authorization = headers[.authorization] {
            let parts = authorization.split(separator: " ", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == "bearer" {
                return parts[1].trimmingSpaces
            }
        }
        if let value = headerName.flatMap({ headers[$0] }), !value.isEmpty { return value }
        if let value = query[cookieName], !value.isEmpty { return value }
        switch body?[cookieName] {
        case .string(let value)? where !value.isEmpty: return value
        case .string?, .null?, nil: break
        default: throw .malformed(cookieName, "not a string.")
        }
        return Cookies(from: headers[values: .cookie])[cookieName].flatMap { $0.value.isEmpty ? nil : $0.value }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
