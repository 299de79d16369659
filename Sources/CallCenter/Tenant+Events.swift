import CSTA

extension Tenant {
    /// Sends an event copy to every internal device that is in the call, in the order in which they joined (E9).
    mutating func send(
        about device: DeviceID, _ state: ConnectionState, cause: Cause? = nil, of call: borrowing Call,
        _ step: inout Step, detail: (borrowing Connection) -> CallEvent.Detail
    ) {
        // Nobody but itself is told of a device that listens.
        let isHidden = call.index(of: device).map { call.connections[$0].part } == .listener
        for index in call.connections.indices
        where call.connections[index].isInternal && call.connections[index].hasJoined {
            let receiver = call.connections[index].device
            if isHidden, receiver != device { continue }
            send(about: device, state, cause: cause, in: call, to: receiver, detail(call.connections[index]), &step)
        }
    }

    /// Sends an event copy to one device.
    mutating func send(
        about device: DeviceID, _ state: ConnectionState, cause: Cause? = nil, in call: borrowing Call,
        to receiver: DeviceID, _ detail: CallEvent.Detail, _ step: inout Step
    ) {
        send(
            .call(
                CallEvent(
                    source: receiver, call: call.id, device: device, state: state, cause: cause, detail: detail)),
            to: receiver, agent: devices[receiver]?.agent, call: call.id, conversation: call.conversation, &step)
    }

    mutating func send(
        _ event: RecordingEvent, in call: borrowing Call, to receiver: DeviceID, _ step: inout Step
    ) {
        send(
            .recording(event), to: receiver, agent: devices[receiver]?.agent, call: call.id,
            conversation: call.conversation, &step)
    }

    mutating func send(_ kind: AgentEvent.Kind, _ agent: AgentID, _ login: Agent.Login, _ step: inout Step) {
        let mode = kind == .loggedOff ? AgentMode.logout : login.mode
        send(
            .agent(
                AgentEvent(kind: kind, device: login.device, agent: agent, mode: mode, reason: login.reason)),
            to: login.device, agent: agent, call: nil, conversation: nil, &step)
    }

    private mutating func send(
        _ body: consuming Event.Body, to device: DeviceID, agent: AgentID?, call: CallID?, conversation: CallID?,
        _ step: inout Step
    ) {
        serial = serial.next  // E5
        step.effects.append(
            .event(
                EventCopy(
                    event: Event(
                        time: step.localTime, timestamp: step.now.milliseconds, conversation: conversation,
                        serial: serial, namespace: namespace, body: body),
                    device: device, agent: agent, call: call)))
    }
}
