import CSTA
import SwitchDriver

/// Something that is to end by a timer.
struct Deadline: Hashable, Sendable {
    var timer: TimerID
    /// Tells one that began anew from the one before.
    var began: Instant
    var leg: LegID?
}

// What keeps state from sticking. Whatever is reserved, rings, waits or works after a call ends by a timer of its own; the sweep
// looks at it a second time, should that timer, or what should have followed from an event, not have come. It compares what is
// kept twice, too. In a server without faults it finds nothing, as the simulator checks.
extension Tenant {
    /// Between two looks at all that could stick.
    static var sweepSeconds: Int { 30 }

    /// Mends what is beyond its time or contradicts itself. Costs as much as there are agents, devices and calls.
    mutating func sweep(_ step: inout Step) {
        step.set(.sweep, afterSeconds: Self.sweepSeconds)
        mendDevices(&step)
        mendReservations(&step)
        mendSplits(&step)
        endOverdue(&step)
    }

    /// Timers have been set anew, or are about to be.
    mutating func forgetDeadlines() { sightings = [:] }

    // MARK: Beyond its time

    /// Ends what sweeps have seen for longer than it may be there. The time is counted in sweeps: clocks are set, and a
    /// sweep's own timer is not.
    private mutating func endOverdue(_ step: inout Step) {
        var seen: [Deadline: Int] = [:]
        var overdue: [(deadline: Deadline, mend: Mend)] = []
        func look(at deadline: Deadline, limitSeconds: Int, _ mend: Mend) {
            let sweeps = sightings[deadline] ?? 0
            seen[deadline] = sweeps + 1
            if sweeps * Self.sweepSeconds > limitSeconds + Self.graceSeconds { overdue.append((deadline, mend)) }
        }
        for agent in agents.values { watch(agent, look) }
        for call in calls.values { watch(call, look) }
        sightings = seen
        for (deadline, mend) in overdue.sorted(by: { $0.deadline.timer.subject < $1.deadline.timer.subject }) {
            step.effects.append(.mended(mend, deadline.timer.subject))
            step.effects.append(.cancelTimer(deadline.timer))
            // As if it had fired by itself: should it have to wait, it alone is done again.
            take(.timer(deadline.timer), &step)
        }
    }

    private typealias Look = (_ deadline: Deadline, _ limitSeconds: Int, _ mend: Mend) -> Void

    private func watch(_ agent: Agent, _ look: Look) {
        guard let login = agent.login else { return }
        let id = agent.profile.id
        if login.mode == .workNotReady, login.split != nil || !isInCall(login) {
            let seconds = login.split.flatMap { splits[$0]?.profile.wrapUpSeconds } ?? 0
            look(Deadline(timer: .wrapUp(id), began: login.since), seconds, .wrapUp)
        }
        if let allocation = login.allocation {
            look(
                Deadline(timer: .allocation(id), began: login.since), allocation.order.limitSeconds, .reservation)
        }
    }

    private func watch(_ call: Call, _ look: Look) {
        for connection in call.connections {
            let began = connection.history.joined
            if connection.isClearing {
                look(
                    Deadline(timer: .clearing(connection.leg), began: began), configuration.limits.clearingSeconds,
                    .clearing)
            }
            if let recording = connection.recording, !recording.isRunning || recording.isStopping {
                look(
                    Deadline(timer: .recording(recording.id), began: began), configuration.limits.recordingSeconds,
                    .recording)
            }
        }
        if let announcement = call.announcement {
            return look(
                Deadline(timer: .announcement(call.id), began: call.began),
                announcement.seconds + configuration.limits.answerSeconds, .announcement)
        }
        guard isSwitchUp else { return }
        if let ringing = lastCalled(in: call) {
            look(
                Deadline(
                    timer: call.answerTimer(of: ringing), began: ringing.history.joined, leg: ringing.leg),
                ringLimit(of: ringing, in: call), .ringing)
        }
        if let entry = call.queue, !entry.isOverdue, let split = splits[entry.split] {
            look(
                Deadline(timer: .waitLimit(call.id), began: entry.entered), split.profile.maximumWaitSeconds, .waiting)
        }
    }

    // MARK: What contradicts itself

    private mutating func mendDevices(_ step: inout Step) {
        for (id, device) in devices where !device.calls.allSatisfy({ calls[$0]?.index(of: id) != nil }) {
            devices[id]?.calls = device.calls.filter { calls[$0]?.index(of: id) != nil }
            step.effects.append(.mended(.device, id.text))
            if devices[id]?.calls.isEmpty == true { callsEnded(on: id, &step) }
        }
        for call in callsInOrder {
            for connection in call.connections where connection.isInternal {
                guard devices[connection.device]?.calls.contains(call.id) == false else { continue }
                devices[connection.device]?.calls.append(call.id)
                step.effects.append(.mended(.device, connection.device.text))
                touch(devices[connection.device]?.agent)
            }
        }
    }

    private mutating func mendReservations(_ step: inout Step) {
        for agent in agentsInOrder {
            guard let login = agents[agent]?.login, login.mode == .allocated else { continue }
            if let allocation = login.allocation {
                guard case .dialling(let call) = allocation.phase, calls[call]?.outbound?.agent != agent else {
                    continue
                }
                giveUp(agent, .released, &step)
            } else if isInCall(login) {
                continue
            } else {
                unsettled.agents.append(agent)
            }
            step.effects.append(.mended(.reservation, agent.text))
        }
        for call in endUnreserved(&step) { step.effects.append(.mended(.reservation, call.text)) }
    }

    private mutating func mendSplits(_ step: inout Step) {
        // Those who have just been mended are looked at when the sweep is done.
        let unsettledAgents = Set(unsettled.agents)
        for (id, agent) in agents where !agent.splits.isEmpty && isFree(agent.login) != (agent.freeSince != nil) {
            if unsettledAgents.contains(id) { continue }
            step.effects.append(.mended(.split, id.text))
            unsettled.agents.append(id)
        }
        for (id, split) in splits {
            for node in split.waiting.nodes where calls[node.key]?.queue?.split != id {
                splits.update(id) { $0.waiting.remove(node.key) }
                step.effects.append(.mended(.split, node.key.text))
            }
        }
        for call in callsInOrder {
            guard let entry = call.queue, !call.isBeingOffered,
                splits[entry.split]?.waiting.contains(call.id) == false
            else { continue }
            step.effects.append(.mended(.split, call.id.text))
            wait(call)
        }
    }
}

extension TimerID {
    /// The name of what it watches; empty for a sweep, which watches all.
    fileprivate var subject: String {
        switch self {
        case .answer(let call), .waitLimit(let call), .announcement(let call): call.text
        case .listening(let leg), .clearing(let leg): leg.text
        case .recording(let recording): recording.text
        case .heartbeat(let agent), .wrapUp(let agent), .allocation(let agent), .redial(let agent): agent.text
        case .sweep: ""
        }
    }
}
