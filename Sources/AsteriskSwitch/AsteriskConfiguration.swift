/// How ``AsteriskSwitch`` reaches one Asterisk.
public struct AsteriskConfiguration: Sendable {
    /// The manager interface. Only it can send a SIP NOTIFY to a ringing phone.
    public struct Manager: Sendable {
        public var host: String
        public var port: Int
        public var user: String
        public var secret: String

        public init(host: String, port: Int = 5038, user: String, secret: String) {
            self.host = host
            self.port = port
            self.user = user
            self.secret = secret
        }
    }

    /// Pauses between two attempts to link, which double from the first to the longest and vary by a quarter.
    public struct BackOff: Sendable {
        public var first: Duration
        public var longest: Duration
        /// Pause after another controller took the application's name: coming back at once would silence that one in
        /// turn.
        public var whenReplaced: Duration

        public init(
            first: Duration = .milliseconds(100), longest: Duration = .seconds(5), whenReplaced: Duration = .seconds(30)
        ) {
            self.first = first
            self.longest = longest
            self.whenReplaced = whenReplaced
        }
    }

    /// Host and port of Asterisk's HTTP server.
    public var host: String
    public var port: Int
    public var user: String
    public var password: String
    /// Name of the Stasis application, as in the dialplan's `Stasis(…)`. ASCII letters, digits, `-`, `_` and `.`.
    public var application: String
    /// nil: phones cannot be made to answer or retrieve by NOTIFY; such commands are refused.
    public var manager: Manager?
    public var backOff: BackOff
    /// A ping is sent so often; a link without any bytes for three times as long is closed.
    public var pingInterval: Duration
    /// Between two looks at what is up at Asterisk, which find what was lost on the way.
    public var auditInterval: Duration
    /// How long an answer to a request may take.
    public var requestTimeout: Duration

    public init(
        host: String, port: Int = 8088, user: String, password: String, application: String, manager: Manager? = nil,
        backOff: BackOff = BackOff(), pingInterval: Duration = .seconds(5), auditInterval: Duration = .seconds(30),
        requestTimeout: Duration = .seconds(5)
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.application = application
        self.manager = manager
        self.backOff = backOff
        self.pingInterval = pingInterval
        self.auditInterval = auditInterval
        self.requestTimeout = requestTimeout
    }
}
