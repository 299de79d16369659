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

/// A tenant of `demo.cc` with the sandbox and a real journal, by a clock that is moved by hand: agents 5001-5004 on the devices
/// 8001-8004, which are B to E, and customers who call 4001-4004.
final class SandboxBench: ScenarioBench, Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let clock = ManualClock(milliseconds: 1_795_341_600_000)
    let sandbox: SandboxSwitch
    let runner: TenantRunner
    private let journal: SQLiteJournal
    private let folder: TemporaryFolder
    private let running: Task<Void, any Error>
    private let record = Record()
    private let customer = Mutex<LegID?>(nil)

    /// Time in which things happen that a scenario waits for.
    private static let patienceMilliseconds = 20_000
    private static let stepMilliseconds: Int64 = 250

    /// - Parameter publish: gets stored events, beside the bench itself.
    init(
        faults: SandboxFaults? = nil, publish: @escaping @Sendable ([EncodedEvent], Namespace) -> Void = { _, _ in }
    ) async throws {
        let configuration = ServerConfiguration.demo(timeZone: TimeZone(secondsFromGMT: 8 * 3600))
        guard let tenant = configuration.tenants.first else { throw Failure(description: "no demo tenant") }
        folder = try TemporaryFolder()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        journal = try SQLiteJournal(JournalConfiguration(directory: folder.path), logger: logger)
        let clock = clock
        let sandbox = SandboxSwitch(
            tenants: [tenant.lines], namePrefix: "sandbox", faults: faults,
            time: SandboxTime(
                milliseconds: { clock.milliseconds }, wake: { clock.call(atMilliseconds: $0, $1) }))
        self.sandbox = sandbox
        let record = record
        runner = try await TenantRunner(
            configuration: tenant.configuration,
            surroundings: TenantRunner.Surroundings(
                journal: journal,
                publish: {
                    record.add($0)
                    publish($0, $1)
                },
                telephoneSwitch: sandbox, now: { clock.instant }, newCall: { record.freshCall() },
                logger: logger))
        let runner = runner
        running = Task { try await runner.run() }
        try sandbox.attach { _, event in runner.receive(event) }
        await settle()
        for (agent, device) in [(5001, 8001), (5002, 8002), (5003, 8003), (5004, 8004)] {
            guard let agent = AgentID("\(agent)@demo.cc"), let device = DeviceID("\(device)@demo.cc") else { continue }
            try await ask(.logIn(agent, device: device, mode: .ready), by: agent)
        }
        record.clear()
    }

    /// Ends the tenant and removes its journal.
    func close() async throws {
        sandbox.detach()
        runner.finish()
        try await running.value
        try await journal.close()
        folder.remove()
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

    func perform(_ step: Scenario.Step) async throws {
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
        case .act(let party, let act, byService: true): try await serve(act, party)
        case .act(.a, _, _):
            guard let leg = customer.withLock(\.self) else { throw Failure(description: "no customer") }
            try sandbox.hangUpOutside(leg, in: runner.namespace)
        case .act(let party, let act, byService: false): try await pressWhenPossible(act, party)
        case .timeRunsOut: await pass(milliseconds: 61_000)
        case .fromHere, .expect, .expectCause, .expectHangupDevice: break
        }
        await settle()
    }

    func events(of party: Scenario.Party, atLeast count: Int) async throws -> [Event] {
        var waited: Int64 = 0
        while true {
            await settle()
            let device = device(of: party)
            let events = try record.events.filter { $0.device == device && $0.name.first != "a" }
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

    private func ask(_ command: Command, by agent: AgentID) async throws {
        let reply = await runner.perform(command, by: Requester(agent: agent, role: .agent))
        if case .refused(let refusal) = reply { throw Failure(description: "\(command) was refused: \(refusal)") }
    }

    private func serve(_ act: Scenario.Act, _ party: Scenario.Party) async throws {
        let device = device(of: party)
        guard let call = await runner.read({ $0.devices[device]?.calls.last }) else {
            throw Failure(description: "\(party) has no call")
        }
        let connection = ConnectionID(device: device, call: call)
        let command: Command =
            switch act {
            case .answer: .answerCall(connection)
            case .hangUp, .reject: .clearConnection(connection)
            case .hold: .holdCall(connection)
            case .retrieve: .retrieveCall(connection)
            }
        try await ask(command, by: try agent(on: device))
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
