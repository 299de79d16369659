public import CSTA
public import CallCenter
public import Gateway
public import Journal
public import Logging
public import SwitchDriver
import Synchronization

/// Runs one tenant: takes inputs in, applies the rules, stores what they changed, then sends the events and tells the switch.
///
/// Inputs that arrive together are applied one after the other and stored in one transaction; nothing leaves before it is in
/// the journal. Only ``run()`` touches the tenant, so that nothing comes between reading and changing it.
public final class TenantRunner: TenantPort {
    /// Sends events, with, for each, when that of the switch came in which led to it.
    public typealias Publish = @Sendable ([EncodedEvent], Namespace, [ContinuousClock.Instant?]) -> Void

    /// What a runner needs of the world around it.
    public struct Surroundings: Sendable {
        public var journal: any EventJournal
        /// Sends stored events to their subscribers; returns at once.
        public var publish: Publish
        public var telephoneSwitch: any Switch
        /// The time of day, for the times that events bear.
        public var now: @Sendable () -> Instant
        /// By which timers run.
        public var uptime: @Sendable () -> Uptime
        /// A fresh call id.
        public var newCall: @Sendable () -> CallID
        public var logger: Logger

        public init(
            journal: any EventJournal, publish: @escaping Publish, telephoneSwitch: any Switch,
            now: @escaping @Sendable () -> Instant,
            uptime: @escaping @Sendable () -> Uptime, newCall: @escaping @Sendable () -> CallID, logger: Logger
        ) {
            self.journal = journal
            self.publish = publish
            self.telephoneSwitch = telephoneSwitch
            self.now = now
            self.uptime = uptime
            self.newCall = newCall
            self.logger = logger
        }
    }

    /// How much a runner takes on.
    public struct Bounds: Hashable, Sendable {
        /// With as many inputs waiting, commands are refused: about ten seconds of the fastest tenant.
        public var waitingCommands = 100_000
        /// With as many, events of the switch are lost, which are not ours to refuse; the switch is asked for a
        /// snapshot once half of it is done. Some hundred megabytes.
        public var waitingItems = 1_000_000
        /// So that replies of a burst do not wait for the whole of it.
        public var batchInputs = 4096
        /// A batch ends once it has as many events, or bytes: what one transaction of the journal takes, far below
        /// the journal's bounds. Only the outcome of a single input can go beyond; it is then stored in parts.
        public var batchEvents = 8192
        public var batchBytes = 16 << 20
        /// What the journal takes at once.
        var journal = JournalParts.Bounds()

        public init() {}
    }

    /// How a tenant fares, for readiness and metrics.
    public struct Status: Hashable, Sendable {
        public var isSwitchUp = false
        /// Why the journal does not take anything; nil: it does.
        public var journalTrouble: String?
        /// Inputs that were given up with ``TenantRunner/giveUp()``.
        public var notStored = 0
        public var inputs = 0
        public var events = 0
        public var ignored: [IgnoredReason: Int] = [:]
        /// What sweeps have put right.
        public var mended: [Mend: Int] = [:]
    }

    public let namespace: Namespace
    let surroundings: Surroundings
    /// The tenant as it was before ``run()`` and is after it; nobody reads it in between.
    let kept: Mutex<Tenant>
    let hasBegun = Mutex(false)
    let bounds: Bounds
    let inbox: TenantInbox
    let timers = TimerQueue()
    let currentStatus = Mutex(Status())
    let patience = Patience()
    let census = TenantCensus()

    /// Reads the tenant's state back from the journal.
    ///
    /// - Throws: `JournalError` if the journal cannot be read, `StateError` if what it holds makes no sense.
    public init(
        configuration: TenantConfiguration, surroundings: Surroundings, bounds: Bounds = Bounds()
    ) async throws {
        self.bounds = bounds
        inbox = TenantInbox(bounds: bounds)
        namespace = configuration.namespace
        self.surroundings = surroundings
        let stored = try await surroundings.journal.load(namespace)
        kept = Mutex(
            try Tenant(configuration: configuration, serial: stored.lastSerial, entries: stored.entries))
        inbox.add(.input(.resumed))
    }

    public var status: Status { currentStatus.withLock(\.self) }
    /// Inputs that wait, and inputs that found no room.
    public var inboxCounts: (waiting: Int, lost: Int) { (inbox.waitingCount, inbox.lostCount) }

    // MARK: In

    /// Takes an event of the switch; returns at once.
    public func receive(_ event: SwitchEvent) {
        var newCall: CallID?
        if case .legOffered = event { newCall = surroundings.newCall() }
        inbox.add(.switchEvent(event, newCall: newCall, came: .now))
    }

    /// Has the tenant set up otherwise from now on.
    public func configure(_ configuration: TenantConfiguration) { inbox.add(.input(.configured(configuration))) }

    /// Hands over the timers that are due.
    public func fireDueTimers() {
        let now = surroundings.uptime()
        inbox.addTimers { timers.takeDue(at: now, atMost: $0) }
    }

    /// When the next timer is due, at the earliest.
    public var nextTimer: Uptime? { timers.next }

    /// Ends ``run()`` when all that has come so far is done; what comes later is refused.
    public func finish() { inbox.close() }

    /// Ends ``run()`` as soon as the journal is done with what it has in hand, whatever is left: that is not stored,
    /// commands among it are refused, and a line of the log counts it.
    public func giveUp() {
        patience.end()
        inbox.close()
    }

    public func perform(_ command: Command, by requester: Requester) async -> Reply {
        await withCheckedContinuation { continuation in
            let isAdded = inbox.add(.command(command, by: requester, reply: { continuation.resume(returning: $0) }))
            if !isAdded { continuation.resume(returning: .refused(.overloaded)) }
        }
    }

    public func read<Value: Sendable>(_ body: @escaping @Sendable (Tenant) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            let isAdded = inbox.add(
                .read { tenant in
                    let value = body(tenant)
                    return { continuation.resume(returning: value) }
                })
            if !isAdded { continuation.resume(returning: body(kept.withLock(\.self))) }
        }
    }

    public func events(
        after serial: Serial, matching filter: EventFilter, limit: Int
    ) async throws(ReplayError) -> EventPage {
        do throws(JournalReadError) {
            return try await surroundings.journal.events(in: namespace, after: serial, matching: filter, limit: limit)
        } catch {
            switch error {
            case .tooOld(let oldest): throw .tooOld(oldest: oldest)
            case .notYet(let last): throw .notYet(last: last)
            case .unavailable(let reason):
                surroundings.logger.error(
                    "stored events cannot be read", metadata: ["tenant": "\(namespace)", "reason": "\(reason)"])
                throw .unavailable
            }
        }
    }
}
