import CSTA
public import SwitchDriver

/// The sandbox of one tenant as a value: phones, a pretended telephone network, legs and mixes.
///
/// It has no clock, no chance and no I/O. Time comes in with each call, as milliseconds since a moment of the caller's
/// choice; a time before the last one counts as that, one after ``maximumMilliseconds`` as that. Each function first
/// lets happen what was due until then, and returns the events of that and of what was asked, in order. The same calls
/// give the same events, always.
public struct SandboxMachine: Sendable {
    /// Legs of one tenant: four for each of the 50,000 calls that a tenant may have, as `TenantLimits` says.
    public static let maximumLegs = 200_000
    /// Longest beginning of the names of legs that the switch makes: the rest has at most 20 digits and a `-`.
    public static let maximumPrefixBytes = LegID.maximumBytes - 21
    /// A ring limit above a day is cut, so that no time overflows.
    public static let maximumRingSeconds = 86_400
    /// Half of what fits, so that any plan can be added to it.
    public static let maximumMilliseconds = Int64.max / 2
    /// Void agenda entries are cleared out when they are more than the legs and this.
    static let agendaSlackEntries = 64

    public private(set) var lines: TenantLines
    let settings: SandboxSettings
    let namePrefix: String

    private(set) var nowMilliseconds: Int64 = 0
    var legs: [LegID: Leg] = [:]
    var phones: [DeviceID: Phone]
    /// Phones that are no line's any more, and are in use.
    private var retired: Set<DeviceID> = []
    var mixes: [MixID: Mix] = [:]
    var recordings: [RecordingID: Recording] = [:]
    /// What is to be done with files, and has not been taken.
    var recordingWork: [RecordingWork] = []
    /// What was said last, the oldest first.
    public internal(set) var announcements: [Announcement] = []
    private var agenda = Agenda<LegID>()
    private var legsOffered: UInt64 = 0
    private var told: [SwitchEvent] = []

    /// - namePrefix: the beginning of the names of legs that phones and customers begin. Must be another for each
    ///   tenant and for each start of the process; what is longer than ``maximumPrefixBytes`` is cut.
    public init(lines: TenantLines, namePrefix: String, settings: SandboxSettings = SandboxSettings()) {
        self.lines = lines
        self.settings = settings
        self.namePrefix = namePrefix.cut(toBytes: Self.maximumPrefixBytes)
        phones = Dictionary(lines.phones.map { ($0.device, Phone()) }, uniquingKeysWith: { first, _ in first })
    }

    /// Has other phones and trunks from now on. What is up goes on; a phone that is no more goes when it is idle. Says which
    /// new ones can be reached.
    mutating func setLines(_ new: TenantLines) -> [SwitchEvent] {
        let known = Set(lines.phones.map(\.device))
        lines = new
        let devices = Set(new.phones.map(\.device))
        for device in devices where phones[device] == nil { phones[device] = Phone() }
        retired = Set(phones.keys).subtracting(devices)
        for device in retired { removeIfRetired(device) }
        return new.phones.map(\.device)
            .filter { !known.contains($0) && phones[$0]?.isRegistered == true }.map(SwitchEvent.deviceRegistered)
    }

    /// To be called when a phone has no leg any more.
    mutating func removeIfRetired(_ device: DeviceID) {
        guard retired.contains(device), phones[device]?.legs.isEmpty == true else { return }
        retired.remove(device)
        phones[device] = nil
    }

    // MARK: What the switch is asked

