import CSTA
import CallCenter
import Crypto
import Synchronization

/// How long a session lasts, and how many there may be.
public struct SessionLimits: Hashable, Sendable {
    /// Without a request for this long a session expires: a shift.
    public var idleSeconds = 8 * 3600
    /// After this it expires in any case.
    public var lifetimeSeconds = 24 * 3600
    /// Of one account at once: a person's browsers and reloads, a machine's processes. The oldest goes first.
    public var maximumPerAccount = 16
    /// Of all accounts at once; the oldest goes first.
    public var maximumSessions = 50_000
    /// Expired sessions of which it is remembered that they were there.
    public var maximumRemembered = 10_000

    public init() {}
}

/// The sessions of this server, and of each only the SHA-256 of its id.
///
/// A request is answered from memory. What changes is written to the archive behind it, by ``SessionKeeper``.
final class SessionStore: Sendable {
    private let table: Mutex<SessionTable>
    private let newID: @Sendable () -> String
    /// An element when there is something to be written: at most one waits.
    let wakes: AsyncStream<Void>
    private let waking: AsyncStream<Void>.Continuation

    init(limits: SessionLimits, isArchived: Bool = false, newID: @escaping @Sendable () -> String) {
        table = Mutex(SessionTable(limits: limits, isArchived: isArchived))
        self.newID = newID
        (wakes, waking) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// 256 bits from the system's generator, as 64 hexadecimal digits.
    static func randomID() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let text = String(UInt64.random(in: .min ... .max, using: &generator), radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }

    /// Begins a session; the id is not kept and cannot be had again.
    func begin(for account: Account, at now: Instant) -> String {
        let id = newID()
        let seal = Self.seal(id, account.password)
        table.withLock { $0.begin(Self.hash(id), for: account.agent, seal: seal, at: now) }
        wake()
        return id
    }

    /// Whose session it is; being asked for keeps it from expiring.
    ///
    /// - Parameter accounts: as they stand now.
    func use(_ id: String, at now: Instant, accounts: any AccountStore) -> SessionTable.Finding {
        let key = Self.hash(id)
        let finding = table.withLock { $0.use(key, at: now) }
        guard case .restored(let agent, let seal) = finding else { return finding }
        guard let account = accounts.account(of: agent), Self.isSeal(seal, of: id, account.password) else {
            table.withLock { $0.expire(key) }
            return .expired
        }
        return table.withLock {
            $0.confirm(key)
            return $0.use(key, at: now)
        }
    }

    /// The same for an id that has been used here before, by its hash.
    func use(_ key: SessionTable.Key, at now: Instant) -> SessionTable.Finding {
        table.withLock { $0.use(key, at: now) }
    }

    /// Lets a session's lifetime begin anew; nothing if it is not there.
    func renew(_ id: String, at now: Instant) {
        table.withLock { $0.renew(Self.hash(id), at: now) }
        wake()
    }

    func end(_ id: String) {
        table.withLock { $0.end(Self.hash(id)) }
        wake()
    }

    /// Ends all sessions of an account.
    func end(of agent: AgentID) {
        table.withLock { $0.end(of: agent) }
        wake()
    }

    /// Ends all sessions of a namespace.
    func end(in namespace: Namespace) {
        table.withLock { $0.end(in: namespace) }
        wake()
    }

    // MARK: The archive

    func restore(_ archived: [StoredSession], at now: Instant) {
        table.withLock { $0.restore(archived, at: now) }
    }

    func beginArchiveAnew() { table.withLock { $0.changeAll() } }

    func sweep(at now: Instant) { table.withLock { $0.sweep(at: now) } }

    func takeChanges(atMost maximum: Int) -> SessionChanges { table.withLock { $0.takeChanges(atMost: maximum) } }

    func putBack(_ failed: SessionChanges) { table.withLock { $0.putBack(failed) } }

    func wake() { waking.yield() }

    static func hash(_ id: String) -> SessionTable.Key { Array(SHA256.hash(data: Array(id.utf8))) }

    /// Only who has the id, 256 random bits, can tell from it what the password may be.
    private static func seal(_ id: String, _ password: StoredPassword) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: text(of: password), using: SymmetricKey(data: Array(id.utf8))))
    }

    private static func isSeal(_ seal: [UInt8], of id: String, _ password: StoredPassword) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            seal, authenticating: text(of: password), using: SymmetricKey(data: Array(id.utf8)))
    }

    private static func text(of password: StoredPassword) -> [UInt8] {
        switch password {
        case .scrypt(let text): Array("scrypt:\(text)".utf8)
        case .plain(let text): Array("plain:\(text)".utf8)
        }
    }
}
