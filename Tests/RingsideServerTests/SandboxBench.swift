import CSTA
import CallCenter
import Foundation
import Journal
import Logging
import RingsideServer
import RingsideTesting
import SandboxSwitch
import SwitchDriver
import Synchronization

/// What a tenant has sent so far.
private final class Record: Sendable {
    private let state = Mutex<(events: [EncodedEvent], calls: Int)>(([], 0))

    var events: [EncodedEvent] { state.withLock { $0.events } }

    func add(_ events: [EncodedEvent]) { state.withLock { $0.events += events } }
    func clear() { state.withLock { $0.events = [] } }

    func freshCall() -> CallID {
        let number = state.withLock { state in
            state.calls += 1
            return state.calls
        }
        return CallID("call-\(number)") ?? .none
    }
}

private final class Answer: Sendable {
    let hasCome = Mutex(false)
}

/// A tenant of `demo.cc` with the sandbox and a real journal, by a clock that is moved by hand: agents 5001-5004 on the devices
/// 8001-8004, which are B to E, and customers who call 4001-4004.
final class SandboxBench: ScenarioBench, Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let clock = ManualClock(milliseconds: 1_795_341_600_000)
    let sandbox: SandboxSwitch
    private let folder: TemporaryFolder
    private let server: Mutex<Server>
    private let begin: @Sendable () async throws -> Server
    private let record = Record()
    private let customer = Mutex<LegID?>(nil)

    /// What a restart ends and begins anew.
    private struct Server {
        var journal: SQLiteJournal
        var runner: TenantRunner
        var running: Task<Void, any Error>
    }

    var runner: TenantRunner { server.withLock(\.runner) }
    var journal: SQLiteJournal { server.withLock(\.journal) }

    /// Time in which things happen that a scenario waits for.
    private static let patienceMilliseconds = 20_000
    private static let stepMilliseconds: Int64 = 250

    /// - Parameter publish: gets stored events, beside the bench itself.
    init(
        faults: SandboxFaults? = nil, publish: @escaping TenantRunner.Publish = { _, _, _ in }
    ) async throws {
        let configuration = ServerConfiguration.demo(timeZone: TimeZone(secondsFromGMT: 8 * 3600))
        guard var tenant = configuration.tenants.first?.configuration, let lines = configuration.tenants.first?.lines
        else { throw Failure(description: "no demo tenant") }
        folder = try TemporaryFolder()
        tenant.recording.root = folder.path + "/recordings"
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let clock = clock
        let sandbox = SandboxSwitch(
            tenants: [lines], namePrefix: "sandbox",
            settings: SandboxSettings(recordingsFolder: folder.path + "/recordings"), faults: faults,
            time: SandboxTime(
                milliseconds: { clock.milliseconds }, wake: { clock.call(atMilliseconds: $0, $1) }))
        self.sandbox = sandbox
        let record = record
        let (directory, configured) = (folder.path, tenant)
        begin = {
            let journal = try SQLiteJournal(JournalConfiguration(directory: directory), logger: logger)
            let runner = try await TenantRunner(
                configuration: configured,
                surroundings: TenantRunner.Surroundings(
                    journal: journal,
                    publish: {
                        record.add($0)
                        publish($0, $1, $2)
                    },
                    telephoneSwitch: sandbox, now: { clock.instant },
                    uptime: { Uptime(milliseconds: clock.milliseconds) }, newCall: { record.freshCall() },
                    logger: logger))
            let running = Task { try await runner.run() }
            try sandbox.attach { _, event in runner.receive(event) }
            return Server(journal: journal, runner: runner, running: running)
        }
        server = Mutex(try await begin())
        await settle()
        for (agent, device) in [(5001, 8001), (5002, 8002), (5003, 8003), (5004, 8004)] {
            guard let agent = AgentID("\(agent)@demo.cc"), let device = DeviceID("\(device)@demo.cc") else { continue }
            try await ask(.logIn(agent, device: device, mode: .ready), by: agent)
        }
        record.clear()
    }

    /// Ends the tenant and removes its journal.
    func close() async throws {
        try await end()
        folder.remove()
    }

    /// Ends the server and begins it anew from its journal; the switch goes on meanwhile.
    func restart() async throws {
        try await end()
        let next = try await begin()
        server.withLock { $0 = next }
        await settle()
    }

    private func end() async throws {
        let server = server.withLock(\.self)
        sandbox.detach()
        server.runner.finish()
        try await server.running.value
        try await server.journal.close()
    }

    /// All events that were sent, of all devices.
    var allEvents: [EncodedEvent] { record.events }

    // MARK: ScenarioBench

    func device(of party: Scenario.Party) -> DeviceID {
        let number =
            switch party {
            case .a: "13800000040"  // a customer who never gives up
            case .b: "8001"
            case .c: "8002"
            case .d: "8003"
            case .e: "8004"
            }
        return DeviceID("\(number)@demo.cc") ?? { preconditionFailure("\(number)") }()
    }

    func hasDesktop(_ party: Scenario.Party) -> Bool { party != .a }

    func perform(_ step: Scenario.Step, calls: [CallID: Int]) async throws {
        await settle()
        switch step {
        case .call(let from, let to, let analysis):
            let device = device(of: from)
            let request = MakeCall(
                call: record.freshCall(), from: device, to: number(of: to, from: from), analysis: analysis)
            try await ask(.makeCall(request), by: try agent(on: device))
        case .dial(.a, let to):
            let leg = try sandbox.customerCalls(from: String(device(of: .a).number), to: number(of: to, from: .a))
            customer.withLock { $0 = leg }
        case .dial(let from, let to): try press(.dial(number(of: to, from: from)), from)
        case .ask(let party, let service, let call):
            try await serve(service, party, calls.first { $0.value == call }?.key)
        case .supervise(let supervision, let party): try await supervise(supervision, party)
        case .transferAtPhone(let party, let to):
            try press(.transfer(to.map { number(of: $0, from: party) }), party)
        case .press(.a, _):
            guard let leg = customer.withLock(\.self) else { throw Failure(description: "no customer") }
            try sandbox.hangUpOutside(leg, in: runner.namespace)
        case .press(let party, let act): try await pressWhenPossible(act, party)
        case .setMode(let party, let mode):
            let agent = try agent(on: device(of: party))
            try await ask(.setMode(agent, mode, reason: nil), by: agent)
        case .logIn(let party):
            let agent = try agent(on: device(of: party))
            try await ask(.logIn(agent, device: device(of: party), mode: .ready), by: agent)
        case .logOut(let party):
            let agent = try agent(on: device(of: party))
            try await ask(.logOut(agent), by: agent)
        case .placeOutboundCall(let number, let isPreview, let dials):
            guard let split = DeviceID("7000@demo.cc"), let server = AgentID("server@demo.cc") else { break }
            let order = OutboundCall(
                contact: ContactID(1), campaign: CampaignID(1), calls: (0..<dials).map { _ in record.freshCall() },
                split: split, number: number, isPreview: isPreview, limitSeconds: 100,
                redialledAfter: [.busyNow])
            try await ask(.placeOutboundCall(order), by: server, as: .admin)
        case .release(let party):
            guard let supervisor = AgentID("5010@demo.cc") else { break }
            try await ask(.release(try agent(on: device(of: party))), by: supervisor, as: .supervisor)
        case .answerPreview(let party, let isAccepted):
            let agent = try agent(on: device(of: party))
            try await ask(.answerPreview(agent, isAccepted: isAccepted), by: agent)
        case .timeRunsOut: await pass(milliseconds: 61_000)
        default: break
        }
        await settle()
    }

    func heard(by party: Scenario.Party, wanted: Set<Scenario.Party>) async throws -> Set<Scenario.Party>? {
        await settle()
        let legs = await runner.read { tenant in
            tenant.calls.values.flatMap(\.connections).filter { $0.state == .connect }
                .map { (leg: $0.leg, device: $0.device) }
        }
        var heard: Set<Scenario.Party> = []
        for own in legs where own.device == device(of: party) {
            let hearing = sandbox.hearing(of: own.leg, in: runner.namespace)
            for other in legs where hearing.contains(other.leg) {
                if let found = Scenario.Party.allCases.first(where: { device(of: $0) == other.device }) {
                    heard.insert(found)
                }
            }
        }
        return heard
    }

    func recordedSeconds(_ fileName: String) async throws -> Double? {
        Double(try Data(contentsOf: URL(fileURLWithPath: fileName)).count - 44) / 16_000
    }

    func lastSerial() async -> Serial { await runner.read(\.serial) }

    func events(
        of party: Scenario.Party, after serial: Serial, atLeast count: Int, withAgents: Bool
    ) async throws -> [Event] {
        var waited: Int64 = 0
        while true {
            await settle()
            let device = device(of: party)
            let events = try record.events
                .filter { $0.serial > serial && $0.device == device && (withAgents || $0.name.first != "a") }
                .map { try Event(json: $0.json) }
            if events.count >= count || waited >= Self.patienceMilliseconds { return events }
            await pass(milliseconds: Self.stepMilliseconds)
            waited += Self.stepMilliseconds
        }
    }

    // MARK: Parts

    private func number(of target: Scenario.Target, from: Scenario.Party) -> String {
        switch target {
        case .number(let number): number
        // A customer dials the number that leads to the device: 4001 for 8001.
        case .party(let party) where from == .a: "4" + device(of: party).number.dropFirst()
        case .party(.a): "9\(device(of: .a).number)"
        case .party(let party): String(device(of: party).number)
        }
    }

    private func agent(on device: DeviceID) throws -> AgentID {
        guard let agent = AgentID("5\(device.text.dropFirst())") else { throw Failure(description: "no agent") }
        return agent
    }

    private func ask(_ command: Command, by agent: AgentID, as role: Role = .agent) async throws {
        let answer = Answer()
        let asking = Task { [runner] in
            let reply = await runner.perform(command, by: Requester(agent: agent, role: role))
            answer.hasCome.withLock { $0 = true }
            return reply
        }
        // A service may wait for the end of a recording, which comes when the clock is looked at.
        while !answer.hasCome.withLock(\.self) { await settle() }
        let reply = await asking.value
        if case .refused(let refusal) = reply { throw Failure(description: "\(command) was refused: \(refusal)") }
    }

    private func serve(_ service: Scenario.Service, _ party: Scenario.Party, _ call: CallID?) async throws {
        let device = device(of: party)
        let calls = await runner.read { tenant in
            (tenant.devices[device]?.calls ?? []).map {
                (call: $0, state: tenant.calls[$0]?.connection(of: device)?.state ?? .none)
            }
        }
        guard let (active, held) = Scenario.Service.activeAndHeld(calls) else {
            throw Failure(description: "\(party) has no call")
        }
        let connection = ConnectionID(device: device, call: call ?? (service == .act(.retrieve) ? held : active))
        let heldConnection = ConnectionID(device: device, call: held)
        let command: Command =
            switch service {
            case .act(.answer): .answerCall(connection)
            case .act(.hangUp), .act(.reject): .clearConnection(connection)
            case .act(.hold): .holdCall(connection)
            case .act(.retrieve): .retrieveCall(connection)
            case .singleStepTransfer(let to, let returns):
                .singleStepTransferCall(connection, to: number(of: to, from: party), returns: returns)
            case .singleStepConference(let with, let isSilent):
                .singleStepConferenceCall(connection, participant: number(of: with, from: party), isSilent: isSilent)
            case .consult(let with):
                .consultationCall(
                    connection, participant: number(of: with, from: party), call: record.freshCall())
            case .cancelConsultation: .cancelConsultation(held: heldConnection, consultation: active)
            case .transfer(let returns): .transferCall(held: heldConnection, active: active, returns: returns)
            case .conference: .conferenceCall(held: heldConnection, active: active)
            case .startRecording: .startRecording(device)
            case .stopRecording: .stopRecording(device)
            }
        try await ask(command, by: try agent(on: device))
        // So that there is something to hear.
        if service == .startRecording { await pass(milliseconds: 1000) }
    }

    private func supervise(_ supervision: Scenario.Supervision, _ party: Scenario.Party) async throws {
        let device = device(of: party)
        guard let call = await runner.read({ $0.devices[device]?.calls.last }),
            let supervisor = AgentID("5010@demo.cc")
        else { throw Failure(description: "\(party) has no call") }
        let connection = ConnectionID(device: device, call: call)
        let number = { (other: Scenario.Party) in String(self.device(of: other).number) }
        let command: Command =
            switch supervision {
            case .drop: .clearConnection(connection)
            case .bargeIn(let other):
                .singleStepConferenceCall(connection, participant: number(other), isSilent: false)
            case .takeOver(let other): .singleStepTransferCall(connection, to: number(other), returns: false)
            case .listen(let other): .listen(call, device: self.device(of: other))
            }
        try await ask(command, by: supervisor, as: .supervisor)
    }

    private func press(_ button: SandboxButton, _ party: Scenario.Party) throws {
        try sandbox.press(button, on: device(of: party))
    }

    private func pressWhenPossible(_ act: Scenario.Act, _ party: Scenario.Party) async throws {
        let button: SandboxButton =
            switch act {
            case .answer: .answer
            case .reject: .reject
            case .hangUp: .hangup
            case .hold: .hold
            case .retrieve: .retrieve
            }
        for _ in 0..<(Self.patienceMilliseconds / Int(Self.stepMilliseconds)) {
            do throws(SandboxError) {
                return try sandbox.press(button, on: device(of: party))
            } catch {
                guard case .notPossible = error else { throw error }
                await pass(milliseconds: Self.stepMilliseconds)
            }
        }
        throw Failure(description: "\(party)'s phone never came so far that it \(act.rawValue)")
    }

    /// Moves the clock on, a little at a time, so that all that comes of it happens in its time.
    func pass(milliseconds: Int64) async {
        var rest = milliseconds
        while rest > 0 {
            let step = min(rest, Self.stepMilliseconds)
            clock.advance(milliseconds: step)
            runner.fireDueTimers()
            await settle()
            rest -= step
        }
    }

    /// Waits until nothing is under way at this moment of the clock.
    func settle() async {
        repeat {
            await runner.read { _ in }
            clock.advance()
        } while runner.inboxCounts.waiting > 0 || (clock.nextMilliseconds ?? .max) <= clock.milliseconds
        await runner.read { _ in }
    }
}
