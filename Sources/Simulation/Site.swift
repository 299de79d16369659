import CSTA
import CallCenter
import SwitchDriver

/// A tenant with its switch, what lies between them, and the shadow that watches.
struct Site: Sendable {
    private enum Item: Sendable {
        case timer(TimerID)
        /// At the switch; nil: a moment at which nothing arrives any more.
        case command(SwitchCommand, link: Int)
        /// At the server.
        case event(SwitchEvent, link: Int)
        case happening(ModelSwitch.Happening)
        case linkUp(link: Int)
    }

    private enum Armed { case lost, doubled(Int64), late(Int64) }

    /// All that was set up at the beginning.
    let everything: TenantConfiguration
    /// What is set up now.
    private(set) var configuration: TenantConfiguration
    private(set) var tenant: Tenant
    private(set) var telephony: ModelSwitch
    private(set) var shadow: Shadow
    private(set) var now: Instant
    private(set) var figures = Figures()
    private(set) var violation: Violation?
    /// What has happened, in words, if it is to be shown.
    private(set) var trace: [String]?
    /// Whether everything that was told arrives in its order: after a fault not, until the link is new.
    private(set) var isDisturbed = false
    /// For determinism's sake: everything that went in, with what came out.
    private(set) var tape: [(input: Input, at: Instant, effects: [Effect])]?

    private var agenda = Agenda<Item>()
    private(set) var timers: [TimerID: UInt64] = [:]
    private var entries: [String: StateEntry] = [:]
    /// Counts the links, so that what belongs to an old one is known.
    private var link = 0
    private var isLinkUp = false
    private var losesCommands = false
    private var armed: Armed?
    private var losesTimer = false
    /// Without one a sweep finds nothing to mend.
    private var hasLostTimer = false
    private var underWay = 0
    private var lastCommand: Int64 = 0
    private var lastEvent: Int64 = 0
    private var requests: UInt64 = 0
    private var latency: Chance
    /// The call ids that offered legs bring along.
    private var newCalls: [LegID: CallID] = [:]

    init(
        configuration: TenantConfiguration, seed: UInt64, start: Instant, refusesSome: Bool, keepsTape: Bool = false
    ) {
        everything = configuration
        self.configuration = configuration
        tenant = Tenant(configuration: configuration)
        telephony = ModelSwitch(
            seed: seed, phones: configuration.devices.map(\.id),
            prefixes: configuration.prefixesOfGroups,
            refusesSome: refusesSome)
        shadow = Shadow(configuration: configuration)
        now = start
        latency = Chance(seed: seed)
        if keepsTape { tape = [] }
        bringLinkUp()
        advance(to: Instant(milliseconds: start.milliseconds + 200))
    }

    var isQuiet: Bool { underWay == 0 && isLinkUp && tenant.isSwitchUp }

    mutating func beginTrace() { trace = [] }

    mutating func say(_ text: @autoclosure () -> String) { if trace != nil { trace?.append(text()) } }

    mutating func fail(_ found: Violation?) {
        guard violation == nil, let found else { return }
        violation = found
        say("    VIOLATION \(found)")
    }

    // MARK: Time

    mutating func advance(to time: Instant) {
        while violation == nil, let due = agenda.takeDue(at: time.milliseconds) {
            now = Instant(milliseconds: max(now.milliseconds, due.time))
            take(due.item, ticket: due.ticket)
        }
        now = max(now, time)
    }

    private mutating func take(_ item: Item, ticket: UInt64) {
        switch item {
        case .timer(let timer):
            guard timers[timer] == ticket, !loses(timer) else { return }
            timers[timer] = nil
            apply(.timer(timer))
        case .command(let command, let link):
            underWay -= 1
            guard link == self.link || !losesCommands else { return }
            telephony.execute(command)
            drain()
        case .event(let event, let link):
            underWay -= 1
            guard link == self.link else { return lose(event) }
            apply(.switchEvent(event, newCall: newCall(for: event)))
        case .happening(let happening):
            underWay -= happening.isSoon ? 1 : 0
            telephony.letHappen(happening)
            drain()
        case .linkUp(let link): if link == self.link { bringLinkUp() }
        }
    }

    /// One that is lost is believed to run on.
    private mutating func loses(_ timer: TimerID) -> Bool {
        switch timer {
        case .heartbeat, .announcement, .redial, .sweep: return false
        case .answer, .listening, .recording, .clearing, .waitLimit, .wrapUp, .allocation: break
        }
        guard losesTimer else { return false }
        losesTimer = false
        hasLostTimer = true
        say("    lost: \(Deed.plain("\(timer)"))")
        return true
    }

