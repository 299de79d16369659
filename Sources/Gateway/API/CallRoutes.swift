import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// `/api/csta/callControl`: calls of two parties, so far.
enum CallRoutes {
    private static let calls = "/api/csta/callControl/calls"
    private static let connection = "\(calls)/{callId}/connections/{connectionId}"

    static func add(to routes: inout RouteTable) {
        routes.on(.post, calls, dial)
        routes.on(.get, calls, list)
        routes.on(.get, "\(calls)/{callId}", one)
        routes.on(.delete, connection) { try await act($0) { .clearConnection($0) } }
        routes.on(.post, "\(connection)/answer") { try await act($0) { .answerCall($0) } }
        routes.on(.post, "\(connection)/hold") { try await act($0) { .holdCall($0) } }
        routes.on(.post, "\(connection)/retrieve") { try await act($0) { .retrieveCall($0) } }
    }

    private static func dial(_ request: APIRequest) async throws -> Response {
        let requester = try request.requester()
        let fields = Fields(object: try await request.object(), namespace: requester.agent.namespace)
        let call = MakeCall(
            call: request.services.newCallID(), from: try fields.device("from"), to: try fields.number("to"),
            analysis: try fields.flag("cpa"), originForDisplay: try fields.optionalNumber("originForDisplay"),
            destinationForDisplay: try fields.optionalNumber("destForDisplay"),
            userData: try fields.userData("contextId"))
        return try await request.perform(.makeCall(call), by: requester, in: .call)
    }

    /// A service that acts on the connection that the path names; a body is not looked at.
    private static func act(
        _ request: APIRequest, _ command: (ConnectionID) -> Command
    ) async throws -> Response {
        let requester = try request.requester()
        let connection = try Numbers.connection(
            try request.parameter("connectionId"), of: try callID(of: request), field: "connectionId",
            in: requester.agent.namespace)
        return try await request.perform(command(connection), by: requester, in: .call)
    }

    private static func callID(of request: APIRequest) throws(APIError) -> CallID {
        guard let call = CallID(try request.parameter("callId")) else {
            throw .malformed(
                "callId", "not an id of 1 to \(CallID.maximumBytes) letters, digits and the characters . - _ :")
        }
        return call
    }

    private static func list(_ request: APIRequest) async throws -> Response {
        let requester = try request.requester()
        let device = try request.query()["device"].flatMap { $0.isEmpty ? nil : $0 }.map { text throws(APIError) in
            try Numbers.address(text, field: "device", in: requester.agent.namespace) as DeviceID
        }
        let snapshot = await (try request.services.tenant(of: requester)).read { tenant in
            CallsSnapshot(tenant, for: requester, device: device)
        }
        return .json(snapshot.encoded())
    }

    private static func one(_ request: APIRequest) async throws -> Response {
        let requester = try request.requester()
        let id = try callID(of: request)
        let snapshot = await (try request.services.tenant(of: requester)).read { tenant in
            CallsSnapshot(tenant, for: requester, call: id)
        }
        // Somebody else's call is as unknown as one that is not there.
        guard let text = snapshot.encodedCall() else { throw APIError(.noSuchCall, in: .call) }
        return .json(text)
    }
}
