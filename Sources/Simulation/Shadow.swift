public import CSTA
public import CallCenter
import SwitchDriver

/// A second reading of the protocol: it follows what goes into a tenant and the events that come out, and says which of them
/// are not as E5 to E18 want them. It knows nothing of how the rules work.
public struct Shadow: Sendable {
    /// Copies of one event, for several devices.
    struct Occurrence: Sendable {
        var call: CallID
        var device: DeviceID
        var copies: [CallEvent]
        var conversation: CallID?
    }

    /// How a call is to begin.
    struct Birth: Sendable {
        var device: DeviceID
        var dialled: String
        /// Nil for a consultation that nobody has agreed to yet.
        var userData: [String: String]?
        var conversation: CallID?
        var analysis = false
        var consultedFrom: CallID?
        var trunk: OfferedLeg.Origin?
        var request: RequestID?
        /// The server calls a customer, for the agent on this device.
        var order: OutboundCall?
        var reserved: DeviceID?
        /// When the customer has answered.
        var answered: Instant?
    }

    struct Login: Sendable {
        var device: DeviceID
        var mode: AgentMode
        var reason: String?
        var since: Instant
        /// The mode has to be told next.
        var isNew = true
    }

    /// A part that has ended, for the record that has to come with it.
    struct EndedPart: Sendable {
        var part: ShadowPart
        var cause: HangupCause?
        var hangup: DeviceID?
        var transferredTo: DeviceID?
        var continuedIn: CallID?
        /// Nobody was left to be told.
        var isUntold = false
    }

    let namespace: Namespace
    let devices: Set<DeviceID>
    let prefixes: [String: String]
    let splits: [DeviceID: SplitProfile]
    let routes: [String: InboundRoute]
    var violation: Violation?
    /// Calls that the last input had to do with.
    public internal(set) var touched: Set<CallID> = []
    public internal(set) var figures = Figures()

    var now = Instant(milliseconds: 0)
    var serial = Serial(0)
    var calls: [CallID: ShadowCall] = [:]
    /// The calls of each internal device.
    var callsOf: [DeviceID: [CallID]] = [:]
    /// Calls that are over: nothing may be told of them.
    var over: Set<CallID> = []
    var births: [CallID: Birth] = [:]
    /// Whose births are not to be expected any more.
    var concluded: Set<ContactID> = []
    var asked: [RequestID: (command: Command, by: Requester)] = [:]
    var legs: [LegID: DeviceID] = [:]
    var endedLegs: Set<LegID> = []
    var transferRequests: [LegID: [TransferRequest]] = [:]
    var logins: [AgentID: Login] = [:]
    var agentOn: [DeviceID: AgentID] = [:]
    /// Who has a reason to leave.
    var leavers: Set<DeviceID> = []
    var clearings: Set<ConnectionID> = []
    var open: Occurrence?
    var ended: [(id: ConnectionID, end: EndedPart)] = []
    var records: [CallPart] = []
    var agentRecords: [AgentTime] = []
    var isTransferAnswered: [LegID] = []
    /// Agents' devices that have left a call of a split, and the mode that is due for it when they are in no other.
    var wrapUps: [DeviceID: AgentID] = [:]
    /// Agents who have not answered in time what a split offered.
    var missed: [AgentID] = []

