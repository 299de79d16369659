import CSTA
import SwitchDriver

/// The driver's rules: what commands, messages, replies and alarms lead to. Pure; ``AsteriskSwitch`` does what it says.
///
/// Commands become jobs of a few requests each. A job waits until all earlier ones for the same leg or mix are done;
/// others run meanwhile. Whatever happens, each leg that was dialled or offered is told as ended once, or left out of
/// a snapshot.
struct ARIStateMachine: Sendable {
    /// Names an answer that is awaited.
    typealias Ticket = UInt64

    enum Input: Sendable {
        case command(SwitchCommand, Namespace)
        case message(ARIMessage)
        case reply(Ticket, ARIReply)
        case alarm(Ticket)
        /// The link is there; messages that came while the snapshot was read follow it.
        case linkUp(ARISnapshot, held: [ARIMessage])
        case linkDown
        /// The channels and endpoints that Asterisk has, read while the link is there.
        case audit(ARISnapshot)
        /// A tenant is to be told once more what is up.
        case resynchronise(Namespace)
        /// Other phones, trunks and numbers from now on.
        case lines(LineBook)
    }

    enum Action: Hashable, Sendable {
        case tell(Namespace, SwitchEvent)
        /// Without a ticket nobody waits for the reply.
        case send(ARIRequest, Ticket?)
        /// Have a NOTIFY with `Event: talk` sent in the dialog of a channel.
        case talk(channel: String, Ticket?)
        case setAlarm(Ticket, after: Duration)
        case ignore(AsteriskSwitch.Ignored, String)
        case mended(AsteriskSwitch.Mended, String)
    }

    /// What a ticket is for.
    enum Awaited: Hashable, Sendable {
        case step(Job.ID)
        case stasis(Job.ID)
        case lookAfter(LegID)
        case whetherGone(LegID)
        /// RecordingStarted, for a job.
        case recording(Job.ID)
        case lookAfterRecording(RecordingID)
        case whetherLive(RecordingID)
        case whetherStored(RecordingID)
        case whetherLeft(RecordingID)
    }

    /// Jobs that may wait for one leg or one mix: more than any service of a call centre asks at once.
    static let maximumJobsPerQueue = 64
    /// Longest number that a phone's transfer names.
    static let maximumDialledBytes = 80
    /// Endpoints that are noted as reachable: more than one Asterisk serves.
    static let maximumEndpoints = 200_000
    /// Legs at one time; Asterisk on one machine has a tenth of it.
    static let maximumLegs = 20_000
    /// StasisStart follows `create` within milliseconds.
    static let stasisLimit = Duration.seconds(5)
    /// After a hang-up ChannelDestroyed follows within milliseconds; if not, the driver looks.
    static let destroyLimit = Duration.seconds(5)

    var lines: LineBook
    let application: String
    let hasManager: Bool

    var linked = false
    var legs: [LegID: Leg] = [:]
    var legOfChannel: [String: LegID] = [:]
    /// Legs whose phones ring.
    var ringing: Set<LegID> = []
    var mixes: Set<MixID> = []
    var recordings: [RecordingID: Recording] = [:]
    var recordingOfName: [String: RecordingID] = [:]
    /// When the Asterisk of the link was started.
    var startup: String?
    /// Names of the endpoints that can be reached, whosoever they are.
    var online: Set<String> = []
    /// What the last look at Asterisk has found that does not agree.
    var doubts: Set<Doubt> = []
    var jobs: [Job.ID: Job] = [:]
    var queues: [Job.Resource: [Job.ID]] = [:]
    /// Jobs that may be at the head of all their queues.
    var ready: [Job.ID] = []
    var awaited: [Ticket: Awaited] = [:]
    private var lastNumber: UInt64 = 0
    private var actions: [Action] = []

    init(lines: LineBook, application: String, hasManager: Bool) {
        self.lines = lines
        self.application = application
        self.hasManager = hasManager
    }

