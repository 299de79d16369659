import CSTA
import Foundation

extension ConfigurationReader {
    /// `switch: sandbox`, or `switch: {asterisk: {…}}`.
    func switchSettings(_ field: ConfigurationField) -> SwitchSettings? {
        if field.isValue {
            guard let text = field.text("sandbox, or asterisk with its settings") else { return nil }
            if text == "sandbox" { return .sandbox }
            if text == "asterisk" {
                field.report("asterisk needs settings", "Write asterisk: below switch:, and host, user, … below that")
            } else {
                field.report("\"\(text)\" is no switch", "Write sandbox, or asterisk with its settings")
            }
            return nil
        }
        guard let section = field.section(["asterisk", "sandbox"]) else { return nil }
        if let sandbox = section["sandbox"] {
            sandbox.report("the sandbox has no settings", "Write switch: sandbox")
            return nil
        }
        guard let asterisk = section.required("asterisk", example: "asterisk: with host, user and password below it")
        else { return nil }
        return self.asterisk(asterisk).map(SwitchSettings.asterisk)
    }

    private func asterisk(_ field: ConfigurationField) -> AsteriskSettings? {
        let known = ["host", "port", "application", "manager", "user"] + Self.secretKeys
        guard let section = field.section(known) else { return nil }
        let user = section.required("user", example: "user: ringside")?.text("a user of ari.conf")
        let password = secret(in: section)
        var result = AsteriskSettings(user: user ?? "", password: password ?? Secret(""))
        if let host = section["host"]?.text("the address of Asterisk's HTTP server") { result.host = host }
        if let port = port(section["port"]) { result.port = port }
        if let application = section["application"], let name = application.text("the name of the Stasis application") {
            if name.utf8.count <= 64, Namespace(name) != nil {
                result.application = name
            } else {
                application.report(
                    "\"\(name.abbreviated)\" cannot name an application", "Use at most 64 letters, digits, - _ and .")
            }
        }
        if let manager = section["manager"] { result.manager = self.manager(manager, host: result.host) }
        return user == nil || password == nil ? nil : result
    }

    private func manager(_ field: ConfigurationField, host: String) -> AsteriskSettings.Manager? {
        guard let section = field.section(["host", "port", "user"] + Self.secretKeys) else { return nil }
        let user = section.required("user", example: "user: ringside")?.text("a user of manager.conf")
        let password = secret(in: section)
        let port = port(section["port"])
        let ownHost = section["host"]?.text("the address of Asterisk's manager interface")
        guard let user, let password else { return nil }
        return AsteriskSettings.Manager(host: ownHost ?? host, port: port ?? 5038, user: user, password: password)
    }

    static let secretKeys = ["password", "passwordFile", "passwordEnvironment"]

    /// A password that stands in the file, in another file, or in an environment variable. Messages never quote it.
    private func secret(in section: ConfigurationSection) -> Secret? {
        let given = Self.secretKeys.compactMap { key in section[key].map { (key, $0) } }
        guard let (key, field) = given.first else {
            section.field.report(
                "the password is missing", "Add \(Self.secretKeys.alternatives); the last two keep it out of this file")
            return nil
        }
        if given.count > 1 {
            given[1].1.report("the password is given in more than one way", "Keep one of \(given.map(\.0).listed)")
            return nil
        }
        switch key {
        case "passwordFile":
            guard let path = field.text("the path of a file with the password in its first line") else { return nil }
            let line = sources.read(sources.resolve(path))?.split(separator: "\n", maxSplits: 1).first
            guard let line, !line.isEmpty else {
                field.report("there is no password in \(path)", "Write it into the first line, readable for the server")
                return nil
            }
            return Secret(line.trimmingCharacters(in: .whitespacesAndNewlines))
        case "passwordEnvironment":
            guard let name = field.text("the name of an environment variable") else { return nil }
            guard let value = sources.environment[name], !value.isEmpty else {
                field.report("the environment has no \(name.abbreviated)", "Set it for the server, or use passwordFile")
                return nil
            }
            return Secret(value)
        default:
            return field.text("the password").map { Secret($0) }
        }
    }
}
