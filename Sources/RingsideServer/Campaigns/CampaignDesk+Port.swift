import CSTA
import CallCenter
import Gateway
import Journal

extension CampaignDesk: CampaignPort {
    /// Added in one transaction: events wait for it for some milliseconds.
    private static let contactsAtOnce = 1000

    func campaigns(in namespace: Namespace) async throws(CampaignError) -> [CampaignStatus] {
        var found: [CampaignStatus] = []
        for campaign in own(namespace) { found.append(try await status(of: campaign)) }
        return found
    }

    /// Those of all tenants that are not stopped, oldest first, as far as the journal tells of them.
    func underWay(atMost maximum: Int) async -> [CampaignStatus] {
        var found: [CampaignStatus] = []
        for campaign in notStopped.prefix(maximum) {
            if let status = try? await status(of: campaign) { found.append(status) }
        }
        return found
    }

    func campaign(_ id: CampaignID, in namespace: Namespace) async throws(CampaignError) -> CampaignStatus {
        try await status(of: try knownCampaign(id, in: namespace))
    }

    func create(_ settings: JSONObject, in namespace: Namespace) async throws(CampaignError) -> CampaignStatus {
        guard own(namespace).count < Self.maximumOfTenant else { throw .tooMany }
        let checked = try await checked { () throws(CampaignFieldError) in
            try CampaignSettings(settings, in: namespace)
        }
        let campaign = try await stored { () async throws(JournalError) in
            try await journal.addCampaign(checked, in: namespace)
        }
        keep(campaign)
        return CampaignStatus(campaign: campaign, progress: CampaignProgress())
    }

    func change(
        _ id: CampaignID, _ settings: JSONObject, in namespace: Namespace
    ) async throws(CampaignError) -> CampaignStatus {
        let before = try knownCampaign(id, in: namespace).settings
        try beginChange(of: id)
        defer { endChange(of: id) }
        let checked = try await checked { () throws(CampaignFieldError) in
            var changed = before
            try changed.change(settings, in: namespace)
            return changed
        }
        var campaign = try knownCampaign(id, in: namespace)
        campaign.settings = checked
        let status = try await store(campaign)
        // Also when they are as they were: what has failed half way is repeated so.
        guard settings["hours"] != nil || settings["timeZone"] != nil else { return status }
        let (changed, moment) = (campaign, moment)
        try await stored { () async throws(JournalError) in try await journal.bringBack(changed, at: moment) }
        return status
    }

    func remove(_ id: CampaignID, in namespace: Namespace) async throws(CampaignError) {
        _ = try knownCampaign(id, in: namespace)
        try beginChange(of: id)
        defer { endChange(of: id) }
        let status = try await campaign(id, in: namespace)
        guard status.campaign.state == .stopped, status.progress.underWay == 0 else { throw .notStopped }
        try await stored { () async throws(JournalError) in try await journal.removeCampaign(id) }
        forget(id)
    }

    func set(
        _ id: CampaignID, to state: Campaign.State, in namespace: Namespace
    ) async throws(CampaignError) -> CampaignStatus {
        var campaign = try knownCampaign(id, in: namespace)
        try beginChange(of: id)
        defer { endChange(of: id) }
        guard campaign.state != state else { return try await status(of: campaign) }
        campaign.state = state
        let status = try await store(campaign)
        if state == .stopped { await release(campaign) }
        return status
    }

    func add(
        _ contacts: [NewContact], to id: CampaignID, in namespace: Namespace
    ) async throws(CampaignError) -> [ContactRefusal?] {
        var room = Contact.maximumOfCampaign - (try await campaign(id, in: namespace)).progress.contacts
        var results: [ContactRefusal?] = []
        var begin = 0
        while begin < contacts.count {
            let part = contacts[begin..<min(begin + Self.contactsAtOnce, contacts.count)]
            begin = part.endIndex
            var wanted: [NewContact] = []
            for contact in part {
                if contact.timeZone.map({ zone(named: $0) == nil }) == true {
                    results.append(.unknownTimeZone)
                } else if wanted.count >= room {
                    results.append(.tooManyContacts)
                } else {
                    results.append(nil)
                    wanted.append(contact)
                }
            }
            let (list, moment) = (wanted, moment)
            let added = try await stored { () async throws(JournalError) in
                try await journal.add(list, to: id, at: moment)
            }
            let places = (results.count - part.count..<results.count).filter { results[$0] == nil }
            for (place, isAdded) in zip(places, added) {
                if isAdded { room -= 1 } else { results[place] = .repeated }
            }
        }
        return results
    }

    func doNotCall(
        in namespace: Namespace, after number: String, limit: Int
    ) async throws(CampaignError) -> [String] {
        do throws(JournalReadError) {
            return try await journal.doNotCall(in: namespace, after: number, limit: limit)
        } catch {
            throw note(error)
        }
    }

    func addDoNotCall(_ numbers: [String], in namespace: Namespace) async throws(CampaignError) {
        try await stored { () async throws(JournalError) in try await journal.addDoNotCall(numbers, in: namespace) }
    }

    func removeDoNotCall(_ number: String, in namespace: Namespace) async throws(CampaignError) -> Bool {
        try await stored { () async throws(JournalError) in
            try await journal.removeDoNotCall(number, in: namespace)
        }
    }

    // MARK: Parts

    private func status(of campaign: Campaign) async throws(CampaignError) -> CampaignStatus {
        do throws(JournalReadError) {
            return CampaignStatus(campaign: campaign, progress: try await journal.progress(of: campaign.id))
        } catch {
            throw note(error)
        }
    }

    /// A round that is under way sees at once what is kept; a crash before it is stored undoes it.
    private func store(_ campaign: Campaign) async throws(CampaignError) -> CampaignStatus {
        try await stored { () async throws(JournalError) in try await journal.store(campaign) }
        keep(campaign)
        return try await status(of: campaign)
    }

    private func checked(
        _ body: () throws(CampaignFieldError) -> CampaignSettings
    ) async throws(CampaignError) -> CampaignSettings {
        let settings: CampaignSettings
        do throws(CampaignFieldError) {
            settings = try body()
        } catch {
            throw .field(error)
        }
        guard await hasSplit(settings.split) else {
            throw .field(CampaignFieldError(field: "split", problem: "there is no such split."))
        }
        if let name = settings.timeZone, zone(named: name) == nil {
            throw .field(CampaignFieldError(field: "timeZone", problem: "not known, write a name as Asia/Shanghai."))
        }
        return settings
    }

    private func stored<Value: Sendable>(
        _ body: () async throws(JournalError) -> Value
    ) async throws(CampaignError) -> Value {
        do throws(JournalError) {
            return try await body()
        } catch {
            throw note(error)
        }
    }
}
