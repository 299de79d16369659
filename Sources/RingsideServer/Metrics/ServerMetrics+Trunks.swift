import CSTA
import CallCenter
import Gateway

extension MetricsText {
    /// How much of each trunk group is in use; a group without a capacity has no sample of it.
    mutating func addTrunks(of runners: [TenantRunner]) {
        let loads = runners.flatMap { runner in
            (runner.census.last?.trunks ?? []).map { (tenant: runner.namespace.name, load: $0) }
        }
        family("ringside_trunk_calls", .gauge, "Calls that take up a line of a trunk group, in and out.")
        for (tenant, load) in loads {
            sample("ringside_trunk_calls", ["tenant": tenant, "group": load.group], load.calls)
        }
        family("ringside_trunk_capacity", .gauge, "Calls that a trunk group carries at once.")
        for (tenant, load) in loads {
            guard let capacity = load.capacity else { continue }
            sample("ringside_trunk_capacity", ["tenant": tenant, "group": load.group], capacity)
        }
    }
}
