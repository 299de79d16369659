import CSTA
import CallCenter
import Journal
import Logging
import RingsideServer
import RingsideTesting
import SwitchDriver
import Synchronization
import Testing

/// A switch that writes down what it is told.
final class RecordingSwitch: Switch {
    let name = "recording"
    private let commands = Mutex<[SwitchCommand]>([])

    var executed: [SwitchCommand] { commands.withLock(\.self) }

    func run(receive: @escaping @Sendable (Namespace, SwitchEvent) -> Void) async throws {}
    func execute(_ commands: [SwitchCommand], for namespace: Namespace) {
        self.commands.withLock { $0 += commands }
    }

    private let asked = Mutex(0)
    /// How often a snapshot was asked for.
    var snapshotsAskedFor: Int { asked.withLock(\.self) }
    func resynchronise(_ namespace: Namespace) { asked.withLock { $0 += 1 } }
    func setLines(_ tenants: [TenantLines]) {}
}

/// What was logged.
final class RecordedLog: Sendable {
    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            log.lines.withLock { $0.append("\(event.message)" + details.joined()) }
        }
    }

    fileprivate let lines = Mutex<[String]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    /// The lines that begin so, with their details.
    func lines(beginning start: String) -> [String] { lines.withLock { $0.filter { $0.hasPrefix(start) } } }
}

/// A tenant of `demo.cc` with all that is around it in the test's hand: agents 5001-5010, devices 8001-8010.
final class RunnerBench: Sendable {
    /// What has left the runner.
    private final class Sent: Sendable {
        let events = Mutex<[EncodedEvent]>([])
        private let calls = Mutex(0)

        func freshCall() -> CallID {
            let number = calls.withLock { calls in
                calls += 1
                return calls
            }
            return CallID("call-\(number)") ?? .none
        }
    }

    let journal: TestJournal
    let telephoneSwitch = RecordingSwitch()
    /// The time of day.
    let wallClock = ManualClock(milliseconds: 1_795_341_600_000)
    /// The clock that nobody sets.
    let steadyClock = ManualClock()
    let log = RecordedLog()
    let runner: TenantRunner
    private let sent = Sent()

    init(
        journal: TestJournal = TestJournal(), bounds: TenantRunner.Bounds = TenantRunner.Bounds(),
        change: (inout TenantConfiguration) -> Void = { _ in }
    ) async throws {
        var configuration = try #require(ServerConfiguration.demo().tenants.first).configuration
        change(&configuration)
        self.journal = journal
        let (wallClock, steadyClock, sent) = (wallClock, steadyClock, sent)
        runner = try await TenantRunner(
            configuration: configuration,
            surroundings: TenantRunner.Surroundings(
                journal: journal, publish: { events, _, _ in sent.events.withLock { $0 += events } },
                telephoneSwitch: telephoneSwitch, now: { wallClock.instant },
                uptime: { Uptime(milliseconds: steadyClock.milliseconds) }, newCall: { sent.freshCall() },
                logger: log.logger), bounds: bounds)
    }

    /// All events that were sent, as device and name.
    var events: [String] { sent.events.withLock { $0.map { "\($0.device.number) \($0.name)" } } }
    var serials: [Int64] { sent.events.withLock { $0.map(\.serial.value) } }

    /// Runs the tenant while `body` does, then ends it.
    func run(_ body: () async throws -> Void) async throws {
        let runner = runner
        let running = Task { try await runner.run() }
        do {
            try await body()
        } catch {
            running.cancel()
            throw error
        }
        runner.finish()
        try await running.value
    }

    /// Waits until all that has come so far is done.
    func settle() async { await runner.read { _ in } }

    /// Lets time pass by the clock that nobody sets, and do what was due in it.
    func pass(seconds: Int) async {
        steadyClock.advance(seconds: seconds)
        runner.fireDueTimers()
        await settle()
    }

    /// All phones registered, the link up.
    func linkUp() {
        runner.receive(.linkUp(SwitchSnapshot(registered: Set((8001...8010).map(Self.device)))))
    }

    func logIn(_ number: Int) async throws {
        let reply = await runner.perform(
            .logIn(Self.agent(number), device: Self.device(number + 3000), mode: .ready), by: Self.requester(number))
        try #require(reply == .done)
    }

    static func requester(_ number: Int) -> Requester { Requester(agent: agent(number), role: .agent) }
    static func agent(_ number: Int) -> AgentID { AgentID("\(number)@demo.cc") ?? { preconditionFailure() }() }
    static func device(_ number: Int) -> DeviceID { DeviceID("\(number)@demo.cc") ?? { preconditionFailure() }() }
}
