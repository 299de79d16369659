public import CSTA
public import CallCenter
public import Logging

/// What an operator may set of the HTTP API.
public struct APIConfiguration: Hashable, Sendable {
    public var sessions = SessionLimits()
    /// Of the accounts' passwords, so that a name nobody has takes as long as a wrong password.
    public var passwordCost = ScryptCost.standard
    /// Whether browsers send the cookie over TLS only: set it where TLS ends before this server.
    public var cookieNeedsTLS = false
    public var access = AccessRules()
    /// Whose numbers are masked in the log.
    public var maskedNamespaces: Set<Namespace> = []
    /// Of the program, for `/healthz`; nil: it does not say.
    public var version: String?

    public init() {}
}

/// What the HTTP API works with.
public struct GatewayServices: Sendable {
    let tenants: any TenantDirectory
    let accounts: any AccountStore
    let sandbox: (any SandboxPort)?
    let recordings: Recordings?
    let configuration: APIConfiguration
    let authenticator: Authenticator
    let tickets: TicketStore
    private let archive: (any SessionArchive)?
    let records: (any RecordArchive)?
    let newCallID: @Sendable () -> CallID
    let logger: Logger
    /// Of the API's requests, for metrics.
    public let requestCounts = RequestCounts()

    var now: @Sendable () -> Instant { authenticator.now }

    /// - Parameters:
    ///   - archive: where sessions outlive the process; nil: nowhere.
    ///   - records: nil: their paths are not there.
    ///   - sandbox: nil with a real switch; its paths are then not there.
    ///   - recordings: nil: their paths are not there.
    ///   - now: the time, for sessions and delays.
    ///   - newCallID: a fresh id for a call that is dialled, a lowercase UUID.
    ///   - newSessionID: 256 bits nobody can guess, as 1 to 128 characters that a cookie may have; nil: from the
    ///     system's generator.
    ///   - logger: gets a line a request, without passwords, sessions or bodies; see ``APIConfiguration/maskedNamespaces``.
    public init(
        tenants: any TenantDirectory, accounts: any AccountStore, archive: (any SessionArchive)? = nil,
        records: (any RecordArchive)? = nil, sandbox: (any SandboxPort)? = nil, recordings: Recordings? = nil,
        configuration: APIConfiguration = APIConfiguration(), now: @escaping @Sendable () -> Instant,
        newCallID: @escaping @Sendable () -> CallID, newSessionID: (@Sendable () -> String)? = nil, logger: Logger
    ) {
        self.tenants = tenants
        self.accounts = accounts
        self.archive = archive
        self.records = records
        self.sandbox = sandbox
        self.recordings = recordings
        self.configuration = configuration
        self.newCallID = newCallID
        self.logger = logger
        let newID = newSessionID ?? { SessionStore.randomID() }
        tickets = TicketStore(newID: newID)
        authenticator = Authenticator(
            accounts: accounts,
            sessions: SessionStore(
                limits: configuration.sessions, isArchived: archive != nil,
                newID: newID),
            checker: PasswordChecker(cost: configuration.passwordCost), failures: FailureCounter(), now: now)
    }
}

extension GatewayServices {
    /// Takes up the sessions of an earlier process. To be called before clients can connect; without it, or when the
    /// archive cannot be read, they log in again.
    public func restoreSessions() async {
        guard let archive else { return }
        do {
            let archived = try await archive.sessions(atMost: configuration.sessions.maximumSessions)
            authenticator.sessions.restore(archived, at: now())
        } catch {
            authenticator.sessions.beginArchiveAnew()
            logger.warning("the sessions of before are lost", metadata: ["reason": "\(error)"])
        }
    }

    /// Keeps the archive up to date; nil without one.
    public var sessionKeeper: SessionKeeper? {
        archive.map { SessionKeeper(sessions: authenticator.sessions, archive: $0, now: now, logger: logger) }
    }

    /// Who asks, as the account stands now.
    ///
    /// - Parameter id: of the session; nil if the request has none.
    func requester(session id: String?) throws(APIError) -> Requester {
        guard let id else { throw .noSession }
        switch authenticator.session(id) {
        case .account(let account): return Requester(agent: account.agent, role: account.role)
        case .disabled, .unknown: throw .noSession
        case .expired: throw .sessionExpired
        }
    }

    /// Uses up a ticket.
    ///
    /// - Returns: who asks, and the session in whose name.
    func requester(ticket: String) throws(APIError) -> (Requester, SessionTable.Key) {
        guard let key = tickets.redeem(ticket, at: now()), case .account(let account) = authenticator.session(key)
        else { throw .badTicket }
        return (Requester(agent: account.agent, role: account.role), key)
    }

    func tenant(of requester: Requester) throws(APIError) -> any TenantPort {
        guard let tenant = tenants.tenant(requester.agent.namespace) else { throw .tenantAway }
        return tenant
    }
}