    /// An offered leg's call is named with it; one that is offered twice would begin another.
    private mutating func newCall(for event: SwitchEvent) -> CallID? {
        guard case .legOffered(let offer) = event, let call = newCalls[offer.leg] else { return nil }
        newCalls[offer.leg] = CallID("\(call.text)-again")
        return call
    }

    // MARK: The server

    mutating func ask(_ command: Command, by requester: Requester) {
        requests += 1
        figures.commands += 1
        figures.asked[command.name, default: 0] += 1
        apply(.command(command, by: requester, request: RequestID(requests)))
    }

    mutating func setUp(_ setup: Setup) {
        switch setup {
        case .agent(let id, let isThere):
            configuration.agents.removeAll { $0.id == id }
            if isThere { configuration.agents += everything.agents.filter { $0.id == id } }
        case .device(let id, let isThere):
            configuration.devices.removeAll { $0.id == id }
            if isThere { configuration.devices += everything.devices.filter { $0.id == id } }
        case .agentDisabled(let id, let isDisabled):
            for index in configuration.agents.indices where configuration.agents[index].id == id {
                configuration.agents[index].isDisabled = isDisabled
            }
        case .deviceUsable(let id, let isUsable):
            for index in configuration.devices.indices where configuration.devices[index].id == id {
                configuration.devices[index].isUsable = isUsable
            }
        }
        apply(.configured(configuration))
        // The driver tells of a phone that is new.
        if case .device(let id, true) = setup, telephony.registered.contains(id) {
            change { $0.setRegistered(id, true) }
        }
    }

    mutating func apply(_ input: Input) {
        guard violation == nil else { return }
        figures.inputs += 1
        if trace != nil { say("    > \(Deed.plain("\(input)"))") }
        let effects = tenant.apply(input, at: now)
        if tape != nil { tape?.append((input, now, effects)) }
        for effect in effects { carryOut(effect) }
        fail(shadow.follow(input, at: now, effects))
        fail(shadow.disagreement(with: tenant))
        checkSplits(after: effects)
        checkReservations()
        if figures.inputs % 64 == 0 { keepState() }
    }

    private mutating func carryOut(_ effect: Effect) {
        if trace != nil, let summary = effect.summary { say("      " + summary) }
        switch effect {
        case .event(let copy): count(copy.event)
        case .switchCommand(let command):
            guard isLinkUp else { return }
            lastCommand = max(lastCommand, now.milliseconds + Int64(latency.below(20)))
            underWay += 1
            agenda.add(.command(command, link: link), at: lastCommand)
        case .setTimer(let timer, let due): timers[timer] = agenda.add(.timer(timer), at: due.milliseconds)
        case .cancelTimer(let timer): timers[timer] = nil
        case .reply(_, let reply): if case .refused = reply { figures.refused += 1 }
        case .ignored: figures.ignored += 1
        case .record: figures.records += 1
        case .mended(let mend, let subject):
            figures.mended[mend, default: 0] += 1
            if !hasLostTimer { fail(Violation("sweep", "\(mend) of \(subject) was stuck")) }
        }
    }

    private mutating func count(_ event: Event) {
        figures.events[event.name, default: 0] += 1
    }

    private mutating func keepState() {
        for entry in tenant.takeChanges() { entries[entry.key] = entry.value == nil ? nil : entry }
    }

    /// The server is killed and comes back with what the journal has.
    private mutating func restart() {
        keepState()
        timers = [:]
        do {
            var restored = try Tenant(
                configuration: configuration, serial: tenant.serial,
                entries: entries.values.sorted { $0.key < $1.key })
            _ = restored.takeChanges()
            if restored.calls != tenant.calls {
                fail(Violation("restore", "the calls are not as they were: \(difference(from: restored))"))
            }
            tenant = restored
            // That a recording is to end is not in the journal when its part is over: it runs on until somebody looks.
            let known = Set(tenant.calls.values.flatMap { $0.connections.compactMap(\.recording?.id) })
            telephony.forgetRecordings(except: known)
            // What waits for a recording to end is lost.
            if isWaiting { telephony.forgetHolds() }
        } catch {
            fail(Violation("restore", "\(error)"))
        }
        apply(.resumed)
    }

    private func difference(from restored: Tenant) -> String {
        tenant.calls.keys.sorted { $0.text < $1.text }.filter { restored.calls[$0] != tenant.calls[$0] }
            .map { id in
                "\(tenant.calls[id].map { "\($0)" } ?? "") is now \(restored.calls[id].map { "\($0)" } ?? "nothing")"
            }.joined()
    }

    // MARK: The switch, and what lies between

