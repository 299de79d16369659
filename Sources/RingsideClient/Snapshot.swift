public import CSTA

/// What there is now: the events after ``serial`` are still to come.
public struct Snapshot: Hashable, Sendable {
    /// The agent itself; nil for who is none, such as a supervisor or an API key.
    public var agent: AgentSnapshot?
    /// Parts in calls: the agent's own, the active one first; for who is no agent, all that it may see.
    public var calls: [CallPart]
    /// The last event that this includes.
    public var serial: Serial

    /// An agent as it stands.
    public struct AgentSnapshot: Hashable, Sendable {
        public var id: AgentID
        public var name: String
        public var mode: AgentMode?
        /// What comes when the call ends (E13).
        public var pendingMode: AgentMode?
        /// Why it is not ready, if it said so.
        public var reason: String?
        /// Where it is logged in.
        public var device: DeviceID?
    }

    /// A device's part in a call.
    public struct CallPart: Hashable, Sendable {
        public var connection: ConnectionID
        public var state: ConnectionState
        public var callingDevice: DeviceID?
        public var calledDevice: DeviceID?
        public var callType: CallType?
        /// Whom it talks to, or will.
        public var otherSide: DeviceID?
        /// Whether the device began the call; nil if the server does not say.
        public var isOutgoing: Bool?
        public var userData: UserData?
    }
}

extension Snapshot {
    /// Reads `client-state`.
    ///
    /// - Throws: ``ClientError/unintelligible(path:what:)``
    init(clientState json: JSON) throws(ClientError) {
        guard let agent = json["agent"], let id = agent["agentId"]?.string.flatMap({ AgentID($0) }),
            let serial = json["serial"]?.integer
        else { throw .unintelligible(path: "client-state", what: "no agent or no serial") }
        let device = agent["extensionId"]?.string.flatMap { DeviceID($0) }
        self.agent = AgentSnapshot(
            id: id, name: agent["agentName"]?.string ?? "", mode: agent["agentMode"]?.string.flatMap(AgentMode.init),
            pendingMode: agent["pendingMode"]?.string.flatMap(AgentMode.init), reason: agent["reason"]?.string,
            device: device)
        self.serial = Serial(serial)
        let active = agent["activeCall"].flatMap { CallPart($0) }
        let all = (json["calls"]?.array ?? []).compactMap { CallPart($0) }
        calls = [active].compactMap(\.self) + all.filter { $0.connection.call != active?.connection.call }
    }

    /// Reads the list of calls.
    ///
    /// - Throws: ``ClientError/unintelligible(path:what:)``
    init(calls json: JSON) throws(ClientError) {
        guard let list = json["calls"]?.array, let serial = json["serial"]?.integer else {
            throw .unintelligible(path: "calls", what: "no list of calls, or no serial")
        }
        self.serial = Serial(serial)
        calls = list.flatMap { call in (call["connections"]?.array ?? []).compactMap { CallPart($0, of: call) } }
    }
}

extension Snapshot.CallPart {
    /// - Parameter call: what has the fields of the whole call, if not the part itself.
    fileprivate init?(_ json: JSON, of call: JSON? = nil) {
        guard let connection = json["connectionId"]?.string.flatMap({ ConnectionID($0) }) else { return nil }
        func device(_ names: String...) -> DeviceID? {
            names.lazy.compactMap { json[$0]?.string }.first.flatMap { DeviceID($0) }
        }
        self.connection = connection
        state = json["state"]?.string.flatMap(ConnectionState.init) ?? .none
        callingDevice = device("ani", "callingDevice")
        calledDevice = device("dnis", "calledDevice")
        otherSide = device("otherSide")
        isOutgoing = json["direction"]?.string.map { $0 == "Out" }
        let whole = call ?? json
        callType = whole["callType"]?.string.flatMap(CallType.init)
        userData = whole["userData"]?["data"]?.object.flatMap { UserData($0) }
    }
}

extension Client {
    /// What there is now.
    ///
    /// - Throws: ``ClientError``
    public func snapshot() async throws -> Snapshot {
        do {
            return try Snapshot(clientState: try await get("/api/csta/agent/client-state"))
        } catch ClientError.refused(let refusal) where refusal.code == "noSuchAgent" {
            // A supervisor need not be an agent.
            return try await calls()
        }
    }

    /// The calls that one may see: an agent its own, a supervisor or a machine those of the namespace.
    ///
    /// - Parameter device: only those that this device is in.
    public func calls(of device: DeviceID? = nil) async throws -> Snapshot {
        let query = device.map { "?device=\($0.text.percentEncoded)" } ?? ""
        return try Snapshot(calls: try await get("/api/csta/callControl/calls\(query)"))
    }
}
