import CSTA
import SwitchDriver

/// A switch of one tenant as a value: legs, phones, mixes and recordings, and what they tell.
///
/// What the others at its legs do follows from the seed and the leg's name, or from the number that was dialled.
struct ModelSwitch: Sendable {
    enum LegState: Sendable { case dialled, ringing, offered, up }

    struct Leg: Sendable {
        var party: DeviceID?
        /// The digits of an external number say how it behaves.
        var number: String?
        var state: LegState
        var mix: MixID?
        var part = MixPart.talker
        /// The mix into which it comes when it answers.
        var target: MixID?
        var answersItself = false
        var isHeldAtPhone = false
        /// A command was refused that the rules do not give again: nothing can be said of what it hears.
        var isOutOfStep = false
        /// How often chance was asked about it.
        var draws: UInt64 = 0
    }

    struct Recording: Sendable {
        var mix: MixID
        var isRunning = false
    }

    /// What is going to happen by itself.
    enum Happening: Sendable {
        case rings(LegID)
        case answers(LegID)
        case ends(LegID, HangupCause)
        case recordingStarts(RecordingID)
        case recordingEnds(RecordingID, isSuccess: Bool)
    }

    let seed: UInt64
    let prefixes: [String: String]
    /// Whether commands are refused now and then.
    var refusesSome: Bool
    private(set) var legs: [LegID: Leg] = [:]
    private(set) var recordings: [RecordingID: Recording] = [:]
    private(set) var phones: [DeviceID: [LegID]]
    private(set) var registered: Set<DeviceID>
    /// Those of which it is not known which of their calls they hold, until they have none.
    private var uncertainPhones: Set<DeviceID> = []
    /// What the driver is to tell.
    private(set) var told: [SwitchEvent] = []
    private(set) var planned: [(milliseconds: Int64, happening: Happening)] = []
    /// What no server may ask for.
    private(set) var problems: [String] = []
    /// The names that were used, so that none comes twice.
    private var namesUsed: Set<String> = []

    /// - prefixes: what is dialled before an external number, by trunk group.
    init(seed: UInt64, phones: [DeviceID], prefixes: [String: String], refusesSome: Bool) {
        self.seed = seed
        self.prefixes = prefixes
        self.refusesSome = refusesSome
        self.phones = Dictionary(uniqueKeysWithValues: phones.map { ($0, []) })
        registered = Set(phones)
    }

    var snapshot: SwitchSnapshot {
        SwitchSnapshot(
            legs: legs.mapValues {
                switch $0.state {
                case .dialled, .offered: .pending
                case .ringing: .ringing
                case .up: .up
                }
            }, registered: registered)
    }

    mutating func takeTold() -> [SwitchEvent] {
        defer { told = [] }
        return told
    }

    mutating func takePlanned() -> [(milliseconds: Int64, happening: Happening)] {
        defer { planned = [] }
        return planned
    }

    /// What was told of a phone's leg has not arrived, or not in its order: which of its calls the phone holds cannot be known.
    mutating func forgetHold(_ leg: LegID) {
        if let device = legs[leg]?.party { uncertainPhones.insert(device) }
    }

    func isHoldKnown(_ leg: Leg) -> Bool { leg.party.map { !uncertainPhones.contains($0) } ?? true }

    mutating func forgetHolds() { uncertainPhones = Set(phones.keys.filter { phones[$0]?.isEmpty == false }) }

    mutating func forgetRecordings(except known: Set<RecordingID>) {
        recordings = recordings.filter { known.contains($0.key) }
    }

    // MARK: Commands

    mutating func execute(_ command: SwitchCommand) {
        switch command {
        case .dial(let request): dial(request)
        case .answer(let leg): answer(leg)
        case .connect(let leg, let mix, let part): connect(leg, mix, part)
        case .takeOut(let leg): takeOut(leg)
        case .retrieveAtPhone(let leg):
            if legs[leg]?.isHeldAtPhone == true, !refuses(leg, oneIn: 20) { retrieve(leg) } else { refuse(leg) }
        case .hangUp(let leg, let cause): if legs[leg] == nil { refuse(leg) } else { end(leg, cause) }
        case .endMix(let mix): endMix(mix)
        case .startRecording(let request): startRecording(request)
        case .stopRecording(let id): stopRecording(id)
        case .startMusic, .stopMusic, .sayDigits, .play, .pauseRecording, .resumeRecording, .answerTransferRequest:
            break
        }
    }

