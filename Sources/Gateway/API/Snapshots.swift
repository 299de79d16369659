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

    private func write(_ part: (call: Call, connection: Connection), to writer: inout JSONWriter) {
        let (call, connection) = part
        let isOutgoing = connection.callingDevice == connection.device
        // Who is on the line now; before the other side is dialled, who was called (E10).
        let other = call.connections.first { $0.device != connection.device }?.device
        writer.beginObject()
        writer.member("callId", call.id.text)
        writer.member("connectionId", ConnectionID(device: connection.device, call: call.id).description)
        writer.member("ani", connection.callingDevice.text)
        writer.member("dnis", connection.calledDevice.text)
        writer.member("state", connection.state.rawValue)
        writer.member("direction", isOutgoing ? "Out" : "In")
        writer.member(
            "otherSide", (other ?? (isOutgoing ? connection.calledDevice : connection.callingDevice)).text)
        writer.time("ringTime", connection.ringTime, zone)
        writer.time("answerTime", connection.answerTime, zone)
        writer.member("callType", call.type.rawValue)
        writer.userData(call.userData)
        writer.endObject()
    }
}

/// Calls as they stand, and the serial that goes with them.
struct CallsSnapshot: Sendable {
    /// Calls in one answer; with more, `total` says how many there are.
    static let maximumCalls = 1000

    private let calls: [Call]
    private let zone: ZoneOffsets
    private let serial: Serial

    /// The calls that a requester may see: an agent those that its device is in, a supervisor all.
    ///
    /// - Parameter device: only those that this device is in.
    init(_ tenant: Tenant, for requester: Requester, device: DeviceID? = nil) {
        zone = tenant.configuration.zone
        serial = tenant.serial
        if requester.role.supervises, device == nil {
            // Ordered and written later: the tenant waits for no more than this.
            calls = Array(tenant.calls.values)
            return
        }
        let own = tenant.agents[requester.agent]?.login?.device
        let devices = [device, requester.role.supervises ? nil : own].compactMap(\.self)
        guard requester.role.supervises || own != nil, let first = devices.first else {
            calls = []
            return
        }
        calls = (tenant.devices[first]?.calls ?? []).compactMap { tenant.calls[$0] }
            .filter { call in devices.allSatisfy { call.connection(of: $0)?.hasJoined == true } }
    }

    /// One call, if the requester may see it.
    init(_ tenant: Tenant, for requester: Requester, call id: CallID) {
        zone = tenant.configuration.zone
        serial = tenant.serial
        let own = tenant.agents[requester.agent]?.login?.device
        calls = [tenant.calls[id]].compactMap(\.self).filter { call in
            requester.role.supervises || own.flatMap { call.connection(of: $0) }?.hasJoined == true
        }
    }

    /// `{"calls":[…],"total":n,"serial":n}`, the oldest first.
    func encoded() -> [UInt8] {
        let sorted = calls.sorted { ($0.began, $0.id.text) < ($1.began, $1.id.text) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("calls")
        writer.beginArray()
        for call in sorted.prefix(Self.maximumCalls) {
            writer.beginObject()
            write(call, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("total")
        writer.integer(calls.count)
        writer.key("serial")
        writer.integer(serial.value)
        writer.endObject()
        return writer.bytes
    }

    /// The one call with its serial; nil if there is none.
    func encodedCall() -> [UInt8]? {
        guard let call = calls.first else { return nil }
        var writer = JSONWriter()
        writer.beginObject()
        write(call, to: &writer)
        writer.key("serial")
        writer.integer(serial.value)
        writer.endObject()
        return writer.bytes
    }

    private func write(_ call: Call, to writer: inout JSONWriter) {
        writer.member("callId", call.id.text)
        writer.member("callType", call.type.rawValue)
        writer.time("beginTime", call.began, zone)
        writer.member("trunkGroup", call.trunk?.group)
        writer.member("trunkMember", call.trunk?.member)
        writer.key("connections")
        writer.beginArray()
        // A device that no event has named yet is no part of what clients know.
        for connection in call.connections where connection.hasJoined || !connection.isInternal {
            writer.beginObject()
            writer.member("connectionId", ConnectionID(device: connection.device, call: call.id).description)
            writer.member("deviceId", connection.device.text)
            writer.member("state", connection.state.rawValue)
            writer.member("callingDevice", connection.callingDevice.text)
            writer.member("calledDevice", connection.calledDevice.text)
            writer.time("ringTime", connection.ringTime, zone)
            writer.time("answerTime", connection.answerTime, zone)
            writer.endObject()
        }
        writer.endArray()
        writer.userData(call.userData)
    }
}

extension JSONWriter {
    /// Nothing if there is no value (E1).
    fileprivate mutating func member(_ key: StaticString, _ text: String?) {
        guard let text else { return }
        self.key(key)
        string(text)
    }

    /// As `eventTime` (E4).
    fileprivate mutating func time(_ key: StaticString, _ instant: Instant?, _ zone: ZoneOffsets) {
        guard let instant else { return }
        let time = LocalTime(milliseconds: instant.milliseconds, offsetSeconds: zone.offset(at: instant))
        member(key, time.description)
    }

    /// `"userData":{"data":{…}}`, as events have it.
    fileprivate mutating func userData(_ userData: UserData) {
        key("userData")
        beginObject()
        key("data")
        object(userData.entries)
        endObject()
    }
}
