import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// `/api/csta/callControl/calls`: dialling, what one does with one's own part in a call, and the calls as they stand.
enum CallRoutes {
    static let calls = "/api/csta/callControl/calls"
    static let connection = "\(calls)/{callId}/connections/{connectionId}"

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
        return try await request.perform(command(try connectionID(of: request, requester)), by: requester, in: .call)
    }

    /// The connection that the path names.
    static func connectionID(of request: APIRequest, _ requester: Requester) throws(APIError) -> ConnectionID {
        try Numbers.connection(
            try request.parameter("connectionId"), of: try callID(of: request), field: "connectionId",
            in: requester.agent.namespace)
    }

    static func callID(of request: APIRequest) throws(APIError) -> CallID {
        let call = try Numbers.call(try request.parameter("callId"), field: "callId")
        request.context.notes.note(call: call)
        return call
    }

    private static func list(_ request: APIRequest) async throws -> Response {
        let requester = try request.requester()
        let device: DeviceID? = try QueryFields(try request.query(), in: requester.agent.namespace).address("device")
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