    /// Carries out a command.
    public mutating func execute(_ command: SwitchCommand, at milliseconds: Int64) -> [SwitchEvent] {
        letHappen(until: milliseconds)
        switch command {
        case .dial(let request): dial(request)
        case .answer(let leg): answer(leg)
        case .connect(let leg, let mix, let part): connect(leg, to: mix, as: part)
        case .takeOut(let leg): takeOut(leg)
        case .startMusic(let mix): startMusic(mix)
        case .stopMusic(let mix): changeMix(mix) { $0.hasMusic = false }
        case .retrieveAtPhone(let leg): retrieveAtPhone(leg)
        case .hangUp(let leg, let cause):
            if legs[leg] == nil { refuse(leg) } else { end(leg, cause) }
        case .endMix(let mix): endMix(mix)
        case .sayDigits(let digits, let mix): say(digits, in: mix)
        case .play(let sound, let mix): announce(.sound(sound), in: mix)
        case .startRecording(let request): startRecording(request)
        case .pauseRecording(let recording): setPaused(true, recording)
        case .resumeRecording(let recording): setPaused(false, recording)
        case .stopRecording(let recording): stopRecording(recording)
        case .answerTransferRequest(let leg, let isAccepted):
            if let device = legs[leg]?.device { phones[device]?.answerTransfer(of: leg, isAccepted: isAccepted) }
        }
        return takeTold()
    }

    /// Lets time pass.
    public mutating func advance(to milliseconds: Int64) -> [SwitchEvent] {
        letHappen(until: milliseconds)
        return takeTold()
    }

    /// When to call ``advance(to:)`` next, at the latest; nil: nothing is going to happen by itself.
    public var nextMilliseconds: Int64? { told.isEmpty ? agenda.firstMilliseconds : nowMilliseconds }

    /// What is up.
    public var snapshot: SwitchSnapshot {
        SwitchSnapshot(
            legs: legs.mapValues(\.snapshotState),
            registered: Set(phones.lazy.filter(\.value.isRegistered).map(\.key)).subtracting(retired))
    }

    /// The legs that are in a mix, listeners too.
    public func members(of mix: MixID) -> Set<LegID> { mixes[mix]?.members ?? [] }

    /// Whether those in a mix hear music.
    public func hasMusic(_ mix: MixID) -> Bool { mixes[mix]?.hasMusic ?? false }

    // MARK: For the other parts of the machine

    func hasRoom() -> Bool { legs.count < settings.maximumLegs }

    /// - member: its endpoint; nil: the group's first.
    func line(group: String, member: String?) -> TrunkLine? {
        lines.trunks.first { $0.group == group && (member == nil || $0.endpoint == member) }
    }

    mutating func tell(_ event: SwitchEvent) { told.append(event) }

    mutating func refuse(_ leg: LegID) { tell(.commandRefused(leg)) }

    mutating func takeTold() -> [SwitchEvent] {
        defer { told = [] }
        return told
    }

    mutating func makeLegName() -> LegID {
        repeat { legsOffered += 1 } while legs[LegID("\(namePrefix)-\(legsOffered)")] != nil
        return LegID("\(namePrefix)-\(legsOffered)")
    }

    /// Replaces what the leg's other side does next.
    mutating func plan(_ happening: Leg.Happening, for leg: LegID, at milliseconds: Int64) {
        legs[leg]?.next = (happening, agenda.add(leg, at: milliseconds))
        // Amortised O(1): as many entries have become void since the last time as are thrown away now.
        if agenda.count > 2 * legs.count + Self.agendaSlackEntries {
            agenda.keep { legs[$0.item]?.next?.ticket == $0.ticket }
        }
    }

    mutating func letHappen(until time: Int64) {
        let milliseconds = min(time, Self.maximumMilliseconds)
        while let due = agenda.takeDue(at: milliseconds) {
            nowMilliseconds = max(nowMilliseconds, due.milliseconds)
            guard let next = legs[due.item]?.next, next.ticket == due.ticket else { continue }
            legs[due.item]?.next = nil
            switch next.happening {
            case .rings: rings(due.item)
            case .answers: answered(due.item)
            case .ends(let cause): end(due.item, cause)
            }
        }
        nowMilliseconds = max(nowMilliseconds, milliseconds)
    }

    var agendaCount: Int { agenda.count }
}

extension String {
    /// The beginning of it; a character that does not fit as a whole is left out.
    func cut(toBytes maximumBytes: Int) -> String {
        var end = utf8.index(startIndex, offsetBy: maximumBytes, limitedBy: endIndex) ?? endIndex
        while end.samePosition(in: self) == nil { utf8.formIndex(before: &end) }
        return String(self[..<end])
    }
}
