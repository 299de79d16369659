import CSTA
import CallCenter
import Gateway
import Journal

// What the operator has set, in the words of the parts that need it.
extension ServerConfiguration {
    var journal: JournalConfiguration {
        var journal = JournalConfiguration(directory: dataDirectory)
        switch durability {
        case .fsync: journal.durability = .fsync
        case .os: journal.durability = .operatingSystem
        }
        journal.maximumEventAgeSeconds = Int64(retention.days) * 24 * 3600
        journal.maximumRecordAgeSeconds = Int64(retention.recordDays) * 24 * 3600
        journal.maximumEventBytes = Int64(retention.megabytes) << 20
        return journal
    }

    func rules(of tenant: TenantSettings) -> TenantConfiguration {
        var rules = tenant.configuration
        rules.recording.root = recordingsRoot
        return rules
    }

    var api: APIConfiguration {
        var api = APIConfiguration()
        api.sessions.idleSeconds = sessions.idleMinutes * 60
        api.sessions.lifetimeSeconds = sessions.lifetimeHours * 3600
        api.sessions.maximumPerAccount = sessions.maximumPerAccount
        api.requestsPerSecond = sessions.requestsPerSecond
        api.cookieNeedsTLS = http.cookieNeedsTLS || http.tls != nil
        api.access = http.access
        api.operators = operators
        api.version = RingsideServer.version
        return api
    }

    var gateway: GatewayServerConfiguration {
        var gateway = GatewayServerConfiguration(host: http.host, port: http.port)
        gateway.access = http.access
        if let eventLoopThreads { gateway.threads = eventLoopThreads }
        return gateway
    }
}
