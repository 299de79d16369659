/// What a server has to do for a client, by what the client says. No socket, no clock, no destination's meaning.
public struct Session: Sendable {
    /// What to do next, in the order in which it stands in the answer.
    public enum Action: Hashable, Sendable {
        /// Find out who it is; then ``accept(session:)`` or ``refuse(_:_:)``.
        case authenticate(Credentials)
        /// Begin to send it messages, or ``refuse(_:_:)`` and leave what follows.
        case subscribe(Subscription)
        /// Send it none any more: the subscription's number.
        case unsubscribe(Int)
        /// A subscription that waits for acknowledgements has got some: its number.
        case acknowledged(Int)
        case send(Frame)
        /// Send this ERROR and close the connection.
        case fail(Frame)
        /// Close the connection in peace.
        case close
    }

    /// Who the client says it is. Empty is as if it were not there.
    public struct Credentials: Hashable, Sendable {
        public var login: String?
        public var passcode: String?
        public var sessionID: String?
    }

    enum State: Hashable {
        case new
        case authenticating(Frame)
        case connected
        case over
    }

    public let limits: SessionLimits
    /// 1.0 until another is agreed on, as the error frames of a refused CONNECT have it.
    public private(set) var version = Version.v1_0
    public private(set) var heartbeats = Heartbeats.none
    var state = State.new
    var subscriptions: [Int: Subscription] = [:]
    /// Numbers that were given.
    var subscriptionCount = 0
    var transactions: [String: [Settlement]] = [:]
    var ledger = Ledger()

    public init(limits: SessionLimits = SessionLimits()) { self.limits = limits }

    public var isConnected: Bool { state == .connected }
    /// Frames that come now have to wait.
    public var isAuthenticating: Bool { if case .authenticating = state { true } else { false } }

    /// Takes a client's frame.
    public mutating func receive(_ frame: Frame) -> [Action] {
        let frame = version == .v1_0 ? frame.trimmed : frame
        do throws(Refusal) {
            switch (state, frame.command) {
            case (.over, _): return []
            case (.new, .connect), (.new, .stomp): return try connect(frame)
            case (.new, _), (.authenticating, _): throw Refusal("not connected", "CONNECT comes first")
            case (.connected, _): return try act(frame) + receipt(for: frame)
            }
        } catch {
            return [fail(error, about: frame)]
        }
    }

    /// Takes what is no frame.
    public mutating func receive(_ error: FrameError) -> [Action] {
        guard state != .over else { return [] }
        return [refuse("malformed frame", error.text)]
    }

    /// The client is who it says.
    ///
    /// - Parameter session: the connection's name, which is no secret.
    /// - Returns: its CONNECTED.
    public mutating func accept(session: String) -> Frame? {
        guard case .authenticating = state else { return nil }
        state = .connected
        var headers = [
            Frame.Header("version", version.rawValue), Frame.Header("session", session),
            Frame.Header("server", "ringside"),
        ]
        if version > .v1_0 {
            let beats = "\(heartbeats.sendMilliseconds),\(heartbeats.receiveMilliseconds)"
            headers.append(Frame.Header("heart-beat", beats))
        }
        return Frame(.connected, headers)
    }

    /// The server has a reason of its own to end it.
    ///
    /// - Parameters:
    ///   - message: some words, for programs.
    ///   - detail: a sentence, for people.
    public mutating func refuse(_ message: String, _ detail: String) -> Action {
        if case .authenticating(let frame) = state { return fail(Refusal(message, detail), about: frame) }
        return fail(Refusal(message, detail), about: nil)
    }

    mutating func fail(_ refusal: Refusal, about frame: Frame?) -> Action {
        state = .over
        var headers = [
            Frame.Header("message", refusal.message), Frame.Header("content-type", "text/plain;charset=utf-8"),
        ]
        let body = Array(refusal.detail.utf8)
        headers.append(Frame.Header("content-length", String(body.count)))
        if let receipt = frame?.value("receipt") { headers.append(Frame.Header("receipt-id", receipt)) }
        return .fail(Frame(.error, headers, body: body))
    }

    // MARK: Connecting

    private mutating func connect(_ frame: Frame) throws(Refusal) -> [Action] {
        guard let version = Version.negotiate(frame["accept-version"]) else {
            throw Refusal("unsupported version", "versions \(Version.allCases.map(\.rawValue).joined(separator: ","))")
        }
        self.version = version
        let frame = version == .v1_0 ? frame.trimmed : frame
        if version > .v1_0 {
            guard
                let heartbeats = Heartbeats.negotiate(frame["heart-beat"], every: limits.heartbeatMilliseconds)
            else { throw Refusal("malformed frame", "heart-beat is not two numbers of milliseconds") }
            self.heartbeats = heartbeats
        }
        state = .authenticating(frame)
        return [
            .authenticate(
                Credentials(
                    login: frame.value("login"), passcode: frame.value("passcode"),
                    sessionID: frame.value("sessionId")))
        ]
    }

    // MARK: Connected

    private mutating func act(_ frame: Frame) throws(Refusal) -> [Action] {
        switch frame.command {
        case .subscribe: return [.subscribe(try subscribe(frame))]
        case .unsubscribe: return [.unsubscribe(try unsubscribe(frame))]
        case .ack, .nack: return try settle(frame)
        case .begin: try begin(frame)
        case .commit: return try commit(frame)
        case .abort: try abort(frame)
        case .disconnect: state = .over
        case .send:
            throw Refusal("clients cannot send here", "events come from the server alone; use HTTP for commands")
        case .connect, .stomp: throw Refusal("already connected", "a second CONNECT")
        case .connected, .message, .receipt, .error:
            throw Refusal("malformed frame", "\(frame.command.rawValue) is a server's frame")
        }
        return []
    }

    private func receipt(for frame: Frame) -> [Action] {
        var actions: [Action] = []
        if let receipt = frame.value("receipt") {
            actions.append(.send(Frame(.receipt, [Frame.Header("receipt-id", receipt)])))
        }
        if frame.command == .disconnect { actions.append(.close) }
        return actions
    }
}

/// Why a frame is not taken.
struct Refusal: Error {
    var message: String
    var detail: String

    init(_ message: String, _ detail: String) {
        self.message = message
        self.detail = detail
    }
}

/// The bounds of one client's session.
public struct SessionLimits: Hashable, Sendable {
    /// What the server can send, and wants to hear.
    public var heartbeatMilliseconds: Int64 = 10_000
    /// A supervisor's wall board follows each agent of a large team.
    public var maximumSubscriptions = 500
    /// A header that is sent back with each message.
    public var maximumIDBytes = 256
    public var maximumTransactions = 16
    /// ACK and NACK frames that wait for a COMMIT, of all transactions.
    public var maximumHeldFrames = 1_000

    public init() {}
}

extension Frame {
    /// 1.0 says nothing of spaces around a header's value, and its own examples have them.
    fileprivate var trimmed: Frame {
        var frame = self
        for index in frame.headers.indices {
            frame.headers[index].name = String(frame.headers[index].name.trimmingSpaces)
            frame.headers[index].value = String(frame.headers[index].value.trimmingSpaces)
        }
        return frame
    }
}
