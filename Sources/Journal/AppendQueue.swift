/// A batch that waits for its transaction, with who waits for it.
struct PendingAppend: Sendable {
    var batch: JournalBatch
    var bytes: Int
    var done: CheckedContinuation<Result<Void, JournalError>, Never>
}

/// The batches that wait, and whether someone writes.
struct AppendQueue {
    enum Admission {
        /// The writer has to be started.
        case first
        /// The writer will find it.
        case queued
        case refused(JournalError)
    }

    /// Why nothing can be written any more, if so: what waits then fails with it.
    private(set) var failure: JournalError?
    private var isClosed = false
    private var waiting: [PendingAppend] = []
    private var waitingBytes = 0
    private var isWriting = false
    private let maximumBatches: Int
    private let maximumBytes: Int

    init(maximumBatches: Int, maximumBytes: Int) {
        self.maximumBatches = maximumBatches
        self.maximumBytes = maximumBytes
    }

    var count: Int { waiting.count }

    /// Why nothing is taken, if so.
    var refusal: JournalError? {
        isClosed ? .closed : failure
    }

    mutating func admit(_ append: PendingAppend) -> Admission {
        if let refusal { return .refused(refusal) }
        // One batch is always taken, however large.
        guard waiting.isEmpty || (waiting.count < maximumBatches && waitingBytes + append.bytes <= maximumBytes) else {
            return .refused(.overloaded)
        }
        waiting.append(append)
        waitingBytes += append.bytes
        if isWriting { return .queued }
        isWriting = true
        return .first
    }

    /// Takes what goes into the next transaction, in the order of arrival; empty when nothing waits, and then the next
    /// admission starts the writer again.
    mutating func takeGroup() -> [PendingAppend] {
        var events = 0
        var bytes = 0
        var count = 0
        for append in waiting {
            if count > 0,
                events + append.batch.events.count > JournalLimits.groupEvents
                    || bytes + append.bytes > JournalLimits.groupBytes
            {
                break
            }
            events += append.batch.events.count
            bytes += append.bytes
            count += 1
        }
        let group = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        waitingBytes -= bytes
        if count == 0 { isWriting = false }
        return group
    }

    /// False if it was closed before.
    mutating func close() -> Bool {
        if isClosed { return false }
        isClosed = true
        return true
    }

    mutating func stop(_ error: JournalError) {
        failure = failure ?? error
    }
}
