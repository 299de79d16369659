import CSTA
import SwitchDriver

/// The stored form of a tenant's parts. A field that is not there has its default, so that newer versions read older states.
enum StateCoding {
    /// Which field is missing or wrong.
    struct Failure: Error {
        var field: String
    }

    static func encode(_ login: Agent.Login) -> [UInt8] {
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.member("device", login.device.text)
        writer.member("mode", login.mode.rawValue)
        writer.member("reason", login.reason)
        if let pending = login.pending {
            writer.member("pendingMode", pending.mode.rawValue)
            writer.member("pendingReason", pending.reason)
        }
        writer.member("since", login.since)
        writer.endObject()
        return writer.bytes
    }

    static func login(_ object: JSONObject) throws(Failure) -> Agent.Login {
        var login = Agent.Login(
            device: try object.device("device"), mode: try object.word("mode"), since: try object.instant("since"))
        login.reason = object["reason"]?.string
        if object["pendingMode"] != nil {
            login.pending = Agent.PendingMode(
                mode: try object.word("pendingMode"), reason: object["pendingReason"]?.string)
        }
        return login
    }

    static func encode(_ call: Call) -> [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        writer.beginObject()
        writer.member("id", call.id.text)
        writer.member("type", call.type.rawValue)
        writer.member("began", call.began)
        writer.member("originator", call.originator.text)
        if call.analysis { writer.member("analysis", true) }
        writer.member("hangupDevice", call.hangupDevice?.text)
        writer.member("trunkGroup", call.trunk?.group)
        writer.member("trunkMember", call.trunk?.member)
        writer.key("userData")
        writer.object(call.userData.entries)
        if let destination = call.destination { encode(destination, into: &writer) }
        writer.key("connections")
        writer.beginArray()
        for connection in call.connections { encode(connection, into: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    static func call(_ object: JSONObject) throws(Failure) -> Call {
        guard let userData = object["userData"]?.object.flatMap(UserData.init) else { throw Failure(field: "userData") }
        var call = Call(
            id: try object.call("id"), type: try object.word("type"), began: try object.instant("began"),
            originator: try object.device("originator"), userData: userData,
            analysis: object["analysis"]?.bool ?? false)
        if object["hangupDevice"] != nil { call.hangupDevice = try object.device("hangupDevice") }
        if let group = object["trunkGroup"]?.string {
            call.trunk = Call.TrunkLine(group: group, member: object["trunkMember"]?.string)
        }
        call.destination = try object["destination"]?.object.map(destination)
        for element in object["connections"]?.array ?? [] {
            guard let object = element.object else { throw Failure(field: "connections") }
            call.connections.append(try connection(object))
        }
        guard !call.connections.isEmpty else { throw Failure(field: "connections") }
        return call
    }

    private static func encode(_ destination: Destination, into writer: inout JSONWriter) {
        writer.key("destination")
        writer.beginObject()
        writer.member("device", destination.device.text)
        if case .external(let number, let group) = destination.endpoint {
            writer.member("number", number)
            writer.member("trunkGroup", group)
        }
        writer.member("presentingNumber", destination.presenting.number)
        writer.member("presentingName", destination.presenting.name)
        writer.endObject()
    }

    private static func destination(_ object: JSONObject) throws(Failure) -> Destination {
        let device = try object.device("device")
        var endpoint = Endpoint.phone(device)
        if object["number"] != nil {
            endpoint = .external(number: try object.text("number"), trunkGroup: try object.text("trunkGroup"))
        }
        return Destination(
            device: device, endpoint: endpoint,
            presenting: Presentation(
                number: try object.text("presentingNumber"), name: object["presentingName"]?.string))
    }

    private static func encode(_ connection: Connection, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("device", connection.device.text)
        writer.member("leg", connection.leg.text)
        writer.member("legState", connection.legState.rawValue)
        writer.member("state", connection.state.rawValue)
        writer.member("calling", connection.callingDevice.text)
        writer.member("called", connection.calledDevice.text)
        if connection.isInternal { writer.member("internal", true) }
        if connection.hasJoined { writer.member("joined", true) }
        if connection.isClearing { writer.member("clearing", true) }
        if !connection.holds.isEmpty {
            writer.key("holds")
            writer.integer(connection.holds.rawValue)
        }
        writer.member("request", connection.request?.rawValue)
        writer.member("ringTime", connection.ringTime)
        writer.member("answerTime", connection.answerTime)
        writer.endObject()
    }

    private static func connection(_ object: JSONObject) throws(Failure) -> Connection {
        var connection = Connection(
            device: try object.device("device"), isInternal: object["internal"]?.bool ?? false,
            leg: LegID(try object.text("leg")), legState: try object.word("legState"), state: try object.word("state"),
            callingDevice: try object.device("calling"), calledDevice: try object.device("called"))
        connection.hasJoined = object["joined"]?.bool ?? false
        connection.isClearing = object["clearing"]?.bool ?? false
        connection.holds = Connection.Holds(rawValue: UInt8(clamping: object["holds"]?.integer ?? 0))
        if object["request"] != nil { connection.request = try object.word("request") }
        if object["ringTime"] != nil { connection.ringTime = try object.instant("ringTime") }
        if object["answerTime"] != nil { connection.answerTime = try object.instant("answerTime") }
        return connection
    }

    static func object(_ bytes: [UInt8]) throws(Failure) -> JSONObject {
        guard case .object(let object)? = try? JSON.parse(bytes) else { throw Failure(field: "not a JSON object") }
        return object
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ key: StaticString, _ text: String?) {
        guard let text else { return }
        self.key(key)
        string(text)
    }

    fileprivate mutating func member(_ key: StaticString, _ value: Bool) {
        self.key(key)
        bool(value)
    }

    fileprivate mutating func member(_ key: StaticString, _ instant: Instant?) {
        guard let instant else { return }
        self.key(key)
        integer(instant.milliseconds)
    }
}

extension JSONObject {
    fileprivate func text(_ field: String) throws(StateCoding.Failure) -> String {
        guard let text = self[field]?.string else { throw StateCoding.Failure(field: field) }
        return text
    }

    fileprivate func word<Word: RawRepresentable<String>>(_ field: String) throws(StateCoding.Failure) -> Word {
        guard let word = Word(rawValue: try text(field)) else { throw StateCoding.Failure(field: field) }
        return word
    }

    fileprivate func device(_ field: String) throws(StateCoding.Failure) -> DeviceID {
        guard let device = DeviceID(try text(field)) else { throw StateCoding.Failure(field: field) }
        return device
    }

    fileprivate func call(_ field: String) throws(StateCoding.Failure) -> CallID {
        guard let call = CallID(try text(field)) else { throw StateCoding.Failure(field: field) }
        return call
    }

    fileprivate func instant(_ field: String) throws(StateCoding.Failure) -> Instant {
        guard let milliseconds = self[field]?.integer else { throw StateCoding.Failure(field: field) }
        return Instant(milliseconds: milliseconds)
    }
}
