import AsteriskSwitch
import Foundation
import Gateway
import Logging
import RingsideServer
import SandboxSwitch
import ServiceLifecycle
import SwitchDriver
import UnixSignals

/// Chooses the switch that the configuration names, and runs the server until it is told to stop.
enum ServerStart {
    /// Runs until SIGTERM or SIGINT, then stops gracefully.
    ///
    /// - Parameter onRunning: called once clients can connect.
    static func run(
        _ configuration: ServerConfiguration, logger: Logger,
        onRunning: @escaping @Sendable (RingsideServer.Running) async -> Void
    ) async throws {
        let lines = configuration.tenants.map(\.lines)
        let telephoneSwitch: any Switch
        var desk: SandboxDesk?
        switch configuration.switch {
        case .sandbox:
            let sandbox = sandbox(configuration, lines)
            telephoneSwitch = sandbox
            desk = SandboxDesk(sandbox)
        case .asterisk(let settings):
            telephoneSwitch = AsteriskSwitch(
                configuration: AsteriskConfiguration(settings), tenants: lines, logger: logger,
                chance: { Double.random(in: 0..<1) })
        }
        let server = RingsideServer(
            configuration: configuration, telephoneSwitch: telephoneSwitch, sandbox: desk, logger: logger,
            onRunning: onRunning)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    /// The sandbox, whose recordings belong below `configuration.recordingsRoot`: the rest of the server looks for them there.
    private static func sandbox(_ configuration: ServerConfiguration, _ lines: [TenantLines]) -> SandboxSwitch {
        // The names of the sandbox's own legs must not come again after a restart.
        let start = Int64(Date().timeIntervalSince1970 * 1000)
        return SandboxSwitch(
            tenants: lines, namePrefix: "sandbox-\(start)",
            settings: SandboxSettings(recordingsFolder: configuration.recordingsRoot))
    }
}

extension AsteriskConfiguration {
    fileprivate init(_ settings: AsteriskSettings) {
        self.init(
            host: settings.host, port: settings.port, user: settings.user, password: settings.password.text,
            application: settings.application,
            manager: settings.manager.map {
                Manager(host: $0.host, port: $0.port, user: $0.user, secret: $0.password.text)
            })
    }
}
