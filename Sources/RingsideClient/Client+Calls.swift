public import CSTA

/// Services on calls. What comes of them are events.
extension Client {
    /// Dials.
    ///
    /// - Parameters:
    ///   - number: bare (`8002`, `9138…`) or with its namespace.
    ///   - analysis: call progress analysis: `failed` comes if the call fails (E19).
    ///   - shownAs: what the called side is shown instead of the caller's number.
    ///   - shownNumber: what the caller's phone is shown instead of the called number.
    public func call(
        from device: DeviceID, to number: String, userData: UserData? = nil, analysis: Bool = false,
        shownAs: String? = nil, shownNumber: String? = nil
    ) async throws -> CallID {
        var body: JSONObject = ["from": .string(device.text), "to": .string(number)]
        if analysis { body["cpa"] = .string("1") }
        if let userData {
            body["contextId"] = .string(String(decoding: JSON.object(userData.entries).encoded(), as: UTF8.self))
        }
        if let shownAs { body["originForDisplay"] = .string(shownAs) }
        if let shownNumber { body["destForDisplay"] = .string(shownNumber) }
        return try callID(in: try await post("/api/csta/callControl/calls", body), of: "calls")
    }

    /// Answers what rings.
    public func answer(_ connection: ConnectionID) async throws { try await act("answer", on: connection) }

    /// Another's connection: supervisors only.
    public func hangUp(_ connection: ConnectionID) async throws { try await delete(connection.path) }

    public func hold(_ connection: ConnectionID) async throws { try await act("hold", on: connection) }

    public func retrieve(_ connection: ConnectionID) async throws { try await act("retrieve", on: connection) }

    /// Hands the other party over at once.
    ///
    /// - Parameter returns: it comes back when the other has hung up.
    public func transfer(_ connection: ConnectionID, to number: String, returns: Bool = false) async throws {
        try await act(
            returns ? "singleStepTransferCallAndWait" : "singleStepTransfer", on: connection,
            ["transferTo": .string(number)])
    }

    /// Brings somebody into the call.
    ///
    /// - Parameter isSilent: who comes in hears, and is not heard.
    public func addParty(_ number: String, to connection: ConnectionID, isSilent: Bool = false) async throws {
        try await act(
            "singleStepConference", on: connection,
            [
                "conferenceParticipant": .string(number),
                "participationType": .string(isSilent ? "Silent" : "Active"),
            ])
    }

    /// Holds the call and calls somebody else meanwhile.
    ///
    /// - Returns: the new call, for ``transfer(_:with:returns:)``, ``conference(_:with:)`` and
    ///   ``cancelConsultation(_:with:)``.
    public func consult(_ number: String, holding connection: ConnectionID) async throws -> CallID {
        let answer = try await act("consult", on: connection, ["consultationParticipant": .string(number)])
        return try callID(in: answer, of: "consult")
    }

    /// Ends the consultation; the held call is taken back.
    public func cancelConsultation(_ held: ConnectionID, with call: CallID) async throws {
        try await afterConsultation("cancelConsult", held, call)
    }

    /// Connects the party that is held with the one that is consulted.
    ///
    /// - Parameter returns: it comes back when those two have finished.
    public func transfer(_ held: ConnectionID, with call: CallID, returns: Bool = false) async throws {
        try await afterConsultation(returns ? "transferAndWait" : "transfer", held, call)
    }

    /// Makes one call of the held one and the consultation.
    public func conference(_ held: ConnectionID, with call: CallID) async throws {
        try await afterConsultation("conference", held, call)
    }

    /// Hears a call unnoticed; supervisors only.
    public func listen(to call: CallID, on device: DeviceID) async throws {
        try await post("\(call.path)/spy?deviceId=\(device.text.percentEncoded)")
    }

    /// Merges data into the call's own.
    public func setUserData(_ data: UserData, of call: CallID) async throws {
        let entries = data.entries.map { JSON.object(["key": .string($0.key), "value": $0.value]) }
        try await post("\(call.path)/user-data", ["entries": .array(entries)])
    }

    /// Records the call in which a device talks.
    public func startRecording(_ device: DeviceID) async throws { try await record("Start", device) }

    public func stopRecording(_ device: DeviceID) async throws { try await record("Stop", device) }

    private func record(_ service: String, _ device: DeviceID) async throws {
        try await post("/api/csta/callControl/recording/\(service)?extension=\(device.text.percentEncoded)")
    }

    private func afterConsultation(_ service: String, _ held: ConnectionID, _ call: CallID) async throws {
        try await act(service, on: held, ["consultCallId": .string(call.text)])
    }

    @discardableResult
    private func act(_ service: String, on connection: ConnectionID, _ body: JSONObject? = nil) async throws -> JSON {
        try await post("\(connection.path)/\(service)", body)
    }

    private func callID(in answer: JSON, of path: String) throws(ClientError) -> CallID {
        guard let call = answer["callId"]?.string.flatMap({ CallID($0) }) else {
            throw .unintelligible(path: path, what: "no callId")
        }
        return call
    }
}

extension CallID {
    /// Its path in the interface.
    fileprivate var path: String { "/api/csta/callControl/calls/\(text.percentEncoded)" }
}

extension ConnectionID {
    fileprivate var path: String { "\(call.path)/connections/\(description.percentEncoded)" }
}
