import CSTA
import SwitchDriver

/// One input on its way through the rules: when it came, and what comes of it.
struct Step {
    let now: Instant
    let localTime: LocalTime
    var effects: [Effect] = []

    mutating func tell(_ command: SwitchCommand) { effects.append(.switchCommand(command)) }
    mutating func ignore(_ reason: IgnoredReason) { effects.append(.ignored(reason)) }
}

extension Tenant {
    /// Takes one input and says what is to be done: the only way in which a tenant changes.
    ///
    /// The cost of an input does not grow with the number of calls, agents or devices, but for
    /// ``SwitchEvent/linkUp(_:)`` and ``Input/resumed``, which look at all of them.
    ///
    /// - Parameter now: not before the moment of the input before; an earlier one does no harm but to the times shown.
    public mutating func apply(_ input: Input, at now: Instant) -> [Effect] {
        var step = Step(
            now: now,
            localTime: LocalTime(
                milliseconds: now.milliseconds, offsetSeconds: configuration.zone.offset(at: now)))
        switch input {
        case .command(let command, let requester, let request):
            let reply: Reply
            do throws(Refusal) {
                reply = try perform(command, by: requester, &step)
            } catch {
                reply = .refused(error)
            }
            step.effects.append(.reply(request, reply))
        case .switchEvent(let event, let newCall): handle(event, newCall: newCall, &step)
        case .timer(let timer): fire(timer, &step)
        case .resumed: resume(&step)
        }
        return step.effects
    }

    /// Refuses by throwing, before anything has changed.
    private mutating func perform(
        _ command: Command, by requester: Requester, _ step: inout Step
    ) throws(Refusal) -> Reply {
        switch command {
        case .logIn(let agent, let device, let mode): try logIn(agent, on: device, mode: mode, by: requester, &step)
        case .logOut(let agent): try requestLogOut(agent, by: requester, &step)
        case .setMode(let agent, let mode, let reason):
            try setMode(of: agent, to: mode, reason: reason, by: requester, &step)
        case .heartbeat(let agent): try heartbeat(of: agent, by: requester, &step)
        case .makeCall(let request): try makeCall(request, by: requester, &step)
        case .answerCall(let connection): try answerCall(connection, by: requester, &step)
        case .clearConnection(let connection): try clearConnection(connection, by: requester, &step)
        case .holdCall(let connection): try holdCall(connection, by: requester, &step)
        case .retrieveCall(let connection): try retrieveCall(connection, by: requester, &step)
        case .drain: drain()
        }
    }

    private mutating func drain() -> Reply {
        isDraining = true
        return .done
    }

    private mutating func fire(_ timer: TimerID, _ step: inout Step) {
        switch timer {
        case .answer(let call): answerTimeExpired(call, &step)
        case .clearing(let leg): clearingTimeExpired(leg, &step)
        case .heartbeat(let agent): heartbeatTimeExpired(agent, &step)
        }
    }

    /// Sets the timers of what the journal gave back. Clients get a whole heartbeat's time to come back.
    private mutating func resume(_ step: inout Step) {
        for agent in agents.keys.sorted(by: { $0.text < $1.text }) where agents[agent]?.login != nil {
            setHeartbeatTimer(agent, &step)
        }
        for call in calls.values.sorted(by: { $0.id.text < $1.id.text }) {
            if !call.isEstablished {
                step.effects.append(
                    .setTimer(.answer(call.id), at: step.now.advanced(bySeconds: configuration.limits.answerSeconds)))
            }
            for connection in call.connections where connection.isClearing { setClearingTimer(connection.leg, &step) }
        }
    }
}
