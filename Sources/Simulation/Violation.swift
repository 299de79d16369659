public import CallCenter

/// What did not happen as the protocol says.
public struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    /// `E9`, or in a word what else was not in order: `state`, `switch`, `records`, `restore`.
    public var rule: String
    public var text: String

    public init(_ rule: String, _ text: String) {
        self.rule = rule
        self.text = text
    }

    public var description: String { "\(rule): \(text)" }
}

/// What a run has seen.
public struct Figures: Hashable, Sendable {
    public var steps = 0
    public var inputs = 0
    public var faults = 0
    public var checksOfSwitch = 0
    public var commands = 0
    public var refused = 0
    public var ignored = 0
    public var records = 0
    /// What sweeps have put right.
    public var mended: [Mend: Int] = [:]
    public var events: [String: Int] = [:]
    public var calls = 0
    /// Single-step and after a consultation, by the API and from the phone.
    public var transfers = 0
    public var conferences = 0
    public var listeners = 0
    /// By the command's name: how many were asked for and how many were done.
    public var asked: [String: Int] = [:]
    public var done: [String: Int] = [:]

    public init() {}

    public mutating func add(_ other: Figures) {
        steps += other.steps
        inputs += other.inputs
        faults += other.faults
        checksOfSwitch += other.checksOfSwitch
        commands += other.commands
        refused += other.refused
        ignored += other.ignored
        records += other.records
        calls += other.calls
        transfers += other.transfers
        conferences += other.conferences
        listeners += other.listeners
        mended.merge(other.mended, uniquingKeysWith: +)
        events.merge(other.events, uniquingKeysWith: +)
        asked.merge(other.asked, uniquingKeysWith: +)
        done.merge(other.done, uniquingKeysWith: +)
    }
}
