import CSTA
import Foundation
import SwitchDriver
import Testing

@testable import AsteriskSwitch

/// A state machine with a link, fed by hand: what it tells comes out as lines, what it sends is kept.
struct Replay {
    var machine: ARIStateMachine
    /// `legRinging d1`.
    var told: [String] = []
    var sent: [ARIRequest] = []
    var talks: [String] = []
    var ignored: [AsteriskSwitch.Ignored] = []
    var mended: [AsteriskSwitch.Mended] = []
    /// Requests whose reply is still to be given, oldest first.
    var open: [(request: ARIRequest, ticket: ARIStateMachine.Ticket)] = []
    var alarms: [ARIStateMachine.Ticket] = []
    /// Whether each request succeeds at once.
    var repliesAtOnce: Bool

    init(repliesAtOnce: Bool = true, hasManager: Bool = true, registered: ClosedRange<Int> = 8001...8009) {
        self.repliesAtOnce = repliesAtOnce
        let phones = (8001...8010).map { number in
            let text = String(number)
            let answers: [RemoteAnswer] = [.notifyTalk, .autoAnswerHeader, .none]
            return PhoneLine(device: device(text), endpoint: text, remoteAnswer: answers[number % 3])
        }
        let tenant = TenantLines(
            namespace: namespaceOfTests, phones: phones, trunks: [TrunkLine(group: "tg", endpoint: "pstn")],
            inboundNumbers: ["18005551000"])
        machine = ARIStateMachine(lines: LineBook([tenant]), application: "csta", hasManager: hasManager)
        var snapshot = ARISnapshot()
        snapshot.endpoints = registered.map {
            ARIEndpoint(technology: "PJSIP", resource: String($0), online: true)
        }
        feed(.linkUp(snapshot, held: []))
        told = []
    }

    mutating func feed(_ input: ARIStateMachine.Input) {
        for action in machine.handle(input) {
            switch action {
            case .tell(_, let event): told.append(Self.line(event))
            case .send(let request, let ticket):
                sent.append(request)
                if let ticket { open.append((request, ticket)) }
            case .talk(let channel, let ticket):
                talks.append(channel)
                if let ticket { feed(.reply(ticket, .success(nil))) }
            case .setAlarm(let ticket, _): alarms.append(ticket)
            case .ignore(let reason, _): ignored.append(reason)
            case .mended(let what, _): mended.append(what)
            }
        }
        while repliesAtOnce, !open.isEmpty { reply(.success(nil)) }
    }

    /// Gives the oldest open request its reply.
    mutating func reply(_ reply: ARIReply) {
        guard !open.isEmpty else { return }
        feed(.reply(open.removeFirst().ticket, reply))
    }

    mutating func ring() { for ticket in alarms { feed(.alarm(ticket)) } }

    mutating func `do`(_ commands: SwitchCommand...) {
        for command in commands { feed(.command(command, namespaceOfTests)) }
    }

    mutating func dial(
        _ leg: String, _ endpoint: Endpoint, mix: String? = nil, answersItself: Bool = false
    ) {
        let request = DialRequest(
            leg: LegID(leg), endpoint: endpoint, presenting: Presentation(number: "4001", name: "Sup\"port"),
            mix: mix.map { MixID($0) }, answersItself: answersItself, ringLimitSeconds: 20)
        self.do(.dial(request))
    }

    mutating func play(_ capture: String) throws {
        for line in try Self.lines(of: capture) {
            feed(.message(try #require(ARIMessage(line.utf8), "not read: \(line)")))
        }
    }

    static var captures: [String] {
        let folder = Bundle.module.url(forResource: "Captures", withExtension: nil)?.path ?? ""
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(6)) }.sorted()
    }

    static func lines(of capture: String) throws -> [String] {
        let folder = try #require(Bundle.module.url(forResource: "Captures", withExtension: nil))
        let text = try String(contentsOf: folder.appendingPathComponent(capture + ".jsonl"), encoding: .utf8)
        return text.split(separator: "\n").map(String.init)
    }

    static func line(_ event: SwitchEvent) -> String {
        switch event {
        case .legOffered(let offered): "legOffered \(offered.leg) \(offered.origin.words) dialled \(offered.dialled)"
        case .legRinging(let leg): "legRinging \(leg)"
        case .legAnswered(let leg): "legAnswered \(leg)"
        case .legConnected(let leg, let mix): "legConnected \(leg) \(mix)"
        case .legTakenOut(let leg): "legTakenOut \(leg)"
        case .legHeld(let leg): "legHeld \(leg)"
        case .legRetrieved(let leg): "legRetrieved \(leg)"
        case .legEnded(let leg, let cause): "legEnded \(leg) \(cause.rawValue)"
        case .commandRefused(let leg): "commandRefused \(leg)"
        case .transferRequested(let request): "transferRequested \(request.leg) \(request.target.words)"
        case .recordingStarted(let recording): "recordingStarted \(recording)"
        case .recordingEnded(let recording, let isSuccess): "recordingEnded \(recording) \(isSuccess)"
        case .deviceRegistered(let device): "deviceRegistered \(device)"
        case .deviceUnregistered(let device): "deviceUnregistered \(device)"
        case .linkDown: "linkDown"
        case .linkUp(let snapshot):
            "linkUp " + snapshot.legs.map { "\($0.key)=\($0.value.rawValue)" }.sorted().joined(separator: " ")
        }
    }
}

extension TransferRequest.Target {
    fileprivate var words: String {
        switch self {
        case .number(let number): "to \(number)"
        case .leg(let leg): "to leg \(leg)"
        }
    }
}

extension OfferedLeg.Origin {
    fileprivate var words: String {
        switch self {
        case .phone(let device): "phone \(device)"
        case .trunk(let group, let member, let number): "trunk \(group) \(member) \(number ?? "withheld")"
        }
    }
}
