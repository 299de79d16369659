public import CSTA

/// Why the server did not do something.
public enum ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No answer; the reason in the words of the network.
    case unreachable(url: String, reason: String)
    /// The server's own answer to what it does not do.
    case refused(ServerRefusal)
    /// An answer that no Ringside server gives.
    case unintelligible(path: String, what: String)
    /// What was asked for cannot be sent: it names what is wrong with it.
    case invalid(String)
    /// The client has been closed.
    case closed

    public var description: String {
        switch self {
        case .unreachable(let url, let reason): "no server answers at \(url): \(reason)"
        case .refused(let refusal): refusal.description
        case .unintelligible(let path, let what): "the answer to \(path) is not Ringside's: \(what)"
        case .invalid(let what): what
        case .closed: "the client is closed"
        }
    }

    /// Whether trying again later may help.
    public var mayPass: Bool {
        switch self {
        case .unreachable: true
        case .refused(let refusal): refusal.status == 429 || refusal.status >= 500
        case .unintelligible, .invalid, .closed: false
        }
    }

    /// Whether the server does not know the session or the key (any more), and none could be begun with the password.
    public var isUnauthorized: Bool {
        if case .refused(let refusal) = self { refusal.status == 401 } else { false }
    }
}

/// The body of an answer that is no success: `{"status":409,"code":"wrongState","message":"…"}`.
public struct ServerRefusal: Hashable, Sendable, CustomStringConvertible {
    /// Of HTTP.
    public let status: Int
    /// For programs; does not change between versions. Empty if the body had none.
    public let code: String
    /// For people.
    public let message: String
    /// All that was said, such as `deviceId` with a 455.
    public let body: JSONObject

    init(status: Int, body: [UInt8]) {
        let json = (try? JSON.parse(body))?.object ?? [:]
        self.status = status
        code = json["code"]?.string ?? ""
        message = json["message"]?.string ?? "the server gives no reason"
        self.body = json
    }

    /// `409 wrongState: …`
    public var description: String { (code.isEmpty ? "\(status)" : "\(status) \(code)") + ": \(message)" }
}
