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
        var account: Requester?
        do throws(APIError) {
            let identity = try await identity(login, &account)
            // By a password it is a login.
            if let account { services.note("CONNECT", of: login.upgrade, by: account, refusal: nil) }
            return .success(identity)
        } catch {
            let refusal = EventRefusal(error)
            services.note("CONNECT", of: login.upgrade, by: account, refusal: refusal)
            return .failure(refusal)
        }
    }

    public func refused(_ identity: StompIdentity, at upgrade: EventRequest, _ refusal: EventRefusal) {
        services.note("SUBSCRIBE", of: upgrade, by: identity.requester, refusal: refusal)
    }

    /// What the client says on purpose goes before what its browser adds.
    ///
    /// - Parameter account: whose password is asked for, if there is such an account.
    private func identity(_ login: StompLogin, _ account: inout Requester?) async throws(APIError) -> StompIdentity {
        if let id = login.sessionID { return try identity(session: id, at: login.upgrade) }
        if let name = login.login {
            guard let agent = AgentID(name) else { throw .badCredentials }
            account = services.accounts.account(of: agent).map { Requester(agent: agent, role: $0.role) }
            return try await identity(agent, login.passcode ?? "", from: login.upgrade)
        }
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
        if KeyStore.isKey(id), services.keys != nil {
            let key = try services.key(id, in: upgrade.headers)
            try key.require(.read)
            return identity(key.requester, services.eventSession(key))
        }
        let requester = try services.requester(session: id)
        return identity(
            requester, services.authenticator.eventSession(SessionStore.hash(id), role: requester.role))
    }

    private func identity(
        _ agent: AgentID, _ password: String, from upgrade: EventRequest
    ) async throws(APIError) -> StompIdentity {
        let address = services.address(of: upgrade)
        switch await services.authenticator.check(password: password, of: agent, from: address) {
        case .account(let account):
            return identity(
                Requester(agent: account.agent, role: account.role),
                services.authenticator.accountSession(account))
        case .wrong, .disabled: throw .badCredentials
        case .wait(let seconds): throw .tooManyFailures(seconds: seconds)
        case .busy: throw .busy
        }
    }

    private func identity(_ requester: Requester, _ session: EventSession) -> StompIdentity {
        StompIdentity(
            namespace: requester.agent.namespace, agent: requester.role.supervises ? nil : requester.agent,
            session: session, requester: requester)
    }
}
