import CSTA

// How long somebody who was called may ring: for the sweep, for a restart, and when it is set up otherwise.
extension Tenant {
    /// Who was called last and has not answered: the call's time to be answered runs since then.
    func lastCalled(in call: Call) -> Connection? {
        call.connections.filter { $0.answerTime == nil && $0.device != call.queue?.caller && !$0.isClearing }
            .max { $0.history.joined < $1.history.joined }
    }

    /// How long each call that rings may do so.
    func ringLimits() -> [CallID: Int] {
        calls.compactMapValues { call in lastCalled(in: call).map { ringLimit(of: $0, in: call) } }
    }

    /// Whoever rings does so for the new time, of which some has passed.
    mutating func resetRingTimers(_ before: [CallID: Int], _ step: inout Step) {
        for id in before.keys.sorted(by: { $0.text < $1.text }) {
            guard let call = calls[id], let ringing = lastCalled(in: call) else { continue }
            let limit = ringLimit(of: ringing, in: call)
            guard limit != before[id] else { continue }
            step.set(
                call.answerTimer(of: ringing),
                afterSeconds: step.now.secondsLeft(of: limit, since: ringing.history.joined))
        }
    }

    /// How long somebody who was called may ring, at the most.
    func ringLimit(of connection: Connection, in call: Call) -> Int {
        if let split = connection.split.flatMap({ splits[$0]?.profile }) { return split.ringSeconds }
        if call.queue == nil, let tie = call.outbound { return tie.order.ringSeconds }
        return connection.isCalled ? configuration.limits.answerSeconds : configuration.limits.ownLegSeconds
    }
}
