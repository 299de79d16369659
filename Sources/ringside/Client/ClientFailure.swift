import ArgumentParser
import CSTA

/// Why a request to a server brought nothing.
enum ClientFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// No answer; the reason in the words of the network.
    case unreachable(url: String, reason: String)
    /// The server's own answer to what it does not do. `code` is for programs, and empty if the body had none.
    case refused(status: Int, code: String, message: String)
    /// An answer that no Ringside server gives.
    case unintelligible(path: String, what: String)
    /// Nothing to act on.
    case nothingToDo(String)

    /// Reads the body of an answer that is no success: `{"status":409,"code":"wrongState","message":"…"}`.
    init(status: Int, body: [UInt8]) {
        let json = try? JSON.parse(body)
        let message = json?["message"]?.string ?? "the server gives no reason"
        self = .refused(status: status, code: json?["code"]?.string ?? "", message: message)
    }

    var description: String {
        switch self {
        case .unreachable(let url, let reason): "no server answers at \(url): \(reason)"
        case .refused(let status, let code, let message):
            (code.isEmpty ? "\(status)" : "\(status) \(code)") + ": \(message)"
        case .unintelligible(let path, let what): "the answer to \(path) is not Ringside's: \(what)"
        case .nothingToDo(let what): what
        }
    }

    /// 1: refused; 69 (EX_UNAVAILABLE): no server; 76 (EX_PROTOCOL): something else answers; 77 (EX_NOPERM): not logged in.
    var exitCode: ExitCode {
        switch self {
        case .unreachable: ExitCode(69)
        case .unintelligible: ExitCode(76)
        case .refused(401, _, _): ExitCode(77)
        case .refused, .nothingToDo: .failure
        }
    }
}
