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
/// On a graceful shutdown each finishes what has come so far, if the journal takes it in time; then the journal is
/// closed.
struct Tenants: Service {
    let table: TenantTable
    let journal: any EventJournal
    /// Nil: recordings are not deleted.
    let retention: RecordingRetention?
    let now: @Sendable () -> Instant
    let logger: Logger

    /// Returns when draining has taken long enough, or the task is cancelled.
    private let drainTime: @Sendable () async -> Void
    private let drainBegan = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(
        table: TenantTable, journal: any EventJournal, retention: RecordingRetention? = nil,
        now: @escaping @Sendable () -> Instant, logger: Logger,
        drainTime: @escaping @Sendable () async -> Void = {
            try? await Task.sleep(for: .seconds(Self.maximumDrainSeconds))
        }
    ) {
        self.table = table
        self.journal = journal
        self.retention = retention
        self.now = now
        self.logger = logger
        self.drainTime = drainTime
    }

    /// From the signal until what is not stored is given up, as with a full disk. Docker kills after ten seconds:
    /// what is given up is to be in the log by then.
    static let maximumDrainSeconds = 8
    /// How late a timer may fire: they count seconds.
    private static let tickMilliseconds = 50
    /// How often events and recordings that are too old are looked for.
    private static let pruningIntervalSeconds = 300

    func run() async throws {
        let runners = table.runners
        do {
            // Each says whether it has to be waited for.
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for runner in runners {
                    group.addTask {
                        try await runner.run(); return true
                    }
                }
                group.addTask {
                    await keepTime(); return false
                }
                group.addTask {
                    await prune(); return false
                }
                group.addTask {
                    await boundDrain(); return false
                }
                group.addTask {
                    try await gracefulShutdown()
                    drainBegan.continuation.yield()
                    for runner in runners { runner.finish() }
                    return true
                }
                var awaited = runners.count + 1
                while awaited > 0, let counts = try await group.next() { awaited -= counts ? 1 : 0 }
                group.cancelAll()
            }
        } catch {
            logger.critical("the tenants cannot go on", metadata: ["reason": "\(error)"])
            await close()
            throw error
        }
        await close()
        let inputs = runners.reduce(0) { $0 + $1.status.notStored }
        if inputs > 0 { throw NotStored(inputs: inputs) }
    }

    /// The server has ended without these.
    struct NotStored: Error, Hashable, CustomStringConvertible {
        var inputs: Int
        var description: String { "the journal did not take the last \(inputs) inputs in time; the log says more" }
    }

    /// Gives up what is not stored when the time is over that draining may take.
    private func boundDrain() async {
        guard await drainBegan.stream.first(where: { _ in true }) != nil else { return }
        await drainTime()
        if Task.isCancelled { return }
        for runner in table.runners { runner.giveUp() }
    }

    private func close() async {
        do {
            try await journal.close()
        } catch {
            logger.error("the journal was not closed cleanly", metadata: ["reason": "\(error)"])
        }
    }

    /// Refuses new calls from here on. The time that draining may take begins.
    func drain() async {
        drainBegan.continuation.yield()
        await withTaskGroup { group in
            for runner in table.runners {
                guard let server = AgentID("server", in: runner.namespace) else { continue }
                group.addTask { _ = await runner.perform(.drain, by: Requester(agent: server, role: .admin)) }
            }
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
                    if pruned.events > 0 || pruned.records > 0 {
                        logger.info(
                            "old events deleted",
                            metadata: ["events": "\(pruned.events)", "records": "\(pruned.records)"])
                    }
                } catch {
                    logger.error("old events cannot be deleted", metadata: ["reason": "\(error)"])
                }
                _ = await retention?.round(now: now())
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
