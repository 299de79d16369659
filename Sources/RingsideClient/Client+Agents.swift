public import CSTA

extension Client {
    private static let statePath = "/api/csta/agent/state"

    /// Logs an agent in on a device, and keeps it logged in by heartbeats.
    ///
    /// - Parameters:
    ///   - agent: nil: the account's own.
    ///   - password: nil: the account's own.
    public func agentLogIn(
        on device: DeviceID, mode: AgentMode = .ready, agent: AgentID? = nil, password: String? = nil
    ) async throws {
        let agent = try own(agent)
        var body: JSONObject = [
            "func": .string("Login"), "loginId": .string(agent.text), "device": .string(device.text),
            "agentMode": .string(mode.rawValue),
        ]
        if let password = password ?? credentials.password { body["password"] = .string(password) }
        try await post(Self.statePath, body)
        if settings.sendsHeartbeats { keepLoggedIn(agent) }
    }

    /// Logs an agent out of its device.
    ///
    /// - Parameter agent: nil: the account's own; another one's only for supervisors.
    public func agentLogOut(_ agent: AgentID? = nil) async throws {
        let agent = try own(agent)
        try await post(Self.statePath, ["func": .string("Logout"), "agentId": .string(agent.text)])
        if heartbeatAgent == agent { endHeartbeat() }
    }

    /// Makes an agent ready or not ready for calls of a queue.
    ///
    /// - Parameter reason: comes back in the event.
    /// - Returns: the mode that will come when the call ends, if it cannot come now (E13).
    @discardableResult
    public func setMode(_ mode: AgentMode, reason: String? = nil, of agent: AgentID? = nil) async throws -> AgentMode? {
        var body: JSONObject = [
            "func": .string("SetState"), "agentId": .string(try own(agent).text), "agentMode": .string(mode.rawValue),
        ]
        if let reason { body["reason"] = .string(reason) }
        return try await post(Self.statePath, body)["pendingMode"]?.string.flatMap(AgentMode.init)
    }

    private func own(_ agent: AgentID?) throws(ClientError) -> AgentID {
        guard let agent = agent ?? self.agent else {
            throw .invalid("name the agent: a key or a session alone has none")
        }
        return agent
    }
}
