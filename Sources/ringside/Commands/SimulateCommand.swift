import ArgumentParser
import Foundation
import Simulation

/// Random runs of whole tenants, to prove the rules.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Drive the rules at random, and check every event.",
        discussion: """
            Draws commands, phone actions and customers for several tenants on a model switch, and faults for every second one: \
            events late, doubled, lost and overtaken, links cut, servers killed and restored. After each step a shadow that knows \
            nothing of how the rules work compares every event with the protocol. The same seed gives the same run. A run that fails \
            ends with code 1, and with the shortest run found that fails in the same way.
            """)

    @Option(help: "Where chance begins; a fresh one, which is printed, if none is given.")
    var seed: UInt64?

    @Option(help: "Things that happen: a command, a button, a customer, a fault.")
    var steps = 100_000

    @Option(help: "Tenants at once.")
    var tenants = 3

    @Option(help: "Agents and phones of each tenant.")
    var agents = 8

    @Flag(inversion: .prefixedNo, help: "Cut links, lose events, kill servers.")
    var faults = true

    @Option(help: "Steps that may be taken to shorten a run that fails.")
    var shrink = 1_000_000

    func validate() throws {
        guard steps > 0 else { throw ValidationError("--steps takes a number above 0.") }
        guard (1...1000).contains(tenants) else { throw ValidationError("--tenants takes 1 to 1000.") }
        guard (2...9999).contains(agents) else { throw ValidationError("--agents takes 2 to 9999.") }
        guard shrink >= 0 else { throw ValidationError("--shrink takes 0 or more.") }
    }

    func run() throws {
        var settings = SimulationSettings(seed: seed ?? UInt64.random(in: 1...999_999))
        settings.tenants = tenants
        settings.agents = agents
        settings.hasFaults = faults
        if seed == nil { say("seed \(settings.seed)") }
        let clock = ContinuousClock()
        let start = clock.now
        var run = Run(settings)
        let progress = Progress(total: steps)
        while run.steps < steps, run.failure == nil {
            let left = steps - run.steps
            run.go(steps: min(Self.progressSteps, left), isLast: left <= Self.progressSteps)
            progress.show(run.steps)
        }
        progress.end()
        let seconds = (clock.now - start) / .seconds(1)
        print(Self.summary(run, seconds: seconds))
        guard let failure = run.failure else { return }
        print(report(failure, run))
        throw ExitCode.failure
    }

    /// Between two looks at how far the run is.
    private static let progressSteps = 2000

    private static func summary(_ run: Run, seconds: Double) -> String {
        let figures = run.simulation.figures
        let events = figures.events.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
        let mended = figures.mended.map { "\($0.key) \($0.value)" }.sorted()
        let services = figures.asked.keys.sorted().map {
            "\($0) \(figures.done[$0, default: 0]) of \(figures.asked[$0, default: 0])"
        }
        return """
            seed \(run.settings.seed): \(run.steps) steps in \(String(format: "%.1f", seconds)) s, \
            \(Int(Double(run.steps) / max(seconds, 0.001))) a second
            \(figures.inputs) inputs, \(figures.commands) commands (\(figures.refused) refused), \(figures.faults) faults, \
            \(figures.ignored) ignored, \(figures.checksOfSwitch) looks at who hears whom
            \(figures.calls) calls, \(figures.transfers) transfers, \(figures.conferences) conferences, \
            \(figures.listeners) listeners, \(figures.records) records
            events: \(events.joined(separator: ", "))
            mended by sweeps, of timers that were lost: \(mended.isEmpty ? "none" : mended.joined(separator: ", "))
            done: \(services.joined(separator: ", "))
            """
    }

    private func report(_ failure: Run.Failure, _ run: Run) -> String {
        var lines = ["", "FAILED in step \(failure.step), tenant \(failure.site): \(failure.violation)", ""]
        if shrink > 0, let short = run.shortened(maximumSteps: shrink) {
            lines.append("The shortest run found, \(short.actions.count) steps:")
            lines += short.trace
        } else {
            lines.append("It could not be cut down. What happened at last:")
            lines += run.ending(steps: Self.endingSteps)
        }
        return lines.joined(separator: "\n")
    }

    /// Of a run that cannot be cut down, so many steps are shown.
    private static let endingSteps = 200
}

/// How far a run is, in one line of the terminal.
private struct Progress {
    let total: Int
    private let isShown = isatty(STDERR_FILENO) == 1

    init(total: Int) { self.total = total }

    func show(_ steps: Int) { if isShown { write("\r\(steps) of \(total) steps") } }
    func end() { if isShown { write("\r\u{1B}[K") } }

    private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
