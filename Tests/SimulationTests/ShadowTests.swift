import CSTA
import CallCenter
import Simulation
import Testing

/// Something that is done to the effects of one input, and the rule that it breaks.
struct Forgery: Sendable, CustomStringConvertible {
    var rule: String
    /// A rule that it may break as well, and that the shadow may name first.
    var alsoBreaks: String?
    var description: String
    /// Nil if there is nothing there to do it to.
    var forge: @Sendable ([Effect]) -> [Effect]?
}

@Suite("The shadow sees what is planted")
struct ShadowTests {
    @Test("Each forged stream of events", arguments: Forgery.all)
    func planted(forgery: Forgery) throws {
        try #require(Self.run.failure == nil)
        for site in 0..<Self.run.settings.tenants {
            if let found = found(forgery, Self.run, site) {
                #expect(found.rule == forgery.rule || found.rule == forgery.alsoBreaks, "\(found)")
                return
            }
        }
        Issue.record("never seen")
    }

    /// Long enough for every forgery to find its place.
    private static let run = {
        var settings = SimulationSettings(seed: 3)
        settings.hasFaults = false
        var run = Run(settings, keepsTape: true)
        run.go(steps: 6000)
        return run
    }()

    /// What the shadow says to a stream that is forged at the first possible place.
    private func found(_ forgery: Forgery, _ run: Run, _ site: Int) -> Violation? {
        var shadow = Shadow(configuration: run.simulation.configuration(of: site))
        var isForged = false
        var serial = Serial(0)
        for (input, now, effects) in run.simulation.tape(of: site) {
            var told = effects
            if !isForged, let forged = forgery.forge(effects) {
                isForged = true
                told = forged
            }
            // Its serials shall not give it away.
            if forgery.rule != "E5" { told = told.numbered(after: &serial) }
            if let violation = shadow.follow(input, at: now, told) { return violation }
        }
        return nil
    }

    @Test("Nothing in a stream that is as it was")
    func unforged() {
        var run = Run(SimulationSettings(seed: 4), keepsTape: true)
        run.go(steps: 1000)
        for site in 0..<3 {
            var shadow = Shadow(configuration: run.simulation.configuration(of: site))
            for (input, now, effects) in run.simulation.tape(of: site) {
                #expect(shadow.follow(input, at: now, effects) == nil)
            }
            #expect(shadow.openParts == 0)
        }
    }
}

extension [Effect] {
    fileprivate func numbered(after serial: inout Serial) -> [Effect] {
        var result = self
        for index in result.indices {
            guard case .event(var copy) = result[index] else { continue }
            serial = serial.next
            copy.event.serial = serial
            result[index] = .event(copy)
        }
        return result
    }
}
