import CSTA
import CallCenter
import HTTPTypes
import Hummingbird
import Logging

/// A line for each login and logout, each refused command and stream of events, and what supervisors, admins and machines do.
///
/// It has account, tenant, address, what was asked for and what became of it; nothing else that a client has written, so no
/// secret.
struct AuditTrail: Sendable {
    let logger: Logger
    /// Whose numbers are not to be read in it.
    let masked: @Sendable (Namespace) -> Bool

    /// - Parameters:
    ///   - path: the route's, with its parameters' names: `/api/admin/keys/{id}`.
    ///   - error: nil: it was done.
    func record(_ request: APIRequest, path: String, error: APIError?) {
        let method = request.request.method
        let requester = request.context.notes.requester
        let changes = method != .get && method != .head
        let isRefused = error.map { Self.isRefusal($0.status) || changes } ?? false
        let isPrivileged = changes && (requester.map { $0.role != Role.agent } ?? false)
        guard isRefused || isPrivileged || Self.ofSessions.contains(path) else { return }
        write(
            requester, request.clientAddress, "\(method.rawValue) \(path)",
            error.map { "\($0.status) \($0.code)" } ?? "done", about: request.context.notes.subject)
    }

    /// - Parameters:
    ///   - verb: `GET`, or a STOMP command.
    ///   - address: where the request comes from.
    ///   - requester: who asks, or whose account it is about, if that is known.
    ///   - refusal: only one of who may not counts, as with what is read; nil: it was done.
    func record(
        _ verb: String, of request: EventRequest, from address: String?, by requester: Requester?,
        refusal: EventRefusal?
    ) {
        if let refusal, !Self.isRefusal(refusal.status) { return }
        let path = request.path == EventGate.stompPath ? EventGate.stompPath : EventGate.path
        write(requester, address, "\(verb) \(path)", refusal.map { "\($0.status) \($0.code)" } ?? "done")
    }

    private func write(
        _ requester: Requester?, _ address: String?, _ what: String, _ outcome: String,
        about subject: AuditSubject? = nil
    ) {
        var metadata: Logger.Metadata = [:]
        metadata["account"] = .string(requester.map { $0.agent.text(masking: masked) } ?? "-")
        metadata["tenant"] = .string(requester?.agent.namespace.name ?? "-")
        metadata["role"] = .string(requester?.role.rawValue ?? "-")
        metadata["address"] = .string(address ?? "-")
        metadata["what"] = .string(what)
        if let subject { metadata["subject"] = .string(subject.text(masking: masked)) }
        metadata["outcome"] = .string(outcome)
        logger.notice("audit", metadata: metadata)
    }

    /// Of who may not, or asks too often: also worth a line where nothing is to be changed.
    private static func isRefusal(_ status: Int) -> Bool { [401, 403, 429].contains(status) }

    private static let ofSessions: Set = ["/login", "/api/security/login", "/loginTrusted", "/api/security/logout"]
}

/// What an admin has changed: an id that is, or was, there.
struct AuditSubject: Hashable, Sendable {
    var kind: DirectoryEntry.Kind
    /// Empty: the tenant itself.
    var id: String
    var namespace: Namespace

    /// `agent 5011@demo.cc`, `tenant demo.cc`
    func text(masking isMasked: (Namespace) -> Bool) -> String {
        if kind == .agent, let agent = AgentID(id, in: namespace) { return "agent \(agent.text(masking: isMasked))" }
        return id.isEmpty ? "\(kind) \(namespace)" : "\(kind) \(id)@\(namespace)"
    }
}
