import CSTA
import CallCenter
import Gateway
import Journal
import Logging
import SwitchDriver
import Synchronization

extension TenantRunner {
    /// Runs until ``finish()``. To be called once.
    ///
    /// Ends early, with the other tenants going on, when an input leads to something that the journal can never take;
    /// the status says so, and all that is asked from there on is refused. Ends too after ``giveUp()``.
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
        var outcome = TenantOutcome()
        var requests = Requests()
        defer { requests.refuseAll() }
        do throws(Ending) {
            try await loop(&tenant, &requests, &outcome)
        } catch {
            let lost = await abandon(outcome, tenant)
            switch error {
            case .gaveUp: note(lost)
            case .journal(.tooLarge(let bound)): stopAlone(.tooLarge(bound))
            case .journal(let error): throw error
            }
        }
    }

    /// The commands that have come, and who waits for the answer to one that the rules have put off.
    private struct Requests {
        var last: UInt64 = 0
        var waiting: [RequestID: @Sendable (Reply) -> Void] = [:]

        mutating func next(_ answer: @escaping @Sendable (Reply) -> Void) -> RequestID {
            last &+= 1
            waiting[RequestID(last)] = answer
            return RequestID(last)
        }

        func refuseAll() {
            for answer in waiting.values { answer(.refused(.overloaded)) }
        }
    }

    /// Why the loop ends before all is done.
    private enum Ending: Error {
        case journal(JournalError)
        /// ``giveUp()`` was called.
        case gaveUp
    }

    private func stopAlone(_ error: JournalError) {
        currentStatus.withLock { $0.journalTrouble = "\(error)" }
        surroundings.logger.critical(
            "the tenant has stopped: the journal can never take what it leads to; the others go on",
            metadata: ["tenant": "\(namespace)", "reason": "\(error)"])
    }

    /// What was not stored.
    private struct Lost {
        var inputs: Int
        var commands: Int
        var events: Int64
    }

    private func note(_ lost: Lost) {
        guard lost.inputs > 0 || lost.events > 0 else { return }
        currentStatus.withLock { $0.notStored = lost.inputs }
        surroundings.logger.critical(
            "the server ends before the journal has taken what came last: no client was told of it",
            metadata: [
                "tenant": "\(namespace)", "inputs": "\(lost.inputs)", "commands": "\(lost.commands)",
                "events": "\(lost.events)",
            ])
    }

    /// Refuses what waits, as no answer will come, and lets readers see what is stored, not what was lost.
    private func abandon(_ outcome: TenantOutcome, _ tenant: Tenant) async -> Lost {
        let stored = await storedTenant(tenant.configuration) ?? tenant
        kept.withLock { $0 = stored }
        for (answer, _) in outcome.answers { answer(.refused(.overloaded)) }
        for (body, _) in outcome.reads { body(stored)() }
        var lost = Lost(
            inputs: outcome.inputs - outcome.reads.count, commands: outcome.answers.count,
            events: tenant.serial.value - stored.serial.value)
        for item in inbox.abandon() {
            switch item {
            case .read(let body):
                body(stored)()
                continue
            case .command(_, _, let reply):
                reply(.refused(.overloaded))
                lost.commands += 1
            case .input, .switchEvent, .timer, .resynchronise: break
            }
            lost.inputs += 1
        }
        return lost
    }

    private func storedTenant(_ configuration: TenantConfiguration) async -> Tenant? {
        guard let stored = try? await surroundings.journal.load(namespace) else { return nil }
        return try? Tenant(configuration: configuration, serial: stored.lastSerial, entries: stored.entries)
    }

    private func loop(
        _ tenant: inout Tenant, _ requests: inout Requests, _ outcome: inout TenantOutcome
    ) async throws(Ending) {
        var writer = JSONWriter()
        while true {
            guard let items = await inbox.next() else {
                kept.withLock { $0 = tenant }
                if inbox.end() { return }
                continue
            }
            if patience.isOver {
                inbox.putBack(items[...])
                throw .gaveUp
            }
            for item in items {
                apply(item, to: &tenant, &requests, &writer, &outcome)
                outcome.inputs += 1
                if outcome.inputs.isMultiple(of: Self.inputsPerLookAtState) { outcome.takeState(of: &tenant) }
                if outcome.events.count >= bounds.batchEvents || outcome.bytes >= bounds.batchBytes { break }
            }
            outcome.takeState(of: &tenant)
            inbox.putBack(items.dropFirst(outcome.inputs))
            try await store(outcome, upTo: tenant.serial)
            carryOut(outcome, isSwitchUp: tenant.isSwitchUp)
            outcome = TenantOutcome()
        }
    }

    /// How often the changed state is encoded within a batch, to see how large it is: some megabytes come together
    /// between two times at the most.
    private static var inputsPerLookAtState: Int { 64 }

    private func apply(
        _ item: TenantInbox.Item, to tenant: inout Tenant, _ requests: inout Requests, _ writer: inout JSONWriter,
        _ outcome: inout TenantOutcome
    ) {
        let now = surroundings.now()
        let effects: [Effect]
        var origin: ContinuousClock.Instant?
        switch item {
        case .read(let body):
            outcome.reads.append((body, body(tenant)))
            return
        case .timer(let due):
            // It may have been cancelled, or set anew, by an input that stood before it.
            guard timers.fire(due) else { return }
            effects = tenant.apply(.timer(due.timer), at: now)
        case .resynchronise:
            effects = tenant.apply(.switchEvent(.linkDown), at: now)
            outcome.needsSnapshot = true
        case .input(let input): effects = tenant.apply(input, at: now)
        case .switchEvent(let event, let newCall, let came):
            origin = came
            effects = tenant.apply(.switchEvent(event, newCall: newCall), at: now)
        case .command(let command, let requester, let reply):
            let request = requests.next(reply)
            effects = tenant.apply(.command(command, by: requester, request: request), at: now)
        }
        for effect in effects {
            switch effect {
            case .event(let copy): outcome.add(EncodedEvent(copy, writer: &writer), origin: origin)
            case .switchCommand(let command): outcome.commands.append(command)
            case .setTimer(let timer, let due): set(timer, milliseconds: due.milliseconds - now.milliseconds)
            case .cancelTimer(let timer): timers.cancel(timer)
            case .reply(let request, let reply):
                if let answer = requests.waiting.removeValue(forKey: request) {
                    outcome.answers.append((answer, reply))
                }
            case .record(let record): outcome.add(record)
            case .ignored(let reason): outcome.ignored[reason, default: 0] += 1
            case .mended(let mend, let subject): outcome.mended.append((mend, subject))
            }
        }
    }

    private func set(_ timer: TimerID, milliseconds: Int64) {
        timers.set(timer, at: surroundings.uptime().advanced(byMilliseconds: milliseconds))
    }

    /// Stores what a batch has changed. While the journal does not take it, nothing is sent and nothing else is done: what a
    /// client has seen must never be lost.
    private func store(_ outcome: TenantOutcome, upTo serial: Serial) async throws(Ending) {
        for part in JournalParts(bounds.journal).split(outcome, upTo: serial, of: namespace) { try await store(part) }
    }

    private func store(_ batch: JournalBatch) async throws(Ending) {
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
                case .stopped, .closed, .serialGap, .tooLarge: throw .journal(error)
                case .overloaded, .noSpace, .refused: break  // It may pass.
                }
                noteTrouble("\(error)")
                if Task.isCancelled { throw .journal(error) }
                if patience.isOver { throw .gaveUp }
                await patience.pause(milliseconds: pauseMilliseconds)
                pauseMilliseconds = min(pauseMilliseconds * 2, Self.maximumPauseMilliseconds)
            }
        }
    }

    /// Between two tries to store a batch.
    private static var maximumPauseMilliseconds: Int { 2000 }

    private func noteTrouble(_ reason: String) {
        let isNew = currentStatus.withLock { status in
            defer { status.journalTrouble = reason }
            return status.journalTrouble != reason
        }
        guard isNew else { return }
        surroundings.logger.critical(
            "the journal does not take events; everything waits for it",
            metadata: ["tenant": "\(namespace)", "reason": "\(reason)"])
    }

    private func carryOut(_ outcome: TenantOutcome, isSwitchUp: Bool) {
        if !outcome.events.isEmpty { surroundings.publish(outcome.events, namespace, outcome.origins) }
        if !outcome.commands.isEmpty { surroundings.telephoneSwitch.execute(outcome.commands, for: namespace) }
        if outcome.needsSnapshot { askForSnapshot() }
        for (answer, reply) in outcome.answers { answer(reply) }
        for (_, finish) in outcome.reads { finish() }
        currentStatus.withLock { status in
            status.isSwitchUp = isSwitchUp
            status.inputs += outcome.inputs
            status.events += outcome.events.count
            status.ignored.merge(outcome.ignored, uniquingKeysWith: +)
            for (mend, _) in outcome.mended { status.mended[mend, default: 0] += 1 }
        }
        note(outcome.mended)
        for (reason, count) in outcome.ignored {
            surroundings.logger.debug(
                "ignored", metadata: ["tenant": "\(namespace)", "reason": "\(reason)", "count": "\(count)"])
        }
    }

    /// A mend is a fault elsewhere: a timer or an event that did not come.
    private func note(_ mended: [(mend: Mend, subject: String)]) {
        for (mend, subject) in mended.prefix(Self.maximumMendsInLog) {
            surroundings.logger.warning(
                "a sweep has mended what was stuck",
                metadata: ["tenant": "\(namespace)", "what": "\(mend)", "subject": "\(subject)"])
        }
        if mended.count > Self.maximumMendsInLog {
            surroundings.logger.warning(
                "a sweep has mended more", metadata: ["tenant": "\(namespace)", "count": "\(mended.count)"])
        }
    }

    /// Of one sweep; the metric counts them all.
    private static var maximumMendsInLog: Int { 20 }

    private func askForSnapshot() {
        surroundings.logger.warning(
            "events of the switch found no room; it is asked what is up",
            metadata: ["tenant": "\(namespace)", "lost": "\(inbox.lostCount)"])
        surroundings.telephoneSwitch.resynchronise(namespace)
    }
}
