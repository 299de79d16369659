import ArgumentParser
import CSTA
import Foundation
import RingsideServer

/// Looks at an installation and says what to mend.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check an installation: file, folders, limits, clock, and the server that runs.",
        discussion: """
            Run it as the user that the server runs as, with the server's own configuration file: what that user may write, and \
            how many files it may open, is what counts. Each line says what was found, and what to mend. Ends with 1 when \
            something is wrong; warnings alone end with 0.
            """)

    @Option(help: "The configuration file; without it the demo's is looked at.")
    var config: String?

    @Option(help: "The data folder, instead of the configuration's.")
    var data: String?

    @Option(help: "The server's address, instead of the configuration's.")
    var url: String?

    @Flag(help: "Write JSON, for programs.")
    var json = false

    func run() async throws {
        var checks: [DoctorCheck] = []
        let configuration = readConfiguration(&checks)
        if let configuration {
            checks += InstallationChecks(configuration: configuration).all()
            let host = configuration.http.isLoopback ? "127.0.0.1" : configuration.http.host
            let scheme = configuration.http.tls == nil ? "http" : "https"
            let address = url ?? "\(scheme)://\(host == "0.0.0.0" ? "127.0.0.1" : host):\(configuration.http.port)"
            checks += await ServerChecks(url: address, trustsAnyCertificate: url == nil).all()
        }
        print(json ? Self.json(checks) : checks.map(\.line).joined(separator: "\n"))
        if checks.contains(where: { $0.finding == .wrong }) { throw ExitCode.failure }
    }

    private func readConfiguration(_ checks: inout [DoctorCheck]) -> ServerConfiguration? {
        var result: ServerConfiguration
        do {
            result =
                try config.map { file throws(ConfigurationError) in try ServerConfiguration.load(file: file) }
                ?? .demo()
        } catch {
            checks.append(
                DoctorCheck(
                    "configuration", .wrong, error.description,
                    mend: "Mend the file: ringside config check \(config ?? "")"))
            return nil
        }
        if let data { result.dataDirectory = data }
        let name = config ?? "the demo's, as no --config was given"
        checks.append(DoctorCheck("configuration", .good, "\(name): \(result.tenants.count) tenants"))
        return result
    }

    /// `{"isWell":false,"checks":[{"name":"…","finding":"wrong","text":"…","mend":"…"}]}`
    private static func json(_ checks: [DoctorCheck]) -> String {
        let list = checks.map { check in
            var object: JSONObject = [
                "name": .string(check.name), "finding": .string(check.finding.rawValue), "text": .string(check.text),
            ]
            if let mend = check.mend { object["mend"] = .string(mend) }
            return JSON.object(object)
        }
        let isWell = !checks.contains { $0.finding == .wrong }
        let result = JSON.object(["isWell": .bool(isWell), "checks": .array(list)])
        return String(decoding: result.encoded(), as: UTF8.self)
    }
}

/// What was looked at, and what was found.
struct DoctorCheck: Hashable, Sendable {
    enum Finding: String, Hashable, Sendable {
        case good
        /// It works, and may not go on so.
        case warning
        case wrong
    }

    var name: String
    var finding: Finding
    var text: String
    /// What to do; nil: nothing.
    var mend: String?

    init(_ name: String, _ finding: Finding, _ text: String, mend: String? = nil) {
        self.name = name
        self.finding = finding
        self.text = text
        self.mend = mend
    }

    /// For people; what comes from a server cannot steer the terminal.
    var line: String {
        let word = finding == .good ? "ok     " : finding == .warning ? "warning" : "WRONG  "
        let first = "\(word) \(name): \(text)".split(separator: "\n").map { String($0).printable }
        return (first + (mend.map { ["        → \($0.printable)"] } ?? [])).joined(separator: "\n        ")
    }
}