    private mutating func dial(_ request: DialRequest) {
        guard use(request.leg.text) else { return }
        var leg = Leg(party: nil, state: .dialled)
        leg.target = request.mix
        leg.answersItself = request.answersItself
        var obstacle: HangupCause?
        switch request.endpoint {
        case .phone(let device):
            leg.party = device
            if !registered.contains(device) {
                obstacle = .subscriberAbsent
            } else if phones[device]?.isEmpty == false {
                obstacle = .userBusy
            }
        case .external(let number, let group, let member):
            leg.number = number
            if prefixes[group] == nil {
                obstacle = .noRouteDestination
            } else if member == SiteConfiguration.deadLine {
                obstacle = .networkOutOfOrder
            }
        }
        legs[request.leg] = leg
        guard obstacle == nil else { return end(request.leg, obstacle ?? .unspecified) }
        if let device = leg.party { phones[device]?.append(request.leg) }
        var chance = draw(request.leg)
        plan(.ends(request.leg, .noAnswer), in: Int64(request.ringLimitSeconds) * 1000)
        let setup = Int64(20 + chance.below(180))
        switch leg.number?.last {
        case nil:
            switch chance.below(30) {
            case 0: plan(.ends(request.leg, Self.failures[chance.below(Self.failures.count)]), in: setup)
            case 1: plan(.answers(request.leg), in: setup)
            default: plan(.rings(request.leg), in: setup)
            }
        case "0": plan(.ends(request.leg, .userBusy), in: setup)
        case "3": plan(.ends(request.leg, .normalCircuitCongestion), in: setup)
        case "4": plan(.answers(request.leg), in: setup)
        default: plan(.rings(request.leg), in: setup)
        }
    }

    private static let failures: [HangupCause] = [
        .normalTemporaryFailure, .noUserResponse, .callRejected, .destinationOutOfOrder, .unspecified,
    ]

    private mutating func answer(_ id: LegID) {
        guard let leg = legs[id] else { return refuse(id) }
        switch leg.state {
        case .offered: answered(id)
        case .ringing where leg.number == nil: if refuses(id, oneIn: 15) { refuse(id) } else { answered(id) }
        case .ringing, .dialled, .up: refuse(id)
        }
    }

    private mutating func connect(_ id: LegID, _ mix: MixID, _ part: MixPart) {
        guard let leg = legs[id] else { return refuse(id) }
        if leg.state == .up, refuses(id, oneIn: 80) {
            legs[id]?.isOutOfStep = true
            return refuse(id)
        }
        legs[id]?.part = part
        switch leg.state {
        case .up, .offered:
            legs[id]?.mix = mix
        case .dialled, .ringing: legs[id]?.target = mix
        }
        told.append(.legConnected(id, mix: mix))
    }

    private mutating func takeOut(_ id: LegID) {
        guard let leg = legs[id], leg.mix != nil || leg.target != nil, !refuses(id, oneIn: 20) else {
            return refuse(id)
        }
        legs[id]?.mix = nil
        legs[id]?.target = nil
        told.append(.legTakenOut(id))
    }

    private mutating func endMix(_ mix: MixID) {
        for id in legs.keys where legs[id]?.mix == mix { legs[id]?.mix = nil }
        for id in legs.keys where legs[id]?.target == mix { legs[id]?.target = nil }
        for id in recordings.keys.sorted(by: { $0.text < $1.text }) where recordings[id]?.mix == mix {
            recordings[id] = nil
            told.append(.recordingEnded(id, isSuccess: true))
        }
    }

    private mutating func startRecording(_ request: RecordingRequest) {
        let id = request.recording
        guard use(id.text) else { return }
        var chance = Chance(seed: seed, name: id.text, salt: 1)
        recordings[id] = Recording(mix: request.mix)
        switch chance.below(30) {
        case 0, 1: plan(.recordingEnds(id, isSuccess: false), in: Int64(chance.below(40)))
        case 2: break  // The switch says nothing.
        default: plan(.recordingStarts(id), in: Int64(chance.below(60)))
        }
    }

    private mutating func stopRecording(_ id: RecordingID) {
        guard recordings[id] != nil else { return told.append(.recordingEnded(id, isSuccess: false)) }
        var chance = Chance(seed: seed, name: id.text, salt: 2)
        switch chance.below(40) {
        case 0: recordings[id] = nil  // The switch says nothing.
        case 1: plan(.recordingEnds(id, isSuccess: false), in: Int64(chance.below(400)))
        default: plan(.recordingEnds(id, isSuccess: true), in: Int64(chance.below(60)))
        }
    }

    // MARK: What happens by itself

