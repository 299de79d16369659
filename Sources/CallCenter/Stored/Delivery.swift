public import CSTA

/// An event copy as it is stored and sent: encoded once, with what tells whose it is.
public struct EncodedEvent: Hashable, Sendable {
    public var serial: Serial
    /// `eventName`.
    public var name: String
    /// The device whose copy it is.
    public var device: DeviceID
    /// The agent that was logged in there.
    public var agent: AgentID?
    public var call: CallID?
    /// Milliseconds since the epoch.
    public var timestamp: Int64
    /// The JSON text, UTF-8.
    public var json: [UInt8]

    public init(
        serial: Serial, name: String, device: DeviceID, agent: AgentID?, call: CallID?, timestamp: Int64, json: [UInt8]
    ) {
        self.serial = serial
        self.name = name
        self.device = device
        self.agent = agent
        self.call = call
        self.timestamp = timestamp
        self.json = json
    }

    /// Encodes an event copy; the writer's memory is used again.
    public init(_ copy: EventCopy, writer: inout JSONWriter) {
        writer.removeAll()
        copy.event.encode(into: &writer)
        self.init(
            serial: copy.event.serial, name: copy.event.name, device: copy.device, agent: copy.agent, call: copy.call,
            timestamp: copy.event.timestamp ?? 0, json: writer.bytes)
    }
}

/// Which of a namespace's events a subscriber gets: those that match every part that is set.
public struct EventFilter: Hashable, Sendable {
    public var agent: AgentID?
    public var device: DeviceID?
    /// An `eventName`.
    public var name: String?

    public init(agent: AgentID? = nil, device: DeviceID? = nil, name: String? = nil) {
        self.agent = agent
        self.device = device
        self.name = name
    }

    public func matches(_ event: EncodedEvent) -> Bool {
        (agent == nil || agent == event.agent) && (device == nil || device == event.device)
            && (name == nil || name == event.name)
    }
}

/// A part of what the journal holds after some serial.
public struct EventPage: Hashable, Sendable {
    /// In the order of their serials.
    public var events: [EncodedEvent]
    /// Everything up to and with this serial has been looked through: the next page begins after it.
    public var through: Serial

    public init(events: [EncodedEvent], through: Serial) {
        self.events = events
        self.through = through
    }
}

/// One thing of a tenant's state as it is kept on disk.
public struct StateEntry: Hashable, Sendable {
    /// `tenant`, `agent:5001@demo.cc`, `device:8001@demo.cc`, `call:UUID`.
    public var key: String
    /// A JSON object; nil: it is no more.
    public var value: [UInt8]?

    public init(key: String, value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}
