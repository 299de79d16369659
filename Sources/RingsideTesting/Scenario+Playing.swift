import CSTA

/// A line of a scenario that did not hold.
public struct ScenarioFailure: Error, CustomStringConvertible {
    public let scenario: String
    public let line: String
    public let found: String

    public var description: String { "\(scenario): “\(line)”, but \(found)" }
}

extension Scenario {
    /// Plays the scenario line by line; events from before it are not looked at.
    ///
    /// - Throws: ``ScenarioFailure`` at the first line that does not hold, or what the bench throws.
    public func play(on bench: some ScenarioBench) async throws {
        var play = try await Play(bench, withAgents: tellsOfAgents)
        for (line, step) in steps {
            if let found = try await play.run(step) {
                throw ScenarioFailure(scenario: name, line: line, found: found)
            }
        }
    }
}

/// A scenario on its way.
private struct Play<Bench: ScenarioBench> {
    typealias Party = Scenario.Party

    let bench: Bench
    private let withAgents: Bool
    /// The last event before the scenario.
    private let before: Serial
    /// The last event that is not looked at.
    private var skipped: Serial

    init(_ bench: Bench, withAgents: Bool) async throws {
        self.bench = bench
        self.withAgents = withAgents
        before = try await bench.lastSerial()
        skipped = before
    }

    /// - Returns: what was found instead of what the step expects; nil: it holds.
    mutating func run(_ step: Scenario.Step) async throws -> String? {
        switch step {
        case .fromHere: skipped = try await bench.lastSerial()
        case .expect(let party, let expected):
            guard bench.hasDesktop(party) else { return nil }
            let events = try await events(of: party, atLeast: expected.count)
            let numbers = try await callNumbers()
            let found = events.map { $0.shortName(name, numbers) }
            if found != expected { return "\(party.rawValue) got \(found.joined(separator: " "))" }
        case .expectCause(let cause):
            return try await cleared { _, _, found in
                found == .hangup(cause) ? nil : "the cause is \(found?.text ?? "none")"
            }
        case .expectHangupDevice(let party):
            return try await cleared { _, hangup, _ in hangup == bench.device(of: party) ? nil : "it was \(hangup)" }
        case .expectParties(let party, let calling, let called):
            guard bench.hasDesktop(party) else { return nil }
            guard let found = try await events(of: party).compactMap(\.parties).last else { return "nothing says so" }
            let isRight = found == (bench.device(of: calling), bench.device(of: called))
            return isRight ? nil : "it is \(name(found.calling)) and \(name(found.called))"
        case .expectSplit(let party, let number):
            guard bench.hasDesktop(party) else { return nil }
            let split = try await events(of: party).compactMap(\.split).last
            if split?.number ?? "none" != number { return "it is \(split?.text ?? "none")" }
        case .expectType(let party, let type):
            let found = try await events(of: party).compactMap(\.callType).last
            if found != type { return "it is \(found?.rawValue ?? "none")" }
        case .expectCalls(let numbers):
            let known = try await callNumbers()
            guard let found = try await all().compactMap(\.calls).last else { return "no event has them" }
            let text = found.map { $0 == .none ? 0 : known[$0] ?? -1 }
            if text != numbers { return "they are \(text)" }
        case .expectHearing(let party, let others):
            return try await hears(party, others)
        case .expectRecordings(let party, let count):
            return try await recordings(of: party, count)
        default: try await bench.perform(step, calls: try await callNumbers())
        }
        return nil
    }

    private func events(of party: Party, atLeast count: Int = 0) async throws -> [Event] {
        try await bench.events(of: party, after: skipped, atLeast: count, withAgents: withAgents)
    }

    /// All events of the scenario, in their order.
    private func all() async throws -> [Event] {
        var all: [Event] = []
        for party in Party.allCases where bench.hasDesktop(party) {
            all += try await bench.events(of: party, after: before, atLeast: 0, withAgents: false)
        }
        return all.sorted { $0.serial < $1.serial }
    }

