/// Why a JSON text is no event.
public enum EventError: Error, Hashable, Sendable, CustomStringConvertible {
    case notJSON(JSONError)
    case notAnObject
    case missing(field: String)
    /// - expected: what should stand there, in words.
    case invalid(field: String, expected: String)

    public var description: String {
        switch self {
        case .notJSON(let error): "not JSON: \(error)"
        case .notAnObject: "not a JSON object"
        case .missing(let field): "\(field) is missing"
        case .invalid(let field, let expected): "\(field) is not \(expected)"
        }
    }
}

extension Event {
    /// Reads an event from its JSON text.
    ///
    /// Unknown fields and unknown event names are kept (E12).
    /// - Throws: ``EventError``, which names the field.
    public init(json: some Sequence<UInt8>) throws(EventError) {
        let value: JSON
        do throws(JSONError) {
            value = try JSON.parse(json)
        } catch {
            throw .notJSON(error)
        }
        guard let object = value.object else { throw .notAnObject }
        try self.init(object: object)
    }

    /// Reads an event from a JSON object; see ``init(json:)``.
    public init(object: JSONObject) throws(EventError) {
        var fields = EventFields(object)
        let name = try fields.text("eventName")
        let time = try fields.time("eventTime")
        let type = try fields.text("eventType")
        let serial = try fields.integer("serial")
        let namespace = try fields.namespace("namespace")
        let body = try Body(name: name, type: type, fields: &fields)
        let timestamp = object["timestamp"] == nil ? nil : try fields.integer("timestamp")
        let conversation = object["conversationId"] == nil ? nil : try fields.call("conversationId")
        self.init(
            time: time, timestamp: timestamp, conversation: conversation, serial: Serial(serial), namespace: namespace,
            body: body,
            unknownFields: fields.unread())
    }
}

extension Event.Body {
    fileprivate init(name: String, type: String, fields: inout EventFields) throws(EventError) {
        if let kind = AgentEvent.Kind(rawValue: name) {
            fields.expect("eventType", "agent")
            let device = try fields.device("deviceId")
            fields.expect("srcDeviceId", device.text)
            fields.expect("devices", ["Voice": .string(device.text)])
            self = .agent(
                AgentEvent(
                    kind: kind, device: device, agent: try fields.agent("agentId"),
                    mode: try fields.word("agentMode"), reason: try fields.optionalText("reason")))
        } else if let detail = try RecordingEvent.Detail(name: name, fields: &fields) {
            fields.expect("eventType", "csta")
            let device = try fields.device("eventSrc")
            fields.expect(detail == .stopped ? "srcDeviceId" : "deviceId", device.text)
            self = .recording(
                RecordingEvent(
                    device: device, recording: try fields.text("recordId"), isSuccess: try fields.bool("isSuccess"),
                    detail: detail))
        } else if let detail = try CallEvent.Detail(name: name, fields: &fields) {
            fields.expect("eventType", "csta")
            let source = try fields.device("srcDeviceId")
            fields.expect("eventSrc", source.text)
            let call = try fields.call("callId")
            var part = source
            if case .conferenced(let conferenced) = detail { part = conferenced.addedParty }  // E8
            fields.expect("connectionId", "\(part.text)|\(call.text)")
            self = .call(
                CallEvent(
                    source: source, call: call, device: try fields.device("deviceId"),
                    state: try fields.word("localState"), cause: try fields.optionalText("cause").map(Cause.init),
                    detail: detail))
        } else {
            self = .unrecognized(name: name, type: type)
        }
    }
}

extension RecordingEvent.Detail {
    /// Nil for other events.
    fileprivate init?(name: String, fields: inout EventFields) throws(EventError) {
        switch name {
        case "recordStarted": self = .started(call: try fields.call("callId"), fileName: try fields.text("fileName"))
        case "recordStopped": self = .stopped
        default: return nil
        }
    }
}

extension CallEvent.Detail {
    /// Nil for other events.
    fileprivate init?(name: String, fields: inout EventFields) throws(EventError) {
        switch name {
        case "serviceInitiated": self = .serviceInitiated(initiatedDevice: try fields.device("initiatedDevice"))
        case "originated":
            self = .originated(
                callingDevice: try fields.device("callingDevice"), calledDevice: try fields.device("calledDevice"))
        case "delivered":
            self = .delivered(
                Delivered(
                    alertingDevice: try fields.device("alertingDevice"),
                    callingDevice: try fields.device("callingDevice"), calledDevice: try fields.device("calledDevice"),
                    trunkGroup: try fields.optionalText("trunkGroup"),
                    trunkMember: try fields.optionalText("trunkMember"), userData: try fields.userData("userData"),
                    split: try fields.optionalDevice("split"), callType: try fields.optionalWord("callType")))
        case "established":
            self = .established(
                Established(
                    answeringDevice: try fields.device("answeringDevice"),
                    callingDevice: try fields.device("callingDevice"), calledDevice: try fields.device("calledDevice"),
                    callType: try fields.optionalWord("callType")))
        case "held": self = .held(holdingDevice: try fields.device("holdingDevice"))
        case "retrieved": self = .retrieved(retrievingDevice: try fields.device("retrievingDevice"))
        case "transferred":
            self = .transferred(
                Transferred(
                    originCallInfo: try fields.object("originCallInfo"),
                    primaryOldCall: try fields.call("primaryOldCall"),
                    secondaryOldCall: try fields.call("secondaryOldCall"),
                    transferringDevice: try fields.device("transferringDevice"),
                    transferredToDevice: try fields.device("transferredToDevice"), newCall: try fields.call("newCall")))
        case "conferenced":
            self = .conferenced(
                Conferenced(
                    primaryOldCall: try fields.call("primaryOldCall"),
                    secondaryOldCall: try fields.call("secondaryOldCall"),
                    conferencingDevice: try fields.device("conferencingDevice"),
                    addedParty: try fields.device("addedParty"), newCall: try fields.call("newCall")))
        case "connectionCleared":
            self = .connectionCleared(
                releasingDevice: try fields.device("releasingDevice"), hangupDevice: try fields.device("hangupDevice"))
        case "failed":
            let text = try fields.text("failedCode")
            guard let code = Int(text).flatMap(FailedCode.init(rawValue:)) else {
                throw .invalid(field: "failedCode", expected: "one of 1 to 11 and 14, as a string")
            }
            self = .failed(
                calledDevice: try fields.device("calledDevice"), code: code, message: try fields.text("failedMsg"))
        default: return nil
        }
    }
}

