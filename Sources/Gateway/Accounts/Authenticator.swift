import CSTA
import CallCenter

/// Says who somebody is: by a password or by a session.
struct Authenticator: Sendable {
    enum PasswordOutcome: Hashable, Sendable {
        case account(Account)
        /// The password is right.
        case disabled
        /// The password is wrong, or there is no such agent: one answer for both.
        case wrong
        /// Too many failures before.
        case wait(seconds: Int)
        /// Too many passwords are being checked.
        case busy
    }

    enum SessionOutcome: Hashable, Sendable {
        case account(Account)
        /// The session is there, the account may not act any more.
        case disabled
        case expired
        case unknown
    }

    /// Ours have 64; what is longer is not even hashed.
    static let maximumSessionIDBytes = 128

    let accounts: any AccountStore
    let sessions: SessionStore
    let checker: PasswordChecker
    let failures: FailureCounter
    let now: @Sendable () -> Instant

    /// Checks a password, in a time that does not tell whether there is such an agent.
    ///
    /// - Parameter address: of the client, without its port; nil if it is not known.
    func check(password: String, of agent: AgentID, from address: String?) async -> PasswordOutcome {
        if let seconds = failures.admit(agent, from: address, at: now()) { return .wait(seconds: seconds) }
        let account = accounts.account(of: agent)
        switch await checker.check(password, of: agent, against: account?.password) {
        case .right:
            failures.succeeded(agent)
            // It may have been given another password, or role, while this one was computed.
            guard let account, let now = accounts.account(of: agent), now.password == account.password else {
                return .wrong
            }
            return now.isDisabled ? .disabled : .account(now)
        case .wrong:
            failures.failed(from: address, at: now())
            return .wrong
        case .busy:
            failures.withdrawn(agent)
            return .busy
        }
    }

    /// Begins a session for who has just shown the account's password.
    ///
    /// - Returns: nil if it is not the account's any more: who changes it ends the sessions that there are then.
    func beginSession(for account: Account) -> String? {
        let id = sessions.begin(for: account, at: now())
        if accounts.account(of: account.agent)?.password == account.password { return id }
        sessions.end(id)
        return nil
    }

    /// A session that was found before, as an open stream of somebody with this role knows it: being asked for keeps it from
    /// expiring. What a stream may show was said when it was opened, so it ends when the role is another one.
    func eventSession(_ key: SessionTable.Key, role: Role) -> EventSession {
        EventSession {
            if case .account(let account) = session(key) { account.role == role } else { false }
        }
    }

    /// What lasts as long as the account is as it was, for one who came by password.
    func accountSession(_ account: Account) -> EventSession {
        EventSession {
            accounts.account(of: account.agent).map {
                !$0.isDisabled && $0.password == account.password && $0.role == account.role
            } ?? false
        }
    }

    /// Whose session this is, as the account stands now.
    func session(_ id: String) -> SessionOutcome {
        guard (1...Self.maximumSessionIDBytes).contains(id.utf8.count) else { return .unknown }
        return outcome(of: sessions.use(id, at: now(), accounts: accounts))
    }

    /// The same for a session that was found before in this process.
    func session(_ key: SessionTable.Key) -> SessionOutcome { outcome(of: sessions.use(key, at: now())) }

    private func outcome(of finding: SessionTable.Finding) -> SessionOutcome {
        switch finding {
        case .live(let agent):
            guard let account = accounts.account(of: agent) else { return .unknown }
            return account.isDisabled ? .disabled : .account(account)
        case .expired: return .expired
        // Who has restored it has not shown its id in this process.
        case .restored, .unknown: return .unknown
        }
    }
}
