import CSTA
import CallCenter
import Gateway
import Synchronization

/// How far the campaigns of all tenants are, counted in the journal when somebody asks: one count is under way at most, and who
/// asks meanwhile gets the last one.
final class CampaignCensus: Sendable {
    /// Of all tenants: each is a handful of lines of a scrape, and a look into the journal.
    static let maximumCampaigns = 200

    private let desk: CampaignDesk
    private let state = Mutex<(isCounting: Bool, last: [CampaignStatus])>((false, []))

    init(desk: CampaignDesk) { self.desk = desk }

    /// As counted last.
    var last: [CampaignStatus] { state.withLock(\.last) }

    /// Counts anew, if nobody does.
    func count() async {
        let isFirst = state.withLock { state in
            defer { state.isCounting = true }
            return !state.isCounting
        }
        guard isFirst else { return }
        let found = await desk.underWay(atMost: Self.maximumCampaigns)
        state.withLock { $0 = (false, found) }
    }
}

extension MetricsText {
    /// What the splits of each tenant are like; a split without a count is one of a tenant that was never counted.
    mutating func add(splitsOf tenants: [(name: String, splits: [SplitStatus])]) {
        let splits = tenants.flatMap { tenant in tenant.splits.map { (tenant: tenant.name, split: $0) } }
        family("ringside_split_waiting", .gauge, "Callers whom no agent is being called for.")
        for (tenant, split) in splits { sample("ringside_split_waiting", labels(tenant, split), split.waiting) }
        family("ringside_split_longest_wait_seconds", .gauge, "How long the one of them waits who came first.")
        for (tenant, split) in splits {
            let seconds = Double(split.longestWaitMilliseconds ?? 0) / 1000
            sample("ringside_split_longest_wait_seconds", labels(tenant, split), seconds)
        }
        family("ringside_split_agents", .gauge, "Agents of the split by what they do.")
        for (tenant, split) in splits {
            for standing in AgentStanding.allCases {
                sample(
                    "ringside_split_agents",
                    ["tenant": tenant, "split": String(split.id.number), "state": standing.rawValue],
                    split.agents[standing, default: 0])
            }
        }
        family("ringside_split_entered_total", .counter, "Calls that came into the split since the server's start.")
        for (tenant, split) in splits {
            sample("ringside_split_entered_total", labels(tenant, split), split.sinceStart.entered)
        }
        family("ringside_split_answered_in_time_total", .counter, "Calls answered within the tenant's threshold.")
        for (tenant, split) in splits {
            sample("ringside_split_answered_in_time_total", labels(tenant, split), split.sinceStart.answeredInTime)
        }
        family("ringside_split_left_total", .counter, "Calls that left the split since the server's start, by how.")
        for (tenant, split) in splits {
            for (end, count) in split.sinceStart.ends {
                sample(
                    "ringside_split_left_total",
                    ["tenant": tenant, "split": String(split.id.number), "how": end.rawValue], count)
            }
        }
    }

    private func labels(_ tenant: String, _ split: SplitStatus) -> Labels {
        ["tenant": tenant, "split": String(split.id.number)]
    }

    /// How far campaigns are.
    mutating func add(_ campaigns: [CampaignStatus]) {
        family("ringside_campaign_contacts", .gauge, "Contacts of campaigns that are not stopped, by how far they are.")
        for status in campaigns {
            let progress = status.progress
            for (state, count) in [("left", progress.left), ("underWay", progress.underWay), ("done", progress.done)] {
                sample(
                    "ringside_campaign_contacts",
                    [
                        "tenant": status.campaign.namespace.name, "campaign": status.campaign.id.description,
                        "state": state,
                    ], count)
            }
        }
    }
}
