import CSTA
import Foundation
import Gateway
import Logging
import Yams

extension ServerConfiguration {
    /// Reads the text of a configuration file.
    ///
    /// - Parameter file: its name, for messages.
    /// - Throws: ``ConfigurationError`` with all that is wrong.
    public static func parse(
        _ text: String, file: String, sources: ConfigurationSources
    ) throws(ConfigurationError) -> ServerConfiguration {
        let problems = ProblemList()
        let reader = ConfigurationReader(problems: problems, sources: sources)
        let configuration = reader.root(of: text).map(reader.server)
        try problems.throwIfAny(file: file)
        guard let configuration else { throw ConfigurationError(file: file, problems: []) }
        return configuration
    }
}

/// Turns the nodes of a file into settings, reporting every mistake on the way.
struct ConfigurationReader {
    let problems: ProblemList
    let sources: ConfigurationSources

    func root(of text: String) -> ConfigurationField? {
        do {
            if let node = try Yams.compose(yaml: text) {
                return ConfigurationField(node: node, path: "", problems: problems)
            }
            problems.report(
                line: 0, path: "", "the file is empty", "`ringside config example` prints one to start from")
        } catch let error as YamlError {
            report(error)
        } catch {
            problems.report(line: 0, path: "", "the file is not YAML", "Check its indentation")
        }
        return nil
    }

