public import CSTA
import Foundation
public import Gateway
public import Logging

/// All that an operator sets for one server: what the configuration file says, checked, with the defaults filled in.
///
/// It comes from ``load(file:environment:)``, from ``parse(_:file:sources:)``, or is ``demo(timeZone:)``.
public struct ServerConfiguration: Hashable, Sendable {
    public var http: HTTPSettings
    /// Nil: no metrics are served.
    public var metrics: MetricsSettings?
    /// Folder of the journal. Created when it is not there.
    public var dataDirectory: String
    public var durability: Durability
    public var retention: Retention
    /// The switch's folder of recordings as this server sees it; nil: see ``recordingsRoot``.
    public var recordingsFolder: String?
    public var logLevel: Logger.Level
    public var sessions: SessionSettings
    public var stomp: StompSettings
    /// Nil: one a processor core.
    public var eventLoopThreads: Int?
    public var `switch`: SwitchSettings
    /// At least one, each with a namespace of its own.
    public var tenants: [TenantSettings]
    /// The tenant whose admins run the server: they set up tenants over HTTP. Nil: nobody does.
    public var operators: Namespace?

    public init(
        http: HTTPSettings = HTTPSettings(), metrics: MetricsSettings? = nil, dataDirectory: String = "data",
        durability: Durability = .fsync,
        retention: Retention = Retention(), recordingsFolder: String? = nil, logLevel: Logger.Level = .info,
        sessions: SessionSettings = SessionSettings(), stomp: StompSettings = StompSettings(),
        eventLoopThreads: Int? = nil,
        switch: SwitchSettings = .sandbox, tenants: [TenantSettings], operators: Namespace? = nil
    ) {
        self.http = http
        self.metrics = metrics
        self.dataDirectory = dataDirectory
        self.durability = durability
        self.retention = retention
        self.recordingsFolder = recordingsFolder
        self.logLevel = logLevel
        self.sessions = sessions
        self.stomp = stomp
        self.eventLoopThreads = eventLoopThreads
        self.switch = `switch`
        self.tenants = tenants
        self.operators = operators
    }

    /// The switch's folder of recordings as this server sees it, with which `fileName` begins (E18). An absolute path.
    ///
    /// Left out it is the folder `recordings` beside the journal for the sandbox, and for Asterisk the one that it has by default.
    public var recordingsRoot: String {
        let path =
            switch (recordingsFolder, `switch`) {
            case (let folder?, _): folder
            case (nil, .sandbox): dataDirectory + "/recordings"
            case (nil, .asterisk): AsteriskSettings.recordingsFolder
            }
        return URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// Everybody who may log in, of all tenants.
    public var accounts: [Account] { tenants.flatMap(\.accounts) }
}

/// Where the server listens.
public struct HTTPSettings: Hashable, Sendable {
    public static let defaultPort = 8750

    /// An address or a name of this machine. The default is loopback: to be reached from elsewhere is the operator's decision.
    public var host: String
    /// 1…65535; 0 lets the system choose one, for tests.
    public var port: Int
    /// Lets browsers send the session's cookie over TLS only: for a server behind a proxy that ends TLS.
    public var cookieNeedsTLS: Bool
    /// The server speaks TLS itself; nil: it does not.
    public var tls: TLSCertificate.Files?
    /// Whose pages may use the interface from other hosts, and whose word is taken for where a request comes from.
    public var access: AccessRules

    public init(
        host: String = "127.0.0.1", port: Int = Self.defaultPort, cookieNeedsTLS: Bool = false,
        tls: TLSCertificate.Files? = nil, access: AccessRules = AccessRules()
    ) {
        self.host = host
        self.port = port
        self.cookieNeedsTLS = cookieNeedsTLS
        self.tls = tls
        self.access = access
    }

    /// Whether only this machine can connect.
    public var isLoopback: Bool { host.isLoopback }
}

/// Where metrics are served, to anyone who can connect: a listener of its own, which no proxy leads to by chance.
public struct MetricsSettings: Hashable, Sendable {
    public var host: String
    /// 1…65535
    public var port: Int

    public init(host: String = "127.0.0.1", port: Int) {
        self.host = host
        self.port = port
    }

    /// Whether only this machine can connect.
    public var isLoopback: Bool { host.isLoopback }
}

extension String {
    /// Whether an address leads to this machine alone.
    fileprivate var isLoopback: Bool { self == "localhost" || self == "::1" || hasPrefix("127.") }
}

/// What has to be done before an event counts as stored.
public enum Durability: String, Hashable, Sendable, CaseIterable {
    /// It is on the disk: a power cut loses nothing that a client has seen.
    case fsync
    /// The operating system has it: a crash of the server loses nothing, a power cut may lose the last second.
    case os
}

/// How long stored events are kept, whichever is reached first, and records.
public struct Retention: Hashable, Sendable {
    public var days: Int
    public var megabytes: Int
    /// Records of calls and of agents' times, which are few: no bound of their size.
    public var recordDays: Int

    public init(days: Int = 7, megabytes: Int = 2048, recordDays: Int = 400) {
        self.days = days
        self.megabytes = megabytes
        self.recordDays = recordDays
    }
}

/// Bounds of clients' sessions.
public struct SessionSettings: Hashable, Sendable {
    /// A session that is not used for this long ends.
    public var idleMinutes: Int
    /// After this it ends in any case.
    public var lifetimeHours: Int
    /// Sessions of one account at once; the oldest makes room.
    public var maximumPerAccount: Int
    /// Of one session or API key.
    public var requestsPerSecond: Int

    public init(
        idleMinutes: Int = 480, lifetimeHours: Int = 24, maximumPerAccount: Int = 16, requestsPerSecond: Int = 50
    ) {
        self.idleMinutes = idleMinutes
        self.lifetimeHours = lifetimeHours
        self.maximumPerAccount = maximumPerAccount
        self.requestsPerSecond = requestsPerSecond
    }
}

/// What clients may do by STOMP.
public struct StompSettings: Hashable, Sendable {
    /// The one tenant whose events those may follow who do not say who they are: for an old client that cannot. Nil: none.
    public var anonymousTenant: Namespace?

    public init(anonymousTenant: Namespace? = nil) { self.anonymousTenant = anonymousTenant }
}

/// Which switch the server drives.
public enum SwitchSettings: Hashable, Sendable {
    /// Virtual phones and a pretended telephone network, in memory.
    case sandbox
    case asterisk(AsteriskSettings)
}

/// How to reach an Asterisk.
public struct AsteriskSettings: Hashable, Sendable {
    /// The manager interface (AMI). Without it a ringing phone cannot be told to answer.
    public struct Manager: Hashable, Sendable {
        public var host: String
        public var port: Int
        public var user: String
        public var password: Secret

        public init(host: String = "127.0.0.1", port: Int = 5038, user: String, password: Secret) {
            self.host = host
            self.port = port
            self.user = user
            self.password = password
        }
    }

    /// Where an Asterisk that nobody has told otherwise keeps what ARI records.
    public static let recordingsFolder = "/var/spool/asterisk/recording"

    /// Host and port of Asterisk's HTTP server (ARI).
    public var host: String
    public var port: Int
    public var user: String
    public var password: Secret
    /// The Stasis application's name, as in the dial plan.
    public var application: String
    public var manager: Manager?

    public init(
        host: String = "127.0.0.1", port: Int = 8088, user: String, password: Secret, application: String = "ringside",
        manager: Manager? = nil
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.application = application
        self.manager = manager
    }
}

/// A password that shows itself nowhere but where it is used.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    public let text: String
    public init(_ text: String) { self.text = text }
    public var description: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
