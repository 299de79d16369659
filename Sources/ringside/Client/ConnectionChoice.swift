import ArgumentParser
import CSTA
import RingsideClient

/// How a user says on which call to act.
struct ConnectionChoice {
    /// The beginning of an id; nil: the agent's call to which it can be done.
    var call: String?
    /// Whose part in the call; nil: the agent's own.
    var device: String?

    /// - Parameter name: how the user gives the call.
    func validate(as name: String) throws {
        guard device == nil || call.flatMap({ CallID($0) }) != nil else {
            let whole = name.hasPrefix("--") ? "\(name) with the whole id" : "\(name)'s whole id"
            throw ValidationError("--device needs \(whole); `ringside calls` shows it.")
        }
    }

    /// Finds the connection, does something to it and says so.
    ///
    /// - Parameters:
    ///   - states: those in which it is possible, the likeliest first; empty: in any.
    ///   - reports: whether to print what was done.
    func act(
        at server: ServerOptions, _ verb: String, in states: [ConnectionState], reports: Bool = true,
        _ body: (Client, ConnectionID) async throws -> Void
    ) async throws {
        try await atServer(server) { client, access in
            let connection = try await connection(client, access, verb, states)
            try await body(client, connection)
            if reports { print("\(connection.device): \(verb), call \(connection.call)") }
        }
    }

    /// - Parameters:
    ///   - verb: what is to be done, for messages.
    ///   - states: those in which it is possible, the likeliest first; empty: in any.
    private func connection(_ client: Client, _ access: ServerAccess, _ verb: String, _ states: [ConnectionState])
        async throws -> ConnectionID
    {
        if let device, let call = call.flatMap({ CallID($0) }) {
            return ConnectionID(device: try access.device(device), call: call)
        }
        let calls = try await client.snapshot().calls
        if let call {
            let hits = calls.filter { $0.connection.call.text.hasPrefix(call) }
            if hits.count == 1 { return hits[0].connection }
            throw NothingToDo(
                "\(access.agent) has \(hits.isEmpty ? "no call" : "several calls") \(call); see `ringside state`")
        }
        for state in states {
            if let hit = calls.first(where: { $0.state == state }) { return hit.connection }
        }
        if states.isEmpty, let first = calls.first { return first.connection }
        throw NothingToDo("\(access.agent) has no call to \(verb); see `ringside state`")
    }
}

extension Client {
    /// A device as this agent means it; the one on which it is logged in if none is named.
    func device(_ number: String?, _ access: ServerAccess) async throws -> DeviceID {
        if let number { return try access.device(number) }
        guard let device = try await snapshot().agent?.device else {
            throw NothingToDo("\(access.agent) is not logged in on a device: ringside login 8001")
        }
        return device
    }

    /// The one call that the agent may see whose id begins so.
    func call(beginning text: String) async throws -> CallID {
        let hits = Set(try await calls().calls.map(\.connection.call).filter { $0.text.hasPrefix(text) })
        guard hits.count == 1, let call = hits.first else {
            throw NothingToDo(
                "there is \(hits.isEmpty ? "no call" : "more than one call") \(text); see `ringside calls`")
        }
        return call
    }
}
