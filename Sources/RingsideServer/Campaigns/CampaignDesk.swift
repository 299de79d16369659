import CSTA
import CallCenter
import Foundation
import Gateway
import Journal
import Logging

/// Runs the campaigns of all tenants: once a second it looks at what has come of contacts, and asks the rules for calls to the
/// next ones. The lists stay in the journal; only contacts that are taken are in memory.
actor CampaignDesk {
    /// Of one tenant.
    static let maximumOfTenant = 1000
    static let maximum = 100_000

    let journal: SQLiteJournal
    private let tenants: TenantTable
    private let dialler: any Dialler
    private let now: @Sendable () -> Instant
    private let newCall: @Sendable () -> CallID
    private let logger: Logger

    private var campaigns: [CampaignID: Campaign] = [:]
    /// Those of which contacts may be under way, or have a result that was not looked at.
    private var unsettled: Set<CampaignID> = []
    /// Tenants whose contacts of before a restart have been looked at.
    private var recovered: Set<Namespace> = []
    private var zones: [String: ZoneOffsets] = [:]
    /// Those that are being changed: what is stored of one is whole.
    private var changing: Set<CampaignID> = []

    init(
        journal: SQLiteJournal, tenants: TenantTable, dialler: any Dialler = ReservingDialler(),
        now: @escaping @Sendable () -> Instant, newCall: @escaping @Sendable () -> CallID, logger: Logger
    ) {
        self.journal = journal
        self.tenants = tenants
        self.dialler = dialler
        self.now = now
        self.newCall = newCall
        self.logger = logger
    }

    /// Takes up the campaigns of before. To be called before the first round.
    func restore() async throws(JournalReadError) {
        for campaign in try await journal.campaigns(atMost: Self.maximum) {
            campaigns[campaign.id] = campaign
            unsettled.insert(campaign.id)
        }
    }

    // MARK: Rounds

    /// Looks once at all campaigns.
    func round() async {
        for namespace in Set(campaigns.values.map(\.namespace)).sorted(by: { $0.name < $1.name }) {
            guard let tenant = tenants[namespace] else {
                // It is deleted, or not set up in this process.
                forgetAll(in: namespace)
                continue
            }
            do {
                try await round(of: tenant)
            } catch {
                // What was taken and not placed is put back with the next round.
                recovered.remove(namespace)
                logger.error(
                    "the campaigns wait for the journal",
                    metadata: ["tenant": "\(namespace)", "reason": "\(error)"])
            }
        }
    }

    private func round(of tenant: TenantRunner) async throws {
        let own = self.own(tenant.namespace)
        if !recovered.contains(tenant.namespace) {
            try await recover(own, of: tenant)
            recovered.insert(tenant.namespace)
        }
        for campaign in own where unsettled.contains(campaign.id) {
            if try await !journal.settle(campaign), self.campaigns[campaign.id]?.state != .running {
                unsettled.remove(campaign.id)
            }
        }
        let running = own.filter { $0.state == .running }
        guard !running.isEmpty else { return }
        let splits = Set(running.map(\.settings.split))
        var (free, plan) = await tenant.read { tenant in
            (
                Dictionary(splits.map { ($0, tenant.freeAgents(of: $0)) }, uniquingKeysWith: max),
                CallingPlan(tenant.configuration)
            )
        }
        var budget = plan.callsPerSecond
        for known in running {
            // It may have been changed meanwhile.
            guard let campaign = campaigns[known.id], campaign.state == .running else { continue }
            let split = campaign.settings.split
            let wanted = min(dialler.contacts(for: campaign, freeAgents: free[split] ?? 0), budget)
            guard wanted > 0 else { continue }
            let (placed, isMore) = try await call(wanted, of: campaign, on: tenant, plan)
            budget -= placed
            free[split] = isMore ? max(0, (free[split] ?? 0) - placed) : 0
        }
    }

    /// How long a contact is put off whose trunks are full, so that others come before it.
    private static let fullTrunksSeconds = 5

    /// - Returns: for how many agents it calls now, and whether more calls of the split could be placed.
    private func call(
        _ wanted: Int, of campaign: Campaign, on tenant: TenantRunner, _ plan: CallingPlan
    ) async throws -> (placed: Int, isMore: Bool) {
        let moment = now()
        let postponed = try await postponement(campaign, plan.zone, moment)
        let prefix = campaign.settings.prefix
        let taken = try await journal.takeDue(
            of: campaign, at: moment, limit: wanted, called: { plan.carrierNumbers(prefix + $0.number) },
            postponed: postponed)
        unsettled.insert(campaign.id)
        if let changed = campaigns[campaign.id], changed.settings != campaign.settings {
            // Its hours may be others by now, by which nobody was put off.
            try await journal.putBack(taken.map(\.id))
            try await journal.bringBack(changed, at: moment)
            return (0, true)
        }
        var placed = 0
        for (index, contact) in taken.enumerated() {
            // It may have been stopped meanwhile.
            guard campaigns[campaign.id]?.state == .running else {
                try await journal.putBack(taken[index...].map(\.id))
                return (placed, false)
            }
            let order = campaign.order(for: contact, newCall: newCall)
            switch await perform(.placeOutboundCall(order), of: tenant) {
            case .refused(.noRoute), .refused(.numberBarred), .refused(.invalidNumber), .refused(.tooMuchUserData):
                try await journal.end(contact.id, "barred", at: moment)
            case .refused(.trunksBusy):
                try await journal.putBack([contact.id], due: moment.advanced(bySeconds: Self.fullTrunksSeconds))
            case .refused:
                try await journal.putBack(taken[index...].map(\.id))
                return (placed, false)
            case .done, .pending, .call: placed += 1
            }
        }
        return (placed, true)
    }

    /// Contacts that were under way when the server ended, and of which the tenant knows nothing, were never called.
    private func recover(_ own: [Campaign], of tenant: TenantRunner) async throws {
        let known = await tenant.read(\.contactsUnderWay)
        for campaign in own {
            let lost = try await journal.underWay(in: campaign.id).filter { !known.contains($0) }
            if !lost.isEmpty { try await journal.putBack(lost) }
        }
    }

    private func perform(_ command: Command, of tenant: TenantRunner) async -> Reply {
        guard let server = AgentID("server", in: tenant.namespace) else { return .refused(.notYours) }
        return await tenant.perform(command, by: Requester(agent: server, role: .admin))
    }

    func own(_ namespace: Namespace) -> [Campaign] {
        campaigns.values.filter { $0.namespace == namespace }.sorted { $0.id.value < $1.id.value }
    }

    var notStopped: [Campaign] {
        campaigns.values.filter { $0.state != .stopped }.sorted { $0.id.value < $1.id.value }
    }

    // MARK: Calling hours

    /// Until when a contact may not be called, by the clock where it is.
    private func postponement(
        _ campaign: Campaign, _ tenantZone: ZoneOffsets, _ now: Instant
    ) async throws -> @Sendable (Contact) -> Instant? {
        guard let hours = campaign.settings.hours else { return { _ in nil } }
        var offsets = zones
        for name in try await journal.timeZones(in: campaign.id) + [campaign.settings.timeZone].compactMap(\.self) {
            offsets[name] = zone(named: name)
        }
        let usual = campaign.settings.timeZone.flatMap { offsets[$0] } ?? tenantZone
        // Whoever is called, or shown to an agent, is dialled within this.
        let end = now.advanced(bySeconds: campaign.settings.limitSeconds)
        return { [offsets] contact in
            let zone = contact.timeZone.flatMap { offsets[$0] } ?? usual
            let isOpen = [now, end].allSatisfy {
                hours.isOpen(at: LocalTime(milliseconds: $0.milliseconds, offsetSeconds: zone.offset(at: $0)))
            }
            guard !isOpen else { return nil }
            return hours.nextOpening(after: now, in: zone) ?? now.advanced(bySeconds: 24 * 3600)
        }
    }

    /// Nil if there is no such zone.
    func zone(named name: String) -> ZoneOffsets? {
        if let known = zones[name] { return known }
        guard let zone = TimeZone(identifier: name) else { return nil }
        let offsets = ZoneOffsets(zone)
        zones[name] = offsets
        return offsets
    }
}

