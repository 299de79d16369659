public import CSTA
public import CallCenter
import GRDB

extension SQLiteJournal {
    /// The campaigns of all tenants, oldest first. One whose settings this version cannot read is left out.
    ///
    /// - Throws: ``JournalReadError/unavailable(_:)``
    public func campaigns(atMost maximum: Int) async throws(JournalReadError) -> [Campaign] {
        try await read { db in
            let select = try RawStatement(
                "SELECT id, namespace, state, settings FROM campaign ORDER BY id LIMIT ?1", in: db)
            defer { select.reset() }
            try select.bind(Int64(max(0, maximum)), at: 1)
            var found: [Campaign] = []
            while try select.step() {
                guard let namespace = Namespace(select.text(1)), let state = Campaign.State(rawValue: select.text(2)),
                    let object = try? JSON.parse(select.text(3), maximumDepth: 8).object,
                    let settings = try? CampaignSettings(object, in: namespace)
                else { continue }
                found.append(
                    Campaign(
                        id: CampaignID(select.integer(0)), namespace: namespace, state: state, settings: settings))
            }
            return found
        }
    }

    /// Stores a new campaign, which is stopped.
    ///
    /// - Throws: ``JournalError``; then it is not stored.
    public func addCampaign(
        _ settings: CampaignSettings, in namespace: Namespace
    ) async throws(JournalError) -> Campaign {
        try await write { db in
            let insert = try RawStatement(
                "INSERT INTO campaign (namespace, state, settings) VALUES (?1, ?2, ?3)", in: db)
            try insert.bind(namespace.name, at: 1)
            try insert.bind(Campaign.State.stopped.rawValue, at: 2)
            try insert.bind(settings.text, at: 3)
            try insert.run()
            return Campaign(id: CampaignID(db.lastInsertedRowID), namespace: namespace, settings: settings)
        }
    }

    /// - Throws: ``JournalError``; then nothing has changed.
    public func store(_ campaign: Campaign) async throws(JournalError) {
        try await write { db in
            let update = try RawStatement("UPDATE campaign SET state = ?2, settings = ?3 WHERE id = ?1", in: db)
            try update.bind(campaign.id.value, at: 1)
            try update.bind(campaign.state.rawValue, at: 2)
            try update.bind(campaign.settings.text, at: 3)
            try update.run()
        }
    }

    /// Deletes a campaign and its contacts, some thousand at a time so that events need not wait long.
    ///
    /// - Throws: ``JournalError``; then it is there still, perhaps with fewer contacts.
    public func removeCampaign(_ id: CampaignID) async throws(JournalError) {
        var isMore = true
        while isMore {
            isMore = try await write { db in
                let delete = try RawStatement(
                    "DELETE FROM contact WHERE id IN (SELECT id FROM contact WHERE campaign = ?1 LIMIT 5000)", in: db)
                try delete.bind(id.value, at: 1)
                try delete.run()
                return db.changesCount > 0
            }
        }
        try await write { db in
            let delete = try RawStatement("DELETE FROM campaign WHERE id = ?1", in: db)
            try delete.bind(id.value, at: 1)
            try delete.run()
        }
    }

    /// Deletes some of a tenant's contacts and numbers not to be called, few enough for events not to wait.
    ///
    /// - Returns: whether there may be more.
    func forgetSomeContacts(of namespace: Namespace) async throws(JournalError) -> Bool {
        try await write { db in
            var count = 0
            for sql in [
                """
                DELETE FROM contact WHERE id IN (
                    SELECT id FROM contact WHERE campaign IN (SELECT id FROM campaign WHERE namespace = ?1) LIMIT 5000)
                """,
                """
                DELETE FROM do_not_call WHERE namespace = ?1 AND number IN (
                    SELECT number FROM do_not_call WHERE namespace = ?1 LIMIT 5000)
                """,
            ] {
                let delete = try RawStatement(sql, in: db)
                try delete.bind(namespace.name, at: 1)
                try delete.run()
                count += db.changesCount
            }
            return count > 0
        }
    }

    /// How far a campaign is: costs as much as it has contacts, some ten milliseconds for a hundred thousand.
    ///
    /// - Throws: ``JournalReadError/unavailable(_:)``
    public func progress(of id: CampaignID) async throws(JournalReadError) -> CampaignProgress {
        try await read { db in
            let select = try RawStatement(
                """
                SELECT state, CASE state WHEN \(ContactState.done) THEN outcome END AS result, count(*) FROM contact
                WHERE campaign = ?1 GROUP BY state, result
                """, in: db)
            defer { select.reset() }
            try select.bind(id.value, at: 1)
            var progress = CampaignProgress()
            while try select.step() {
                let count = Int(select.integer(2))
                switch select.integer(0) {
                case ContactState.left: progress.left += count
                case ContactState.done: progress.outcomes[select.text(1), default: 0] += count
                default: progress.underWay += count
                }
            }
            return progress
        }
    }

    /// Adds numbers that are not to be called; those that are there already stay.
    ///
    /// - Throws: ``JournalError``; then none is added.
    public func addDoNotCall(_ numbers: [String], in namespace: Namespace) async throws(JournalError) {
        try await write { db in
            let insert = try RawStatement(
                "INSERT OR IGNORE INTO do_not_call (namespace, number) VALUES (?1, ?2)", in: db)
            for number in numbers {
                try insert.bind(namespace.name, at: 1)
                try insert.bind(Contact.digits(of: number), at: 2)
                try insert.run()
            }
        }
    }

    /// - Returns: whether it was there.
    public func removeDoNotCall(_ number: String, in namespace: Namespace) async throws(JournalError) -> Bool {
        try await write { db in
            let delete = try RawStatement("DELETE FROM do_not_call WHERE namespace = ?1 AND number = ?2", in: db)
            try delete.bind(namespace.name, at: 1)
            try delete.bind(Contact.digits(of: number), at: 2)
            try delete.run()
            return db.changesCount > 0
        }
    }

    /// Numbers that are not to be called, in their order, after one.
    ///
    /// - Throws: ``JournalReadError/unavailable(_:)``
    public func doNotCall(
        in namespace: Namespace, after number: String, limit: Int
    ) async throws(JournalReadError) -> [String] {
        try await read { db in
            let select = try RawStatement(
                "SELECT number FROM do_not_call WHERE namespace = ?1 AND number > ?2 ORDER BY number LIMIT ?3", in: db)
            defer { select.reset() }
            try select.bind(namespace.name, at: 1)
            try select.bind(number, at: 2)
            try select.bind(Int64(max(0, limit)), at: 3)
            var found: [String] = []
            while try select.step() { found.append(select.text(0)) }
            return found
        }
    }
}

/// `contact.state`
enum ContactState {
    static let left: Int64 = 0
    static let underWay: Int64 = 1
    /// With a result that the dialler has not looked at.
    static let told: Int64 = 2
    static let done: Int64 = 3
}

extension CampaignSettings {
    fileprivate var text: String { String(decoding: JSON.object(json).encoded(), as: UTF8.self) }
}
