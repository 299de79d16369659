public import CSTA
public import CallCenter

/// Where the events and the state of all tenants are kept.
///
/// SQLite is behind it today (``SQLiteJournal``); a journal shared by several machines would come as a second one.
public protocol EventJournal: Sendable {
    /// Stores what the inputs of one tenant that arrived together have given: all of it or nothing.
    ///
    /// Returns once it is as durable as the journal is set up to make it. A tenant's batches are stored in the order in
    /// which they were given. Cancelling the task does not take a batch back.
    ///
    /// - Throws: ``JournalError``; then nothing of the batch is stored.
    func append(_ batch: JournalBatch) async throws(JournalError)

    /// Reads a tenant's state as its last stored batch left it. A tenant never heard of has no entries and serial 0.
    ///
    /// - Throws: ``JournalReadError/unavailable(_:)``
    func load(_ namespace: Namespace) async throws(JournalReadError) -> JournalState

    /// Reads stored events with serials after `serial` that match, in the order of their serials.
    ///
    /// One call looks through a bounded number of events: a page can hold fewer than `limit`, or none, though there are
    /// more. ``EventPage/through`` then still advances, until it is the last serial.
    ///
    /// - Parameter limit: the most events wanted; the journal's own page size bounds it as well.
    /// - Throws: ``JournalReadError``
    func events(
        in namespace: Namespace, after serial: Serial, matching filter: EventFilter, limit: Int
    ) async throws(JournalReadError) -> EventPage

    /// Deletes events and records that are older, or more, than the journal is set up to keep. State is never deleted, and neither
    /// is the knowledge of the last serial. Of each tenant the oldest go first: an event that bears an earlier time
    /// than one before it goes with that one.
    ///
    /// - Throws: ``JournalError``; what was deleted before stays deleted.
    func prune(now: Instant) async throws(JournalError) -> JournalPruning

    /// Stores what was appended before, writes everything into the main file and lets go of it. Later appends fail with
    /// ``JournalError/closed``. Closing twice does nothing more.
    func close() async throws(JournalError)

    var statistics: JournalStatistics { get }
}

/// Everything that the inputs of one tenant that arrived together have given.
public struct JournalBatch: Hashable, Sendable {
    public var namespace: Namespace
    /// With serials that go on from the last stored one without a gap (E5).
    public var events: [EncodedEvent]
    /// What has changed; of two entries with the same key the later one counts.
    public var state: [StateEntry]
    /// What has come to its end; stored with the events.
    public var records: [Record]
    /// The tenant's last serial after this batch: that of the last event, or the stored one if there is none.
    public var lastSerial: Serial

    public init(
        namespace: Namespace, events: [EncodedEvent], state: [StateEntry], records: [Record] = [], lastSerial: Serial
    ) {
        self.namespace = namespace
        self.events = events
        self.state = state
        self.records = records
        self.lastSerial = lastSerial
    }
}

/// What the journal holds of a tenant.
public struct JournalState: Hashable, Sendable {
    /// 0 if there never was an event.
    public var lastSerial: Serial
    /// Of the oldest event still stored; one more than `lastSerial` if there is none.
    public var oldestSerial: Serial
    /// In the order of their keys; each has a value.
    public var entries: [StateEntry]

    public init(lastSerial: Serial, oldestSerial: Serial, entries: [StateEntry]) {
        self.lastSerial = lastSerial
        self.oldestSerial = oldestSerial
        self.entries = entries
    }
}

/// What a pruning has deleted.
public struct JournalPruning: Hashable, Sendable {
    public var events: Int
    /// By the measure of ``JournalConfiguration/maximumEventBytes``.
    public var bytes: Int64
    /// Parts of calls, and agents' times.
    public var records: Int

    public init(events: Int = 0, bytes: Int64 = 0, records: Int = 0) {
        self.events = events
        self.bytes = bytes
        self.records = records
    }
}

/// Counters since the journal was opened, for metrics.
public struct JournalStatistics: Hashable, Sendable {
    public var appendedEvents = 0
    /// Batches stored.
    public var appendedBatches = 0
    /// Transactions that stored them: fewer than batches when tenants append at the same time.
    public var transactions = 0
    /// Transactions that failed.
    public var failedTransactions = 0
    /// Batches that wait for their transaction now.
    public var pendingBatches = 0
    public var prunedEvents = 0
    /// From the begin of the last transaction until it was durable.
    public var lastCommitDuration = Duration.zero
    /// Of all transactions together, from their begin until they were durable, or had failed.
    public var commitDuration = Duration.zero
    /// What was stored, by the journal's own measure: texts, and a fixed size a row.
    public var appendedBytes: Int64 = 0
    /// The main file and the write-ahead log, on disk.
    public var databaseBytes: Int64 = 0

    public init() {}
}
