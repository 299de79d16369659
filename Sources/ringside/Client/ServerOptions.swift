import ArgumentParser
import CSTA
import Foundation
import RingsideServer

/// Which server, and as whom.
struct ServerOptions: ParsableArguments {
    @Option(help: "The server's address. Environment: RINGSIDE_URL. (default: http://127.0.0.1:8750)")
    var url: String?

    @Option(help: "Who acts: 5001@demo.cc; without a namespace it is one of demo.cc. Environment: RINGSIDE_AGENT.")
    var agent: String?

    @Option(help: "The agent's password. Environment: RINGSIDE_PASSWORD, which other users cannot see. (demo.cc: demo)")
    var password: String?

    /// Checked values, from the options, else the environment, else the demo's.
    func resolve(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> ServerAccess {
        let url = self.url ?? environment["RINGSIDE_URL"] ?? "http://127.0.0.1:\(HTTPSettings.defaultPort)"
        guard let components = URLComponents(string: url), ["http", "https"].contains(components.scheme),
            components.host?.isEmpty == false, components.query == nil, components.fragment == nil
        else {
            throw ValidationError("\"\(url)\" is no server's address. Write one such as http://127.0.0.1:8750.")
        }
        let name = self.agent ?? environment["RINGSIDE_AGENT"] ?? "5001"
        guard let agent = AgentID(name.contains("@") ? name : "\(name)@\(ServerConfiguration.demoNamespaceName)") else {
            throw ValidationError("\"\(name)\" is no agent. Write one such as 5001@demo.cc.")
        }
        let demoPassword =
            agent.namespace.name == ServerConfiguration.demoNamespaceName ? ServerConfiguration.demoPassword : nil
        guard let password = self.password ?? environment["RINGSIDE_PASSWORD"] ?? demoPassword else {
            throw ValidationError("\(agent) needs a password. Set RINGSIDE_PASSWORD, or use --password.")
        }
        return ServerAccess(url: url.trimmingSuffix("/"), agent: agent, password: password)
    }
}

struct ServerAccess: Sendable {
    /// Without a slash at its end.
    let url: String
    let agent: AgentID
    let password: String

    /// `8001` as this agent means it.
    func device(_ number: String) throws -> DeviceID {
        let device = number.contains("@") ? DeviceID(number) : DeviceID(number, in: agent.namespace)
        guard let device else {
            throw ValidationError("\"\(number)\" is no device. Write a number such as 8001.")
        }
        return device
    }

    /// `5001` as this agent means it.
    func agent(_ number: String) throws -> AgentID {
        let other = number.contains("@") ? AgentID(number) : AgentID(number, in: agent.namespace)
        guard let other else { throw ValidationError("\"\(number)\" is no agent. Write one such as 5001@demo.cc.") }
        return other
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: Character) -> String {
        var text = self[...]
        while text.last == suffix { text.removeLast() }
        return String(text)
    }
}
