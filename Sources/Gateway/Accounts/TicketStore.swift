import CallCenter
import Synchronization

/// Tickets, each of which opens one stream of events, soon: for browsers, whose WebSocket and EventSource send no header,
/// so that no session's id has to stand in an address, where proxies log it.
///
/// Of each only the SHA-256 is kept. A ticket is worth nothing when its session is over.
final class TicketStore: Sendable {
    struct Limits: Hashable, Sendable {
        /// From its issue to the stream's request: a page connects at once.
        var lifetimeSeconds = 30
        /// Unused ones of one session; the oldest goes first.
        var maximumPerSession = 8
        /// Of all sessions; the oldest goes first.
        var maximumTickets = 50_000
    }

    private struct Ticket: Sendable {
        let session: SessionTable.Key
        let expires: Instant
    }

    private struct Table: Sendable {
        var tickets: [SessionTable.Key: Ticket] = [:]
        var ofSession: [SessionTable.Key: [SessionTable.Key]] = [:]
        /// As they were issued; some are used already.
        var order: [SessionTable.Key] = []

        mutating func take(_ key: SessionTable.Key) -> Ticket? {
            guard let ticket = tickets.removeValue(forKey: key) else { return nil }
            ofSession[ticket.session]?.removeAll { $0 == key }
            if ofSession[ticket.session]?.isEmpty == true { ofSession[ticket.session] = nil }
            return ticket
        }

        /// Takes away the old ones once there are as many as may be, half of the rest if need be: one issue in thousands
        /// pays for looking through them.
        mutating func makeRoom(_ limits: Limits, at now: Instant) {
            guard order.count >= max(2, limits.maximumTickets) else { return }
            for key in order where tickets[key].map({ $0.expires <= now }) ?? false { _ = take(key) }
            order.removeAll { tickets[$0] == nil }
            guard order.count > limits.maximumTickets / 2 else { return }
            let old = order.prefix(order.count / 2)
            for key in old { _ = take(key) }
            order.removeFirst(old.count)
        }
    }

    let limits: Limits
    private let table = Mutex(Table())
    private let newID: @Sendable () -> String

    /// - Parameter newID: 256 bits nobody can guess, as characters that a query may have.
    init(limits: Limits = Limits(), newID: @escaping @Sendable () -> String) {
        self.limits = limits
        self.newID = newID
    }

    /// - Returns: the ticket, which cannot be had again.
    func issue(for session: SessionTable.Key, at now: Instant) -> String {
        let text = newID()
        let key = SessionStore.hash(text)
        table.withLock { table in
            table.makeRoom(limits, at: now)
            while let first = table.ofSession[session]?.first,
                table.ofSession[session, default: []].count >= max(1, limits.maximumPerSession)
            {
                _ = table.take(first)
            }
            table.tickets[key] = Ticket(session: session, expires: now.advanced(bySeconds: limits.lifetimeSeconds))
            table.ofSession[session, default: []].append(key)
            table.order.append(key)
        }
        return text
    }

    /// Uses a ticket up.
    ///
    /// - Returns: the session that it was issued to, which may be over; nil if there is no such ticket any more.
    func redeem(_ text: String, at now: Instant) -> SessionTable.Key? {
        guard text.utf8.count <= Authenticator.maximumSessionIDBytes else { return nil }
        let key = SessionStore.hash(text)
        return table.withLock { $0.take(key) }.flatMap { now < $0.expires ? $0.session : nil }
    }

    /// Unused ones, old ones too.
    var count: Int { table.withLock { $0.tickets.count } }
}
