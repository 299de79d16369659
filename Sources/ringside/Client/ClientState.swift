import CSTA

/// What `client-state` says of an agent.
struct ClientState: Hashable, Sendable {
    struct Call: Hashable, Sendable {
        var connection: ConnectionID
        var state: String
        var direction: String
        var otherSide: String

        init?(_ json: JSON, device: DeviceID?) {
            guard let id = json["callId"]?.string.flatMap({ CallID($0) }) else { return nil }
            let named = json["connectionId"]?.string.flatMap { ConnectionID($0) }
            guard let connection = named ?? device.map({ ConnectionID(device: $0, call: id) }) else { return nil }
            self.connection = connection
            state = json["state"]?.string ?? "Unknown"
            direction = json["direction"]?.string ?? ""
            otherSide = json["otherSide"]?.string ?? ""
        }
    }

    var name: String
    var mode: String
    var pendingMode: String?
    var device: DeviceID?
    /// The active one first.
    var calls: [Call]
    /// The last event that this includes.
    var serial: Int64

    /// - Throws: ``ClientFailure/unintelligible(path:what:)``
    init(_ json: JSON) throws {
        guard let agent = json["agent"]?.object, let serial = json["serial"]?.integer else {
            throw ClientFailure.unintelligible(path: "client-state", what: "no agent or no serial")
        }
        name = agent["agentName"]?.string ?? ""
        mode = agent["agentMode"]?.string ?? "Unknown"
        pendingMode = agent["pendingMode"]?.string
        let device = agent["extensionId"]?.string.flatMap { DeviceID($0) }
        self.device = device
        self.serial = serial
        let active = agent["activeCall"].flatMap { Call($0, device: device) }
        let all = (json["calls"]?.array ?? []).compactMap { Call($0, device: device) }
        calls = [active].compactMap(\.self) + all.filter { $0.connection.call != active?.connection.call }
    }
}

extension APIClient {
    func clientState() async throws -> ClientState { try ClientState(try await get("/api/csta/agent/client-state")) }
}
