public import CSTA
import CallCenter
import HTTPTypes

/// Lets those connect by STOMP who have a session or a password: an agent follows itself, a supervisor each agent of its
/// namespace.
public struct SessionStompAuthorizer: StompAuthorizer {
    private let services: GatewayServices
    private let anonymousNamespace: Namespace?

    /// - Parameters:
    ///   - services: the same as the router's, whose sessions they are.
    ///   - anonymousNamespace: whose events those may follow who do not say who they are; nil: they get none.
    public init(_ services: GatewayServices, anonymousNamespace: Namespace? = nil) {
        self.services = services
        self.anonymousNamespace = anonymousNamespace
    }

    public func admit(_ login: StompLogin) async -> Result<StompIdentity, EventRefusal> {
        do throws(APIError) {
            return .success(try await identity(login))
        } catch {
            return .failure(EventRefusal(status: error.status, code: error.code, message: error.message))
        }
    }

    /// What the client says on purpose goes before what its browser adds.
    private func identity(_ login: StompLogin) async throws(APIError) -> StompIdentity {
        if let id = login.sessionID { return try identity(session: id, at: login.upgrade) }
        if let name = login.login { return try await identity(name, login.passcode ?? "", from: login.upgrade) }
        let found: APIError
        do throws(APIError) {
            let query = login.upgrade.target.drop { $0 != "?" }.dropFirst()
            guard let fields = FormFields(query, plusIsSpace: false) else {
                throw .malformed("query", "not percent-encoded UTF-8, or too many parameters.")
            }
            guard let id = try SessionID.find(headers: login.upgrade.headers, query: fields) else { throw .noSession }
            return try identity(session: id, at: login.upgrade)
        } catch { found = error }
        // A cookie of long ago does not shut out an old client that needs none.
        guard found.status == 401, let anonymousNamespace else { throw found }
        return StompIdentity(namespace: anonymousNamespace)
    }

    private func identity(session id: String, at upgrade: EventRequest) throws(APIError) -> StompIdentity {
        if KeyStore.isKey(id), let keys = services.keys {
            let key = try services.key(id, in: upgrade.headers)
            try key.require(.read)
            return identity(key.requester, keys.eventSession(key))
        }
        return identity(try services.requester(session: id), services.authenticator.eventSession(SessionStore.hash(id)))
    }

    private func identity(
        _ name: String, _ password: String, from upgrade: EventRequest
    ) async throws(APIError) -> StompIdentity {
        guard let agent = AgentID(name) else { throw .badCredentials }
        let address = services.configuration.access.proxies.client(
            peer: upgrade.clientAddress, headers: upgrade.headers)
        switch await services.authenticator.check(password: password, of: agent, from: address) {
        case .account(let account):
            return identity(
                Requester(agent: account.agent, role: account.role),
                services.authenticator.accountSession(account.agent))
        case .wrong, .disabled: throw .badCredentials
        case .wait(let seconds): throw .tooManyFailures(seconds: seconds)
        case .busy: throw .busy
        }
    }

    private func identity(_ requester: Requester, _ session: EventSession) -> StompIdentity {
        StompIdentity(
            namespace: requester.agent.namespace, agent: requester.role.supervises ? nil : requester.agent,
            session: session)
    }
}
