import CSTA
import RingsideTesting
import Synchronization

/// The whole server on a real Asterisk: agents 5001-5006 with real phones, each followed over a WebSocket of its own.
///
/// 8001 and 8002 have baresip, which somebody has to lift; 8003-8006 have phones that obey NOTIFY talk.
final class AsteriskCentre: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Desk: Sendable {
        var session: String
        var phone: LabPhone
        var follower: EventFollower
        var hasRemoteAnswer: Bool
    }

    /// What Ringside waits for an answer: long enough for phones, short enough for tests.
    static let answerSeconds = 5
    static let customerNumber = "13800000000"

    let lab: AsteriskLab
    let server: ServerProcess
    /// By the device's number.
    let desks: [String: Desk]
    let customer: LabPhone
    private let carrier: SIPPCarrier

    /// - phonesAnswer: those of 8001 and 8002, by themselves.
    init(port: Int, phonesAnswer: Bool = false) async throws {
        lab = try await AsteriskLab()
        let server = try ServerProcess(configuration: Self.configuration(lab), port: port)
        self.server = server
        try await server.start()
        carrier = try await SIPPCarrier(at: lab)
        customer = try await .customer(Self.customerNumber, at: lab)
        var desks: [String: Desk] = [:]
        for number in 1...6 {
            let isScripted = number > 2
            let phone: LabPhone =
                isScripted
                ? try await .scripted("800\(number)", at: lab)
                : try await .baresip("800\(number)", at: lab, answersItself: phonesAnswer)
            let session = try await server.logIn("500\(number)")
            let follower = EventFollower(port: port, target: "/events?after=0", session: session)
            // The switch tells a moment later that the phone is registered.
            try await Self.eventually { try await server.logInAgent("500\(number)", session: session) }
            desks["800\(number)"] = Desk(
                session: session, phone: phone, follower: follower, hasRemoteAnswer: isScripted)
        }
        self.desks = desks
    }

    private static func configuration(_ lab: AsteriskLab) -> String {
        """
        switch:
          asterisk:
            host: \(lab.host)
            port: \(lab.port)
            user: ringside
            password: ringside
            application: ringside
            manager: { host: \(lab.host), port: \(lab.managerPort), user: ringside, password: ringside }
        recordings: { root: "\(lab.recordingsFolder)" }
        tenants:
          - namespace: demo.cc
            timeZone: Asia/Shanghai
            agents:
              - { id: 5001-5008, password: secret }
              - { id: 5009, role: supervisor, password: secret }
            devices:
              - { id: 8001-8002, remoteAnswer: none }
              - { id: 8003-8010, remoteAnswer: talk }
            trunks:
              - { group: "1", prefix: "9", endpoint: pstn }
              - { group: "2", prefix: none, endpoint: pstn-away, further: [{ endpoint: pstn, capacity: 1 }] }
              - { group: "3", prefix: none, endpoint: pstn-b, capacity: 1 }
            outbound: { "6": { groups: ["2", "3"] } }
            splits:
              - { id: 7000, agents: 5003-5006, ringSeconds: \(answerSeconds), wrapUpSeconds: 2 }
              - { id: 7001, agents: 5001-5004, ringSeconds: 20, wrapUpSeconds: 1 }
            inbound: { "4001": 8001, "4002": 8002, "4003": 8003, "4004": 8004, "4100": 7000, "4101": 7001 }
            limits: { answerSeconds: \(answerSeconds) }
        """
    }

    func end() async {
        for desk in desks.values {
            desk.follower.end()
            await desk.phone.end()
        }
        await customer.end()
        await carrier.end()
        await server.end()
        await lab.end()
    }

    /// Does something until it works; a phone may not be known as registered yet.
    static func eventually(_ body: () async throws -> Void) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try await body()
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// Ends all calls, as a supervisor can, and waits until the phones know it.
    func clearCalls() async throws {
        let session = try await server.logIn("5009")
        try await Self.eventually {
            for call in try await calls(session) {
                for connection in call["connections"]?.array ?? [] {
                    guard let id = connection["connectionId"]?.string.flatMap({ ConnectionID($0) }) else { continue }
                    _ = try await server.act(nil, on: id, session: session)
                }
            }
            try await expectNoCalls(session)
        }
    }

    /// - session: a supervisor's.
    /// - Throws: ``Failure`` if a call is up for the server, or a channel at Asterisk.
    func expectNoCalls(_ session: String) async throws {
        let calls = try await calls(session)
        let channels = try await lab.cli("core show channels concise")
        // A channel is a line of fields; Asterisk may say other things too.
        guard calls.isEmpty, !channels.contains("!") else {
            throw Failure(description: "calls are up: \(calls) \(channels)")
        }
    }

    private func calls(_ session: String) async throws -> [JSON] {
        let answer = try await server.request("GET", "/api/csta/callControl/calls", session: session)
        guard let calls = answer.body?["calls"]?.array else { throw Failure(description: "\(answer)") }
        return calls
    }
}

