/// A run of random actions, with what is needed to shorten it when it fails.
public struct Run: Sendable {
    public struct Failure: Sendable {
        public var step: Int
        public var site: Int
        public var violation: Violation
    }

    /// Actions that are kept: what failed has mostly begun among them.
    static let maximumKept = 16_384

    public let settings: SimulationSettings
    public private(set) var simulation: Simulation
    public private(set) var steps = 0
    public private(set) var failure: Failure?
    private var dealer: Dealer
    private var actions: [Action] = []

    public init(_ settings: SimulationSettings, keepsTape: Bool = false) {
        self.settings = settings
        simulation = Simulation(settings, keepsTape: keepsTape)
        dealer = Dealer(seed: settings.seed &* 0x2545_F491_4F6C_DD1D, hasFaults: settings.hasFaults)
    }

    /// Goes on for some steps, and winds down if they are the last.
    public mutating func go(steps count: Int, isLast: Bool = true) {
        note()
        for _ in 0..<count where failure == nil {
            let action = dealer.deal(simulation.sites)
            if actions.count >= 2 * Self.maximumKept { actions.removeFirst(Self.maximumKept) }
            actions.append(action)
            steps += 1
            simulation.perform(action)
            if simulation.sites[action.site].violation != nil { note() }
        }
        guard isLast, failure == nil else { return }
        simulation.windDown()
        note()
    }

    private mutating func note() {
        guard failure == nil, let (site, violation) = simulation.violation else { return }
        failure = Failure(step: steps, site: site, violation: violation)
    }

    /// The shortest run found that fails in the same way.
    ///
    /// - Parameter maximumSteps: how many steps may be taken for finding it.
    /// - Returns: nil if what is kept of the run does not fail by itself.
    public func shortened(maximumSteps: Int) -> (actions: [Action], trace: [String])? {
        guard let failure else { return nil }
        var shrinker = Shrinker(settings: settings, failure: failure, stepsLeft: maximumSteps)
        guard let found = shrinker.shrink(actions.filter { $0.site == failure.site }) else { return nil }
        var again = Simulation(settings, isTraced: true)
        for action in found { again.perform(action) }
        again.windDown(failure.site)
        return (found, again.trace(of: failure.site))
    }

    /// What happened at last, by going through the whole run again.
    public func ending(steps: Int) -> [String] {
        guard let failure else { return [] }
        var again = Run(settings)
        again.go(steps: failure.step - steps, isLast: false)
        again.simulation.beginTrace(of: failure.site)
        again.go(steps: min(steps, failure.step))
        return again.simulation.trace(of: failure.site)
    }
}

/// Drops actions from a run that fails for as long as it goes on failing (delta debugging).
struct Shrinker {
    let settings: SimulationSettings
    let failure: Run.Failure
    var stepsLeft: Int

    /// Whether a run of these actions violates the same rule.
    private mutating func fails(_ actions: [Action]) -> Bool {
        var simulation = Simulation(settings)
        for action in actions {
            stepsLeft -= 1
            simulation.perform(action)
            if let found = simulation.sites[action.site].violation { return found.rule == failure.violation.rule }
        }
        simulation.windDown(failure.site)
        stepsLeft -= 50
        return simulation.sites[failure.site].violation?.rule == failure.violation.rule
    }

    mutating func shrink(_ all: [Action]) -> [Action]? {
        var actions = all
        // The end of the run mostly suffices.
        var tail = 32
        while true {
            actions = Array(all.suffix(tail))
            if fails(actions) { break }
            guard tail < all.count, stepsLeft > 0 else { return nil }
            tail *= 2
        }
        var size = max(actions.count / 2, 1)
        while stepsLeft > 0 {
            let before = actions.count
            var start = 0
            while start < actions.count, stepsLeft > 0 {
                let shorter = Array(actions[..<start] + actions[min(start + size, actions.count)...])
                if fails(shorter) { actions = shorter } else { start += size }
            }
            if size == 1, actions.count == before { break }
            size = max(size / 2, 1)
        }
        return actions
    }
}
