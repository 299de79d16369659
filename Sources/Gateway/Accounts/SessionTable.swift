import CSTA
import CallCenter

/// Which session is whose, with the bounds; a value without a clock.
struct SessionTable: Sendable {
    /// The SHA-256 of a session's id.
    typealias Key = [UInt8]

    enum Finding: Hashable, Sendable {
        case live(AgentID)
        /// Of an earlier process, and not used in this one: live if the account's password still fits the seal.
        case restored(AgentID, seal: [UInt8])
        /// It was there and is no more, without a logout.
        case expired
        case unknown
    }

    private struct Session: Sendable {
        let agent: AgentID
        let seal: [UInt8]
        /// Or was renewed last.
        var began: Instant
        var lastUse: Instant
        /// The last use that the archive knows of, or will with the changes that wait.
        var archivedUse: Instant
        var isRestored: Bool
    }

    private let limits: SessionLimits
    private var sessions: [Key: Session] = [:]
    /// In the order in which they began.
    private var ofAccount: [AgentID: [Key]] = [:]
    /// In the order in which they began; some are gone already.
    private var order: [Key] = []
    private var firstInOrder = 0
    private var expired: RecentSet<Key>
    private var changes: Changes?

    /// What the archive does not have yet.
    private struct Changes: Sendable {
        var keys: Set<Key> = []
        /// Too many keys to remember each: the archive begins anew.
        var isAll = false
    }

    /// - Parameter isArchived: whether somebody takes the changes.
    init(limits: SessionLimits, isArchived: Bool = false) {
        self.limits = limits
        expired = RecentSet(maximumCount: limits.maximumRemembered)
        if isArchived { changes = Changes() }
    }

    var count: Int { sessions.count }

    mutating func begin(_ key: Key, for agent: AgentID, seal: [UInt8] = [], at now: Instant) {
        add(
            key,
            Session(agent: agent, seal: seal, began: now, lastUse: now, archivedUse: now, isRestored: false))
        changed(key)
    }

    /// Takes up what an earlier process has left, in any order. To be called before any session begins.
    mutating func restore(_ archived: [StoredSession], at now: Instant) {
        // There may be more than were read.
        if archived.count >= limits.maximumSessions { changeAll() }
        for session in archived.sorted(by: { $0.began < $1.began }) {
            // A clock that was set back makes no session last longer.
            let began = min(session.began, now)
            let lastUse = min(max(session.lastUse, began), now)
            guard isLive(began: began, lastUse: lastUse, at: now), sessions[session.key] == nil else {
                changed(session.key)
                continue
            }
            add(
                session.key,
                Session(
                    agent: session.agent, seal: session.seal, began: began, lastUse: lastUse, archivedUse: lastUse,
                    isRestored: true))
        }
    }

    private mutating func add(_ key: Key, _ session: Session) {
        let agent = session.agent
        while let first = ofAccount[agent]?.first,
            ofAccount[agent, default: []].count >= max(1, limits.maximumPerAccount)
        {
            expire(first)
        }
        while sessions.count >= max(1, limits.maximumSessions), firstInOrder < order.count {
            expire(order[firstInOrder])
            firstInOrder += 1
        }
        sessions[key] = session
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
        guard isLive(began: session.began, lastUse: session.lastUse, at: now) else {
            expire(key)
            return .expired
        }
        if session.isRestored { return .restored(session.agent, seal: session.seal) }
        let lastUse = max(now, session.lastUse)
        sessions[key]?.lastUse = lastUse
        if lastUse >= session.archivedUse.advanced(bySeconds: max(1, limits.idleSeconds / Self.archivedUses)) {
            sessions[key]?.archivedUse = lastUse
            changed(key)
        }
        return .live(session.agent)
    }

    /// So many times within the idle time a session's use is written down; it may expire that much earlier after a
    /// restart.
    private static let archivedUses = 16

    /// The seal of a restored session fits: from now on it is as one that began here.
    mutating func confirm(_ key: Key) { sessions[key]?.isRestored = false }

    /// Its lifetime begins anew.
    mutating func renew(_ key: Key, at now: Instant) {
        guard let began = sessions[key]?.began else { return }
        sessions[key]?.began = max(began, now)
        changed(key)
    }

    mutating func end(_ key: Key) {
        guard let session = sessions.removeValue(forKey: key) else { return }
        ofAccount[session.agent]?.removeAll { $0 == key }
        if ofAccount[session.agent]?.isEmpty == true { ofAccount[session.agent] = nil }
        changed(key)
    }

    mutating func end(of agent: AgentID) {
        for key in ofAccount[agent] ?? [] { end(key) }
    }

    mutating func end(in namespace: Namespace) {
        for agent in ofAccount.keys.filter({ $0.namespace == namespace }) { end(of: agent) }
    }

    mutating func expire(_ key: Key) {
        guard sessions[key] != nil else { return }
        end(key)
        expired.insert(key)
    }

    /// Expires those that nobody asks for any more.
    mutating func sweep(at now: Instant) {
        for (key, session) in sessions where !isLive(began: session.began, lastUse: session.lastUse, at: now) {
            expire(key)
        }
    }

    private func isLive(began: Instant, lastUse: Instant, at now: Instant) -> Bool {
        now < lastUse.advanced(bySeconds: limits.idleSeconds) && now < began.advanced(bySeconds: limits.lifetimeSeconds)
    }

    // MARK: The archive

    private mutating func changed(_ key: Key) {
        guard changes?.isAll == false else { return }
        changes?.keys.insert(key)
        if changes?.keys.count ?? 0 > 2 * max(1, limits.maximumSessions) { changeAll() }
    }

    /// The archive forgets what it has, which nobody knows, and gets all there is.
    mutating func changeAll() {
        changes?.isAll = true
        changes?.keys = []
    }

    /// What the archive is to be told next; empty when it knows everything.
    mutating func takeChanges(atMost maximum: Int) -> SessionChanges {
        guard var waiting = changes else { return SessionChanges() }
        var taken = SessionChanges()
        if waiting.isAll {
            taken.beginsAnew = true
            waiting = Changes(keys: Set(sessions.keys))
        }
        for _ in 0..<maximum {
            guard let key = waiting.keys.popFirst() else { break }
            if let session = sessions[key] {
                taken.kept.append(
                    StoredSession(
                        key: key, agent: session.agent, seal: session.seal, began: session.began,
                        lastUse: session.lastUse))
            } else {
                taken.ended.append(key)
            }
        }
        changes = waiting
        return taken
    }

    /// The archive could not take them: they wait again, as they are by then.
    mutating func putBack(_ failed: SessionChanges) {
        if failed.beginsAnew { return changeAll() }
        for key in failed.kept.map(\.key) + failed.ended { changed(key) }
    }
}
