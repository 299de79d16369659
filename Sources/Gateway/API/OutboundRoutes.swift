import CSTA
import CallCenter
import Hummingbird

/// `/api/csta/outbound`: what an agent who is reserved for an outbound call does.
enum OutboundRoutes {
    private static let outbound = "/api/csta/outbound"

    static func add(to routes: inout RouteTable) {
        routes.on(.post, outbound + "/release/{agentId}") { try await perform($0) { .release($0) } }
        routes.on(.post, outbound + "/preview/{agentId}/accept") {
            try await perform($0) { .answerPreview($0, isAccepted: true) }
        }
        routes.on(.post, outbound + "/preview/{agentId}/skip") {
            try await perform($0) { .answerPreview($0, isAccepted: false) }
        }
    }

    private static func perform(
        _ request: APIRequest, _ command: (AgentID) -> Command
    ) async throws -> Response {
        let requester = try request.requester()
        let agent: AgentID = try Numbers.address(
            try request.parameter("agentId"), field: "agentId", in: requester.agent.namespace)
        return try await request.perform(command(agent), by: requester, in: .agentState)
    }
}
