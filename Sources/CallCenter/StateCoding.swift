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
        writer.member("split", login.split?.text)
        if let allocation = login.allocation { encode(allocation, into: &writer) }
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
        login.split = try object.optional("split", object.device)
        login.allocation = try object["allocation"]?.object.map(allocation)
        return login
    }

    static func encode(_ call: Call) -> [UInt8] {
        var writer = JSONWriter(reserving: 1024)
        writer.beginObject()
        writer.member("id", call.id.text)
        writer.member("type", call.type.rawValue)
        writer.member("began", call.began)
        if call.conversation != call.id { writer.member("conversation", call.conversation.text) }
        writer.member("originator", call.originator.text)
        writer.member("consultedFrom", call.consultedFrom?.text)
        writer.member("conferencing", call.conferencingDevice?.text)
        writer.member("comingBack", call.comingBack?.party.text)
        writer.member("comingBackTo", call.comingBack?.to.text)
        if call.isMusicOn { writer.member("music", true) }
        writer.member("legs", call.legCount)
        if call.recordingCount > 0 { writer.member("recordings", call.recordingCount) }
        writer.member("lastRecording", call.lastRecording)
        if call.analysis { writer.member("analysis", true) }
        writer.member("hangupDevice", call.hangupDevice?.text)
        writer.member("trunkGroup", call.trunk?.group)
        writer.member("trunkMember", call.trunk?.member)
        writer.key("userData")
        writer.object(call.userData.entries)
        if let destination = call.destination { encode(destination, into: &writer) }
        if let queue = call.queue { encode(queue, into: &writer) }
        if let tie = call.outbound { encode(tie, into: &writer) }
        if let announcement = call.announcement { encode(announcement, into: &writer) }
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
            id: try object.call("id"), conversation: try object.optional("conversation", object.call),
            type: try object.word("type"), began: try object.instant("began"),
            originator: try object.device("originator"), userData: userData,
            analysis: object["analysis"]?.bool ?? false)
        call.consultedFrom = try object.optional("consultedFrom", object.call)
        call.conferencingDevice = try object.optional("conferencing", object.device)
        if object["comingBack"] != nil {
            call.comingBack = Call.ComingBack(
                party: try object.device("comingBack"), to: try object.device("comingBackTo"))
        }
        call.isMusicOn = object["music"]?.bool ?? false
        // Before legs were counted, a call dialled two at most.
        call.legCount = object.count("legs") ?? 2
        call.recordingCount = object.count("recordings") ?? 0
        call.lastRecording = try object.optional("lastRecording", object.instant)
        call.hangupDevice = try object.optional("hangupDevice", object.device)
        if let group = object["trunkGroup"]?.string {
            call.trunk = Call.TrunkLine(group: group, member: object["trunkMember"]?.string)
        }
        call.destination = try object["destination"]?.object.map(destination)
        call.queue = try object["queue"]?.object.map(queue)
        call.outbound = try object["outbound"]?.object.map(tie)
        call.announcement = try object["announcement"]?.object.map(announcement)
        for element in object["connections"]?.array ?? [] {
            guard let object = element.object else { throw Failure(field: "connections") }
            call.connections.append(try connection(object))
        }
        markTrunkOfOlderState(of: &call)
        guard !call.connections.isEmpty else { throw Failure(field: "connections") }
        return call
    }

    static func encode(_ destination: Destination, into writer: inout JSONWriter) {
        writer.key("destination")
        writer.beginObject()
        writer.member("device", destination.device.text)
        switch destination.endpoint {
        case .phone: break
        case .external(let number, let group, _):
            writer.member("number", number)
            writer.member("trunkGroup", group)
            encode(overflow: destination.groups.dropFirst(), into: &writer)
        case nil: writer.member("split", true)
        }
        writer.member("presentingNumber", destination.presenting.number)
        writer.member("presentingName", destination.presenting.name)
        writer.endObject()
    }

    static func destination(_ object: JSONObject) throws(Failure) -> Destination {
        let device = try object.device("device")
        var endpoint: Endpoint? = object["split"]?.bool == true ? nil : .phone(device)
        var groups: [String] = []
        if object["number"] != nil {
            let group = try object.text("trunkGroup")
            endpoint = .external(number: try object.text("number"), trunkGroup: group)
            groups = [group] + overflow(object)
        }
        return Destination(
            device: device, endpoint: endpoint, groups: groups,
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
        writer.member("isCalled", connection.isCalled)
        if connection.part != .party { writer.member("part", connection.part.rawValue) }
        if connection.hasJoined { writer.member("joined", true) }
        if connection.isClearing { writer.member("clearing", true) }
        if !connection.holds.isEmpty { writer.member("holds", Int(connection.holds.rawValue)) }
        if connection.isHoldAssumed { writer.member("holdAssumed", true) }
        writer.member("request", connection.request?.rawValue)
        writer.member("addedBy", connection.addedBy?.text)
        writer.member("split", connection.split?.text)
        if let recording = connection.recording { encode(recording, into: &writer) }
        encode(trunkOf: connection, into: &writer)
        encode(connection.history, into: &writer)
        writer.endObject()
    }

    private static func connection(_ object: JSONObject) throws(Failure) -> Connection {
        var connection = Connection(
            device: try object.device("device"), isInternal: object["internal"]?.bool ?? false,
            leg: LegID(try object.text("leg")), legState: try object.word("legState"), state: try object.word("state"),
            isCalled: object["isCalled"]?.bool ?? false, callingDevice: try object.device("calling"),
            calledDevice: try object.device("called"), joined: Instant(milliseconds: 0))
        connection.part = try object.optional("part", object.word) ?? .party
        connection.hasJoined = object["joined"]?.bool ?? false
        connection.isClearing = object["clearing"]?.bool ?? false
        connection.holds = Connection.Holds(rawValue: UInt8(clamping: object["holds"]?.integer ?? 0))
        connection.isHoldAssumed = object["holdAssumed"]?.bool ?? false
        connection.request = try object.optional("request", object.word)
        connection.addedBy = try object.optional("addedBy", object.device)
        connection.split = try object.optional("split", object.device)
        connection.recording = try object["recording"]?.object.map(recording)
        connection.history = try history(object)
        connection.trunk = line(object)
        connection.attempt = try object["attempt"]?.object.map(attempt)
        return connection
    }

    private static func encode(_ history: PartHistory, into writer: inout JSONWriter) {
        writer.member("began", history.joined)
        writer.member("ringTime", history.offered)
        writer.member("answerTime", history.answered)
        writer.member("heldSince", history.heldSince)
        if history.heldMilliseconds > 0 { writer.member("heldMilliseconds", Int(history.heldMilliseconds)) }
        writer.member("agent", history.agent?.text)
        writer.member("queuedIn", history.split?.text)
        if history.queuedMilliseconds > 0 { writer.member("queuedMilliseconds", Int(history.queuedMilliseconds)) }
        guard !history.recordings.isEmpty else { return }
        writer.key("recordings")
        writer.beginArray()
        for recording in history.recordings { writer.string(recording) }
        writer.endArray()
    }

    private static func history(_ object: JSONObject) throws(Failure) -> PartHistory {
        let answered = try object.optional("answerTime", object.instant)
        let offered = try object.optional("ringTime", object.instant)
        var history = PartHistory(
            joined: try object.optional("began", object.instant) ?? offered ?? answered ?? Instant(milliseconds: 0))
        history.offered = offered
        history.answered = answered
        history.heldSince = try object.optional("heldSince", object.instant)
        history.heldMilliseconds = object["heldMilliseconds"]?.integer ?? 0
        history.agent = object["agent"]?.string.flatMap { AgentID($0) }
        history.split = object["queuedIn"]?.string.flatMap { DeviceID($0) }
        history.queuedMilliseconds = object["queuedMilliseconds"]?.integer ?? 0
        history.recordings = object["recordings"]?.array?.compactMap(\.string) ?? []
        return history
    }

    private static func encode(_ recording: Recording, into writer: inout JSONWriter) {
        writer.key("recording")
        writer.beginObject()
        writer.member("id", recording.id.text)
        writer.member("path", recording.path)
        if recording.isRunning { writer.member("running", true) }
        if recording.isStopping { writer.member("stopping", true) }
        writer.endObject()
    }

    private static func recording(_ object: JSONObject) throws(Failure) -> Recording {
        var recording = Recording(id: RecordingID(try object.text("id")), path: try object.text("path"))
        recording.isRunning = object["running"]?.bool ?? false
        recording.isStopping = object["stopping"]?.bool ?? false
        return recording
    }

    static func object(_ bytes: [UInt8]) throws(Failure) -> JSONObject {
        guard case .object(let object)? = try? JSON.parse(bytes) else { throw Failure(field: "not a JSON object") }
        return object
    }
}
