import CSTA
public import CallCenter
import GRDB

// A contact is left, then under way, then it has a result (written with the events that tell of it, by RecordWriter), then it is
// left again or done. Each step is one transaction: after a crash each contact is in one of them.
extension SQLiteJournal {
    /// Contacts that are looked at for those that may be called: the others of a long list must not stand before them for hours.
    private static let lookedAtAtOnce = 500

    /// Contacts of which the dialler looks at the results in one transaction.
    private static let resultsAtOnce = 200

    /// Adds contacts that can be called from now on.
    ///
    /// - Returns: for each, whether it was added: a number that the campaign has already is not, with a `+` or without.
    /// - Throws: ``JournalError``; then none is added.
    public func add(
        _ contacts: [NewContact], to campaign: CampaignID, at now: Instant
    ) async throws(JournalError) -> [Bool] {
        try await write { db in
            let insert = try RawStatement(
                """
                INSERT OR IGNORE INTO contact (campaign, number, data, zone, due) SELECT ?1, ?2, ?3, ?4, ?5
                WHERE NOT EXISTS (SELECT 1 FROM contact WHERE campaign = ?1 AND number = ?6)
                """, in: db)
            var added: [Bool] = []
            for contact in contacts {
                try insert.bind(campaign.value, at: 1)
                try insert.bind(contact.number, at: 2)
                let data = contact.data.isEmpty ? nil : JSON.object(contact.data.entries).encoded()
                try insert.bind(data.map { String(decoding: $0, as: UTF8.self) }, at: 3)
                try insert.bind(contact.timeZone, at: 4)
                try insert.bind(now.milliseconds, at: 5)
                let other = contact.number.hasPrefix("+") ? String(contact.number.dropFirst()) : "+" + contact.number
                try insert.bind(other, at: 6)
                try insert.run()
                added.append(db.changesCount > 0)
            }
            return added
        }
    }

    /// Contacts that are left are due as if nobody had looked at their calling hours yet, which have changed: those never called at
    /// once, the others when they are to be called again. Some thousand at a time, so that events need not wait long.
    ///
    /// - Throws: ``JournalError``; then some may be due later, by the hours of before.
    public func bringBack(_ campaign: Campaign, at now: Instant) async throws(JournalError) {
        let waits = campaign.settings.retryMinutes.map {
            (outcome: $0.key.text, milliseconds: Int64($0.value) * 60_000)
        }
        try await makeDue(campaign, at: now, "outcome IS NULL", since: "0")
        for wait in waits {
            try await makeDue(campaign, at: now, "outcome = '\(wait.outcome)'", since: "ended + \(wait.milliseconds)")
        }
        let known = waits.map { "'\($0.outcome)'" }.joined(separator: ", ")
        try await makeDue(campaign, at: now, "outcome IS NOT NULL AND outcome NOT IN (\(known))", since: "ended")
    }

    private static let madeDueAtOnce = 5000

    /// - Parameters:
    ///   - which: of the contacts that are left, in SQL without anything from outside.
    ///   - since: before when none is due.
    private func makeDue(
        _ campaign: Campaign, at now: Instant, _ which: String, since: String
    ) async throws(JournalError) {
        var isMore = true
        while isMore {
            isMore = try await write { db in
                let update = try RawStatement(
                    """
                    UPDATE contact SET due = max(?2, \(since)) WHERE id IN (
                        SELECT id FROM contact WHERE campaign = ?1 AND state = \(ContactState.left)
                        AND due > ?2 AND due > \(since) AND \(which) LIMIT \(Self.madeDueAtOnce))
                    """, in: db)
                try update.bind(campaign.id.value, at: 1)
                try update.bind(now.milliseconds, at: 2)
                try update.run()
                return db.changesCount == Self.madeDueAtOnce
            }
        }
    }

