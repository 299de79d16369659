import Simulation
import Testing

@Suite("Random runs")
struct RunTests {
    @Test("hold the protocol", arguments: [UInt64](1...4))
    func run(seed: UInt64) {
        var settings = SimulationSettings(seed: seed)
        settings.hasFaults = false
        var run = Run(settings)
        run.go(steps: 2000)
        #expect(run.failure == nil)
    }
}
