import CSTA
import CallCenter

/// Why the server ends a subscriber's stream.
enum EndReason: Hashable {
    /// Too much is pending at its socket, or nothing of it has been taken for long.
    case tooSlow
    /// The journal no longer reaches back to its serial.
    case tooOld(oldest: Serial)
    /// Its serial has not been given yet: it is of another life of this tenant.
    case notYet(last: Serial)
    /// The journal cannot be read.
    case unavailable
    /// Its session was logged out or has expired, or its account was disabled.
    case sessionOver
    case restarting
    /// It broke the WebSocket protocol.
    case protocolError
    /// Its message was too long.
    case tooLarge
    /// It said goodbye over STOMP.
    case left
    /// What it asked for over STOMP is not to be had; it has been told why.
    case refused(closeCode: UInt16, text: String)

    init(_ error: ReplayError) {
        self =
            switch error {
            case .tooOld(let oldest): .tooOld(oldest: oldest)
            case .notYet(let last): .notYet(last: last)
            case .unavailable: .unavailable
            }
    }

    /// RFC 6455 §7.4; 4000 and up are ours, after the HTTP statuses.
    var closeCode: UInt16 {
        switch self {
        case .tooSlow: 4408
        case .tooOld, .notYet: 4410
        case .sessionOver: 4401
        case .unavailable: 1011
        case .restarting: 1012
        case .protocolError: 1002
        case .tooLarge: 1009
        case .left: 1000
        case .refused(let closeCode, _): closeCode
        }
    }

    /// At most 123 bytes, as RFC 6455 §5.5 has it for a close frame's text.
    var text: String {
        switch self {
        case .tooSlow: "too slow; resume with after=SERIAL"
        case .tooOld(let oldest): "stored events begin at \(oldest); take a snapshot and resume from its serial"
        case .notYet(let last): "the last serial is \(last); take a snapshot and resume from its serial"
        case .unavailable: "events cannot be read back now; resume later with after=SERIAL"
        case .sessionOver: "the session is over: log in again and come back with after=SERIAL"
        case .restarting: "server restarts: come back with after=SERIAL"
        case .protocolError: "not WebSocket as RFC 6455 has it"
        case .tooLarge: "message too long"
        case .left: "goodbye"
        case .refused(_, let text): text
        }
    }

    /// The answer to a client whose stream has not begun.
    var refusal: EventRefusal {
        switch self {
        case .tooOld: EventRefusal(status: 410, code: "tooOld", message: text)
        case .notYet: EventRefusal(status: 410, code: "notYet", message: text)
        case .tooSlow: EventRefusal(status: 408, code: "tooSlow", message: text)
        case .sessionOver: EventRefusal(status: 401, code: "sessionExpired", message: text)
        case .restarting: EventRefusal(status: 503, code: "restarting", message: text)
        case .unavailable: EventRefusal(status: 503, code: "unavailable", message: text)
        case .protocolError, .tooLarge, .left, .refused: EventRefusal(status: 400, code: "malformed", message: text)
        }
    }

    /// Whether the client cannot be expected to answer a close frame: it has not kept to the protocol before.
    var isProtocolBreach: Bool { self == .protocolError || self == .tooLarge }
}
