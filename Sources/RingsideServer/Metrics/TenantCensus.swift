import CSTA
import CallCenter
import Synchronization

/// How many calls, legs and agents a tenant has, and what its splits are like, counted when somebody asks.
///
/// Counting stands in the tenant's line, which may stand still, as when the disk is full: one count is under way at most, and
/// who asks meanwhile gets the last one.
final class TenantCensus: Sendable {
    struct Numbers: Hashable, Sendable {
        var calls = 0
        var legs = 0
        var agents: [AgentMode: Int] = [:]
        var trunks: [TrunkLoad] = []
        /// By number.
        var splits: [SplitStatus] = []

        /// Splits of a tenant that a scrape shows, those with the smallest numbers: each is more than a dozen lines.
        static let maximumSplits = 200

        init(_ tenant: Tenant, at now: Instant) {
            splits = tenant.splits.keys.sorted { ($0.text.count, $0.text) < ($1.text.count, $1.text) }.prefix(
                Self.maximumSplits
            )
            .compactMap { tenant.status(of: $0, at: now) }
            calls = tenant.calls.count
            legs = tenant.calls.values.reduce(0) { $0 + $1.connections.count }
            trunks = tenant.trunkLoads
            for agent in tenant.agents.values { agents[agent.mode, default: 0] += 1 }
        }
    }

    private let state = Mutex<(isCounting: Bool, last: Numbers?)>((false, nil))

    /// As counted last; nil before the first count.
    var last: Numbers? { state.withLock(\.last) }

    /// Counts anew, if nobody does.
    fileprivate func count(_ runner: TenantRunner) async {
        let isFirst = state.withLock { state in
            defer { state.isCounting = true }
            return !state.isCounting
        }
        guard isFirst else { return }
        let now = runner.surroundings.now()
        let numbers = await runner.read { Numbers($0, at: now) }
        state.withLock { $0 = (false, numbers) }
    }
}

extension [TenantRunner] {
    /// Counts all anew, and waits no longer than that for it; what takes longer goes on.
    func count(with campaigns: CampaignCensus, waitingAtMost time: Duration) async {
        let (finished, finish) = AsyncStream.makeStream(of: Never.self)
        Task {
            await withTaskGroup { group in
                group.addTask { await campaigns.count() }
                for runner in self { group.addTask { await runner.census.count(runner) } }
            }
            finish.finish()
        }
        let limit = Task {
            try? await Task.sleep(for: time)
            finish.finish()
        }
        for await _ in finished {}
        limit.cancel()
    }
}
