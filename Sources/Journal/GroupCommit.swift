import CallCenter
import GRDB
import Logging
import Synchronization

extension SQLiteJournal {
    public func append(_ batch: JournalBatch) async throws(JournalError) {
        let bytes = try Self.checkedSize(of: batch)
        let result: Result<Void, JournalError> = await withCheckedContinuation { continuation in
            let append = PendingAppend(batch: batch, bytes: bytes, done: continuation)
            switch queue.withLock({ $0.admit(append) }) {
            case .first: startWriter()
            case .queued: break
            case .refused(let error): continuation.resume(returning: .failure(error))
            }
        }
        try result.get()
    }

    /// One transaction a turn of the writer's queue, so that prunings get their turns too.
    private func startWriter() {
        pool.asyncWriteWithoutTransaction { [self] db in
            if commitGroup(in: db) { startWriter() }
        }
    }

    /// Stores what waits, as much as fits into one transaction, and tells those who wait.
    ///
    /// - Returns: false if nothing waited.
    func commitGroup(in db: Database) -> Bool {
        let group = queue.withLock { $0.takeGroup() }
        guard !group.isEmpty else { return false }
        let begin = ContinuousClock.now
        var outcomes: [Result<Void, JournalError>] = []
        outcomes.reserveCapacity(group.count)
        var failure = queue.withLock { $0.failure }
        if failure == nil {
            do {
                try db.inTransaction(.immediate) {
                    let writer = try BatchWriter(db)
                    for append in group {
                        outcomes.append(try writer.store(append.batch).map { .failure($0) } ?? .success(()))
                    }
                    return .commit
                }
            } catch {
                failure = fail(error)
            }
        }
        if let failure { outcomes = Array(repeating: .failure(failure), count: group.count) }
        count(group, outcomes, failed: failure != nil, duration: ContinuousClock.now - begin)
        for (append, outcome) in zip(group, outcomes) { append.done.resume(returning: outcome) }
        return true
    }

    /// A transaction of a pruning, in its turn among those of appends.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(JournalError) -> Value {
        if let refusal = queue.withLock({ $0.refusal }) { throw refusal }
        let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { [self] db in
                var value: Result<Value, JournalError> = .failure(.closed)
                do {
                    try db.inTransaction(.immediate) {
                        value = .success(try body(db))
                        return .commit
                    }
                } catch {
                    value = .failure(fail(error))
                }
                continuation.resume(returning: value)
            }
        }
        return try result.get()
    }

    private func fail(_ error: any Error) -> JournalError {
        let failure = JournalError(error)
        logger.error("A transaction of the journal failed", metadata: ["reason": "\(failure)"])
        if case .stopped = failure { queue.withLock { $0.stop(failure) } }
        return failure
    }

    private func count(
        _ group: [PendingAppend], _ outcomes: [Result<Void, JournalError>], failed: Bool, duration: Duration
    ) {
        var (events, batches, bytes) = (0, 0, 0)
        for (append, outcome) in zip(group, outcomes) {
            guard case .success = outcome else { continue }
            events += append.batch.events.count
            batches += 1
            bytes += append.bytes
        }
        counters.withLock {
            $0.appendedEvents += events
            $0.appendedBatches += batches
            $0.transactions += failed ? 0 : 1
            $0.failedTransactions += failed ? 1 : 0
            $0.lastCommitDuration = duration
            $0.commitDuration += duration
            $0.appendedBytes += Int64(bytes)
        }
    }

    /// What the batch takes in memory, about, if it keeps the bounds.
    private static func checkedSize(of batch: JournalBatch) throws(JournalError) -> Int {
        guard batch.events.count <= JournalLimits.batchEvents else {
            throw .tooLarge("\(JournalLimits.batchEvents) events")
        }
        guard batch.state.count <= JournalLimits.batchStateEntries else {
            throw .tooLarge("\(JournalLimits.batchStateEntries) state entries")
        }
        var bytes = 0
        for event in batch.events {
            guard event.json.count <= JournalLimits.eventBytes else {
                throw .tooLarge("\(JournalLimits.eventBytes) bytes of an event")
            }
            bytes += event.json.count + JournalLimits.rowBytes
        }
        for entry in batch.state {
            let valueBytes = entry.value?.count ?? 0
            guard valueBytes <= JournalLimits.stateValueBytes else {
                throw .tooLarge("\(JournalLimits.stateValueBytes) bytes of a state entry")
            }
            guard entry.key.utf8.count <= JournalLimits.stateKeyBytes else {
                throw .tooLarge("\(JournalLimits.stateKeyBytes) bytes of a state key")
            }
            bytes += valueBytes + entry.key.utf8.count
        }
        guard bytes <= JournalLimits.batchBytes else { throw .tooLarge("\(JournalLimits.batchBytes) bytes in a batch") }
        return bytes
    }
}

extension JournalError {
    /// What to make of an error of SQLite's.
    init(_ error: any Error) {
        guard let error = error as? DatabaseError else {
            self = .refused("\(error)")
            return
        }
        switch error.resultCode.primaryResultCode {
        case .SQLITE_FULL: self = .noSpace(error.reason)
        // A commit whose fsync failed may or may not be found after a crash.
        case .SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .stopped(error.reason)
        default: self = .refused(error.reason)
        }
    }
}

extension DatabaseError {
    /// Whether the file is not what it should be.
    var isDamage: Bool {
        resultCode.primaryResultCode == .SQLITE_CORRUPT || resultCode.primaryResultCode == .SQLITE_NOTADB
    }

    /// SQLite's words and its code.
    var reason: String { "\(message ?? "no message") (SQLite \(extendedResultCode.rawValue))" }
}