    /// Takes the next contacts that are due: they are under way from then on. Those on the list of numbers that are not to be
    /// called are done instead.
    ///
    /// - Parameters:
    ///   - limit: of those that are taken.
    ///   - called: other forms of a contact's number, as the carrier gets it, which the list is asked for too.
    ///   - postponed: until when a contact may not be called now; nil: it may.
    /// - Throws: ``JournalError``; then none is taken.
    public func takeDue(
        of campaign: Campaign, at now: Instant, limit: Int, called: @escaping @Sendable (Contact) -> [String],
        postponed: @escaping @Sendable (Contact) -> Instant?
    ) async throws(JournalError) -> [Contact] {
        try await write { db in
            let select = try RawStatement(
                """
                SELECT id, number, data, zone, attempts FROM contact
                WHERE campaign = ?1 AND state = \(ContactState.left) AND due <= ?2
                -- The order of the index: a list of a hundred thousand must not be sorted for each contact.
                ORDER BY due, outcome, id LIMIT ?3
                """, in: db)
            try select.bind(campaign.id.value, at: 1)
            try select.bind(now.milliseconds, at: 2)
            try select.bind(limit > 0 ? Int64(max(limit, Self.lookedAtAtOnce)) : 0, at: 3)
            var found: [Contact] = []
            while try select.step() {
                let data = select.isNull(2) ? nil : try? JSON.parse(select.text(2), maximumDepth: 2).object
                found.append(
                    Contact(
                        id: ContactID(select.integer(0)), number: select.text(1),
                        data: data.flatMap(UserData.init) ?? UserData(),
                        timeZone: select.isNull(3) ? nil : select.text(3), attempts: Int(select.integer(4)) + 1))
            }
            select.reset()
            let writer = try ContactWriter(db)
            var taken: [Contact] = []
            for contact in found where taken.count < limit {
                let isBarred = try ([contact.number] + called(contact)).contains {
                    try writer.isBarred($0, in: campaign.namespace)
                }
                if isBarred {
                    try writer.end(contact.id, "doNotCall", at: now)
                } else if let due = postponed(contact) {
                    try writer.postpone(contact.id, to: due)
                } else {
                    try writer.take(contact.id)
                    taken.append(contact)
                }
            }
            return taken
        }
    }

    /// Puts contacts back for which nobody was reserved: it counts as if they had not been taken.
    ///
    /// - Parameter due: not called before this; nil: due as they were.
    /// - Throws: ``JournalError``; then they are under way still.
    public func putBack(_ contacts: [ContactID], due: Instant? = nil) async throws(JournalError) {
        try await write { db in
            let update = try RawStatement(
                """
                UPDATE contact SET state = \(ContactState.left), attempts = max(0, attempts - 1), due = max(due, ?2)
                WHERE id = ?1 AND state = \(ContactState.underWay)
                """, in: db)
            for contact in contacts {
                try update.bind(contact.value, at: 1)
                try update.bind(due?.milliseconds ?? 0, at: 2)
                try update.run()
            }
        }
    }

    /// Ends a contact that cannot be called at all.
    ///
    /// - Throws: ``JournalError``; then it is under way still.
    public func end(_ contact: ContactID, _ outcome: String, at now: Instant) async throws(JournalError) {
        try await write { db in try ContactWriter(db).end(contact, outcome, at: now) }
    }

    /// Contacts of a campaign that are under way, as far as is known.
    ///
    /// - Throws: ``JournalReadError/unavailable(_:)``
    public func underWay(in campaign: CampaignID) async throws(JournalReadError) -> [ContactID] {
        try await read { db in
            let select = try RawStatement(
                "SELECT id FROM contact WHERE campaign = ?1 AND state = \(ContactState.underWay)", in: db)
            defer { select.reset() }
            try select.bind(campaign.value, at: 1)
            var found: [ContactID] = []
            while try select.step() { found.append(ContactID(select.integer(0))) }
            return found
        }
    }

