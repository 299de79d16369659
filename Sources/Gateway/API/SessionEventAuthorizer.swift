import CSTA
import CallCenter

/// Lets those with a session follow events: an agent its own, a supervisor those of the namespace.
public struct SessionEventAuthorizer: EventAuthorizer {
    private let services: GatewayServices

    public init(_ services: GatewayServices) { self.services = services }

    public func authorize(_ request: EventRequest) async -> Result<EventSubscription, EventRefusal> {
        do {
            return .success(try subscription(for: request))
        } catch let error as APIError {
            return .failure(EventRefusal(status: error.status, code: error.code, message: error.message))
        } catch let refusal as EventRefusal {
            return .failure(refusal)
        } catch {
            return .failure(EventRefusal(status: 500, code: "internal", message: "The server has failed."))
        }
    }

    private func subscription(for request: EventRequest) throws -> EventSubscription {
        let account = try account(for: request)
        guard services.tenants.tenant(account.agent.namespace) != nil else { throw APIError.tenantAway }
        var subscription = try request.subscription(in: account.agent.namespace)
        if !account.role.supervises {
            guard subscription.filter.agent == nil || subscription.filter.agent == account.agent else {
                throw EventRefusal(
                    status: 403, code: "notYours", message: "These are another agent's events: ask a supervisor.")
            }
            subscription.filter.agent = account.agent
        }
        return subscription
    }

    private func account(for request: EventRequest) throws -> Account {
        guard let query = FormFields(request.target.drop { $0 != "?" }.dropFirst(), plusIsSpace: false) else {
            throw APIError.malformed("query", "not percent-encoded UTF-8, or too many parameters.")
        }
        guard let id = try SessionID.find(headers: request.headers, query: query) else { throw APIError.noSession }
        switch services.authenticator.session(id) {
        case .account(let account): return account
        case .disabled, .unknown: throw APIError.noSession
        case .expired: throw APIError.sessionExpired
        }
    }
}
