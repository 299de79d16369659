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

/// The sessions of this process: in memory only, and of each only the SHA-256 of its id.
final class SessionStore: Sendable {
    private let table: Mutex<SessionTable>
    private let newID: @Sendable () -> String

    init(limits: SessionLimits, newID: @escaping @Sendable () -> String) {
        table = Mutex(SessionTable(limits: limits))
        self.newID = newID
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
    func begin(for agent: AgentID, at now: Instant) -> String {
        let id = newID()
        table.withLock { $0.begin(Self.hash(id), for: agent, at: now) }
        return id
    }

    /// Whose session it is; being asked for keeps it from expiring.
    func use(_ id: String, at now: Instant) -> SessionTable.Finding {
        table.withLock { $0.use(Self.hash(id), at: now) }
    }

    func end(_ id: String) {
        table.withLock { $0.end(Self.hash(id)) }
    }

    private static func hash(_ id: String) -> SessionTable.Key { Array(SHA256.hash(data: Array(id.utf8))) }
}

/// Which session is whose, with the bounds; a value without a clock.
struct SessionTable: Sendable {
    /// The SHA-256 of a session's id.
    typealias Key = [UInt8]

    enum Finding: Hashable, Sendable {
        case live(AgentID)
        /// It was there and is no more, without a logout.
        case expired
        case unknown
    }

    private struct Session: Sendable {
        let agent: AgentID
        let began: Instant
        var lastUse: Instant
    }

    private let limits: SessionLimits
    private var sessions: [Key: Session] = [:]
    /// In the order in which they began.
    private var ofAccount: [AgentID: [Key]] = [:]
    /// In the order in which they began; some are gone already.
    private var order: [Key] = []
    private var firstInOrder = 0
    private var expired: RecentSet<Key>

    init(limits: SessionLimits) {
        self.limits = limits
        expired = RecentSet(maximumCount: limits.maximumRemembered)
    }

    var count: Int { sessions.count }

    mutating func begin(_ key: Key, for agent: AgentID, at now: Instant) {
        while let first = ofAccount[agent]?.first,
            ofAccount[agent, default: []].count >= max(1, limits.maximumPerAccount)
        {
            expire(first)
        }
        while sessions.count >= max(1, limits.maximumSessions), firstInOrder < order.count {
            expire(order[firstInOrder])
            firstInOrder += 1
        }
        sessions[key] = Session(agent: agent, began: now, lastUse: now)
        ofAccount[agent, default: []].append(key)
        order.append(key)
        // What is gone stays in the order until it makes up half of it: a constant cost a session.
        if order.count > 2 * sessions.count + 64 {
            order = order[firstInOrder...].filter { sessions[$0] != nil }
            firstInOrder = 0
        }
    }

    mutating func use(_ key: Key, at now: Instant) -> Finding {
        guard let session = sessions[key] else { return expired.contains(key) ? .expired : .unknown }
        guard now < session.lastUse.advanced(bySeconds: limits.idleSeconds),
            now < session.began.advanced(bySeconds: limits.lifetimeSeconds)
        else {
            expire(key)
            return .expired
        }
        sessions[key]?.lastUse = max(now, session.lastUse)
        return .live(session.agent)
    }

    mutating func end(_ key: Key) {
        guard let session = sessions.removeValue(forKey: key) else { return }
        ofAccount[session.agent]?.removeAll { $0 == key }
        if ofAccount[session.agent]?.isEmpty == true { ofAccount[session.agent] = nil }
    }

    private mutating func expire(_ key: Key) {
        guard sessions[key] != nil else { return }
        end(key)
        expired.insert(key)
    }
}
