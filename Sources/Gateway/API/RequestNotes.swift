import CSTA
import CallCenter
import Crypto
import Synchronization

/// What a request turns out to be about, for its line in the log and for the audit trail: known sessions and accounts, and
/// well-formed ids only, nothing as it was sent.
final class RequestNotes: Sendable {
    private struct State {
        var session: String?
        var agent: AgentID?
        var call: CallID?
        var requester: Requester?
        var subject: AuditSubject?
    }

    private let state = Mutex(State())

    /// - Parameter session: the id of one that is there; its hash alone is kept.
    func note(session: String?, of agent: AgentID) {
        state.withLock {
            $0.session = session.map(Self.shortHash)
            $0.agent = agent
        }
    }

    /// Who asks, or whose account it is about, for the audit trail.
    func note(_ requester: Requester) { state.withLock { $0.requester = requester } }

    var requester: Requester? { state.withLock(\.requester) }

    func note(_ subject: AuditSubject) { state.withLock { $0.subject = subject } }

    var subject: AuditSubject? { state.withLock(\.subject) }

    func note(call: CallID) { state.withLock { $0.call = call } }

    /// - Parameter masked: whether a namespace's numbers are not to be read in logs.
    func fields(masking masked: (Namespace) -> Bool) -> [(key: String, value: String)] {
        let state = state.withLock(\.self)
        var result: [(key: String, value: String)] = []
        if let session = state.session { result.append(("session", session)) }
        if let agent = state.agent {
            result.append(("agent", agent.text(masking: masked)))
        }
        if let call = state.call { result.append(("call", call.text)) }
        return result
    }

    /// Enough to find a session's other lines, far too little to guess it: 32 bits of 256.
    static func shortHash(_ session: String) -> String {
        let digits = Array("0123456789abcdef")
        return SHA256.hash(data: Array(session.utf8)).prefix(4)
            .map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined()
    }
}

extension Address {
    /// `***1@demo.cc` if its namespace is one of those: the last digit tells two neighbours apart, and nobody else.
    func text(masking masked: (Namespace) -> Bool) -> String {
        masked(namespace) ? "***\(number.suffix(1))@\(namespace)" : text
    }
}
