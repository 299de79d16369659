import Foundation
import Logging
import RingsideServer
import SandboxSwitch
import ServiceLifecycle
import Synchronization

/// The demo's server, in this process, with a session of one of its agents.
struct FuzzedServer {
    let port: Int
    let session: String
    var rounds = 0

    private static let patience = DispatchTime.now() + .seconds(60)

    /// Returns when it can be reached. It goes on until the process ends.
    static func start() -> FuzzedServer {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("ringside-fuzzing-\(ProcessInfo.processInfo.processIdentifier)")
        var configuration = ServerConfiguration.demo()
        configuration.http.port = 0
        configuration.dataDirectory = folder.path
        configuration.durability = .os
        configuration.sessions.requestsPerSecond = 10_000
        let logger = Logger(label: "fuzzing") { _ in SwiftLogNoOpLogHandler() }
        let sandbox = SandboxSwitch(tenants: configuration.tenants.map(\.lines), namePrefix: "sandbox")
        let running = DispatchSemaphore(value: 0)
        let found = SharedPort()
        let server = RingsideServer(configuration: configuration, telephoneSwitch: sandbox, logger: logger) {
            found.set($0.port)
            running.signal()
        }
        Task { try await ServiceGroup(services: [server], logger: logger).run() }
        precondition(running.wait(timeout: patience) == .success, "the server does not start")
        return FuzzedServer(port: found.port, session: logIn(found.port))
    }

    private static func logIn(_ port: Int) -> String {
        let body = "username=5001&password=demo&namespace=demo.cc"
        let socket = ServerSocket(port)
        socket.send(
            Array("POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)[...])
        let answer = String(decoding: socket.readToEnd(), as: UTF8.self)
        guard let found = answer.firstMatch(of: /"sessionId":"([^"]+)"/) else {
            preconditionFailure("no login: \(answer)")
        }
        return String(found.1)
    }

    func checkHealth() {
        let socket = ServerSocket(port)
        socket.send(Array("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8)[...])
        precondition(socket.readToEnd().starts(with: Array("HTTP/1.1 200 ".utf8)), "the server is not well any more")
    }
}

private final class SharedPort: Sendable {
    private let number = Mutex(0)

    var port: Int { number.withLock(\.self) }
    func set(_ port: Int) { number.withLock { $0 = port } }
}
