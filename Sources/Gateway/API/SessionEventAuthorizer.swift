import CSTA
import CallCenter
import HTTPTypes

/// Lets those follow events who have a session: an agent its own, a supervisor the namespace's.
public struct SessionEventAuthorizer: EventAuthorizer {
    private let services: GatewayServices

    /// - Parameter services: the same as the router's, whose sessions they are.
    public init(_ services: GatewayServices) { self.services = services }

    public func authorize(_ request: EventRequest) async -> Result<EventSubscription, EventRefusal> {
        var requester: Requester?
        let refusal: EventRefusal
        do {
            return .success(try await subscription(request, &requester))
        } catch let error as EventRefusal {
            refusal = error
        } catch let error as APIError {
            refusal = EventRefusal(error)
        } catch {
            refusal = EventRefusal(.unexpected)
        }
        services.note("GET", of: request, by: requester, refusal: refusal)
        return .failure(refusal)
    }

    public func refused(_ request: EventRequest, _ refusal: EventRefusal) {
        services.note("GET", of: request, by: nil, refusal: refusal)
    }

    /// - Parameter found: who asks, once that is known.
    private func subscription(_ request: EventRequest, _ found: inout Requester?) async throws -> EventSubscription {
        let query = request.target.drop { $0 != "?" }.dropFirst()
        guard let fields = FormFields(query, plusIsSpace: false) else {
            throw APIError.malformed("query", "not percent-encoded UTF-8, or too many parameters.")
        }
        let (requester, session) = try requester(request.headers, fields)
        found = requester
        var subscription = try request.subscription(in: requester.agent.namespace)
        subscription.session = session
        let tenant = try services.tenant(of: requester)
        guard !requester.role.supervises else { return subscription }

        guard subscription.measures.isEmpty else { throw APIError(.notYours, in: .call) }
        guard (subscription.filter.agent ?? requester.agent) == requester.agent else {
            throw APIError(.notYours, in: .call)
        }
        subscription.filter.agent = requester.agent
        if let device = subscription.filter.device {
            let agent = await tenant.read { $0.devices[device]?.agent }
            guard (agent ?? requester.agent) == requester.agent else { throw APIError(.notYours, in: .call) }
        }
        return subscription
    }

    /// Who asks, by a ticket if there is one, else by an API key or a session; and with what its stream ends.
    private func requester(_ headers: HTTPFields, _ query: FormFields) throws(APIError) -> (Requester, EventSession) {
        let authenticator = services.authenticator
        if let ticket = query["ticket"], !ticket.isEmpty {
            let (requester, session) = try services.requester(ticket: ticket)
            return (requester, authenticator.eventSession(session, role: requester.role))
        }
        guard let id = try SessionID.find(headers: headers, query: query) else { throw .noSession }
        if KeyStore.isKey(id), services.keys != nil {
            let key = try services.key(id, in: headers)
            try key.require(.read)
            return (key.requester, services.eventSession(key))
        }
        let requester = try services.requester(session: id)
        return (requester, authenticator.eventSession(SessionStore.hash(id), role: requester.role))
    }
}

extension EventRefusal {
    init(_ error: APIError) { self.init(status: error.status, code: error.code, message: error.message) }
}
