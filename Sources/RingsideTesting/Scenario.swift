public import CSTA

/// A telephone scenario as a table: one line a step, in words that a telephone engineer reads.
///
/// `A` is a customer, `B` to `E` are agents' devices. The steps:
///
/// | step | what happens |
/// | --- | --- |
/// | `B calls C`, `B calls 913800000001 with analysis` | B's desktop asks for a call |
/// | `B dials C` | B dials on the phone |
/// | `A calls B` | a customer calls B's number |
/// | `C answers`, `C rejects`, `C hangs up`, `C holds`, `C retrieves` | C presses a button of the phone; `A hangs up` too |
/// | `C answers by service`, … `hangs up`, `holds`, `retrieves` | C's desktop asks for it |
/// | `time runs out` | the time for an answer passes |
/// | `from here` | what came before is not looked at |
/// | `B: si or delivered cleared(C)` | exactly this has come to B, in this order; `B: nothing` |
/// | `cause NO_ANSWER` | every `connectionCleared` has this cause |
/// | `hung up by C` | every `connectionCleared` has this `hangupDevice` |
public struct Scenario: Sendable, CustomStringConvertible {
    public enum Party: String, Sendable, Hashable, CaseIterable {
        case a = "A"
        case b = "B"
        case c = "C"
        case d = "D"
        case e = "E"
    }

    public enum Target: Sendable, Hashable {
        case party(Party)
        /// A number of the telephone network, with its prefix.
        case number(String)
    }

    public enum Act: String, Sendable, Hashable {
        case answer = "answers"
        case reject = "rejects"
        case hangUp = "hangs up"
        case hold = "holds"
        case retrieve = "retrieves"
    }

    public enum Step: Sendable, Hashable {
        case call(from: Party, to: Target, analysis: Bool)
        case dial(from: Party, to: Target)
        case act(Party, Act, byService: Bool)
        case timeRunsOut
        case fromHere
        case expect(Party, [String])
        case expectCause(HangupCause)
        case expectHangupDevice(Party)
    }

    public struct ScriptError: Error, CustomStringConvertible {
        public let line: String
        public var description: String { "no step of a scenario: \(line)" }
    }

    public let name: String
    /// Each step with the line that it was read from.
    public let steps: [(line: String, step: Step)]

    public init(_ name: String, _ script: String) throws(ScriptError) {
        self.name = name
        var steps: [(line: String, step: Step)] = []
        for line in script.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard !words.isEmpty else { continue }
            guard let step = Self.step(words) else { throw ScriptError(line: String(line)) }
            steps.append((words.joined(separator: " "), step))
        }
        self.steps = steps
    }

    public var description: String { name }

    /// Whether somebody's phone has to answer because a desktop asks for it, which not every phone does.
    public var needsRemoteAnswer: Bool {
        steps.contains { if case .act(_, .answer, byService: true) = $0.step { true } else { false } }
    }

    private static func step(_ words: [String]) -> Step? {
        let rest = words.dropFirst().joined(separator: " ")
        switch (words[0], rest) {
        case ("time", "runs out"): return .timeRunsOut
        case ("from", "here"): return .fromHere
        case ("cause", _): return HangupCause(rawValue: rest).map(Step.expectCause)
        case ("hung", _) where rest.hasPrefix("up by "):
            return Party(rawValue: String(rest.dropFirst(6))).map(Step.expectHangupDevice)
        default: break
        }
        if words[0].hasSuffix(":"), let party = Party(rawValue: String(words[0].dropLast())) {
            return .expect(party, rest == "nothing" ? [] : Array(words.dropFirst()))
        }
        guard let party = Party(rawValue: words[0]), words.count > 1 else { return nil }
        switch words[1] {
        case "calls" where party == .a && words.count == 3:
            return target(words[2]).map { .dial(from: .a, to: $0) }
        case "calls" where words.count >= 3:
            let suffix = words.dropFirst(3).joined(separator: " ")
            guard suffix.isEmpty || suffix == "with analysis" else { return nil }
            return target(words[2]).map { .call(from: party, to: $0, analysis: !suffix.isEmpty) }
        case "dials" where words.count == 3:
            return target(words[2]).map { .dial(from: party, to: $0) }
        default:
            let byService = rest.hasSuffix(" by service")
            return Act(rawValue: byService ? String(rest.dropLast(11)) : rest).map {
                .act(party, $0, byService: byService)
            }
        }
    }

    private static func target(_ word: String) -> Target? {
        Party(rawValue: word).map(Target.party) ?? (DeviceID.isNumber(word) ? .number(word) : nil)
    }
}

/// What plays a scenario: a server with a switch and phones, or the rules alone.
public protocol ScenarioBench {
    func device(of party: Scenario.Party) -> DeviceID
    /// Does what the step says; waits first until it can be done, as until a phone that is to answer rings.
    func perform(_ step: Scenario.Step) async throws
    /// All events that have come to a device's subscriber so far; waits until there are at least as many as said, or it is
    /// clear that no more will come.
    func events(of party: Scenario.Party, atLeast count: Int) async throws -> [Event]
}

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
        var skipped: [Party: Int] = [:]
        for party in Party.allCases { skipped[party] = try await bench.events(of: party, atLeast: 0).count }
        func events(of party: Party, atLeast count: Int = 0) async throws -> ArraySlice<Event> {
            let skip = skipped[party, default: 0]
            return try await bench.events(of: party, atLeast: skip + count).dropFirst(skip)
        }
        let name = { (device: DeviceID) -> String in
            Party.allCases.first { bench.device(of: $0) == device }?.rawValue ?? String(device.number)
        }
        for (line, step) in steps {
            func fail(_ found: String) -> ScenarioFailure {
                ScenarioFailure(scenario: self.name, line: line, found: found)
            }
            switch step {
            case .fromHere:
                for party in Party.allCases { skipped[party] = try await bench.events(of: party, atLeast: 0).count }
            case .expect(let party, let expected):
                let found = try await events(of: party, atLeast: expected.count).map { $0.shortName(name) }
                guard found == expected else { throw fail("\(party.rawValue) got \(found.joined(separator: " "))") }
            case .expectCause(let cause):
                try await checkCleared(events) { releasing, hangup, found in
                    found == .hangup(cause) ? nil : fail("the cause is \(found?.text ?? "none")")
                }
            case .expectHangupDevice(let party):
                try await checkCleared(events) { _, hangup, _ in
                    hangup == bench.device(of: party) ? nil : fail("it was \(hangup)")
                }
            default: try await bench.perform(step)
            }
        }
    }

    private func checkCleared(
        _ events: (Party, Int) async throws -> ArraySlice<Event>,
        _ check: (_ releasing: DeviceID, _ hangup: DeviceID, _ cause: Cause?) -> ScenarioFailure?
    ) async throws {
        for party in Party.allCases where party != .a {
            for event in try await events(party, 0) {
                guard case .call(let call) = event.body,
                    case .connectionCleared(let releasing, let hangup) = call.detail
                else { continue }
                if let failure = check(releasing, hangup, call.cause) { throw failure }
            }
        }
    }
}

extension Event {
    /// As the tables of scenarios write it: `si`, `or`, `cleared(C)`, `held(B)`, `failed(11)`, else the name.
    fileprivate func shortName(_ party: (DeviceID) -> String) -> String {
        guard case .call(let call) = body else { return name }
        return switch call.detail {
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
