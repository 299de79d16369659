import CSTA
import CallCenter

/// Calls as they stand, and the serial that goes with them.
struct CallsSnapshot: Sendable {
    /// Calls in one answer; with more, `total` says how many there are.
    static let maximumCalls = 1000

    /// Also those that are not to be seen: they are left out when it is written, so that the tenant does not wait for that.
    private let candidates: [Call]
    private let viewer: Viewer
    private let zone: ZoneOffsets
    private let serial: Serial

    /// The calls that a requester may see.
    ///
    /// - Parameter device: only those that this device is in.
    init(_ tenant: Tenant, for requester: Requester, device: DeviceID? = nil) {
        let viewer = Viewer(requester, in: tenant)
        guard let one = device ?? (viewer.supervises ? nil : viewer.device) else {
            self.init(tenant, viewer, viewer.supervises ? Array(tenant.calls.values) : [])
            return
        }
        let calls = (tenant.devices[one]?.calls ?? []).compactMap { tenant.calls[$0] }
        self.init(tenant, viewer, calls.filter { $0.connection(of: one).map(viewer.sees) ?? false })
    }

    /// One call, if the requester may see it.
    init(_ tenant: Tenant, for requester: Requester, call id: CallID) {
        self.init(tenant, Viewer(requester, in: tenant), [tenant.calls[id]].compactMap(\.self))
    }

    private init(_ tenant: Tenant, _ viewer: Viewer, _ candidates: [Call]) {
        zone = tenant.configuration.zone
        serial = tenant.serial
        self.candidates = candidates
        self.viewer = viewer
    }

    private var calls: [Call] { candidates.filter(viewer.sees) }

    /// `{"calls":[…],"total":n,"serial":n}`, the oldest first.
    func encoded() -> [UInt8] {
        let calls = calls
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
        writer.member("conversationId", call.conversation.text)
        writer.member("consultedFrom", call.consultedFrom?.text)
        writer.time("beginTime", call.began, zone)
        writer.member("trunkGroup", call.trunk?.group)
        writer.member("trunkMember", call.trunk?.member)
        writer.key("connections")
        writer.beginArray()
        for connection in call.connections where viewer.sees(connection) {
            writer.beginObject()
            writer.member("connectionId", ConnectionID(device: connection.device, call: call.id).description)
            writer.member("deviceId", connection.device.text)
            writer.member("state", connection.state.rawValue)
            writer.member("callingDevice", connection.callingDevice.text)
            writer.member("calledDevice", connection.calledDevice.text)
            writer.time("ringTime", connection.ringTime, zone)
            writer.time("answerTime", connection.answerTime, zone)
            writer.extras(of: connection)
            writer.endObject()
        }
        writer.endArray()
        writer.userData(call.userData)
    }
}

extension JSONWriter {
    /// Nothing if there is no value (E1).
    mutating func member(_ key: StaticString, _ text: String?) {
        guard let text else { return }
        self.key(key)
        string(text)
    }

    /// As `eventTime` (E4).
    mutating func time(_ key: StaticString, _ instant: Instant?, _ zone: ZoneOffsets) {
        guard let instant else { return }
        let time = LocalTime(milliseconds: instant.milliseconds, offsetSeconds: zone.offset(at: instant))
        member(key, time.description)
    }

    /// What most connections do not have: `participationType` of who does not talk, `recordId` of a recording that runs.
    mutating func extras(of connection: Connection) {
        switch connection.part {
        case .party: break
        case .silent: member("participationType", "Silent")
        case .listener: member("participationType", "Listening")
        }
        if let recording = connection.recording, recording.isRunning { member("recordId", "\(recording.id)") }
    }

    /// `"userData":{"data":{…}}`, as events have it.
    mutating func userData(_ userData: UserData) {
        key("userData")
        beginObject()
        key("data")
        object(userData.entries)
        endObject()
    }
}