    /// The one door: changes the state, and says what is to be done about it, in order.
    mutating func handle(_ input: Input) -> [Action] {
        switch input {
        case .command(let command, let namespace): handle(command, of: namespace)
        case .message(let message): handle(message)
        case .reply(let ticket, let reply): handle(reply, to: ticket)
        case .alarm(let ticket): handleAlarm(ticket)
        case .linkUp(let snapshot, let held):
            linkUp(snapshot, held)
            for message in held { handle(message) }
        case .linkDown: linkDown()
        case .audit(let snapshot): audit(snapshot)
        case .resynchronise(let namespace): if linked { tellSnapshot(namespace) }
        case .lines(let lines): take(lines)
        }
        runReadyJobs()
        defer { actions = [] }
        return actions
    }

    mutating func act(_ action: Action) { actions.append(action) }
    mutating func ignore(_ reason: AsteriskSwitch.Ignored, _ detail: String) { act(.ignore(reason, detail)) }

    mutating func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    mutating func ticket(for awaited: Awaited) -> Ticket {
        let ticket = nextNumber()
        self.awaited[ticket] = awaited
        return ticket
    }

    mutating func tell(_ leg: LegID, _ event: SwitchEvent) {
        if let namespace = legs[leg]?.namespace { act(.tell(namespace, event)) }
    }

    // MARK: - Legs

    mutating func add(_ leg: Leg, as id: LegID) {
        legs[id] = leg
        legOfChannel[leg.channel] = id
    }

    /// The only place where a leg's end is told: it is unknown from here on.
    mutating func end(_ id: LegID, _ cause: HangupCause) {
        guard let leg = legs.removeValue(forKey: id) else { return }
        if ringing.remove(id) != nil, let mix = leg.mix { stopRingback(in: mix) }
        legOfChannel[leg.channel] = nil
        if let successor = leg.successor {
            legOfChannel[successor] = nil
            act(.send(.hangUp(successor, reason: .named("normal")), nil))
        }
        act(.tell(leg.namespace, .legEnded(id, cause: cause)))
        for (ticket, awaited) in awaited {
            if case .stasis(let job) = awaited, jobs[job]?.command.leg == id {
                self.awaited[ticket] = nil
                finish(job)
            }
        }
    }

    /// Makes sure that a leg whose channel is going does not stay for ever, should ChannelDestroyed not come.
    mutating func lookAfter(_ id: LegID) {
        act(.setAlarm(ticket(for: .lookAfter(id)), after: Self.destroyLimit))
    }

    mutating func handleAlarm(_ ticket: Ticket) {
        switch awaited.removeValue(forKey: ticket) {
        case .lookAfter(let id):
            guard let leg = legs[id] else { return }
            act(.send(.channel(leg.channel), self.ticket(for: .whetherGone(id))))
        case .stasis(let job): stepFailed(job, .lost)
        case .recording(let job): stepFailed(job, .lost)
        case .lookAfterRecording(let id): lookAt(id)
        case .step, .whetherGone, .whetherLive, .whetherStored, .whetherLeft, nil: return
        }
    }

    mutating func handle(_ reply: ARIReply, to ticket: Ticket) {
        switch awaited.removeValue(forKey: ticket) {
        case .step(let job):
            switch (reply, jobs[job]?.steps?.first) {
            case (.success(let json), _): stepDone(job, json)
            // It can be recorded without a note as well.
            case (_, .noteRecording): stepDone(job)
            default: stepFailed(job, reply)
            }
        case .whetherGone(let id):
            guard let leg = legs[id] else { return }
            if reply == .refused(status: 404) {
                end(id, leg.endSent ?? .normalUnspecified)
            } else {
                if let cause = leg.endSent { act(.send(.hangUp(leg.channel, reason: HangupReason(cause)), nil)) }
                lookAfter(id)
            }
        case .whetherLive(let id): isLive(id, reply)
        case .whetherStored(let id): isStored(id, reply)
        case .whetherLeft(let id): isLeft(id, reply)
        case .stasis, .lookAfter, .recording, .lookAfterRecording, nil: return
        }
    }
}
