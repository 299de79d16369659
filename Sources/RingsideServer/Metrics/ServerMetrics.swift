import CSTA
import CallCenter
import Gateway
import Journal
import SwitchDriver

/// Everything that a server counts, as the text of a scrape.
struct ServerMetrics: Sendable {
    let tenants: TenantTable
    let hub: EventHub
    let requests: RequestCounts
    let journal: any EventJournal
    let telephoneSwitch: any Switch
    let campaigns: CampaignCensus

    /// A tenant that stands still is shown as it was: whoever scrapes has given up after some seconds.
    private static let countingTime = Duration.milliseconds(500)

    func text() async -> String {
        let runners = tenants.runners
        await runners.count(with: campaigns, waitingAtMost: Self.countingTime)
        var metrics = MetricsText()
        metrics.single("ringside_up", .gauge, "1: the server runs.", 1)
        addStates(of: runners, to: &metrics)
        metrics.addTrunks(of: runners)
        addCounters(of: runners, to: &metrics)
        metrics.add(splitsOf: runners.map { ($0.namespace.name, $0.census.last?.splits ?? []) })
        metrics.add(campaigns.last)
        metrics.family(
            "ringside_switch_messages_ignored_total", .counter,
            "Messages of the switch that the driver has left, by reason.")
        for (reason, count) in telephoneSwitch.ignoredCounts.sorted(by: { $0.key < $1.key }) {
            metrics.sample(
                "ringside_switch_messages_ignored_total", ["switch": telephoneSwitch.name, "reason": reason], count)
        }
        metrics.family(
            "ringside_switch_mended_total", .counter,
            "What the switch should have told and has not, and what was made up for, by reason.")
        for (reason, count) in telephoneSwitch.mendedCounts.sorted(by: { $0.key < $1.key }) {
            metrics.sample("ringside_switch_mended_total", ["switch": telephoneSwitch.name, "reason": reason], count)
        }
        metrics.add(hub.statistics(), latency: hub.latency)
        metrics.add(requests)
        add(journal.statistics, to: &metrics)
        add(ProcessStatistics.current(), to: &metrics)
        return metrics.text
    }

    /// What is so now, of each tenant.
    private func addStates(of runners: [TenantRunner], to metrics: inout MetricsText) {
        let tenants = runners.map { (name: $0.namespace.name, runner: $0, numbers: $0.census.last) }
        metrics.family("ringside_switch_link_up", .gauge, "1: the tenant's link to the switch is there.")
        for tenant in tenants {
            metrics.sample("ringside_switch_link_up", ["tenant": tenant.name], tenant.runner.status.isSwitchUp ? 1 : 0)
        }
        metrics.family("ringside_journal_takes_events", .gauge, "1: what the tenant does is stored.")
        for tenant in tenants {
            let isWell = tenant.runner.status.journalTrouble == nil
            metrics.sample("ringside_journal_takes_events", ["tenant": tenant.name], isWell ? 1 : 0)
        }
        metrics.family("ringside_calls", .gauge, "Calls that are up.")
        for tenant in tenants {
            if let numbers = tenant.numbers { metrics.sample("ringside_calls", ["tenant": tenant.name], numbers.calls) }
        }
        metrics.family("ringside_legs", .gauge, "Devices in calls that are up, each once a call.")
        for tenant in tenants {
            if let numbers = tenant.numbers { metrics.sample("ringside_legs", ["tenant": tenant.name], numbers.legs) }
        }
        metrics.family("ringside_agents", .gauge, "Agents by mode; Logout: not logged in.")
        for tenant in tenants {
            guard let numbers = tenant.numbers else { continue }
            for mode in AgentMode.allCases where mode != .unknown {
                metrics.sample(
                    "ringside_agents", ["tenant": tenant.name, "mode": mode.rawValue], numbers.agents[mode] ?? 0)
            }
        }
        metrics.family("ringside_inbox_waiting", .gauge, "Inputs that wait for the tenant's rules.")
        for tenant in tenants {
            metrics.sample("ringside_inbox_waiting", ["tenant": tenant.name], tenant.runner.inboxCounts.waiting)
        }
    }

    /// What has happened since the start, of each tenant.
    private func addCounters(of runners: [TenantRunner], to metrics: inout MetricsText) {
        let tenants = runners.map { ($0.namespace.name, $0) }
        metrics.family("ringside_inputs_total", .counter, "Inputs taken: commands, events of the switch, timers.")
        for (name, runner) in tenants {
            metrics.sample("ringside_inputs_total", ["tenant": name], runner.status.inputs)
        }
        metrics.family("ringside_events_total", .counter, "Event copies made and stored.")
        for (name, runner) in tenants {
            metrics.sample("ringside_events_total", ["tenant": name], runner.status.events)
        }
        metrics.family("ringside_inputs_lost_total", .counter, "Inputs that found no room.")
        for (name, runner) in tenants {
            metrics.sample("ringside_inputs_lost_total", ["tenant": name], runner.inboxCounts.lost)
        }
        metrics.family("ringside_inputs_ignored_total", .counter, "Inputs that made no sense and were left, by reason.")
        for (name, runner) in tenants {
            let ignored = runner.status.ignored
            for reason in IgnoredReason.allCases {
                metrics.sample(
                    "ringside_inputs_ignored_total", ["tenant": name, "reason": reason.rawValue], ignored[reason] ?? 0)
            }
        }
        metrics.family(
            "ringside_mended_total", .counter, "What was stuck, and was put right by a sweep, by what it was.")
        for (name, runner) in tenants {
            let mended = runner.status.mended
            for mend in Mend.allCases {
                metrics.sample("ringside_mended_total", ["tenant": name, "what": mend.rawValue], mended[mend] ?? 0)
            }
        }
    }

    private func add(_ journal: JournalStatistics, to metrics: inout MetricsText) {
        metrics.summary(
            "ringside_journal_commit_seconds", "How long transactions of the journal took, until they were durable.",
            seconds: journal.commitDuration.inSeconds, count: journal.transactions + journal.failedTransactions)
        metrics.single(
            "ringside_journal_commits_failed_total", .counter, "Transactions that failed.", journal.failedTransactions)
        metrics.single(
            "ringside_journal_batches_total", .counter, "Batches stored; one transaction may store several.",
            journal.appendedBatches)
        metrics.single(
            "ringside_journal_bytes_total", .counter, "What was stored, as the journal measures it.",
            Int(journal.appendedBytes))
        metrics.single(
            "ringside_journal_batches_waiting", .gauge, "Batches that wait for a transaction.", journal.pendingBatches)
        metrics.single(
            "ringside_journal_size_bytes", .gauge, "The journal's files on the disk.", Int(journal.databaseBytes))
    }

    /// By the names that all processes have.
    private func add(_ process: ProcessStatistics, to metrics: inout MetricsText) {
        metrics.family("process_cpu_seconds_total", .counter, "Time of processors that the process has used.")
        metrics.sample("process_cpu_seconds_total", [:], process.cpuSeconds)
        if let bytes = process.residentBytes {
            metrics.single("process_resident_memory_bytes", .gauge, "Memory that the process has.", bytes)
        }
        if let files = process.openFiles {
            metrics.single("process_open_fds", .gauge, "Open files and sockets.", files)
        }
        metrics.single(
            "process_max_fds", .gauge, "How many files and sockets may be open.", process.maximumOpenFiles)
    }
}
