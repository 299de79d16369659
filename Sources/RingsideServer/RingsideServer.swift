import CSTA
import CallCenter
public import Gateway
import Hummingbird
import Journal
public import Logging
import NIOCore
public import ServiceLifecycle
public import SwitchDriver

/// A whole server: journal, tenants, switch and gateway, put together.
///
/// ``run()`` returns after a graceful shutdown: new calls are refused, clients are told to come back, what has come is stored,
/// the journal is closed. Calls that are up go on at the switch and are found again after the next start.
public struct RingsideServer: Service {
    /// Of the program, by Semantic Versioning.
    public static let version = "0.1.0"

    /// What is to be known of a server that runs.
    public struct Running: Sendable {
        /// As `http://host:port` without a path.
        public var url: String
        public var port: Int
        /// As they are set up, with what admins have changed.
        public var tenants: [TenantSettings]
    }

    private let configuration: ServerConfiguration
    private let telephoneSwitch: any Switch
    private let sandbox: (any SandboxPort)?
    private let logger: Logger
    private let onRunning: @Sendable (Running) async -> Void

    /// - Parameters:
    ///   - telephoneSwitch: drives the tenants' lines, ``TenantSettings/lines``.
    ///   - sandbox: the sandbox's own interface; nil with a real switch.
    ///   - onRunning: called once clients can connect.
    public init(
        configuration: ServerConfiguration, telephoneSwitch: any Switch, sandbox: (any SandboxPort)? = nil,
        logger: Logger, onRunning: @escaping @Sendable (Running) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.telephoneSwitch = telephoneSwitch
        self.sandbox = sandbox
        self.logger = logger
        self.onRunning = onRunning
    }

    /// - Throws: `JournalOpenError` when the journal cannot be opened, `StateError` when what it holds makes no sense, or what
    ///   binding the address throws.
    public func run() async throws {
        let journal = try SQLiteJournal(configuration.journal, logger: logger)
        let entries = try await journal.directory()
        let directory = Directory(
            Directory.tenants(inFile: configuration.tenants, changedBy: entries, logger: logger),
            keepDays: Directory.keepDays(ofDeletedIn: entries))
        let isSharedSwitch = configuration.switch != .sandbox
        Directory.check(directory.tenants, isSharedSwitch: isSharedSwitch, logger: logger)
        telephoneSwitch.setLines(directory.tenants.map(\.lines))
        let table = TenantTable()
        let campaigns = CampaignDesk(
            journal: journal, tenants: table, now: SystemClock.now, newCall: SystemClock.newCall, logger: logger)
        let hub = EventHub(
            tenants: table,
            measures: TenantMeasures(tenants: table, campaigns: campaigns, now: SystemClock.now))
        let makeRunner = runnerMaker(journal, hub)
        for tenant in directory.tenants { table.start(try await makeRunner(tenant)) }
        try await campaigns.restore()
        let administration = Administration(
            Administration.Surroundings(
                directory: directory, store: journal, tenants: table,
                telephoneSwitch: telephoneSwitch, isSharedSwitch: isSharedSwitch,
                rules: configuration.rules, makeRunner: makeRunner,
                deleted: { await campaigns.forgetAll(in: $0) }))
        var audit = Logger(label: "audit")
        audit.logLevel = min(logger.logLevel, .notice)
        let recordings = RecordingFolder(root: configuration.recordingsRoot)
        let api = GatewayServices(
            tenants: table, accounts: directory, administration: administration,
            archive: JournalSessions(journal: journal),
            records: JournalRecords(journal: journal, logger: logger), keys: JournalKeys(journal: journal),
            sandbox: sandbox, campaigns: campaigns,
            recordings: Recordings(archive: JournalRecordings(index: journal, logger: logger), folder: recordings),
            configuration: configuration.api, now: SystemClock.now, newCallID: SystemClock.newCall, logger: logger,
            audit: audit)
        await api.restoreSessions()
        await api.restoreKeys()
        let tenants = Tenants(
            table: table, journal: journal,
            retention: RecordingRetention(
                keepDays: { directory.recordingKeepDays }, index: journal, folder: recordings, logger: logger),
            now: SystemClock.now, logger: logger)
        // They stop in the opposite order.
        var services: [any Service] = [
            tenants,
            SwitchLink(telephoneSwitch: telephoneSwitch, tenants: table, logger: logger),
            CampaignService(desk: campaigns),
        ]
        if let keeper = api.sessionKeeper { services.append(keeper) }
        if let keeper = api.keyKeeper { services.append(keeper) }
        if let settings = configuration.metrics {
            services.append(
                MetricsServer(
                    settings: settings,
                    metrics: ServerMetrics(
                        tenants: table, hub: hub, requests: api.requestCounts, journal: journal,
                        telephoneSwitch: telephoneSwitch, campaigns: CampaignCensus(desk: campaigns)),
                    logger: logger))
        }
        let certificate = try configuration.http.tls.map { try TLSCertificate($0, logger: logger) }
        if let certificate { services.append(certificate) }
        services += [gateway(api, hub, certificate, directory), Drain(tenants: tenants)] as [any Service]
        try await ServiceGroup(services: services, logger: logger).run()
    }

    private func runnerMaker(
        _ journal: SQLiteJournal, _ hub: EventHub
    ) -> @Sendable (TenantSettings) async throws -> TenantRunner {
        { [configuration, telephoneSwitch, logger] tenant in
            try await TenantRunner(
                configuration: configuration.rules(of: tenant),
                surroundings: TenantRunner.Surroundings(
                    journal: journal, publish: { hub.publish($0, in: $1, origins: $2) },
                    telephoneSwitch: telephoneSwitch,
                    now: SystemClock.now, uptime: SystemClock.uptime, newCall: SystemClock.newCall, logger: logger))
        }
    }

    private func gateway(
        _ services: GatewayServices, _ hub: EventHub, _ certificate: TLSCertificate?, _ directory: Directory
    ) -> some Service {
        let host = configuration.http.host
        let scheme = certificate == nil ? "http" : "https"
        let onRunning = onRunning
        return GatewayServer(
            configuration: configuration.gateway, responder: makeRouter(services).buildResponder(), hub: hub,
            authorizer: SessionEventAuthorizer(services),
            stompAuthorizer: SessionStompAuthorizer(services, anonymousNamespace: configuration.stomp.anonymousTenant),
            certificate: certificate, logger: logger
        ) { address in
            let port = address.port ?? 0
            let url = "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            await onRunning(Running(url: url, port: port, tenants: directory.tenants))
        }
    }
}