/// Scenarios at an ``AsteriskCentre``: with baresip as B and C, or with phones that obey NOTIFY talk.
struct AsteriskScenarioBench: ScenarioBench {
    typealias Failure = AsteriskCentre.Failure

    let centre: AsteriskCentre
    let devices: [Scenario.Party: String]
    var server: ServerProcess { centre.server }

    static func withBaresip(_ centre: AsteriskCentre) -> Self {
        Self(centre: centre, devices: [.b: "8001", .c: "8002", .d: "8003", .e: "8004"])
    }

    static func withRemoteAnswer(_ centre: AsteriskCentre) -> Self {
        Self(centre: centre, devices: [.b: "8003", .c: "8004", .d: "8005", .e: "8006"])
    }

    func device(of party: Scenario.Party) -> DeviceID {
        let number = devices[party] ?? AsteriskCentre.customerNumber
        return DeviceID("\(number)@demo.cc") ?? { preconditionFailure(number) }()
    }

    func lastSerial() async throws -> Serial {
        let session = try await server.logIn("5009")
        let calls = try await server.request("GET", "/api/csta/callControl/calls", session: session)
        guard case .number(let text)? = calls.body?["serial"], let serial = Int64(text) else {
            throw Failure(description: "\(calls)")
        }
        return Serial(serial)
    }

    func events(
        of party: Scenario.Party, after serial: Serial, atLeast count: Int, withAgents: Bool
    ) async throws -> [Event] {
        guard let follower = try? desk(party).follower else { return [] }
        _ = await follower.wait { Self.events($0, after: serial, withAgents).count >= count }
        return Self.events(follower.events, after: serial, withAgents)
    }

    private static func events(_ events: [Event], after serial: Serial, _ withAgents: Bool) -> [Event] {
        events.filter {
            switch $0.body {
            case .call, .recording: $0.serial > serial
            case .agent: withAgents && $0.serial > serial
            default: false
            }
        }
    }

    func hasDesktop(_ party: Scenario.Party) -> Bool { devices[party] != nil }

