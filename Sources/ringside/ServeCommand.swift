import ArgumentParser
import CSTA
import Foundation
import Logging
import NIOCore
import RingsideServer

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server, until it is told to stop.",
        discussion: """
            Without --config it runs the demo: tenant demo.cc on the sandbox switch, reachable from this machine only. \
            SIGTERM and Ctrl-C stop it gracefully: new calls are refused, what has happened is stored.
            """)

    @Option(help: "The configuration file; ringside config example prints one.")
    var config: String?

    @Option(help: "Listen on this port instead of the configuration's; 0 lets the system choose.")
    var port: Int?

    @Option(help: "Keep the journal in this folder instead of the configuration's.")
    var data: String?

    @Option(
        help: "Log from this level on: trace, debug, info, notice, warning, error or critical.",
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else { throw ValidationError("There is no level \(text).") }
            return level
        })
    var log: Logger.Level?

    func validate() throws {
        guard (0...65_535).contains(port ?? 0) else { throw ValidationError("--port takes 0 to 65535.") }
        guard data != "" else { throw ValidationError("--data takes a folder.") }
    }

    func run() async throws {
        let configuration = try configuration()
        LoggingSystem.bootstrap { label in StreamLogHandler.standardError(label: label) }
        var logger = Logger(label: "ringside")
        logger.logLevel = configuration.logLevel
        for warning in configuration.warnings { logger.warning("\(warning)") }
        do {
            let isDemo = config == nil
            try await ServerStart.run(configuration, logger: logger) { running in
                let text = Self.greeting(configuration, running, isDemo: isDemo)
                // Written at once, also into a pipe: who starts the server waits for this line.
                try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
            }
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            let port = configuration.http.port
            say("ringside: port \(port) of \(configuration.http.host) is taken: stop what listens there, or use --port")
            throw ExitCode.failure
        } catch {
            say("ringside: the server stopped: \(String(describing: error).printable)")
            throw ExitCode.failure
        }
    }

    private func configuration() throws -> ServerConfiguration {
        var result: ServerConfiguration
        do {
            result =
                try config.map { file throws(ConfigurationError) in try ServerConfiguration.load(file: file) }
                ?? .demo()
        } catch {
            say(error.description)
            throw ExitCode.failure
        }
        if let port { result.http.port = port }
        if let data { result.dataDirectory = data }
        if let log { result.logLevel = log }
        return result
    }

    /// What is served where, and what to do next.
    private static func greeting(
        _ configuration: ServerConfiguration, _ running: RingsideServer.Running, isDemo: Bool
    ) -> String {
        let url = running.url
        var lines = ["Ringside \(Ringside.version) at \(url), data in \(configuration.dataDirectory)"]
        let name =
            switch configuration.switch {
            case .sandbox: "the sandbox"
            case .asterisk(let settings): "Asterisk at \(settings.host):\(settings.port)"
            }
        for tenant in running.tenants {
            lines.append(
                "  \(tenant.namespace): \(tenant.agents.count) agents, \(tenant.devices.count) devices on \(name), "
                    + tenant.timeZoneName)
        }
        guard isDemo, let tenant = configuration.tenants.first else { return lines.joined(separator: "\n") }
        let program = CommandLine.arguments.first ?? "ringside"
        let place = url == "http://127.0.0.1:\(HTTPSettings.defaultPort)" ? "" : " --url \(url)"
        lines.append(
            """

            Agents 5001-5008, supervisor 5009, admin 5010, devices 8001-8010; everybody's password is demo. To log in:
              curl \(url)/login -d username=5001 -d password=demo -d namespace=\(tenant.namespace)
            A first call, in another terminal; what happens is shown here by the first line, in a third:
              \(program) tail --agent 5009\(place)
              \(program) login 8001 --agent 5001\(place)
              \(program) login 8002 --agent 5002\(place)
              \(program) call 8002 --agent 5001\(place)
              \(program) answer --agent 5002\(place)
              \(program) hangup --agent 5001\(place)
            """)
        return lines.joined(separator: "\n")
    }
}
