import CSTA
import CallCenter
import Gateway
import Journal
import Logging
import ServiceLifecycle
import Synchronization

/// The tenants of a server by their namespaces.
final class TenantTable: TenantDirectory {
    private struct State: Sendable {
        var runners: [Namespace: TenantRunner] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Those that are to be run, as they come.
    let arrivals: AsyncStream<TenantRunner>
    private let arrival: AsyncStream<TenantRunner>.Continuation

    init() { (arrivals, arrival) = AsyncStream.makeStream() }

    /// Has a tenant run, in the place of one with its namespace that has ended.
    ///
    /// - Returns: false if no more are taken in.
    @discardableResult
    func start(_ runner: TenantRunner) -> Bool {
        let isStarted = state.withLock { state in
            if !state.isClosed { state.runners[runner.namespace] = runner }
            return !state.isClosed
        }
        if isStarted { arrival.yield(runner) }
        return isStarted
    }

    /// Ends a tenant, and returns when what has come so far is done and stored.
    func stop(_ namespace: Namespace) async {
        guard let runner = self[namespace] else { return }
        runner.finish()
        await runner.read { _ in }
        state.withLock { _ = $0.runners.removeValue(forKey: namespace) }
    }

    /// Takes no more tenants in.
    func close() {
        state.withLock { $0.isClosed = true }
        arrival.finish()
    }

    subscript(namespace: Namespace) -> TenantRunner? { state.withLock { $0.runners[namespace] } }

    /// In the order of their namespaces.
    var runners: [TenantRunner] {
        state.withLock { Array($0.runners.values) }.sorted { $0.namespace.name < $1.namespace.name }
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

    /// What a task of ``run()`` ends with.
    private enum Ended {
        case tenant
        case arrival(TenantRunner)
        /// No more will come.
        case allArrived
        case helper
    }

    func run() async throws {
        do {
            try await withThrowingTaskGroup(of: Ended.self) { group in
                group.addTask { await nextArrival() }
                group.addTask {
                    await keepTime(); return .helper
                }
                group.addTask {
                    await prune(); return .helper
                }
                group.addTask {
                    await boundDrain(); return .helper
                }
                group.addTask {
                    try await gracefulShutdown()
                    drainBegan.continuation.yield()
                    table.close()
                    for runner in table.runners { runner.finish() }
                    return .helper
                }
                var (running, haveAllArrived) = (0, false)
                while !haveAllArrived || running > 0, let ended = try await group.next() {
                    switch ended {
                    case .tenant: running -= 1
                    case .allArrived: haveAllArrived = true
                    case .helper: break
                    case .arrival(let runner):
                        running += 1
                        group.addTask {
                            try await runner.run(); return .tenant
                        }
                        group.addTask { await nextArrival() }
                    }
                }
                group.cancelAll()
            }
        } catch {
            logger.critical("the tenants cannot go on", metadata: ["reason": "\(error)"])
            await close()
            throw error
        }
        await close()
        let inputs = table.runners.reduce(0) { $0 + $1.status.notStored }
        if inputs > 0 { throw NotStored(inputs: inputs) }
    }

    private func nextArrival() async -> Ended {
        var iterator = table.arrivals.makeAsyncIterator()
        return await iterator.next().map(Ended.arrival) ?? .allArrived
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
