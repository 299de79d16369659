import CSTA
import RingsideTesting
import SandboxSwitch
import SwitchDriver
import Synchronization
import Testing

/// A sandbox with two tenants, a clock that stands still, and everything that the first tenant was told, as lines:
///
///     0 ringing a
///     1000 answered a
///     4000 ended a NORMAL_CLEARING
final class Lab: Sendable {
    let namespace: Namespace
    let other: Namespace
    let clock = ManualClock()
    let sandbox: SandboxSwitch
    private let told = Mutex<[(milliseconds: Int64, event: SwitchEvent)]>([])

    /// Phones 8001 to 8004 and trunk group `pstn`, reached by 4001.
    init(faults: SandboxFaults? = nil, settings: SandboxSettings = SandboxSettings()) throws {
        namespace = try #require(Namespace("zhen04.cc"))
        other = try #require(Namespace("other.cc"))
        sandbox = SandboxSwitch(
            tenants: [
                try Self.lines(namespace, inbound: ["4001"]), try Self.lines(other, inbound: ["5001"]),
            ],
            namePrefix: "sb1", settings: settings, faults: faults, time: SandboxTime(clock))
        try listenAgain()
        clock.advance()
        _ = takeTold()
    }

    func listenAgain() throws {
        // Weak: the sandbox belongs to the lab.
        try sandbox.attach { [weak self] tenant, event in self?.hear(tenant, event) }
    }

    private func hear(_ tenant: Namespace, _ event: SwitchEvent) {
        if tenant == namespace { told.withLock { $0.append((clock.milliseconds, event)) } }
    }

    static func lines(_ namespace: Namespace, inbound: Set<String>) throws -> TenantLines {
        let phones = try (8001...8004).map {
            let device = try #require(DeviceID("\($0)", in: namespace))
            return PhoneLine(device: device, endpoint: "\($0)", remoteAnswer: .notifyTalk)
        }
        return TenantLines(
            namespace: namespace, phones: phones, trunks: [TrunkLine(group: "pstn", endpoint: "pstn")],
            inboundNumbers: inbound)
    }

    func pass(seconds: Int) { clock.advance(seconds: seconds) }
    /// 0: lets happen what is due.
    func pass(milliseconds: Int64) { clock.advance(milliseconds: milliseconds) }

    func phone(_ number: Int) throws -> PhoneStatus {
        let device = try device(number)
        return try #require(sandbox.phones(in: namespace).first { $0.device == device })
    }

    func device(_ number: Int) throws -> DeviceID { try #require(DeviceID("\(number)", in: namespace)) }

    func `do`(_ commands: SwitchCommand...) {
        sandbox.execute(commands, for: namespace)
        clock.advance()
    }

    func dial(
        _ leg: String, phone number: Int, mix: String? = nil, answersItself: Bool = false, ringLimitSeconds: Int = 60
    ) throws {
        `do`(
            .dial(
                DialRequest(
                    leg: LegID(leg), endpoint: .phone(try device(number)), presenting: Presentation(number: "100"),
                    mix: mix.map { MixID($0) }, answersItself: answersItself, ringLimitSeconds: ringLimitSeconds)))
    }

    func dial(_ leg: String, number: String, group: String = "pstn", ringLimitSeconds: Int = 3600) {
        `do`(
            .dial(
                DialRequest(
                    leg: LegID(leg), endpoint: .external(number: number, trunkGroup: group),
                    presenting: Presentation(number: "100"), ringLimitSeconds: ringLimitSeconds)))
    }

    func press(_ button: SandboxButton, _ number: Int) throws {
        let device = try device(number)
        defer { clock.advance() }
        try sandbox.press(button, on: device)
    }

    @discardableResult
    func customerCalls(from: String, to: String = "4001") throws -> LegID {
        defer { clock.advance() }
        return try sandbox.customerCalls(from: from, to: to)
    }

    /// What was told since the last time, with when.
    func takeTold() -> [String] {
        told.withLock { told in
            defer { told = [] }
            return told.map { "\($0.milliseconds) \($0.event.line)" }
        }
    }

    /// What was told since the last time.
    func takeEvents() -> [SwitchEvent] {
        told.withLock { told in
            defer { told = [] }
            return told.map(\.event)
        }
    }
}

extension SandboxTime {
    init(_ clock: ManualClock) {
        self.init(
            milliseconds: { clock.milliseconds },
            wake: { milliseconds, body in clock.call(atMilliseconds: milliseconds, body) })
    }
}

extension SwitchEvent {
    var line: String {
        switch self {
        case .legOffered(let offered):
            switch offered.origin {
            case .phone(let device): "offered \(offered.leg) \(device.number) -> \(offered.dialled)"
            case .trunk(let group, let member, let number):
                "offered \(offered.leg) \(group)/\(member) \(number ?? "withheld") -> \(offered.dialled)"
            }
        case .legRinging(let leg): "ringing \(leg)"
        case .legAnswered(let leg): "answered \(leg)"
        case .legConnected(let leg, let mix): "connected \(leg) \(mix.text)"
        case .legTakenOut(let leg): "takenOut \(leg)"
        case .legHeld(let leg): "held \(leg)"
        case .legRetrieved(let leg): "retrieved \(leg)"
        case .legEnded(let leg, let cause): "ended \(leg) \(cause.rawValue)"
        case .commandRefused(let leg): "refused \(leg)"
        case .transferRequested(let request):
            switch request.target {
            case .number(let number): "transfer \(request.leg) -> \(number)"
            case .leg(let leg): "transfer \(request.leg) -> leg \(leg)"
            }
        case .recordingStarted(let recording): "recording \(recording)"
        case .recordingEnded(let recording, let isSuccess): "recorded \(recording) \(isSuccess ? "well" : "in vain")"
        case .deviceRegistered(let device): "registered \(device.number)"
        case .deviceUnregistered(let device): "unregistered \(device.number)"
        case .linkDown: "linkDown"
        case .linkUp(let snapshot):
            (["linkUp", "\(snapshot.registered.count) phones"]
                + snapshot.legs.map { "\($0.key) \($0.value.rawValue)" }.sorted()).joined(separator: ", ")
        }
    }
}