    /// Yams' own texts quote the line, which may hold a password.
    private func report(_ error: YamlError) {
        let indentation = "Check the indentation and the quotes here and in the line before"
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            problems.report(line: mark.line, path: "", "this is not YAML: \(problem)", indentation)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.sorted().map { "\"\($0.abbreviated)\"" }.listed
            problems.report(
                line: context.mark.line, path: "", "the group that begins here has \(names) more than once",
                "Keep one of them")
        case .reader(let problem, _, _, _):
            problems.report(line: 0, path: "", "the file cannot be read as text: \(problem)", "Save it in UTF-8")
        default:
            problems.report(line: 0, path: "", "the file is not YAML", indentation)
        }
    }

    func server(_ root: ConfigurationField) -> ServerConfiguration {
        var result = ServerConfiguration(dataDirectory: sources.resolve("data"), tenants: [])
        let section = root.section([
            "http", "metrics", "data", "durability", "retention", "recordings", "log", "sessions", "stomp", "threads",
            "switch", "tenants", "operators",
        ])
        guard let section else { return result }
        if let field = section["http"] { result.http = http(field) }
        if let field = section["metrics"] { result.metrics = metrics(field) }
        if let path = section["data"]?.text("the folder for the journal") {
            result.dataDirectory = sources.resolve(path)
        }
        if let word = section["durability"]?.word(Durability.self) { result.durability = word }
        if let field = section["retention"] { result.retention = retention(field) }
        if let field = section["recordings"], let recordings = field.section(["root"]) {
            result.recordingsFolder = recordings["root"]?.text("the switch's folder of recordings, as seen from here")
                .map(sources.resolve)
        }
        if let level = section["log"]?.word(Logger.Level.self) { result.logLevel = level }
        if let field = section["sessions"] { result.sessions = sessions(field) }
        result.eventLoopThreads = section["threads"]?.integer(in: 1...256, unit: "threads")
        if let field = section["switch"] { result.switch = switchSettings(field) ?? .sandbox }
        if let field = section.required("tenants", example: "a list with the tenant demo.cc") {
            result.tenants = tenants(field, of: result.switch)
        }
        if let field = section["stomp"] { result.stomp = stomp(field, among: result.tenants) }
        if let field = section["operators"] {
            result.operators = tenant(
                field, "the namespace of the tenant whose admins run the server", among: result.tenants)
        }
        return result
    }

    private func http(_ field: ConfigurationField) -> HTTPSettings {
        var result = HTTPSettings()
        guard let section = field.section(["host", "port", "cookieNeedsTLS", "tls", "origins", "trustedProxies"]) else {
            return result
        }
        if let host = section["host"]?.text("an address of this machine, such as 127.0.0.1") { result.host = host }
        if let port = port(section["port"]) { result.port = port }
        if let flag = section["cookieNeedsTLS"]?.boolean() { result.cookieNeedsTLS = flag }
        if let field = section["tls"] { result.tls = tls(field) }
        if let field = section["origins"] { result.access.origins = OriginRules(origins(field)) }
        if let field = section["trustedProxies"] { result.access.proxies = TrustedProxies(networks(field)) }
        return result
    }

    private func tls(_ field: ConfigurationField) -> TLSCertificate.Files? {
        guard let section = field.section(["certificate", "key"]) else { return nil }
        let certificate = section.required("certificate", example: "certificate: /etc/ringside/cert.pem")?
            .text("a file with the certificate and those that lead to a trusted one, in PEM")
        let key = section.required("key", example: "key: /etc/ringside/key.pem")?.text("a file with its key, in PEM")
        guard let certificate, let key else { return nil }
        return TLSCertificate.Files(certificate: sources.resolve(certificate), key: sources.resolve(key))
    }

    private func origins(_ field: ConfigurationField) -> [String] {
        bounded(field, of: "origins", atMost: OriginRules.maximumOrigins).compactMap { entry in
            guard let text = entry.text("an origin, such as https://crm.example") else { return nil }
            if OriginRules.isOrigin(text) { return text }
            entry.report("\"\(text.abbreviated)\" is no origin", "Write scheme and host, as in https://crm.example")
            return nil
        }
    }

    private func networks(_ field: ConfigurationField) -> [TrustedProxies.Network] {
        bounded(field, of: "addresses", atMost: TrustedProxies.maximumNetworks).compactMap { entry in
            guard let text = entry.text("an address, such as 10.0.0.7, or a network, such as 10.0.0.0/8") else {
                return nil
            }
            if let network = TrustedProxies.Network(text) { return network }
            entry.report(
                "\"\(text.abbreviated)\" is neither an address nor a network", "Write 10.0.0.7 or 10.0.0.0/8")
            return nil
        }
    }

    func bounded(_ field: ConfigurationField, of name: String, atMost most: Int) -> [ConfigurationField] {
        let entries = field.list(of: name) ?? []
        if entries.count > most { field.report("has more than \(most) \(name)", "Leave some out") }
        return Array(entries.prefix(most))
    }

    private func metrics(_ field: ConfigurationField) -> MetricsSettings? {
        guard let section = field.section(["host", "port"]),
            let port = port(section.required("port", example: "port: 9750"))
        else { return nil }
        var result = MetricsSettings(port: port)
        if let host = section["host"]?.text("an address of this machine, such as 127.0.0.1") { result.host = host }
        return result
    }

    private func retention(_ field: ConfigurationField) -> Retention {
        var result = Retention()
        guard let section = field.section(["days", "megabytes", "recordDays"]) else { return result }
        if let days = section["days"]?.integer(in: 1...3650, unit: "days") { result.days = days }
        if let size = section["megabytes"]?.integer(in: 16...1_000_000, unit: "megabytes") { result.megabytes = size }
        if let days = section["recordDays"]?.integer(in: 1...3650, unit: "days") { result.recordDays = days }
        return result
    }

    private func sessions(_ field: ConfigurationField) -> SessionSettings {
        var result = SessionSettings()
        guard let section = field.section(["idleMinutes", "lifetimeHours", "maximumPerAccount", "requestsPerSecond"])
        else { return result }
        if let idle = section["idleMinutes"]?.integer(in: 1...43_200, unit: "minutes") { result.idleMinutes = idle }
        if let hours = section["lifetimeHours"]?.integer(in: 1...8760, unit: "hours") { result.lifetimeHours = hours }
        if let most = section["maximumPerAccount"]?.integer(in: 1...1000, unit: "sessions") {
            result.maximumPerAccount = most
        }
        if let rate = section["requestsPerSecond"]?.integer(in: 1...10_000, unit: "requests a second") {
            result.requestsPerSecond = rate
        }
        return result
    }

    private func stomp(_ field: ConfigurationField, among tenants: [TenantSettings]) -> StompSettings {
        var result = StompSettings()
        guard let section = field.section(["anonymousTenant"]), let field = section["anonymousTenant"] else {
            return result
        }
        result.anonymousTenant = tenant(
            field, "the namespace of the tenant that an old client may follow without a login", among: tenants)
        return result
    }

    /// One of those that are set up.
    private func tenant(
        _ field: ConfigurationField, _ meaning: String, among tenants: [TenantSettings]
    ) -> Namespace? {
        guard let name = field.text(meaning) else { return nil }
        if let tenant = tenants.first(where: { $0.namespace.name == name }) { return tenant.namespace }
        let near = NearestWord.find(name, in: tenants.map(\.namespace.name)).map { "Did you mean \($0)" }
        field.report("there is no tenant \"\(name.abbreviated)\"", near ?? "Write the namespace of one of the tenants")
        return nil
    }

    func port(_ field: ConfigurationField?) -> Int? { field?.integer(in: 1...65_535, unit: "as the port") }
}
