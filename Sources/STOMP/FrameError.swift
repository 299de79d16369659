/// Why bytes are no frame. What follows them is not understood either.
public enum FrameError: String, Error, Hashable, Sendable, CaseIterable {
    case unknownCommand
    /// A header's line without a colon, or with nothing before it.
    case badHeader
    /// An escape that the version does not have.
    case badEscape
    case notUTF8
    /// A NUL before the empty line that ends the headers.
    case endInHeaders
    /// `content-length` is no number.
    case badLength
    /// No NUL behind as many bytes as `content-length` says.
    case wrongLength
    /// A body in a frame that may have none.
    case unexpectedBody
    case tooManyHeaders
    case lineTooLong
    case frameTooLarge

    /// A sentence for the one who looks for the mistake.
    public var text: String {
        switch self {
        case .unknownCommand: "no frame of STOMP 1.0, 1.1 or 1.2 begins so"
        case .badHeader: "a header is no name:value"
        case .badEscape: "a header has an escape that this version does not know"
        case .notUTF8: "a header is not UTF-8"
        case .endInHeaders: "the frame ends before the empty line behind its headers"
        case .badLength: "content-length is not a number of bytes"
        case .wrongLength: "the body does not end where content-length says"
        case .unexpectedBody: "this frame may not have a body"
        case .tooManyHeaders: "too many headers"
        case .lineTooLong: "a header is too long"
        case .frameTooLarge: "the frame is too large"
        }
    }
}

/// The bounds of a frame from outside.
public struct FrameLimits: Hashable, Sendable {
    /// From its command to its NUL.
    public var maximumFrameBytes = 64 * 1024
    /// Clients send some ten; browsers' cookies are not among them.
    public var maximumHeaders = 32
    /// A header's name and value together, and a command.
    public var maximumLineBytes = 4 * 1024

    public init() {}
}
