import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// `POST /login` and its other names.
enum LoginRoutes {
    static func add(to routes: inout RouteTable) {
        for path in ["/login", "/api/security/login", "/loginTrusted"] { routes.on(.post, path, logIn) }
    }

    private static func logIn(_ request: APIRequest) async throws -> Response {
        let body = try await request.body()
        let fields = try credentials(body)
        let services = request.services
        let outcome: Authenticator.PasswordOutcome
        if let agent = fields.agent {
            // A name that nobody has may be a password in the wrong field.
            if let account = services.accounts.account(of: agent) {
                request.context.notes.note(Requester(agent: agent, role: account.role))
            }
            outcome = await services.authenticator.check(
                password: fields.password, of: agent, from: request.clientAddress)
        } else {
            outcome = .wrong
        }
        switch outcome {
        case .account(let account):
            guard let id = services.authenticator.beginSession(for: account) else { throw APIError.badCredentials }
            request.context.notes.note(session: id, of: account.agent)
            var response = Response.json("sessionId", id)
            response.headers[.setCookie] = request.sessionCookie(id)
            return response
        case .wrong, .disabled: throw APIError.badCredentials
        case .wait(let seconds): throw APIError.tooManyFailures(seconds: seconds)
        case .busy: throw APIError.busy
        }
    }

    /// The fields of the form; a JSON object with the same names is taken too.
    ///
    /// - Returns: `agent` is nil if no agent can be called so, which is as wrong as a wrong password.
    private static func credentials(_ body: [UInt8]) throws(APIError) -> (agent: AgentID?, password: String) {
        let value: (String) throws(APIError) -> String?
        if body.first(where: { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }) == UInt8(ascii: "{") {
            let object = try APIRequest.object(body)
            value = { field throws(APIError) in
                switch object[field] {
                case nil, .null?: return nil
                case .string(let text)?: return text
                default: throw .malformed(field, "not a string.")
                }
            }
        } else {
            guard let text = String(validating: body, as: UTF8.self), let form = FormFields(text, plusIsSpace: true)
            else {
                throw .malformed("body", "not a form of username, password and namespace in percent-encoded UTF-8.")
            }
            value = { field throws(APIError) in form[field] }
        }
        guard let username = try value("username"), !username.isEmpty else {
            throw .malformed("username", "is missing or empty.")
        }
        guard let password = try value("password"), !password.isEmpty else {
            throw .malformed("password", "is missing or empty.")
        }
        let namespace = try value("namespace").flatMap { $0.isEmpty ? nil : $0 }
        if username.utf8.contains(UInt8(ascii: "@")) {
            guard let agent = AgentID(username), namespace == nil || agent.namespace.name == namespace else {
                return (nil, password)
            }
            return (agent, password)
        }
        guard let namespace else { throw .malformed("namespace", "is missing or empty.") }
        return (Namespace(namespace).flatMap { AgentID(username, in: $0) }, password)
    }
}