/// The fields of an event that is being read, and which of them have been.
private struct EventFields {
    private let object: JSONObject
    private var read: Set<String> = []

    init(_ object: JSONObject) { self.object = object }

    /// Fields that nobody asked for.
    func unread() -> [UnknownField] {
        var unread: [UnknownField] = []
        var previous: String?
        for (key, value) in object {
            if !read.contains(key) { unread.append(UnknownField(key: key, value: value, predecessor: previous)) }
            previous = key
        }
        return unread
    }

    private mutating func value<Value>(
        _ field: String, _ expected: String, _ convert: (JSON) -> Value?
    ) throws(EventError) -> Value {
        guard let value = try optional(field, expected, convert) else { throw .missing(field: field) }
        return value
    }

    private mutating func optional<Value>(
        _ field: String, _ expected: String, _ convert: (JSON) -> Value?
    ) throws(EventError) -> Value? {
        guard let json = object[field] else { return nil }
        guard let value = convert(json) else { throw .invalid(field: field, expected: expected) }
        read.insert(field)
        return value
    }

    mutating func text(_ field: String) throws(EventError) -> String { try value(field, "a string", \.string) }
    mutating func bool(_ field: String) throws(EventError) -> Bool { try value(field, "true or false", \.bool) }
    mutating func integer(_ field: String) throws(EventError) -> Int64 { try value(field, "a whole number", \.integer) }
    mutating func object(_ field: String) throws(EventError) -> JSONObject { try value(field, "an object", \.object) }

    mutating func time(_ field: String) throws(EventError) -> LocalTime {
        try value(field, "a time as yyyy.MM.dd HH:mm:ss") { $0.string.flatMap(LocalTime.init) }
    }

    mutating func namespace(_ field: String) throws(EventError) -> Namespace {
        try value(field, "a namespace") { $0.string.flatMap { Namespace($0) } }
    }

    mutating func device(_ field: String) throws(EventError) -> DeviceID {
        try value(field, "number@namespace") { $0.string.flatMap { DeviceID($0) } }
    }

    mutating func optionalDevice(_ field: String) throws(EventError) -> DeviceID? {
        try optional(field, "number@namespace") { $0.string.flatMap { DeviceID($0) } }
    }

    mutating func agent(_ field: String) throws(EventError) -> AgentID {
        try value(field, "number@namespace") { $0.string.flatMap { AgentID($0) } }
    }

    mutating func call(_ field: String) throws(EventError) -> CallID {
        try value(field, "a call id") { $0.string.flatMap { CallID($0) } }
    }

    mutating func word<Word: RawRepresentable<String> & CaseIterable>(_ field: String) throws(EventError) -> Word {
        try value(field, Self.choice(of: Word.self)) { $0.string.flatMap(Word.init) }
    }

    mutating func optionalWord<Word: RawRepresentable<String> & CaseIterable>(
        _ field: String
    ) throws(EventError) -> Word? {
        try optional(field, Self.choice(of: Word.self)) { $0.string.flatMap(Word.init) }
    }

    mutating func optionalText(_ field: String) throws(EventError) -> String? {
        try optional(field, "a string", \.string)
    }

    mutating func userData(_ field: String) throws(EventError) -> UserData? {
        try optional(field, #"an object {"data": {…}} of strings"#) { json in
            guard let object = json.object, object.members.count == 1 else { return nil }
            return object["data"]?.object.flatMap(UserData.init)
        }
    }

    /// A field whose value follows from others. Should it differ, it stays unread, and so is kept as it came (E12).
    mutating func expect(_ field: String, _ text: String) {
        if object[field]?.string == text { read.insert(field) }
    }

    /// An object whose value follows from others; see ``expect(_:_:)``.
    mutating func expect(_ field: String, _ expected: JSONObject) {
        if object[field]?.object == expected { read.insert(field) }
    }

    private static func choice<Word: RawRepresentable<String> & CaseIterable>(of type: Word.Type) -> String {
        "one of " + Word.allCases.map(\.rawValue).joined(separator: ", ")
    }
}