    func perform(_ step: Scenario.Step, calls: [CallID: Int]) async throws {
        switch step {
        case .call(let from, let to, let analysis):
            try desk(from).phone.forget()
            let answer = try await server.request(
                "POST", "/api/csta/callControl/calls", session: try desk(from).session,
                json: """
                    {"from":"\(device(of: from))","to":"\(number(of: to, from: from))","cpa":"\(analysis ? 1 : 0)"}
                    """)
            guard answer.status == 200 else { throw Failure(description: "\(answer)") }
            // Without remote answer the agent lifts the phone, which rings for the agent's own call.
            if try !desk(from).hasRemoteAnswer {
                try await desk(from).phone.wait(for: "incoming")
                try desk(from).phone.press(.answer)
            }
        case .dial(.a, let to): try centre.customer.press(.dial(number(of: to, from: .a)))
        case .dial(let from, let to): try desk(from).phone.press(.dial(number(of: to, from: from)))
        case .ask(let party, let service, let call):
            try await serve(service, party, calls.first { $0.value == call }?.key)
        case .supervise(let supervision, let party): try await supervise(supervision, party)
        case .transferAtPhone(let party, let to):
            if let to {
                try desk(party).phone.transfer(to: number(of: to, from: party))
            } else {
                try desk(party).phone.transferToLast()
            }
        case .press(.a, _): try centre.customer.press(.hangUp)
        case .press(let party, let act): try await press(act, party)
        case .setMode(let party, let mode): try await set(#""SetState","agentMode":"\#(mode.rawValue)""#, party)
        case .logOut(let party): try await set(#""Logout""#, party)
        case .logIn(let party):
            try await server.logInAgent(try agent(of: party), session: try desk(party).session)
        case .placeOutboundCall(let number, let isPreview, let dials):
            try await placeOutboundCall(to: number, isPreview: isPreview, dials: dials)
        case .release(let party):
            try await askOutbound("release/\(try agent(of: party))", try await server.logIn("5009"))
        case .answerPreview(let party, let isAccepted):
            let answer = isAccepted ? "accept" : "skip"
            try await askOutbound("preview/\(try agent(of: party))/\(answer)", try desk(party).session)
        case .timeRunsOut: try await Task.sleep(for: .seconds(AsteriskCentre.answerSeconds))
        default: break
        }
    }

    /// Only scripted phones say a tone and listen for others'.
    func heard(by party: Scenario.Party, wanted: Set<Scenario.Party>) async throws -> Set<Scenario.Party>? {
        let phone = party == .a ? centre.customer : try desk(party).phone
        guard devices.keys.allSatisfy({ (try? desk($0).hasRemoteAnswer) == true }) else { return nil }
        let names = Dictionary(
            uniqueKeysWithValues: devices.map { ($0.value, $0.key) } + [(LabTone.customer, Scenario.Party.a)])
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            let heard = Set(try await phone.hears().compactMap { names[$0] })
            if heard == wanted || ContinuousClock.now > deadline { return heard }
        }
    }

    func recordedSeconds(_ fileName: String) async throws -> Double? {
        try LabRecording(contentsOf: fileName).seconds
    }

    private func desk(_ party: Scenario.Party) throws -> AsteriskCentre.Desk {
        guard let desk = devices[party].flatMap({ centre.desks[$0] }) else {
            throw Failure(description: "\(party) has no desk")
        }
        return desk
    }

    private func number(of target: Scenario.Target, from: Scenario.Party) -> String {
        switch target {
        case .number(let number): number
        case .party(let party) where from == .a: "4" + device(of: party).number.dropFirst()
        case .party(.a): "9\(device(of: .a).number)"
        case .party(let party): String(device(of: party).number)
        }
    }

    /// Asks until the service can be done: the desktop may be ahead of the phones.
    private func serve(_ service: Scenario.Service, _ party: Scenario.Party, _ call: CallID?) async throws {
        let desk = try desk(party)
        let device = device(of: party)
        try await AsteriskCentre.eventually {
            let state = try await server.request("GET", "/api/csta/agent/client-state", session: desk.session)
            let calls = (state.body?["calls"]?.array ?? []).compactMap {
                call -> (call: CallID, state: ConnectionState)? in
                guard let id = call["callId"]?.string.flatMap({ CallID($0) }),
                    let state = call["state"]?.string.flatMap(ConnectionState.init)
                else { return nil }
                return (id, state)
            }
            guard let (active, held) = Scenario.Service.activeAndHeld(calls) else {
                throw Failure(description: "\(party) has no call: \(state)")
            }
            let request = service.request(
                device: device, active: call ?? active, held: call ?? held, number: { number(of: $0, from: party) })
            let answer = try await server.request(
                request.method, request.path, session: desk.session, json: request.body)
            guard answer.status == 204 || answer.status == 200 else {
                throw Failure(description: "\(party) \(service): \(answer)")
            }
        }
    }

    private func agent(of party: Scenario.Party) throws -> String {
        guard let device = devices[party] else { throw Failure(description: "\(party) has no desk") }
        return "5\(device.dropFirst())"
    }

    /// Asks for another mode: `function` is the value of `func`, and what comes after it.
    private func set(_ function: String, _ party: Scenario.Party) async throws {
        let answer = try await server.request(
            "POST", "/api/csta/agent/state", session: try desk(party).session,
            json: #"{"func":\#(function),"agentId":"\#(try agent(of: party))@demo.cc"}"#)
        guard answer.status == 204 || answer.status == 200 else { throw Failure(description: "\(party): \(answer)") }
    }

    private func supervise(_ supervision: Scenario.Supervision, _ party: Scenario.Party) async throws {
        let session = try await server.logIn("5009")
        let device = device(of: party)
        let calls = try await server.request(
            "GET", "/api/csta/callControl/calls?device=\(device.text)", session: session)
        guard let call = calls.body?["calls"]?.array?.last?["callId"]?.string.flatMap({ CallID($0) }) else {
            throw Failure(description: "\(party) has no call: \(calls)")
        }
        let request = supervision.request(device: device, call: call, deviceOf: { self.device(of: $0) })
        let answer = try await server.request(request.method, request.path, session: session, json: request.body)
        guard answer.status == 204 else { throw Failure(description: "\(supervision): \(answer)") }
    }

    private func press(_ act: Scenario.Act, _ party: Scenario.Party) async throws {
        let desk = try desk(party)
        switch act {
        case .answer, .reject:
            // The desktop is told no sooner than the phone rings.
            try await AsteriskCentre.eventually {
                let state = try await server.request("GET", "/api/csta/agent/client-state", session: desk.session)
                guard state.body?["agent"]?["activeCall"]?["state"] == .string("Alerting") else {
                    throw Failure(description: "\(party) does not ring: \(state)")
                }
            }
            try desk.phone.press(act == .answer ? .answer : .reject)
        case .hangUp: try desk.phone.press(.hangUp)
        case .hold: try desk.phone.press(.hold)
        case .retrieve: try desk.phone.press(.retrieve)
        }
    }
}