    public init(configuration: TenantConfiguration) {
        namespace = configuration.namespace
        devices = Set(configuration.devices.map(\.id))
        splits = Dictionary(configuration.splits.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        routes = configuration.inbound
        prefixes = configuration.prefixesOfGroups
    }

    /// Parts that have begun and not ended.
    public var openParts: Int { calls.values.reduce(0) { $0 + $1.parts.count } }

    /// Looks at what one input has led to.
    ///
    /// - Returns: the first thing that is not as it should be.
    public mutating func follow(_ input: Input, at now: Instant, _ effects: [Effect]) -> Violation? {
        self.now = now
        touched = []
        forgetConcluded()
        begin(input)
        if case .switchEvent(.legOffered, let newCall?) = input,
            effects.contains(where: { if case .ignored = $0 { true } else { false } })
        {
            births[newCall] = nil
        }
        for effect in effects where violation == nil {
            if case .event(let copy) = effect {
                take(copy)
            } else {
                close()
                take(effect)
            }
        }
        close()
        if violation == nil { finish() }
        return violation
    }

    mutating func complain(_ rule: String, _ text: @autoclosure () -> String) {
        if violation == nil { violation = Violation(rule, text()) }
    }

    mutating func require(_ condition: Bool, _ rule: String, _ text: @autoclosure () -> String) {
        if !condition { complain(rule, text()) }
    }

    // MARK: What goes in

    private mutating func begin(_ input: Input) {
        switch input {
        case .command(let command, let requester, let request): begin(command, requester, request)
        case .switchEvent(let event, let newCall): begin(event, newCall)
        case .timer(let timer): begin(timer)
        case .resumed:
            // What waited for an answer waits no more.
            for request in asked.keys { forget(request) }
            transferRequests = [:]
        case .configured: break
        }
    }

    private mutating func begin(_ command: Command, _ requester: Requester, _ request: RequestID) {
        asked[request] = (command, requester)
        switch command {
        case .makeCall(let call):
            guard calls[call.call] == nil, births[call.call] == nil else { return }
            births[call.call] = Birth(
                device: call.from, dialled: call.to, userData: call.userData.strings, analysis: call.analysis,
                request: request)
        case .consultationCall(let id, let number, let call):
            guard calls[call] == nil, births[call] == nil else { return }
            births[call] = Birth(device: id.device, dialled: number, consultedFrom: id.call, request: request)
        case .placeOutboundCall(let order): begin(order, request)
        case .clearConnection(let id): clearings.insert(id)
        case .cancelConsultation(let held, let consultation):
            clearings.insert(ConnectionID(device: held.device, call: consultation))
        case .singleStepConferenceCall(let id, let number, _):
            guard let device = DeviceID(number, in: namespace) else { return }
            expect(
                .init(device: device, calling: id.device, kind: .added(by: id.device), request: request), in: id.call)
        case .listen(let call, let device):
            expect(.init(device: device, calling: nil, kind: .listening, request: request), in: call)
        default: break
        }
    }

    private mutating func expect(_ expected: ShadowExpected, in call: CallID) {
        calls[call]?.expected.append(expected)
    }

    private mutating func begin(_ event: SwitchEvent, _ newCall: CallID?) {
        switch event {
        case .legOffered(let offer):
            let device: DeviceID? =
                switch offer.origin {
                case .phone(let device): device
                case .trunk(_, _, let number):
                    number.flatMap { DeviceID($0, in: namespace) } ?? DeviceID("anonymous", in: namespace)
                }
            guard let device, let newCall, calls[newCall] == nil else { return }
            legs[offer.leg] = device
            var birth = Birth(device: device, dialled: offer.dialled)
            if case .trunk = offer.origin {
                birth.trunk = offer.origin
            } else {
                birth.consultedFrom = callsOf[device]?.first
            }
            births[newCall] = birth
        case .legEnded(let leg, _):
            // It is remembered, for what waits for a recording to end.
            if endedLegs.count > Self.maximumLegs + 16 * devices.count { forgetLegs() }
            if let device = legs[leg], endedLegs.insert(leg).inserted { leavers.insert(device) }
        case .commandRefused(let leg):
            guard let device = legs[leg] else { return }
            for (call, birth) in births where birth.device == device {
                clearings.insert(ConnectionID(device: device, call: call))
            }
            for call in callsOf[device] ?? [] { clearings.insert(ConnectionID(device: device, call: call)) }
        case .legAnswered(let leg): customerAnswered(leg)
        case .transferRequested(let request): transferRequests[request.leg, default: []].append(request)
        case .linkUp(let snapshot):
            for (leg, state) in snapshot.legs where state == .up { customerAnswered(leg) }
            for (leg, device) in legs where snapshot.legs[leg] == nil && endedLegs.insert(leg).inserted {
                leavers.insert(device)
            }
            if legs.count > Self.maximumLegs + 16 * devices.count {
                legs = legs.filter { snapshot.legs[$0.key] != nil }
                endedLegs = []
            }
        default: break
        }
    }

    /// Legs that have ended and are still known by name.
    private static let maximumLegs = 256

    private mutating func forgetLegs() {
        for leg in endedLegs where legs[leg].map(leavers.contains) == false { legs[leg] = nil }
        endedLegs = endedLegs.filter { legs[$0] != nil }
    }

    private mutating func begin(_ timer: TimerID) {
        switch timer {
        case .answer(let call):
            if let birth = births[call] { clearings.insert(ConnectionID(device: birth.device, call: call)) }
            for part in calls[call]?.parts ?? [] where part.answered == nil {
                clearings.insert(ConnectionID(device: part.device, call: call))
            }
        case .clearing(let leg), .listening(let leg): if let device = legs[leg] { leavers.insert(device) }
        case .recording, .heartbeat, .waitLimit, .wrapUp, .announcement, .allocation, .redial, .sweep: break
        }
    }

    // MARK: Effects other than events

    private mutating func take(_ effect: Effect) {
        switch effect {
        case .mended(.ringing, let subject): begin(CallID(subject).map(TimerID.answer) ?? .listening(LegID(subject)))
        case .mended(.clearing, let subject): begin(.clearing(LegID(subject)))
        case .reply(let request, let reply): take(reply, to: request)
        case .switchCommand(.dial(let request)):
            switch request.endpoint {
            case .phone(let device): legs[request.leg] = device
            case .external(let number, let group, _):
                legs[request.leg] = DeviceID((prefixes[group] ?? "") + number, in: namespace)
            }
        case .switchCommand(.answerTransferRequest(let leg, _)): isTransferAnswered.append(leg)
        case .record(.part(let part)):
            let isSecond = records.contains { $0.device == part.device && $0.call == part.call }
            // It may have come back and gone again.
            require(!isSecond || part.offered == nil, "records", "two records: \(part)")
            records.append(part)
        case .record(.agentTime(let time)): take(time)
        case .record(.outbound(let result)): concluded.insert(result.contact)
        case .record(.passage), .event, .switchCommand, .setTimer, .cancelTimer, .ignored, .mended: break
        }
    }

    private mutating func take(_ reply: Reply, to request: RequestID) {
        guard let (command, _) = asked[request] else {
            return complain("reply", "a second answer to request \(request.value)")
        }
        if case .refused = reply {
            forget(request)
            return
        }
        asked[request] = nil
        figures.done[command.name, default: 0] += 1
        if case .setUserData(let call, let userData) = command {
            calls[call]?.userData.merge(userData.strings, uniquingKeysWith: { $1 })
        }
        if case .consultationCall(let id, _, let call) = command, births[call] != nil, let held = calls[id.call] {
            births[call]?.userData = held.userData
            births[call]?.conversation = held.conversation
        }
        guard let call = command.expecting else { return }
        for index in calls[call]?.expected.indices ?? 0..<0 where calls[call]?.expected[index].request == request {
            calls[call]?.expected[index].request = nil
        }
    }

    /// A command that was refused has changed nothing.
    private mutating func forget(_ request: RequestID) {
        guard let (command, _) = asked.removeValue(forKey: request) else { return }
        switch command {
        case .makeCall(let call): if births[call.call]?.request == request { births[call.call] = nil }
        case .consultationCall(_, _, let call): if births[call]?.request == request { births[call] = nil }
        case .placeOutboundCall(let order):
            for call in order.calls where births[call]?.request == request { births[call] = nil }
        case .singleStepConferenceCall(let id, _, _): calls[id.call]?.expected.removeAll { $0.request == request }
        case .listen(let call, _): calls[call]?.expected.removeAll { $0.request == request }
        default: break
        }
    }
}

extension Command {
    /// Into which call somebody is to come by it.
    fileprivate var expecting: CallID? {
        switch self {
        case .singleStepConferenceCall(let id, _, _): id.call
        case .listen(let call, _): call
        default: nil
        }
    }
}

extension UserData {
    var strings: [String: String] {
        Dictionary(entries.members.map { ($0.key, $0.value.string ?? "") }, uniquingKeysWith: { $1 })
    }
}
