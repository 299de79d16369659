import CSTA
import CallCenter
import Foundation
import Simulation
import SwitchDriver
import Testing

@Suite("Random runs of whole tenants hold the protocol")
struct RunTests {
    /// Another one in each test run; `RINGSIDE_SIMULATION_SEED` gives the one of a run that failed.
    private static let freshSeed =
        ProcessInfo.processInfo.environment["RINGSIDE_SIMULATION_SEED"].flatMap { UInt64($0) }
        ?? UInt64.random(in: 1...999_999)

    private func run(_ settings: SimulationSettings, steps: Int) -> Run {
        var run = Run(settings)
        run.go(steps: steps)
        if let failure = run.failure {
            let short = run.shortened(maximumSteps: 50_000)?.trace ?? run.ending(steps: 100)
            Issue.record(
                """
                seed \(settings.seed), step \(failure.step), tenant \(failure.site): \(failure.violation)
                \(short.joined(separator: "\n"))
                """)
        }
        return run
    }

    @Test("With a fresh seed, faults on and off", arguments: [true, false])
    func fresh(hasFaults: Bool) {
        var settings = SimulationSettings(seed: Self.freshSeed)
        settings.hasFaults = hasFaults
        print("simulation: seed \(settings.seed), faults \(hasFaults ? "on" : "off")")
        let figures = run(settings, steps: 10_000).simulation.figures
        #expect(hasFaults == (figures.faults > 10))
        // Much of it really happens.
        #expect(figures.calls > 500)
        #expect(figures.transfers > 20)
        #expect(figures.conferences > 10)
        #expect(figures.listeners > 5)
        #expect(figures.checksOfSwitch > 1000)
        let done: [Command] = [.drain]
        for name in figures.asked.keys where !done.contains(where: { "\($0)" == name }) {
            #expect(figures.done[name, default: 0] > 0, "\(name) never succeeds")
        }
    }

    @Test("With the seeds of runs that failed", arguments: PastFailure.all)
    func past(failure: PastFailure) {
        for hasFaults in [true, false] {
            var settings = SimulationSettings(seed: failure.seed)
            settings.hasFaults = hasFaults
            _ = run(settings, steps: failure.steps)
        }
    }

    @Test("With thousands of agents")
    func large() {
        var settings = SimulationSettings(seed: Self.freshSeed)
        settings.tenants = 2
        settings.agents = 3000
        #expect(run(settings, steps: 10_000).simulation.figures.calls > 500)
    }

    @Test("The same seed gives the same run")
    func sameSeed() {
        var runs = [
            Run(SimulationSettings(seed: 5), keepsTape: true), Run(SimulationSettings(seed: 5), keepsTape: true),
        ]
        for index in runs.indices { runs[index].go(steps: 1000) }
        for site in 0..<3 {
            let (one, other) = (runs[0].simulation.tape(of: site), runs[1].simulation.tape(of: site))
            #expect(one.count == other.count)
            #expect(zip(one, other).allSatisfy { $0.input == $1.input && $0.at == $1.at && $0.effects == $1.effects })
        }
    }
}

@Suite("The rules are a value")
struct DeterminismTests {
    @Test("The same inputs give the same effects, after a restart too", arguments: [UInt64](1...5))
    func sameInputs(seed: UInt64) throws {
        var run = Run(SimulationSettings(seed: seed), keepsTape: true)
        run.go(steps: 3000)
        #expect(run.failure == nil)
        for site in 0..<3 {
            var configuration = run.simulation.configuration(of: site)
            var tenant = Tenant(configuration: configuration)
            var entries: [String: StateEntry] = [:]
            for (input, now, effects) in run.simulation.tape(of: site) {
                if case .configured(let new) = input { configuration = new }
                if input == .resumed {
                    tenant = try Tenant(
                        configuration: configuration, serial: tenant.serial,
                        entries: entries.values.sorted { $0.key < $1.key })
                }
                let again = tenant.apply(input, at: now)
                try #require(again == effects, "seed \(seed), tenant \(site), \(input)")
                for entry in tenant.takeChanges() { entries[entry.key] = entry.value == nil ? nil : entry }
            }
        }
    }
}