    mutating func letHappen(_ happening: Happening) {
        switch happening {
        case .rings(let id): rings(id)
        case .answers(let id): if legs[id]?.state == .dialled || legs[id]?.state == .ringing { answered(id) }
        case .ends(let id, let cause):
            if let leg = legs[id], cause != .noAnswer || leg.state != .up { end(id, cause) }
        case .recordingStarts(let id):
            guard recordings[id]?.isRunning == false else { return }
            recordings[id]?.isRunning = true
            told.append(.recordingStarted(id))
        case .recordingEnds(let id, let isSuccess):
            if recordings.removeValue(forKey: id) != nil { told.append(.recordingEnded(id, isSuccess: isSuccess)) }
        }
    }

    private mutating func rings(_ id: LegID) {
        guard let leg = legs[id], leg.state == .dialled else { return }
        legs[id]?.state = .ringing
        told.append(.legRinging(id))
        var chance = draw(id)
        switch leg.number?.last?.wholeNumberValue {
        case nil: if leg.answersItself, !chance.isOne(in: 20) { plan(.answers(id), in: Int64(chance.below(200))) }
        case 1?: break
        case 2?: plan(.ends(id, .callRejected), in: 3000)
        case let digit?: plan(.answers(id), in: Int64(digit - 4) * 700)
        }
    }

    mutating func answered(_ id: LegID) {
        guard let leg = legs[id] else { return }
        for other in legs(besides: id, of: leg.party) where legs[other]?.state == .up { hold(other) }
        legs[id]?.state = .up
        if let target = leg.target {
            legs[id]?.mix = target
            legs[id]?.target = nil
        }
        told.append(.legAnswered(id))
        if leg.party == nil {
            var chance = draw(id)
            plan(.ends(id, .normalClearing), in: Int64(20_000 + chance.below(Self.maximumTalkMilliseconds)))
        }
    }

    /// Nobody outside talks longer.
    private static let maximumTalkMilliseconds = 300_000

    mutating func offer(_ id: LegID, _ leg: Leg, _ origin: OfferedLeg.Origin, dialled: String) {
        guard use(id.text) else { return }
        legs[id] = leg
        if let device = leg.party { phones[device]?.append(id) }
        told.append(.legOffered(OfferedLeg(leg: id, origin: origin, dialled: dialled)))
    }

    mutating func hold(_ id: LegID) {
        guard legs[id]?.isHeldAtPhone == false else { return }
        legs[id]?.isHeldAtPhone = true
        told.append(.legHeld(id))
    }

    mutating func retrieve(_ id: LegID) {
        for other in legs(besides: id, of: legs[id]?.party) where legs[other]?.state == .up { hold(other) }
        legs[id]?.isHeldAtPhone = false
        told.append(.legRetrieved(id))
    }

    mutating func end(_ id: LegID, _ cause: HangupCause) {
        guard let leg = legs.removeValue(forKey: id) else { return }
        if let device = leg.party {
            phones[device]?.removeAll { $0 == id }
            if phones[device]?.isEmpty == true { uncertainPhones.remove(device) }
        }
        told.append(.legEnded(id, cause: cause))
    }

    mutating func ask(for request: TransferRequest) { told.append(.transferRequested(request)) }

    mutating func setRegistered(_ device: DeviceID, _ isRegistered: Bool) {
        if isRegistered { registered.insert(device) } else { registered.remove(device) }
        told.append(isRegistered ? .deviceRegistered(device) : .deviceUnregistered(device))
    }

    private func legs(besides id: LegID, of device: DeviceID?) -> [LegID] {
        device.flatMap { phones[$0] }?.filter { $0 != id } ?? []
    }

    // MARK: Chance and names

    private mutating func refuse(_ leg: LegID) { told.append(.commandRefused(leg)) }

    private mutating func refuses(_ leg: LegID, oneIn count: Int) -> Bool {
        guard refusesSome else { return false }
        var chance = draw(leg)
        return chance.isOne(in: count)
    }

    private mutating func draw(_ id: LegID) -> Chance {
        legs[id]?.draws += 1
        return Chance(seed: seed, name: id.text, salt: legs[id]?.draws ?? 0)
    }

    private mutating func plan(_ happening: Happening, in milliseconds: Int64) {
        planned.append((milliseconds, happening))
    }

    private mutating func use(_ name: String) -> Bool {
        if namesUsed.count > Self.maximumNames { namesUsed = [] }
        guard namesUsed.insert(name).inserted else {
            problems.append("the name \(name) was given twice")
            return false
        }
        return true
    }

    /// Names that are remembered: those of the last hours.
    private static let maximumNames = 20_000
}
