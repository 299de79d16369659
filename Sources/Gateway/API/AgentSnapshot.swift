import CSTA
import CallCenter

/// What a reloaded page needs to go on: an agent, its device and its calls as they stand, and the serial that goes
/// with them.
struct AgentSnapshot: Sendable {
    private let agent: Agent
    /// Those that the device has had an event of, in the order in which it joined them.
    private let calls: [(call: Call, connection: Connection)]
    private let zone: ZoneOffsets
    private let serial: Serial

    /// Nil if the tenant has no such agent.
    init?(_ tenant: Tenant, agent id: AgentID) {
        guard let agent = tenant.agents[id] else { return nil }
        self.agent = agent
        zone = tenant.configuration.zone
        serial = tenant.serial
        guard let device = agent.login?.device else {
            calls = []
            return
        }
        calls = (tenant.devices[device]?.calls ?? []).compactMap { id in
            guard let call = tenant.calls[id], let connection = call.connection(of: device), connection.hasJoined else {
                return nil
            }
            return (call, connection)
        }
    }

    /// The call that the agent is occupied with: of several the one that is talked in, else what rings or is dialled.
    private var active: (call: Call, connection: Connection)? {
        let order: [ConnectionState] = [.connect, .alerting, .initiate, .queued, .fail]
        for state in order {
            if let found = calls.first(where: { $0.connection.state == state }) { return found }
        }
        return calls.first
    }

    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("agent")
        writer.beginObject()
        writer.member("agentId", agent.profile.id.text)
        writer.member("agentName", agent.profile.name)
        writer.member("agentMode", agent.mode.rawValue)
        writer.member("reason", agent.login?.reason)
        writer.member("namespace", agent.profile.id.namespace.name)
        writer.member("extensionId", agent.login?.device.text)
        writer.member("pendingMode", agent.login?.pending?.mode.rawValue)
        if let active {
            writer.key("activeCall")
            write(active, to: &writer)
        }
        if let allocation = agent.login?.allocation, allocation.isProposed {
            write(preview: allocation.order, to: &writer)
        }
        writer.endObject()
        if let device = agent.login?.device {
            writer.key("extension")
            writer.beginObject()
            writer.member("deviceId", device.text)
            writer.member("state", (active?.connection.state ?? .idle).rawValue)
            writer.endObject()
        }
        writer.key("calls")
        writer.beginArray()
        for call in calls { write(call, to: &writer) }
        writer.endArray()
        writer.key("serial")
        writer.integer(serial.value)
        writer.endObject()
        return writer.bytes
    }

    /// Whom the agent is asked to call.
    private func write(preview order: OutboundCall, to writer: inout JSONWriter) {
        writer.key("preview")
        writer.beginObject()
        writer.member("campaignId", order.campaign.description)
        writer.member("contactId", order.contact.description)
        writer.member("number", order.number)
        writer.member("split", order.split.text)
        writer.userData(order.userData)
        writer.endObject()
    }

    private func write(_ part: (call: Call, connection: Connection), to writer: inout JSONWriter) {
        let (call, connection) = part
        let others = call.others(than: connection)
        writer.beginObject()
        writer.member("callId", call.id.text)
        writer.member("connectionId", ConnectionID(device: connection.device, call: call.id).description)
        writer.member("ani", connection.callingDevice.text)
        writer.member("dnis", connection.calledDevice.text)
        writer.member("state", connection.state.rawValue)
        writer.member("direction", connection.isOutgoing ? "Out" : "In")
        writer.member("otherSide", (others.first ?? connection.firstOther).text)
        if others.count > 1 {
            writer.key("otherSides")
            writer.beginArray()
            for other in others { writer.string(other.text) }
            writer.endArray()
        }
        writer.time("ringTime", connection.ringTime, zone)
        writer.time("answerTime", connection.answerTime, zone)
        writer.member("callType", call.type.rawValue)
        writer.member("conversationId", call.conversation.text)
        writer.member("consultedFrom", call.consultedFrom?.text)
        writer.extras(of: connection)
        writer.userData(call.userData)
        writer.endObject()
    }
}

extension Connection {
    fileprivate var isOutgoing: Bool { callingDevice == device }
    /// Who was called, or called, when this device joined (E10).
    fileprivate var firstOther: DeviceID { isOutgoing ? calledDevice : callingDevice }
}

extension Call {
    /// Who is on the line with a device: the customer first, then the others in the order in which they joined; of somebody who
    /// listens nobody is told. Who listens hears the one whom it was asked to hear, and the others.
    fileprivate func others(than connection: Connection) -> [DeviceID] {
        let others = parties.filter { $0.device != connection.device }
        // The other side is dialled, and has not rung: events have named it already.
        let known = others.filter(\.isKnown)
        return (known.isEmpty ? others : known)
            .sorted { order($0, for: connection) < order($1, for: connection) }.map(\.device)
    }

    /// `sorted` keeps the order of equals.
    private func order(_ other: Connection, for connection: Connection) -> Int {
        if connection.part == .listener { return other.device == connection.firstOther ? 0 : 1 }
        return other.isInternal ? 1 : 0
    }
}
