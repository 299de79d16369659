import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// `/api/csta/callControl`: what leads a call elsewhere, brings others in, or lets others hear it.
enum CallServiceRoutes {
    private static let call = "\(CallRoutes.calls)/{callId}"

    static func add(to routes: inout RouteTable) {
        let connection = CallRoutes.connection
        routes.on(.post, "\(connection)/singleStepTransfer") { try await transfer($0, returns: false) }
        routes.on(.post, "\(connection)/singleStepTransferCallAndWait") { try await transfer($0, returns: true) }
        routes.on(.post, "\(connection)/singleStepConference", join)
        routes.on(.post, "\(connection)/consult", consult)
        routes.on(.post, "\(connection)/cancelConsult") {
            try await afterConsultation($0) { .cancelConsultation(held: $0, consultation: $1) }
        }
        routes.on(.post, "\(connection)/transfer") {
            try await afterConsultation($0) { .transferCall(held: $0, active: $1, returns: false) }
        }
        routes.on(.post, "\(connection)/transferAndWait") {
            try await afterConsultation($0) { .transferCall(held: $0, active: $1, returns: true) }
        }
        routes.on(.post, "\(connection)/conference") {
            try await afterConsultation($0) { .conferenceCall(held: $0, active: $1) }
        }
        routes.on(.post, "\(call)/agentGreeting", greet)
        routes.on(.post, "\(call)/spy", listen)
        routes.on(.post, "/api/csta/callControl/recording/Start") { try await record($0) { .startRecording($0) } }
        routes.on(.post, "/api/csta/callControl/recording/Stop") { try await record($0) { .stopRecording($0) } }
    }

    private static func transfer(_ request: APIRequest, returns: Bool) async throws -> Response {
        let (requester, connection, fields) = try await parts(of: request)
        return try await request.perform(
            .singleStepTransferCall(connection, to: try fields.number("transferTo"), returns: returns),
            by: requester, in: .call, naming: FieldNames(number: "transferTo"))
    }

    private static func join(_ request: APIRequest) async throws -> Response {
        let (requester, connection, fields) = try await parts(of: request)
        let participant = try fields.number("conferenceParticipant")
        return try await request.perform(
            .singleStepConferenceCall(connection, participant: participant, isSilent: try isSilent(fields)),
            by: requester, in: .call, naming: FieldNames(number: "conferenceParticipant"))
    }

    /// Who does not say otherwise wants somebody to talk with.
    private static func isSilent(_ fields: Fields) throws(APIError) -> Bool {
        switch try fields.optionalString("participationType") {
        case nil, "", "Active": return false
        case "Silent": return true
        default: throw .malformed("participationType", "neither Active nor Silent.")
        }
    }

    private static func consult(_ request: APIRequest) async throws -> Response {
        let (requester, connection, fields) = try await parts(of: request)
        let participant = try fields.number("consultationParticipant")
        return try await request.perform(
            .consultationCall(connection, participant: participant, call: request.services.newCallID()),
            by: requester, in: .call, naming: FieldNames(number: "consultationParticipant"))
    }

    /// What is done with a held call, which the path names, and the one for which it is held.
    private static func afterConsultation(
        _ request: APIRequest, _ command: (ConnectionID, CallID) -> Command
    ) async throws -> Response {
        let (requester, connection, fields) = try await parts(of: request)
        let consultation = try fields.call("consultCallId")
        return try await request.perform(command(connection, consultation), by: requester, in: .call)
    }

    private static func greet(_ request: APIRequest) async throws -> Response {
        let requester = try request.requester()
        let call = try CallRoutes.callID(of: request)
        let fields = Fields(object: try await request.object(), namespace: requester.agent.namespace)
        return try await request.perform(
            .agentGreeting(call, try fields.agent("agentId"), device: try fields.device("deviceId")),
            by: requester, in: .call)
    }

    private static func listen(_ request: APIRequest) async throws -> Response {
        let requester = try request.requester()
        return try await request.perform(
            .listen(
                try CallRoutes.callID(of: request),
                device: try request.queryDevice("deviceId", in: requester.agent.namespace)), by: requester,
            in: .call)
    }

    private static func record(_ request: APIRequest, _ command: (DeviceID) -> Command) async throws -> Response {
        let requester = try request.requester()
        return try await request.perform(
            command(try request.queryDevice("extension", in: requester.agent.namespace)), by: requester, in: .call)
    }

    /// Who asks, the connection that the path names, and the body.
    private static func parts(
        of request: APIRequest
    ) async throws -> (Requester, ConnectionID, Fields) {
        let requester = try request.requester()
        let connection = try CallRoutes.connectionID(of: request, requester)
        return (requester, connection, Fields(object: try await request.object(), namespace: requester.agent.namespace))
    }
}
