import CSTA
import CallCenter
import Gateway
import Journal
import Logging
import ServiceLifecycle

/// All tenants of a server, running.
///
/// On a graceful shutdown each finishes what has come so far; then the journal is closed.
struct Tenants: Service, TenantDirectory {
    let runners: [Namespace: TenantRunner]
    let journal: any EventJournal
    let now: @Sendable () -> Instant
    let logger: Logger

    /// How late a timer may fire: they count seconds.
    private static let tickMilliseconds = 50
    /// How often events that are too old are looked for.
    private static let pruningIntervalSeconds = 300

    func tenant(_ namespace: Namespace) -> (any TenantPort)? { runners[namespace] }

    func unreadiness() -> [String] {
        runners.values.sorted { $0.namespace.name < $1.namespace.name }.flatMap { runner in
            let status = runner.status
            var reasons: [String] = []
            if !status.isSwitchUp { reasons.append("\(runner.namespace): the link to the switch is down") }
            if let trouble = status.journalTrouble { reasons.append("\(runner.namespace): \(trouble)") }
            return reasons
        }
    }

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            for runner in runners.values { group.addTask { await runner.run() } }
            group.addTask { await keepTime() }
            group.addTask { await prune() }
            try? await gracefulShutdown()
            for runner in runners.values { runner.finish() }
            await group.waitForAll()
        }
        do {
            try await journal.close()
        } catch {
            logger.error("the journal was not closed cleanly", metadata: ["reason": "\(error)"])
        }
    }

    /// Refuses new calls from here on.
    func drain() async {
        for runner in runners.values {
            guard let server = AgentID("server", in: runner.namespace) else { continue }
            _ = await runner.perform(.drain, by: Requester(agent: server, role: .admin))
        }
    }

    private func keepTime() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(Self.tickMilliseconds))
                for runner in runners.values { runner.fireDueTimers() }
            }
        }
    }

    private func prune() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do throws(JournalError) {
                    let pruned = try await journal.prune(now: now())
                    if pruned.events > 0 {
                        logger.info("old events deleted", metadata: ["events": "\(pruned.events)"])
                    }
                } catch {
                    logger.error("old events cannot be deleted", metadata: ["reason": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(Self.pruningIntervalSeconds))
            }
        }
    }
}

/// Tells the tenants that the server is about to stop. It is the last of the services, so that it hears of it first.
struct Drain: Service {
    let tenants: Tenants

    func run() async throws {
        try? await gracefulShutdown()
        await tenants.drain()
    }
}
