import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// The HTTP interface as clients use it.
struct SoakAPI: Sendable {
    struct Answer {
        var status: Int
        var body: String

        /// A member of the answer that is a string.
        subscript(key: String) -> String? {
            let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            return object?[key] as? String
        }
    }

    private let port: Int
    private let client: HTTPClient

    init(port: Int, group: any EventLoopGroup) {
        self.port = port
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        configuration.timeout.connect = .seconds(60)
        client = HTTPClient(eventLoopGroup: group, configuration: configuration)
    }

    func send(_ method: String, _ path: String, session: String? = nil, body: String? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .init(rawValue: method)
        if let session { request.headers.add(name: "Authorization", value: "Bearer \(session)") }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await client.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 4 << 20)
        return Answer(status: Int(response.status.code), body: String(buffer: bytes))
    }

    /// Logs in, again as long as the server asks to come back later.
    ///
    /// - Parameter refusals: counts the times that it did.
    /// - Returns: the session.
    func logIn(_ agent: String, refusals: SoakCounter = SoakCounter()) async throws -> String {
        let body = "username=\(agent)&password=\(SoakPlan.password)&namespace=\(SoakPlan.namespace)"
        while true {
            let answer = try await send("POST", "/login", body: body)
            if answer.status == 503 {
                refusals.increment()
                try await Task.sleep(for: .milliseconds(Int.random(in: 500...1500)))
                continue
            }
            guard let session = answer["sessionId"] else { throw BenchmarkFailure("login: \(answer)") }
            return session
        }
    }

    /// Logs an agent in on a device.
    func work(_ agent: String, on device: String, session: String) async throws {
        let body = """
            {"func":"Login","loginId":"\(agent)@\(SoakPlan.namespace)","device":"\(device)@\(SoakPlan.namespace)",\
            "password":"\(SoakPlan.password)","agentMode":"Ready"}
            """
        let answer = try await send("POST", "/api/csta/agent/state", session: session, body: body)
        guard answer.status == 204 else { throw BenchmarkFailure("agent login: \(answer)") }
    }

    func end() async throws { try await client.shutdown() }
}

final class SoakCounter: Sendable {
    private let number = Mutex(0)

    var count: Int { number.withLock(\.self) }
    func increment() { number.withLock { $0 += 1 } }
}