// What the gateway asks for.
extension CampaignDesk {
    func knownCampaign(_ id: CampaignID, in namespace: Namespace) throws(CampaignError) -> Campaign {
        guard let campaign = campaigns[id], campaign.namespace == namespace else { throw .noSuchCampaign }
        return campaign
    }

    func keep(_ campaign: Campaign) { campaigns[campaign.id] = campaign }

    func forget(_ id: CampaignID) {
        campaigns[id] = nil
        unsettled.remove(id)
    }

    /// Forgets what a tenant had, which is no more.
    func forgetAll(in namespace: Namespace) {
        recovered.remove(namespace)
        for campaign in own(namespace) { forget(campaign.id) }
    }

    /// Lets nobody else change a campaign meanwhile.
    ///
    /// - Throws: ``CampaignError/unavailable`` if somebody does.
    func beginChange(of id: CampaignID) throws(CampaignError) {
        guard changing.insert(id).inserted else { throw .unavailable }
    }

    func endChange(of id: CampaignID) { changing.remove(id) }

    func hasSplit(_ split: DeviceID) async -> Bool {
        guard let tenant = tenants[split.namespace] else { return false }
        return await tenant.read { $0.splits[split] != nil }
    }

    /// Agents who are reserved for it are Ready again.
    func release(_ campaign: Campaign) async {
        guard let tenant = tenants[campaign.namespace] else { return }
        _ = await perform(.releaseCampaign(campaign.id), of: tenant)
    }

    var moment: Instant { now() }

    func note(_ error: any Error) -> CampaignError {
        logger.error("campaigns cannot be stored or read", metadata: ["reason": "\(error)"])
        return .unavailable
    }
}
