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
    /// What a runner needs of the world around it.
    public struct Surroundings: Sendable {
        public var journal: any EventJournal
        /// Sends stored events to their subscribers; returns at once.
        public var publish: @Sendable ([EncodedEvent], Namespace) -> Void
        public var telephoneSwitch: any Switch
        /// The time of day, for the times that events bear.
        public var now: @Sendable () -> Instant
        /// By which timers run.
        public var uptime: @Sendable () -> Uptime
        /// A fresh call id.
        public var newCall: @Sendable () -> CallID
        public var logger: Logger

        public init(
            journal: any EventJournal, publish: @escaping @Sendable ([EncodedEvent], Namespace) -> Void,
            telephoneSwitch: any Switch, now: @escaping @Sendable () -> Instant,
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
        /// With as many, events of the switch are lost, which are not ours to refuse; the switch is asked for a snapshot once half
        /// of it is done. Some hundred megabytes.
        public var waitingItems = 1_000_000
        /// So that replies of a burst do not wait for the whole of it.
        public var batchInputs = 4096

        public init() {}
    }

    /// How a tenant fares, for readiness and metrics.
    public struct Status: Hashable, Sendable {
        public var isSwitchUp = false
        /// Why the journal does not take anything; nil: it does.
        public var journalTrouble: String?
        public var inputs = 0
        public var events = 0
        public var ignored: [IgnoredReason: Int] = [:]
    }

    public let namespace: Namespace
    private let surroundings: Surroundings
    /// The tenant as it was before ``run()`` and is after it; nobody reads it in between.
    private let kept: Mutex<Tenant>
    private let hasBegun = Mutex(false)
    private let inbox: TenantInbox
    private let timers = TimerQueue()
    private let currentStatus = Mutex(Status())

    /// Reads the tenant's state back from the journal.
    ///
    /// - Throws: `JournalError` if the journal cannot be read, `StateError` if what it holds makes no sense.
    public init(
        configuration: TenantConfiguration, surroundings: Surroundings, bounds: Bounds = Bounds()
    ) async throws {
        inbox = TenantInbox(bounds: bounds)
        namespace = configuration.namespace
        self.surroundings = surroundings
        let stored = try await surroundings.journal.load(namespace)
        kept = Mutex(
            try Tenant(configuration: configuration, serial: stored.lastSerial, entries: stored.entries))
        inbox.add(.input(.resumed, reply: nil))
    }

    public var status: Status { currentStatus.withLock(\.self) }
    /// Inputs that wait, and inputs that found no room.
    public var inboxCounts: (waiting: Int, lost: Int) { (inbox.waitingCount, inbox.lostCount) }

    // MARK: In

    /// Takes an event of the switch; returns at once.
    public func receive(_ event: SwitchEvent) {
        var newCall: CallID?
        if case .legOffered = event { newCall = surroundings.newCall() }
        inbox.add(.input(.switchEvent(event, newCall: newCall), reply: nil))
    }

    /// Hands over the timers that are due.
    public func fireDueTimers() {
        let now = surroundings.uptime()
        inbox.addTimers { timers.takeDue(at: now, atMost: $0) }
    }

    /// When the next timer is due, at the earliest.
    public var nextTimer: Uptime? { timers.next }

    /// Ends ``run()`` when all that has come so far is done; what comes later is refused.
    public func finish() { inbox.close() }

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

    // MARK: The loop

    /// Runs until ``finish()``. To be called once.
    ///
    /// - Throws: `JournalError` when the journal has stopped or refuses the tenant's serials: what is on disk is not certain any
    ///   more, so that the server has to begin anew from there.
    public func run() async throws {
        let isFirst = hasBegun.withLock { hasBegun in
            defer { hasBegun = true }
            return !hasBegun
        }
        guard isFirst else { return }
        var tenant = kept.withLock(\.self)
        do throws(JournalError) {
            try await loop(&tenant)
        } catch {
            // Nobody waits for an answer that will not come.
            kept.withLock { $0 = tenant }
            for item in inbox.abandon() {
                switch item {
                case .command(_, _, let reply): reply(.refused(.overloaded))
                case .input(_, let reply): reply?(.refused(.overloaded))
                case .read(let body): body(tenant)()
                case .timer, .resynchronise: break
                }
            }
            throw error
        }
    }

    private func loop(_ tenant: inout Tenant) async throws(JournalError) {
        var writer = JSONWriter()
        var requests: UInt64 = 0
        while true {
            guard let items = await inbox.next() else {
                kept.withLock { $0 = tenant }
                if inbox.end() { return }
                continue
            }
            var outcome = Outcome()
            for item in items {
                apply(item, to: &tenant, &requests, &writer, &outcome)
            }
            do throws(JournalError) {
                try await store(outcome, of: &tenant)
            } catch {
                for (answer, _) in outcome.answers { answer(.refused(.overloaded)) }
                for action in outcome.afterwards { action() }
                throw error
            }
            carryOut(outcome, isSwitchUp: tenant.isSwitchUp, inputs: items.count)
        }
    }

    /// What a batch of inputs leads to.
    private struct Outcome {
        var events: [EncodedEvent] = []
        var commands: [SwitchCommand] = []
        var answers: [(answer: @Sendable (Reply) -> Void, reply: Reply)] = []
        var afterwards: [@Sendable () -> Void] = []
        var ignored: [IgnoredReason: Int] = [:]
        /// Whether the switch is to be asked what is up.
        var needsSnapshot = false
    }

    private func apply(
        _ item: TenantInbox.Item, to tenant: inout Tenant, _ requests: inout UInt64, _ writer: inout JSONWriter,
        _ outcome: inout Outcome
    ) {
        let now = surroundings.now()
        let effects: [Effect]
        var answer: (@Sendable (Reply) -> Void)?
        switch item {
        case .read(let body):
            outcome.afterwards.append(body(tenant))
            return
        case .timer(let due):
            // It may have been cancelled, or set anew, by an input that stood before it.
            guard timers.fire(due) else { return }
            effects = tenant.apply(.timer(due.timer), at: now)
        case .resynchronise:
            effects = tenant.apply(.switchEvent(.linkDown), at: now)
            outcome.needsSnapshot = true
        case .input(let input, let reply):
            answer = reply
            effects = tenant.apply(input, at: now)
        case .command(let command, let requester, let reply):
            requests &+= 1
            answer = reply
            effects = tenant.apply(.command(command, by: requester, request: RequestID(requests)), at: now)
        }
        for effect in effects {
            switch effect {
            case .event(let copy): outcome.events.append(EncodedEvent(copy, writer: &writer))
            case .switchCommand(let command): outcome.commands.append(command)
            case .setTimer(let timer, let due): set(timer, milliseconds: due.milliseconds - now.milliseconds)
            case .cancelTimer(let timer): timers.cancel(timer)
            case .reply(_, let reply): if let answer { outcome.answers.append((answer, reply)) }
            case .ignored(let reason): outcome.ignored[reason, default: 0] += 1
            }
        }
    }

    private func set(_ timer: TimerID, milliseconds: Int64) {
        timers.set(timer, at: surroundings.uptime().advanced(byMilliseconds: milliseconds))
    }

    /// Stores what a batch has changed. While the journal does not take it, nothing is sent and nothing else is done: what a
    /// client has seen must never be lost.
    private func store(_ outcome: Outcome, of tenant: inout Tenant) async throws(JournalError) {
        let state = tenant.takeChanges()
        guard !outcome.events.isEmpty || !state.isEmpty else { return }
        let batch = JournalBatch(
            namespace: namespace, events: outcome.events, state: state, lastSerial: tenant.serial)
        var pauseMilliseconds = 50
        while true {
            do throws(JournalError) {
                try await surroundings.journal.append(batch)
                if currentStatus.withLock({ $0.journalTrouble.take() }) != nil {
                    surroundings.logger.notice("the journal takes events again", metadata: ["tenant": "\(namespace)"])
                }
                return
            } catch {
                switch error {
                case .stopped, .closed, .serialGap, .tooLarge: throw error
                case .overloaded, .noSpace, .refused: break  // It may pass.
                }
                let reason = "\(error)"
                let isNew = currentStatus.withLock { status in
                    defer { status.journalTrouble = reason }
                    return status.journalTrouble != reason
                }
                if isNew {
                    surroundings.logger.critical(
                        "the journal does not take events; everything waits for it",
                        metadata: ["tenant": "\(namespace)", "reason": "\(reason)"])
                }
                if Task.isCancelled { throw error }
                try? await Task.sleep(for: .milliseconds(pauseMilliseconds))
                pauseMilliseconds = min(pauseMilliseconds * 2, Self.maximumPauseMilliseconds)
            }
        }
    }

    /// Between two tries to store a batch.
    private static var maximumPauseMilliseconds: Int { 2000 }

    private func askForSnapshot() {
        surroundings.logger.warning(
            "events of the switch found no room; it is asked what is up",
            metadata: ["tenant": "\(namespace)", "lost": "\(inbox.lostCount)"])
        surroundings.telephoneSwitch.resynchronise(namespace)
    }

    private func carryOut(_ outcome: Outcome, isSwitchUp: Bool, inputs: Int) {
        if !outcome.events.isEmpty { surroundings.publish(outcome.events, namespace) }
        if !outcome.commands.isEmpty { surroundings.telephoneSwitch.execute(outcome.commands, for: namespace) }
        if outcome.needsSnapshot { askForSnapshot() }
        for (answer, reply) in outcome.answers { answer(reply) }
        for action in outcome.afterwards { action() }
        currentStatus.withLock { status in
            status.isSwitchUp = isSwitchUp
            status.inputs += inputs
            status.events += outcome.events.count
            status.ignored.merge(outcome.ignored, uniquingKeysWith: +)
        }
        for (reason, count) in outcome.ignored {
            surroundings.logger.debug(
                "ignored", metadata: ["tenant": "\(namespace)", "reason": "\(reason)", "count": "\(count)"])
        }
    }
}
