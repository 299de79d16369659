import CSTA
import SwitchDriver

// Lines of trunks, which older states do not have.
extension StateCoding {
    static func encode(trunkOf connection: Connection, into writer: inout JSONWriter) {
        if let trunk = connection.trunk { encode(trunk, into: &writer) }
        guard let attempt = connection.attempt else { return }
        writer.key("attempt")
        writer.beginObject()
        encode(attempt.destination, into: &writer)
        writer.member("ringSeconds", attempt.ringSeconds)
        writer.key("tried")
        writer.beginArray()
        for line in attempt.tried {
            writer.beginObject()
            encode(line, into: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    static func attempt(_ object: JSONObject) throws(Failure) -> LineAttempt {
        guard let destination = object["destination"]?.object, let ringSeconds = object.count("ringSeconds") else {
            throw Failure(field: "attempt")
        }
        return LineAttempt(
            destination: try self.destination(destination), ringSeconds: ringSeconds,
            tried: object["tried"]?.array?.compactMap { $0.object.flatMap(line) } ?? [])
    }

    static func line(_ object: JSONObject) -> Call.TrunkLine? {
        object["trunkGroup"]?.string.map { Call.TrunkLine(group: $0, member: object["trunkMember"]?.string) }
    }

    private static func encode(_ line: Call.TrunkLine, into writer: inout JSONWriter) {
        writer.member("trunkGroup", line.group)
        writer.member("trunkMember", line.member)
    }

    /// The groups after the first.
    static func encode(overflow groups: ArraySlice<String>, into writer: inout JSONWriter) {
        guard !groups.isEmpty else { return }
        writer.key("overflow")
        writer.beginArray()
        for group in groups { writer.string(group) }
        writer.endArray()
    }

    static func overflow(_ object: JSONObject) -> [String] {
        object["overflow"]?.array?.compactMap(\.string) ?? []
    }

    /// Before lines were counted, the call alone knew on which trunk its customer had come in.
    static func markTrunkOfOlderState(of call: inout Call) {
        guard call.type == .inbound, let index = call.index(of: call.originator),
            !call.connections[index].isInternal, call.connections[index].trunk == nil
        else { return }
        call.connections[index].trunk = call.trunk
    }
}
