import CallCenter
import Journal
import SwitchDriver

/// What a batch of inputs leads to: what is to be stored, and what is to be done once it is.
struct TenantOutcome {
    typealias Read = @Sendable (Tenant) -> @Sendable () -> Void

    /// How many inputs, also those that read only.
    var inputs = 0
    private(set) var events: [EncodedEvent] = []
    /// For each of ``events``, when that of the switch came in which led to it.
    private(set) var origins: [ContinuousClock.Instant?] = []
    /// A call or login that has changed several times may be there several times; the last one counts.
    private(set) var state: [StateEntry] = []
    /// What the journal takes for events and state, by its own measure.
    private(set) var bytes = 0
    private(set) var records: [Record] = []
    var commands: [SwitchCommand] = []
    var answers: [(answer: @Sendable (Reply) -> Void, reply: Reply)] = []
    /// Who wants to read, and what hands over what was read in its turn.
    var reads: [(body: Read, finish: @Sendable () -> Void)] = []
    var ignored: [IgnoredReason: Int] = [:]
    var mended: [(mend: Mend, subject: String)] = []
    /// Whether the switch is to be asked what is up.
    var needsSnapshot = false

    mutating func add(_ event: EncodedEvent, origin: ContinuousClock.Instant? = nil) {
        events.append(event)
        origins.append(origin)
        bytes += event.journalBytes
    }

    mutating func add(_ record: Record) {
        records.append(record)
        bytes += record.journalBytes
    }

    mutating func takeState(of tenant: inout Tenant) {
        for entry in tenant.takeChanges() {
            state.append(entry)
            bytes += entry.journalBytes
        }
    }
}

extension EncodedEvent {
    var journalBytes: Int { json.count + JournalLimits.rowBytes }
}

extension Record {
    /// More than one has but for the names of its recordings.
    var journalBytes: Int {
        switch self {
        case .part(let part): 512 + part.recordings.reduce(0) { $0 + $1.utf8.count }
        case .agentTime, .outbound, .passage: 256
        }
    }
}

extension StateEntry {
    var journalBytes: Int { key.utf8.count + (value?.count ?? 0) }
}
