/// How a journal keeps what it is given.
public struct JournalConfiguration: Hashable, Sendable {
    /// When an append counts as done.
    public enum Durability: String, Hashable, Sendable, CaseIterable {
        /// On disk: neither a crash of the process nor of the machine loses it.
        case fsync
        /// With the operating system: a crash of the process does not lose it, a power failure can lose the last of it.
        /// The file stays sound.
        case operatingSystem
    }

    /// The directory with the journal's files. It is made, for its owner only, if it is not there.
    public var directory: String
    public var durability = Durability.fsync
    /// Events older than this are deleted. A week: a weekend and a holiday, and a desktop that was closed over them.
    public var maximumEventAgeSeconds: Int64 = 7 * 24 * 3600
    /// When the events of all tenants take more than this, the oldest are deleted: 2 GiB. An event counts with its JSON
    /// and ``JournalLimits/rowBytes``. State, free pages and the write-ahead log come on top.
    public var maximumEventBytes: Int64 = 2 << 30
    /// Records of calls and agents older than this are deleted. 400 days: a year, and time to write its report.
    public var maximumRecordAgeSeconds: Int64 = 400 * 24 * 3600
    /// How long SQLite waits for a lock. Only a tool that has the file open can hold one.
    public var busyTimeoutSeconds = 5
    /// The most events a page has, whatever its reader asks for: about half a megabyte.
    public var maximumPageEvents = 1000
    /// Entries of the index of calls' ends that one read goes over for those of an agent or a device: a tenth of a second.
    var recordEntriesPerRead = 200_000
    /// Connections that read at the same time; further readers wait.
    public var readers = 4
    /// Batches that may wait for their transaction. A tenant waits for each of its appends, so this many tenants fit;
    /// who comes on top is refused with ``JournalError/overloaded`` rather than kept in memory without end.
    public var maximumPendingBatches = 16_384
    /// Bytes of the batches that wait: 256 MiB.
    public var maximumPendingBytes = 256 << 20

    public init(directory: String) { self.directory = directory }
}

/// Bounds that are not for the operator to set.
public enum JournalLimits {
    /// JSON of an event. User data has at most 16 KiB, which escaping can make six times longer.
    public static let eventBytes = 256 << 10
    /// Value of a state entry; a tenant's directory is the largest.
    public static let stateValueBytes = 16 << 20
    /// Key of a state entry: a kind and an identifier.
    public static let stateKeyBytes = 256
    public static let batchEvents = 65_536
    /// A tenant with as many agents and devices as there may be writes all of them when it begins.
    public static let batchStateEntries = 524_288
    /// Everything in a batch.
    public static let batchBytes = 128 << 20

    /// A transaction takes no further batch once it has this many events: the first tenant in it waits for the last.
    static let groupEvents = 8192
    /// And none once it has this many bytes, which stay in memory until they are written: 16 MiB.
    static let groupBytes = 16 << 20
    /// Events that one read looks at, at most, whether they match or not.
    static let eventsPerRead = 4096
    /// Segments whose index one read looks at.
    static let segmentsPerRead = 256
    /// Recordings that one read gives, or that are forgotten at once.
    public static let recordingsPerPage = 1000
    /// Events deleted in one step; appends go in between the steps.
    static let eventsPerPruningStep = 1024
    /// Records that one read looks at, whether they match or not: a tenth of a second.
    static let recordsPerRead = 20_000
    /// Quarters of an hour of a split that one read gives: a thousand days.
    static let quartersPerRead = 100_000
    /// Records deleted in one step, about: a call's parts go together.
    static let recordsPerPruningStep = 1024

    /// What an event takes in the file besides its JSON: identifiers, row and index. Measured: see the decision record.
    public static let rowBytes = 176
}
