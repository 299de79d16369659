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
/// | `B holds 2 by service`, `B retrieves 1 by service` | … of the scenario's second or first call |
/// | `B transfers to C`, … `and waits`, … `on the phone` | single-step transfer; by REFER |
/// | `B adds D`, `B adds D silently` | single-step conference |
/// | `B consults C`, `B cancels` | a consultation, and its end |
/// | `B connects them`, … `and waits`, … `on the phone` | transfer after a consultation; by REFER with Replaces |
/// | `B forms the conference` | conference after a consultation |
/// | `S drops B`, `S takes B over with D`, `S barges in on B with D`, `S listens to B with D` | a supervisor's services |
/// | `B records`, `B stops recording` | by the API |
/// | `A and B talk`, then `B and C consult`, then `B goes back to A` | openings, which stand for the steps that lead there |
/// | `time runs out` | the time for an answer passes |
/// | `B is Ready`, `B is NotReady`, `B logs out`, `B logs in` | as its agent's desktop asks |
/// | `only B is Ready`, `nobody is Ready` | of the agents of B to E; what comes of it is not looked at |
/// | `from here` | what came before is not looked at |
/// | `B: si or delivered cleared(C)` | exactly this has come to B, in this order; `/2`: of the second call; `B: nothing` |
/// | `C sees A C` | the newest of C's events that say so name A as calling and C as called device |
/// | `C is offered by 7000` | the newest `delivered` of C names the split |
/// | `the dialler calls 913800000000`, … `twice`, … `after a preview` | for a Ready agent of split 7000 |
/// | `B accepts`, `B skips` | whom the dialler proposes |
/// | `S releases B` | who is Allocated |
/// | `C has a PreView call` | the newest event of C that says so |
/// | `calls 1 2 1` | the newest event's primaryOldCall, secondaryOldCall and newCall; 0: none |
/// | `A hears B C`, `A hears nobody` | as measured at the phones |
/// | `B has 1 recording` | as files with sound |
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

    /// What a desktop asks for, beyond answering and hanging up.
    public enum Service: Sendable, Hashable {
        case act(Act)
        case singleStepTransfer(to: Target, returns: Bool)
        case singleStepConference(with: Target, isSilent: Bool)
        case consult(Target)
        case cancelConsultation
        case transfer(returns: Bool)
        case conference
        case startRecording
        case stopRecording
    }

    /// What a supervisor does with the call of a party.
    public enum Supervision: Sendable, Hashable {
        case drop
        case bargeIn(with: Party)
        case takeOver(with: Party)
        case listen(with: Party)
    }

    public enum Step: Sendable, Hashable {
        case call(from: Party, to: Target, analysis: Bool)
        case dial(from: Party, to: Target)
        /// A button of the phone.
        case press(Party, Act)
        /// - call: the number of the call in the scenario, where it has to be said.
        case ask(Party, Service, call: Int?)
        case supervise(Supervision, Party)
        /// The phone's transfer button: to a number, or the held one to the active one.
        case transferAtPhone(Party, to: Target?)
        case timeRunsOut
        /// A dialler asks for a call for an agent of split 7000.
        case placeOutboundCall(to: String, isPreview: Bool, dials: Int)
        case release(Party)
        case answerPreview(Party, isAccepted: Bool)
        case setMode(Party, AgentMode)
        case logIn(Party)
        case logOut(Party)
        case fromHere
        case expect(Party, [String])
        case expectCause(HangupCause)
        case expectHangupDevice(Party)
        /// What the newest event that names both says of the calling and the called side.
        case expectParties(Party, calling: Party, called: Party)
        /// The split that the newest `delivered` names, by its number.
        case expectSplit(Party, String)
        /// The `callType` of the newest event that has one.
        case expectType(Party, CallType)
        /// `primaryOldCall`, `secondaryOldCall` and `newCall` of the newest event that has them, by the calls' numbers.
        case expectCalls([Int])
        case expectHearing(Party, Set<Party>)
        /// A file with sound is there for each recording that has ended.
        case expectRecordings(Party, count: Int)
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
        for line in script.split(separator: "\n").flatMap(Self.written) {
            let words = line.split(separator: " ").map(String.init)
            guard !words.isEmpty else { continue }
            guard let step = Self.step(words) else { throw ScriptError(line: String(line)) }
            steps.append((words.joined(separator: " "), step))
        }
        self.steps = steps
    }

    public var description: String { name }

    /// Every scenario of the protocol but those of two parties, of splits and of campaigns.
    public static func severalParties() throws(ScriptError) -> [Scenario] {
        try singleStep() + consultations() + consultedTransfersAndConferences() + phonesAndSupervisors()
    }

    /// The same with an agent's device, E, in the place of the customer A: whose events are then looked at too.
    public func withInternalCaller() throws(ScriptError) -> Scenario {
        let script = steps.map { step in
            step.line.split(separator: " ").map { $0 == "A" ? "E" : $0 == "A:" ? "E:" : String($0) }
                .joined(separator: " ").replacing("(A)", with: "(E)")
        }
        return try Scenario("\(name), A internal", script.joined(separator: "\n"))
    }

    /// Whether what is expected names agents' events: else they are not looked at.
    var tellsOfAgents: Bool {
        steps.contains {
            if case .expect(_, let words) = $0.step { words.contains { $0.hasPrefix("agent") } } else { false }
        }
    }

    /// Whether somebody's phone has to answer because a desktop asks for it, which not every phone does.
    public var needsRemoteAnswer: Bool {
        steps.contains { if case .ask(_, .act(.answer), _) = $0.step { true } else { false } }
    }
}

extension Scenario.Service {
    /// Which of a device's calls it is about: the one that it talks in or is about to, and the one that it holds. With one
    /// call both are that.
    public static func activeAndHeld(
        _ calls: [(call: CallID, state: ConnectionState)]
    ) -> (active: CallID, held: CallID)? {
        guard let first = calls.first, let last = calls.last else { return nil }
        return (
            calls.last { $0.state != .hold }?.call ?? last.call, calls.first { $0.state == .hold }?.call ?? first.call
        )
    }
}

/// What plays a scenario: a server with a switch and phones, or the rules alone.
public protocol ScenarioBench {
    func device(of party: Scenario.Party) -> DeviceID
    /// Whether there is a desktop that gets the party's events: not for a customer.
    func hasDesktop(_ party: Scenario.Party) -> Bool
    /// Does what the step says; waits first until it can be done, as until a phone that is to answer rings.
    ///
    /// - Parameter calls: the calls of the scenario so far, with their numbers.
    func perform(_ step: Scenario.Step, calls: [CallID: Int]) async throws
    /// The serial of the last event that there has been, whoever gets it: it may still be on its way.
    func lastSerial() async throws -> Serial
    /// The events after a serial that have come to a device's subscriber; waits until there are at least as many as said, or
    /// it is clear that no more will come.
    ///
    /// - Parameter withAgents: whether the agent's own events are among them.
    func events(
        of party: Scenario.Party, after serial: Serial, atLeast count: Int, withAgents: Bool
    ) async throws -> [Event]
    /// Whom a party hears, at the latest when those wanted could have come to be heard; nil if that cannot be measured here.
    func heard(by party: Scenario.Party, wanted: Set<Scenario.Party>) async throws -> Set<Scenario.Party>?
    /// The length of a recording's sound, in seconds; nil if that cannot be told here.
    func recordedSeconds(_ fileName: String) async throws -> Double?
}