    /// Puts what the switch tells on its way, and plans what it will do.
    private mutating func drain() {
        for plan in telephony.takePlanned() {
            underWay += plan.happening.isSoon ? 1 : 0
            agenda.add(.happening(plan.happening), at: now.milliseconds + plan.milliseconds)
        }
        for event in telephony.takeTold() {
            guard isLinkUp else {
                lose(event)
                continue
            }
            send(event)
        }
        if let problem = telephony.problems.first { fail(Violation("switch", problem)) }
    }

    private mutating func send(_ event: SwitchEvent) {
        lastEvent = max(lastEvent, now.milliseconds + Int64(latency.below(20)))
        switch armed.take() {
        case .lost:
            isDisturbed = true
            lose(event)
        case .late(let milliseconds):
            isDisturbed = true
            disturb(event)
            underWay += 1
            agenda.add(.event(event, link: link), at: lastEvent + milliseconds)
        case .doubled(let milliseconds):
            if milliseconds > 0 {
                isDisturbed = true
                disturb(event)
            }
            underWay += 2
            agenda.add(.event(event, link: link), at: lastEvent)
            agenda.add(.event(event, link: link), at: lastEvent + milliseconds)
        case nil:
            underWay += 1
            agenda.add(.event(event, link: link), at: lastEvent)
        }
    }

    private mutating func lose(_ event: SwitchEvent) {
        disturb(event)
        say("    lost: \(Deed.plain("\(event)"))")
    }

    /// What the phone of the event's leg does is not known for certain any more: the switch does not tell it again.
    private mutating func disturb(_ event: SwitchEvent) {
        switch event {
        case .legHeld(let leg), .legRetrieved(let leg), .legAnswered(let leg), .legRinging(let leg),
            .legConnected(let leg, _), .legTakenOut(let leg), .commandRefused(let leg):
            telephony.forgetHold(leg)
        case .legOffered(let offer): telephony.forgetHold(offer.leg)
        default: break
        }
    }

    private mutating func bringLinkUp() {
        isLinkUp = true
        isDisturbed = false
        lastEvent = max(lastEvent, now.milliseconds + Int64(latency.below(20)))
        underWay += 1
        agenda.add(.event(.linkUp(telephony.snapshot), link: link), at: lastEvent)
    }

    private mutating func cutLink(_ milliseconds: Int64, losesCommands: Bool) {
        isDisturbed = true
        isLinkUp = false
        link += 1
        self.losesCommands = losesCommands
        agenda.add(.linkUp(link: link), at: now.milliseconds + milliseconds)
    }

    mutating func happen(_ fault: Fault) {
        figures.faults += 1
        switch fault {
        case .lost: armed = .lost
        case .doubled(let milliseconds): armed = .doubled(milliseconds)
        case .late(let milliseconds): armed = .late(milliseconds)
        case .timerLost: losesTimer = true
        case .linkCut(let milliseconds, let losesCommands):
            cutLink(milliseconds, losesCommands: losesCommands)
            apply(.switchEvent(.linkDown))
        case .killed(let milliseconds, let losesCommands):
            cutLink(milliseconds, losesCommands: losesCommands)
            restart()
        }
    }

    mutating func disarm() {
        armed = nil
        losesTimer = false
    }

    /// Somebody does something at the switch.
    mutating func change(_ body: (inout ModelSwitch) -> Void) {
        body(&telephony)
        drain()
    }

    mutating func offer(
        _ leg: LegID, _ body: ModelSwitch.Leg, _ origin: OfferedLeg.Origin, _ dialled: String, _ call: CallID
    ) {
        if newCalls.count > 1000 { newCalls = [:] }
        newCalls[leg] = call
        change { $0.offer(leg, body, origin, dialled: dialled) }
    }

    mutating func checkWrapUps() { fail(shadow.missingWrapUp(in: tenant)) }
    mutating func countStep() { figures.steps += 1 }
    mutating func countSwitchCheck() { figures.checksOfSwitch += 1 }
}

extension ModelSwitch.Happening {
    /// Whether it belongs to what was asked for last, so that nothing can be said of the state before it has happened.
    fileprivate var isSoon: Bool {
        switch self {
        case .recordingStarts, .recordingEnds: true
        case .rings, .answers, .ends: false
        }
    }
}

extension Effect {
    /// In a few words, for people.
    var summary: String? {
        switch self {
        case .setTimer, .cancelTimer, .record: nil
        case .reply(_, let reply): "answer: \(Deed.plain("\(reply)"))"
        case .switchCommand(let command): "asks the switch: \(Deed.plain("\(command)"))"
        case .event(let copy):
            if case .call(let call) = copy.event.body {
                "\(copy.device.number): \(copy.event.name) \(call.device.number) in \(call.call)"
            } else {
                "\(copy.device.number): \(copy.event.name)"
            }
        default: Deed.plain("\(self)")
        }
    }
}
