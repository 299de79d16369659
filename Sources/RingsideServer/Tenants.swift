import CSTA
import CallCenter
import Gateway
import Journal
import Logging
import ServiceLifecycle
import Synchronization

/// The tenants of a server by their namespaces.
final class TenantTable: TenantDirectory {
    private let table = Mutex<[Namespace: TenantRunner]>([:])

    func add(_ runner: TenantRunner) { table.withLock { $0[runner.namespace] = runner } }

    subscript(namespace: Namespace) -> TenantRunner? { table.withLock { $0[namespace] } }

    /// In the order of their namespaces.
    var runners: [TenantRunner] {
        table.withLock { Array($0.values) }.sorted { $0.namespace.name < $1.namespace.name }
    }

    func tenant(_ namespace: Namespace) -> (any TenantPort)? { self[namespace] }

    func unreadiness() -> [String] {
        runners.flatMap { runner in
            let status = runner.status
            var reasons: [String] = []
            if !status.isSwitchUp { reasons.append("\(runner.namespace): the link to the switch is down") }
            if let trouble = status.journalTrouble { reasons.append("\(runner.namespace): \(trouble)") }
            return reasons
        }
    }
}

/// Runs all tenants of a server.
///
/// On a graceful shutdown each finishes what has come so far; then the journal is closed.
struct Tenants: Service {
    let table: TenantTable
    let journal: any EventJournal
    let retention: RecordingRetention
    let now: @Sendable () -> Instant
    let logger: Logger

    /// How late a timer may fire: they count seconds.
    private static let tickMilliseconds = 50
    /// How often events and recordings that are too old are looked for.
    private static let pruningIntervalSeconds = 300

    func run() async throws {
        let runners = table.runners
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for runner in runners { group.addTask { try await runner.run() } }
                group.addTask { await keepTime() }
                group.addTask { await prune() }
                group.addTask {
                    try await gracefulShutdown()
                    for runner in runners { runner.finish() }
                }
                try await group.waitForAll()
            }
        } catch {
            logger.critical("the tenants cannot go on", metadata: ["reason": "\(error)"])
            await close()
            throw error
        }
        await close()
    }

    private func close() async {
        do {
            try await journal.close()
        } catch {
            logger.error("the journal was not closed cleanly", metadata: ["reason": "\(error)"])
        }
    }

    /// Refuses new calls from here on.
    func drain() async {
        for runner in table.runners {
            guard let server = AgentID("server", in: runner.namespace) else { continue }
            _ = await runner.perform(.drain, by: Requester(agent: server, role: .admin))
        }
    }

    private func keepTime() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(Self.tickMilliseconds))
                for runner in table.runners { runner.fireDueTimers() }
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
                await retention.round(now: now())
                try? await Task.sleep(for: .seconds(Self.pruningIntervalSeconds))
            }
        }
    }
}

/// Tells the tenants that the server is about to stop. It is the last of the services, so that it hears of it first.
struct Drain: Service {
    let tenants: Tenants

    func run() async throws {
        do {
            try await gracefulShutdown()
        } catch {
            return  // Cancelled: another service has failed, and nobody may be there to answer.
        }
        await tenants.drain()
    }
}
