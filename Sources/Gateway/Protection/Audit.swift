import CSTA
import CallCenter
import HTTPTypes
import Hummingbird
import Logging

/// A line for each login and logout, each refused command, and what supervisors, admins and machines do.
///
/// It has account, tenant, address, what was asked for and what became of it; nothing else that a client has written, so no
/// secret.
struct AuditTrail: Sendable {
    let logger: Logger

    /// - Parameters:
    ///   - path: the route's, with its parameters' names: `/api/admin/keys/{id}`.
    ///   - error: nil: it was done.
    func record(_ request: APIRequest, path: String, error: APIError?) {
        let method = request.request.method
        let requester = request.context.notes.requester
        let changes = method != .get && method != .head
        let isRefused =
            switch error?.status {
            case nil: false
            case 401, 403, 429: true
            default: changes
            }
        let isPrivileged = changes && (requester.map { $0.role != Role.agent } ?? false)
        guard isRefused || isPrivileged || Self.ofSessions.contains(path) else { return }
        var metadata: Logger.Metadata = [:]
        metadata["account"] = .string(requester?.agent.text ?? "-")
        metadata["tenant"] = .string(requester?.agent.namespace.name ?? "-")
        metadata["role"] = .string(requester?.role.rawValue ?? "-")
        metadata["address"] = .string(request.clientAddress ?? "-")
        metadata["what"] = .string("\(method.rawValue) \(path)")
        if let subject = request.context.notes.subject { metadata["subject"] = .string(subject) }
        metadata["outcome"] = .string(error.map { "\($0.status) \($0.code)" } ?? "done")
        logger.notice("audit", metadata: metadata)
    }

    private static let ofSessions: Set = ["/login", "/api/security/login", "/loginTrusted", "/api/security/logout"]
}
