public import CSTA
public import CallCenter
import Foundation
import GRDB
public import Logging
import Synchronization

/// A journal in one SQLite file.
///
/// Appends of all tenants that wait at the same time go into one transaction, so that they share its fsync. They are
/// written on the queue of the one writing connection, never on a thread of Swift's concurrency; readers have
/// connections of their own and neither wait for the writer nor hold it up.
public final class SQLiteJournal: EventJournal {
    /// The path of the database file.
    public let path: String
    let pool: DatabasePool
    let configuration: JournalConfiguration
    let logger: Logger
    let queue: Mutex<AppendQueue>
    let counters = Mutex(JournalStatistics())
    private let lock: LockFile

    /// Opens the journal of a directory, or makes one. Blocks until it is ready.
    ///
    /// What a crash has left in the write-ahead log is taken over by SQLite on the way.
    public init(_ configuration: JournalConfiguration, logger: Logger) throws(JournalOpenError) {
        self.configuration = configuration
        self.logger = logger
        let directory = URL(fileURLWithPath: configuration.directory, isDirectory: true)
        path = directory.appendingPathComponent(Schema.fileName).path
        queue = Mutex(
            AppendQueue(
                maximumBatches: configuration.maximumPendingBatches, maximumBytes: configuration.maximumPendingBytes))
        do {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .unavailable(path: path, "\(error.localizedDescription)")
        }
        lock = try Self.lock(directory.appendingPathComponent(Schema.lockName).path, for: path)
        pool = try Self.open(path, configuration)
    }

    public func load(_ namespace: Namespace) async throws(JournalReadError) -> JournalState {
        try await read { db in
            guard let tenant = try TenantRow(namespace, in: db) else {
                return JournalState(lastSerial: Serial(0), oldestSerial: Serial(1), entries: [])
            }
            let select = try RawStatement("SELECT key, value FROM state WHERE tenant = ?1 ORDER BY key", in: db)
            defer { select.reset() }
            try select.bind(tenant.id, at: 1)
            var entries: [StateEntry] = []
            while try select.step() { entries.append(StateEntry(key: select.text(0), value: select.bytes(1))) }
            return JournalState(
                lastSerial: Serial(tenant.lastSerial), oldestSerial: Serial(tenant.firstSerial), entries: entries)
        }
    }

    public func events(
        in namespace: Namespace, after serial: Serial, matching filter: EventFilter, limit: Int
    ) async throws(JournalReadError) -> EventPage {
        let limit = max(1, min(limit, configuration.maximumPageEvents))
        let page = try await read { db in
            try Replay.page(of: namespace, after: serial, matching: filter, limit: limit, in: db)
        }
        return try page.get()
    }

    public func prune(now: Instant) async throws(JournalError) -> JournalPruning {
        var deleted = JournalPruning()
        defer { counters.withLock { $0.prunedEvents += deleted.events } }
        var candidates = try await write { db in try Retention.candidates(in: db) }

        let (age, tooOld) = configuration.maximumEventAgeSeconds.multipliedReportingOverflow(by: 1000)
        let oldest = tooOld ? Int64.min : now.milliseconds &- age
        for index in candidates.indices {
            while candidates[index].oldestTimestamp < oldest {
                let rest = try await pruneStep(candidates[index].tenant, .before(oldest), &deleted)
                candidates[index].oldestTimestamp = rest?.oldestTimestamp ?? .max
            }
        }

        var excess = try await write { db in try Retention.eventBytes(in: db) } - configuration.maximumEventBytes
        while excess > 0,
            let index = candidates.indices.min(by: {
                candidates[$0].oldestTimestamp < candidates[$1].oldestTimestamp
            }), candidates[index].oldestTimestamp < .max
        {
            let before = deleted.bytes
            let rest = try await pruneStep(candidates[index].tenant, .bytes(excess), &deleted)
            candidates[index].oldestTimestamp = rest?.oldestTimestamp ?? .max
            excess -= deleted.bytes - before
        }
        try await pruneRecords(now: now, &deleted)
        return deleted
    }

    public var statistics: JournalStatistics {
        var statistics = counters.withLock { $0 }
        statistics.pendingBatches = queue.withLock { $0.count }
        for suffix in ["", "-wal"] {
            let size = try? FileManager.default.attributesOfItem(atPath: path + suffix)[.size] as? NSNumber
            statistics.databaseBytes += size?.int64Value ?? 0
        }
        return statistics
    }

    public func close() async throws(JournalError) {
        guard queue.withLock({ $0.close() }) else { return }
        let result: Result<Void, JournalError> = await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { [self] db in
                while commitGroup(in: db) {}
                let checkpoint = Result { _ = try db.checkpoint(.truncate) }.mapError(JournalError.init(_:))
                // The connection cannot be closed from its own queue.
                DispatchQueue.global().async { [self] in
                    let closing = Result { try pool.close() }.mapError(JournalError.init(_:))
                    lock.release()
                    continuation.resume(returning: checkpoint.flatMap { closing })
                }
            }
        }
        try result.get()
    }
}

extension SQLiteJournal {
    private static func lock(_ lockPath: String, for path: String) throws(JournalOpenError) -> LockFile {
        do {
            return try LockFile(path: lockPath)
        } catch {
            switch error {
            case .held: throw .inUse(path: path)
            case .system(let reason): throw .unavailable(path: path, "\(lockPath): \(reason)")
            }
        }
    }

    private static func open(
        _ path: String, _ configuration: JournalConfiguration
    ) throws(JournalOpenError) -> DatabasePool {
        var settings = Configuration()
        settings.label = "journal"
        settings.busyMode = .timeout(TimeInterval(configuration.busyTimeoutSeconds))
        settings.maximumReaderCount = max(1, configuration.readers)
        settings.prepareDatabase { db in try Schema.prepare(db) }
        do {
            let pool = try DatabasePool(path: path, configuration: settings)
            let migrator = Schema.migrator
            let unknown = try pool.read { db in
                try migrator.appliedIdentifiers(db).subtracting(migrator.migrations).sorted()
            }
            guard unknown.isEmpty else { throw JournalOpenError.newerSchema(path: path, unknown: unknown) }
            try migrator.migrate(pool)
            try pool.writeWithoutTransaction { db in
                try Schema.prepareWriter(db, durability: configuration.durability)
            }
            if let contradiction = try pool.read(Schema.contradiction(in:)) {
                throw JournalOpenError.corrupt(path: path, contradiction)
            }
            return pool
        } catch let error as JournalOpenError {
            throw error
        } catch let error as DatabaseError where error.isDamage {
            throw .corrupt(path: path, error.reason)
        } catch let error as DatabaseError {
            throw .unavailable(path: path, error.reason)
        } catch {
            throw .unavailable(path: path, "\(error)")
        }
    }

    func read<Value: Sendable>(
        _ body: @Sendable (Database) throws -> Value
    ) async throws(JournalReadError) -> Value {
        do {
            return try await pool.read(body)
        } catch let error as DatabaseError {
            throw .unavailable(error.reason)
        } catch {
            throw .unavailable("\(error)")
        }
    }

    private func pruneStep(
        _ tenant: Int64, _ extent: Retention.Extent, _ deleted: inout JournalPruning
    ) async throws(JournalError) -> Retention.Candidate? {
        let step = try await write { db in try Retention.step(tenant, extent, in: db) }
        deleted.events += step.deleted.events
        deleted.bytes += step.deleted.bytes
        return step.rest
    }
}
