import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// `/api/csta/agent`: an agent's state, heartbeat and snapshot.
enum AgentRoutes {
    static func add(to routes: inout RouteTable) {
        routes.on(.post, "/api/csta/agent/state", state)
        routes.on(.post, "/api/csta/agent/heartbeat/{agentId}", heartbeat)
        routes.on(.get, "/api/csta/agent/client-state", clientState)
        routes.on(.get, "/api/operation/operation/tenants/{namespace}/agents/{agentId}", profile)
    }

    private static func state(_ request: APIRequest) async throws -> Response {
        let object = try await request.object()
        let function = try functionName(object)
        let requester = try requester(of: request, body: object, logsIn: function == .logIn)
        let fields = Fields(object: object, namespace: requester.agent.namespace)
        request.context.notes.note(
            session: try SessionID.find(headers: request.request.headers, query: try request.query(), body: object),
            of: requester.agent)
        try fields.checkNamespace()
        switch function {
        case .logIn: return try await logIn(request, fields, requester)
        case .logOut:
            return try await request.perform(.logOut(try fields.agent("agentId")), by: requester, in: .agentState)
        case .setState:
            let agent = try fields.agent("agentId")
            _ = try fields.optionalDevice("device")
            guard let mode = try fields.mode("agentMode") else {
                throw APIError.malformed("agentMode", "is missing or empty.")
            }
            return try await request.perform(
                .setMode(agent, mode, reason: try fields.reason()), by: requester, in: .agentState)
        }
    }

    private enum Function: String {
        case logIn = "Login"
        case logOut = "Logout"
        case setState = "SetState"
    }

    private static func functionName(_ object: JSONObject) throws(APIError) -> Function {
        guard let text = object["func"]?.string, let function = Function(rawValue: text) else {
            throw .malformed("func", "neither Login, Logout nor SetState.")
        }
        return function
    }

    /// The session may come in the body here, for clients that have not stored it yet.
    private static func requester(
        of request: APIRequest, body: JSONObject, logsIn: Bool
    ) throws(APIError) -> Requester {
        let id = try SessionID.find(headers: request.request.headers, query: try request.query(), body: body)
        guard logsIn, let id, !KeyStore.isKey(id) else { return try request.requester(credential: id) }
        switch request.services.authenticator.session(id) {
        case .account: return try request.requester(credential: id)
        // One that nobody knows is one that is over: clients know this status and log in again by themselves.
        case .expired, .unknown: throw .sessionExpiredAtLogin
        case .disabled: throw APIError(.agentDisabled, in: .agentState)
        }
    }

    private static func logIn(_ request: APIRequest, _ fields: Fields, _ requester: Requester) async throws -> Response
    {
        let agent = try fields.agent("loginId")
        let device = try fields.device("device")
        let password = try fields.string("password")
        let mode = try fields.mode("agentMode") ?? .notReady
        guard agent == requester.agent else {
            // Within a namespace it is no secret who is there, and the field's clients know 452.
            let isKnown = request.services.accounts.account(of: agent) != nil
            throw APIError(isKnown ? .notYours : .noSuchAgent, in: .agentState)
        }
        switch await request.services.authenticator.check(
            password: password, of: agent, from: request.clientAddress)
        {
        case .account: break
        case .disabled: throw APIError(.agentDisabled, in: .agentState)
        case .wrong: throw APIError.wrongPassword
        case .wait(let seconds): throw APIError.tooManyFailures(seconds: seconds)
        case .busy: throw APIError.busy
        }
        return try await request.perform(.logIn(agent, device: device, mode: mode), by: requester, in: .agentState)
    }

    private static func heartbeat(_ request: APIRequest) async throws -> Response {
        let requester = try request.requester()
        let agent: AgentID = try Numbers.address(
            try request.parameter("agentId"), field: "agentId", in: requester.agent.namespace)
        return try await request.perform(.heartbeat(agent), by: requester, in: .agentState)
    }

    private static func clientState(_ request: APIRequest) async throws -> Response {
        let requester = try request.requester()
        let snapshot = await (try request.services.tenant(of: requester)).read {
            AgentSnapshot($0, agent: requester.agent)
        }
        guard let snapshot else {
            throw APIError(
                404, "noSuchAgent", "\(requester.agent) is a user, no agent: there is no state of a client.")
        }
        return .json(snapshot.encoded())
    }

    private static func profile(_ request: APIRequest) async throws -> Response {
        let requester = try request.requester()
        let namespace = try request.parameter("namespace")
        guard namespace == requester.agent.namespace.name else {
            throw APIError(404, "noSuchTenant", "There is no such tenant for you: name the namespace of your login.")
        }
        let agent: AgentID = try Numbers.address(
            try request.parameter("agentId"), field: "agentId", in: requester.agent.namespace)
        guard agent == requester.agent || requester.role.supervises else { throw APIError(.notYours, in: .call) }
        let (name, prefixes) = await (try request.services.tenant(of: requester)).read { tenant in
            (tenant.agents[agent]?.profile.name, tenant.configuration.dialPrefixes)
        }
        guard let name else { throw APIError(.noSuchAgent, in: .call) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("agentId")
        writer.string(agent.text)
        writer.key("agentName")
        writer.string(name)
        writer.key("agentTrunks")
        writer.beginArray()
        for prefix in prefixes {
            writer.beginObject()
            writer.key("scanPrefix")
            writer.string(prefix)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return .json(writer.bytes)
    }
}