    /// The calls of the scenario, numbered as they came up.
    private func callNumbers() async throws -> [CallID: Int] {
        var numbers: [CallID: Int] = [:]
        for event in try await all() {
            guard let call = event.callID, numbers[call] == nil else { continue }
            numbers[call] = numbers.count + 1
        }
        return numbers
    }

    private func name(_ device: DeviceID) -> String {
        Party.allCases.first { bench.device(of: $0) == device }?.rawValue ?? String(device.number)
    }

    private func cleared(
        _ check: (_ releasing: DeviceID, _ hangup: DeviceID, _ cause: Cause?) -> String?
    ) async throws -> String? {
        for party in Party.allCases where bench.hasDesktop(party) {
            for event in try await events(of: party) {
                guard case .call(let call) = event.body,
                    case .connectionCleared(let releasing, let hangup) = call.detail
                else { continue }
                if let complaint = check(releasing, hangup, call.cause) { return complaint }
            }
        }
        return nil
    }

    private func hears(_ party: Party, _ others: Set<Party>) async throws -> String? {
        guard let heard = try await bench.heard(by: party, wanted: others), heard != others else { return nil }
        return heard.isEmpty ? "nobody" : heard.map(\.rawValue).sorted().joined(separator: " ")
    }

    private func recordings(of party: Party, _ count: Int) async throws -> String? {
        let all = try await bench.events(of: party, after: before, atLeast: 0, withAgents: false)
        let files = all.compactMap { event -> String? in
            guard case .recording(let recording) = event.body, case .started(_, let file) = recording.detail else {
                return nil
            }
            return file
        }
        guard files.count == count else { return "there are \(files.count)" }
        for file in files {
            if let seconds = try await bench.recordedSeconds(file), seconds <= 0 { return "\(file) is silent" }
        }
        return nil
    }
}

extension Event {
    /// The call that it is about; not said in `recordStopped`.
    fileprivate var callID: CallID? {
        switch body {
        case .call(let event): event.call
        case .recording(let event): if case .started(let call, _) = event.detail { call } else { nil }
        default: nil
        }
    }

    fileprivate var parties: (calling: DeviceID, called: DeviceID)? {
        guard case .call(let call) = body else { return nil }
        return switch call.detail {
        case .delivered(let event): (event.callingDevice, event.calledDevice)
        case .established(let event): (event.callingDevice, event.calledDevice)
        default: nil
        }
    }

    fileprivate var split: DeviceID? {
        guard case .call(let call) = body, case .delivered(let event) = call.detail else { return nil }
        return event.split
    }

    fileprivate var callType: CallType? {
        guard case .call(let call) = body else { return nil }
        return switch call.detail {
        case .delivered(let event): event.callType
        case .established(let event): event.callType
        default: nil
        }
    }

    fileprivate var calls: [CallID]? {
        guard case .call(let call) = body else { return nil }
        return switch call.detail {
        case .transferred(let event): [event.primaryOldCall, event.secondaryOldCall, event.newCall]
        case .conferenced(let event): [event.primaryOldCall, event.secondaryOldCall, event.newCall]
        default: nil
        }
    }

    /// As the tables of scenarios write it: `si`, `or`, `cleared(C)`, `held(B)`, `failed(11)`, else the name; of a second call
    /// with `/2`.
    fileprivate func shortName(_ party: (DeviceID) -> String, _ numbers: [CallID: Int]) -> String {
        guard case .call(let call) = body else { return name }
        let number = numbers[call.call] ?? 1
        return call.detail.shortName(party) + (number > 1 ? "/\(number)" : "")
    }
}

extension CallEvent.Detail {
    fileprivate func shortName(_ party: (DeviceID) -> String) -> String {
        switch self {
        case .serviceInitiated: "si"
        case .originated: "or"
        case .connectionCleared(let releasing, _): "cleared(\(party(releasing)))"
        case .held(let holding): "held(\(party(holding)))"
        case .retrieved(let retrieving): "retrieved(\(party(retrieving)))"
        case .failed(_, let code, _): "failed(\(code.rawValue))"
        default: name
        }
    }
}