    /// The time zones that contacts of a campaign name.
    ///
    /// - Throws: ``JournalReadError/unavailable(_:)``
    public func timeZones(in campaign: CampaignID) async throws(JournalReadError) -> [String] {
        try await read { db in
            let select = try RawStatement(
                // From one name to the next: DISTINCT would look at each contact.
                """
                WITH RECURSIVE name(zone) AS (
                    SELECT min(zone) FROM contact WHERE campaign = ?1 AND zone IS NOT NULL
                    UNION ALL
                    SELECT (SELECT min(zone) FROM contact WHERE campaign = ?1 AND zone > name.zone) FROM name
                    WHERE name.zone IS NOT NULL
                )
                SELECT zone FROM name WHERE zone IS NOT NULL
                """, in: db)
            defer { select.reset() }
            try select.bind(campaign.value, at: 1)
            var found: [String] = []
            while try select.step() { found.append(select.text(0)) }
            return found
        }
    }

    /// Decides what becomes of contacts that have a result.
    ///
    /// - Returns: whether a contact of the campaign is under way or has a result that was not looked at.
    /// - Throws: ``JournalError``; then nothing has changed.
    public func settle(
        _ campaign: Campaign
    ) async throws(JournalError) -> Bool {
        try await write { db in
            let select = try RawStatement(
                """
                SELECT id, outcome, attempts, ended FROM contact
                WHERE campaign = ?1 AND state = \(ContactState.told) LIMIT \(Self.resultsAtOnce)
                """, in: db)
            try select.bind(campaign.id.value, at: 1)
            var told: [(id: ContactID, outcome: String, attempts: Int, ended: Instant)] = []
            while try select.step() {
                told.append(
                    (
                        ContactID(select.integer(0)), select.text(1), Int(select.integer(2)),
                        Instant(milliseconds: select.integer(3))
                    ))
            }
            select.reset()
            let writer = try ContactWriter(db)
            for contact in told {
                let outcome = OutboundOutcome(contact.outcome) ?? .failed(.unknown)
                switch campaign.plan(after: outcome, attempts: contact.attempts, at: contact.ended) {
                case .done: try writer.end(contact.id, outcome.text, at: contact.ended)
                case .again(let due): try writer.postpone(contact.id, to: due)
                }
            }
            if told.count == Self.resultsAtOnce { return true }
            let rest = try RawStatement(
                "SELECT 1 FROM contact WHERE campaign = ?1 AND state = \(ContactState.underWay) LIMIT 1", in: db)
            defer { rest.reset() }
            try rest.bind(campaign.id.value, at: 1)
            return try rest.step()
        }
    }
}

/// The steps of a contact, within a transaction.
private struct ContactWriter {
    private let look: RawStatement
    private let change: RawStatement
    private let taking: RawStatement
    private let ending: RawStatement

    init(_ db: Database) throws {
        look = try RawStatement("SELECT 1 FROM do_not_call WHERE namespace = ?1 AND number = ?2", in: db)
        change = try RawStatement("UPDATE contact SET state = \(ContactState.left), due = ?2 WHERE id = ?1", in: db)
        taking = try RawStatement(
            "UPDATE contact SET state = \(ContactState.underWay), attempts = attempts + 1 WHERE id = ?1", in: db)
        ending = try RawStatement(
            "UPDATE contact SET state = \(ContactState.done), outcome = ?2, ended = ?3 WHERE id = ?1", in: db)
    }

    func isBarred(_ number: String, in namespace: Namespace) throws -> Bool {
        defer { look.reset() }
        try look.bind(namespace.name, at: 1)
        try look.bind(Contact.digits(of: number), at: 2)
        return try look.step()
    }

    func postpone(_ contact: ContactID, to due: Instant) throws {
        try change.bind(contact.value, at: 1)
        try change.bind(due.milliseconds, at: 2)
        try change.run()
    }

    func take(_ contact: ContactID) throws {
        try taking.bind(contact.value, at: 1)
        try taking.run()
    }

    func end(_ contact: ContactID, _ outcome: String, at now: Instant) throws {
        try ending.bind(contact.value, at: 1)
        try ending.bind(outcome, at: 2)
        try ending.bind(now.milliseconds, at: 3)
        try ending.run()
    }
}
