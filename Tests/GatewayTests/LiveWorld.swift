import CSTA
import CallCenter
import Hummingbird
import RingsideTesting
import ServiceLifecycle

@testable import Gateway

/// A ``World`` behind the whole server, on a free port: for what concerns sockets as well as the router.
struct LiveWorld: Sendable {
    let world: World
    let services: GatewayServices
    let hub: EventHub
    let port: Int

    struct Failure: Error {}

    static func with<Value: Sendable>(
        _ world: World, keys: (any KeyArchive)? = nil, campaigns: (any CampaignPort)? = nil,
        certificate: TLSCertificate? = nil,
        _ body: @escaping @Sendable (LiveWorld) async throws -> Value
    ) async throws -> Value {
        let services = world.services(keys: keys, campaigns: campaigns)
        await services.restoreKeys()
        let hub = EventHub(
            tenants: world,
            measures: TenantMeasures(
                tenants: world, campaigns: campaigns ?? TestCampaigns(), now: { [clock = world.clock] in clock.now }),
            limits: TestServer.manualLimits)
        var configuration = GatewayServerConfiguration(port: 0, threads: 2)
        configuration.access = world.configuration.access
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let server = GatewayServer(
            configuration: configuration, responder: makeRouter(services).buildResponder(), hub: hub,
            authorizer: SessionEventAuthorizer(services), stompAuthorizer: SessionStompAuthorizer(services),
            certificate: certificate, logger: world.log.logger
        ) { address in
            found.yield(address.port ?? 0)
        }
        let group = ServiceGroup(configuration: .init(services: [server], logger: world.log.logger))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { found.finish() }
                try await group.run()
            }
            guard let port = await ports.first(where: { _ in true }) else { throw Failure() }
            let result: Result<Value, any Error>
            do {
                result = .success(
                    try await body(LiveWorld(world: world, services: services, hub: hub, port: port)))
            } catch {
                result = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }

    /// An answer with a stated length: `401 badTicket`, its headers and its body.
    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: String

        subscript(key: String) -> String? { (try? JSON.parse(body))?[key]?.string }
        var brief: String { [String(status), self["code"]].compactMap(\.self).joined(separator: " ") }
    }

    /// Sends one request on a socket of its own.
    func send(
        _ method: String, _ target: String, _ headers: [String: String] = [:], body: String = ""
    ) async throws -> Answer {
        try await ClientSocket.with(port: port) { socket in
            var text = "\(method) \(target) HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.utf8.count)\r\n"
            for (name, value) in headers { text += "\(name): \(value)\r\n" }
            try await socket.send(text + "\r\n" + body)
            let (head, body) = try await socket.readResponse()
            return Answer(status: head.status, headers: head.headers, body: body)
        }
    }

    /// - Returns: the session's id.
    func logIn(_ number: String, in namespace: String = "one.cc", _ headers: [String: String] = [:]) async throws
        -> String
    {
        let answer = try await send(
            "POST", "/login", headers, body: "username=\(number)&password=secret-\(number)&namespace=\(namespace)")
        guard let id = answer["sessionId"] else { throw Failure() }
        return id
    }
}
