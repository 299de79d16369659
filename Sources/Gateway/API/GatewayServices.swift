public import CSTA
public import CallCenter
import HTTPTypes
public import Logging

/// What an operator may set of the HTTP API.
public struct APIConfiguration: Hashable, Sendable {
    public var sessions = SessionLimits()
    /// Of the accounts' passwords, so that a name nobody has takes as long as a wrong password.
    public var passwordCost = ScryptCost.standard
    /// Whether browsers send the cookie over TLS only: set it where TLS ends before this server.
    public var cookieNeedsTLS = false
    public var access = AccessRules()
    /// Whose admins run the server: they set up tenants, and trunks, limits and dialling rules of each. Nil: nobody does.
    public var operators: Namespace?
    /// Of the program, for `/healthz`; nil: it does not say.
    public var version: String?
    /// Of one session or API key; four seconds' worth may come at once.
    public var requestsPerSecond = 50

    public init() {}
}

/// What the HTTP API works with.
public struct GatewayServices: Sendable {
    let tenants: any TenantDirectory
    let accounts: any AccountStore
    let administration: (any AdministrationPort)?
    let sandbox: (any SandboxPort)?
    let campaigns: (any CampaignPort)?
    let recordings: Recordings?
    let configuration: APIConfiguration
    let authenticator: Authenticator
    let tickets: TicketStore
    let keys: KeyStore?
    let audit: AuditTrail
    private let requestRates: RateLimiter<[UInt8]>
    private let callRates = RateLimiter<Namespace>(maximumEntries: 10_000)
    private let archive: (any SessionArchive)?
    let records: (any RecordArchive)?
    let newCallID: @Sendable () -> CallID
    let logger: Logger
    /// Of the API's requests, for metrics.
    public let requestCounts = RequestCounts()

    var now: @Sendable () -> Instant { authenticator.now }

    /// - Parameters:
    ///   - administration: nil: what is set up cannot be changed, and its paths are not there.
    ///   - archive: where sessions outlive the process; nil: nowhere.
    ///   - records: nil: their paths are not there.
    ///   - keys: where API keys are kept; nil: there are none.
    ///   - sandbox: nil with a real switch; its paths are then not there.
    ///   - campaigns: nil: their paths are not there.
    ///   - recordings: nil: their paths are not there.
    ///   - now: the time, for sessions and delays.
    ///   - newCallID: a fresh id for a call that is dialled, a lowercase UUID.
    ///   - newSessionID: 256 bits nobody can guess, as 1 to 128 characters that a cookie may have; nil: from the
    ///     system's generator.
    ///   - logger: gets a line a request, without passwords, sessions or bodies; see ``TenantPolicy/masksNumbers``.
    ///   - audit: gets a line for each login, refused command, and deed of a supervisor, admin or machine.
    public init(
        tenants: any TenantDirectory, accounts: any AccountStore, administration: (any AdministrationPort)? = nil,
        archive: (any SessionArchive)? = nil,
        records: (any RecordArchive)? = nil, keys: (any KeyArchive)? = nil, sandbox: (any SandboxPort)? = nil,
        campaigns: (any CampaignPort)? = nil, recordings: Recordings? = nil,
        configuration: APIConfiguration = APIConfiguration(), now: @escaping @Sendable () -> Instant,
        newCallID: @escaping @Sendable () -> CallID, newSessionID: (@Sendable () -> String)? = nil, logger: Logger,
        audit: Logger? = nil
    ) {
        self.tenants = tenants
        self.accounts = accounts
        self.administration = administration
        self.archive = archive
        self.records = records
        self.sandbox = sandbox
        self.campaigns = campaigns
        self.recordings = recordings
        self.configuration = configuration
        self.newCallID = newCallID
        self.logger = logger
        self.audit = AuditTrail(logger: audit ?? logger, masked: { accounts.policy(of: $0).masksNumbers })
        requestRates = RateLimiter(maximumEntries: configuration.sessions.maximumSessions)
        let newID = newSessionID ?? { SessionStore.randomID() }
        tickets = TicketStore(newID: newID)
        self.keys = keys.map { KeyStore(archive: $0, newSecret: newID) }
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

    /// Takes up the API keys. To be called before clients can connect; when they cannot be read, no key lets anybody in.
    public func restoreKeys() async {
        do {
            try await keys?.restore()
        } catch {
            logger.error("no API key works: they cannot be read", metadata: ["reason": "\(error)"])
        }
    }

    /// Keeps the keys' last uses; nil without an archive.
    public var keyKeeper: KeyKeeper? { keys.map { KeyKeeper(keys: $0, logger: logger) } }

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
        case .account(let account):
            try throttle(SessionStore.hash(id))
            return Requester(agent: account.agent, role: account.role)
        case .disabled, .unknown: throw .noSession
        case .expired: throw .sessionExpired
        }
    }

    /// Notes a request.
    ///
    /// - Parameter key: the hash of a session's id or of an API key.
    func throttle(_ key: [UInt8]) throws(APIError) {
        let wait = requestRates.admit(key, perSecond: configuration.requestsPerSecond, at: now())
        if let wait { throw .tooManyRequests(seconds: wait) }
    }

    /// Notes that somebody of a tenant has somebody called.
    func throttleCalls(of namespace: Namespace) throws(APIError) {
        if let wait = callRates.admit(namespace, perSecond: callsPerSecond(of: namespace), at: now()) {
            throw .tooManyCallsAtOnce(seconds: wait)
        }
    }

    /// The call has cost the switch nothing: else one client that is refused again and again would use up what the others
    /// may dial. Its own requests are bounded by ``APIConfiguration/requestsPerSecond``.
    func callWasRefused(in namespace: Namespace) {
        callRates.takeBack(namespace, perSecond: callsPerSecond(of: namespace))
    }

    private func callsPerSecond(of namespace: Namespace) -> Int {
        accounts.policy(of: namespace).callsPerSecond
    }

    /// The API key that is used.
    ///
    /// - Parameter headers: of the request, where alone a key may stand.
    func key(_ text: String, in headers: HTTPFields) throws(APIError) -> StoredKey {
        guard headers[.authorization]?.hasSuffix(text) == true else { throw .keyInWrongPlace }
        guard let key = keys?.use(text, at: now()), !accounts.policy(of: key.namespace).isDisabled else {
            throw .badKey
        }
        try throttle(key.hash)
        return key
    }

    /// A key that was found before, as an open stream knows it.
    func eventSession(_ key: StoredKey) -> EventSession {
        EventSession { [keys, accounts] in
            keys?.has(key) == true && !accounts.policy(of: key.namespace).isDisabled
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

extension GatewayServices {
    /// For the audit trail: what became of a request for events, or of a STOMP frame.
    func note(_ verb: String, of request: EventRequest, by requester: Requester?, refusal: EventRefusal?) {
        audit.record(verb, of: request, from: address(of: request), by: requester, refusal: refusal)
    }

    /// Where it comes from, as trusted proxies say.
    func address(of request: EventRequest) -> String? {
        configuration.access.proxies.client(peer: request.clientAddress, headers: request.headers)
    }
}
