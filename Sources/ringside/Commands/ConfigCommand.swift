import ArgumentParser
import CSTA
import Foundation
import RingsideServer

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check a configuration file, or get one to start from.",
        subcommands: [ConfigCheckCommand.self, ConfigExampleCommand.self])
}

struct ConfigCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Find all mistakes of a configuration file: line, place, and how to mend them.")

    @Argument(help: "The file.")
    var file: String

    func run() throws {
        do {
            let configuration = try ServerConfiguration.load(file: file)
            for warning in configuration.warnings { say("warning: \(warning)") }
            for tenant in configuration.tenants {
                print(
                    "\(tenant.namespace): \(tenant.agents.count) agents, \(tenant.devices.count) devices, "
                        + "\(tenant.splits.count) splits, \(tenant.trunks.count) trunks, \(tenant.inbound.count) inbound numbers, "
                        + tenant.timeZoneName)
            }
            print("\(file) is in order.")
        } catch {
            say(error.description)
            throw ExitCode.failure
        }
    }
}

struct ConfigExampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "example", abstract: "Print a commented configuration: that of the demo.")

    func run() { print(ServerConfiguration.example, terminator: "") }
}
