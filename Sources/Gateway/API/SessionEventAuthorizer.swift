import CSTA
import CallCenter
import HTTPTypes

/// Lets those follow events who have a session: an agent its own, a supervisor the namespace's.
public struct SessionEventAuthorizer: EventAuthorizer {
    private let services: GatewayServices

    /// - Parameter services: the same as the router's, whose sessions they are.
    public init(_ services: GatewayServices) { self.services = services }

    public func authorize(_ request: EventRequest) async -> Result<EventSubscription, EventRefusal> {
        do {
            return .success(try await subscription(request))
        } catch let error as EventRefusal {
            return .failure(error)
        } catch let error as APIError {
            return .failure(EventRefusal(status: error.status, code: error.code, message: error.message))
        } catch {
            let error = APIError.unexpected
            return .failure(EventRefusal(status: error.status, code: error.code, message: error.message))
        }
    }

    private func subscription(_ request: EventRequest) async throws -> EventSubscription {
        let query = request.target.drop { $0 != "?" }.dropFirst()
        guard let fields = FormFields(query, plusIsSpace: false) else {
            throw APIError.malformed("query", "not percent-encoded UTF-8, or too many parameters.")
        }
        let session = try SessionID.find(headers: request.headers, query: fields)
        let requester = try services.requester(session: session)
        var subscription = try request.subscription(in: requester.agent.namespace)
        subscription.session = session.map(services.authenticator.eventSession)
        let tenant = try services.tenant(of: requester)
        guard !requester.role.supervises else { return subscription }

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
}
