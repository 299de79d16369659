import AsyncHTTPClient
import CSTA
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Sends requests to Asterisk's REST interface.
final class ARIClient: Sendable {
    /// 10,000 endpoints take 1 MB, 10,000 channels 5 MB.
    static let maximumReplyBytes = 16 << 20
    /// Requests under way at one time; Asterisk answers each in about a millisecond.
    static let maximumRequests = 1000
    /// Connections at one time: fewer than Asterisk's sessionlimit, 100 by default.
    static let maximumConnections = 16
    /// Asterisk closes an idle connection after 15 s (session_keep_alive).
    static let idleSeconds: Int64 = 5

    let configuration: AsteriskConfiguration
    private let http: HTTPClient
    private let underWay = Mutex(0)

    init(_ configuration: AsteriskConfiguration) {
        self.configuration = configuration
        var options = HTTPClient.Configuration()
        options.timeout.connect = TimeAmount(configuration.requestTimeout)
        options.connectionPool.idleTimeout = .seconds(Self.idleSeconds)
        options.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.maximumConnections
        options.connectionPool.retryConnectionEstablishment = false
        http = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: options)
    }

    /// Value of the Authorization header.
    var authorization: String {
        var request = HTTPClientRequest(url: "http://unused")
        request.setBasicAuth(username: configuration.user, password: configuration.password)
        return request.headers.first(name: "Authorization") ?? ""
    }

    func send(_ request: ARIRequest) async -> ARIReply {
        let admitted = underWay.withLock { count in
            guard count < Self.maximumRequests else { return false }
            count += 1
            return true
        }
        guard admitted else { return .refused(status: 503) }
        defer { underWay.withLock { $0 -= 1 } }
        var message = HTTPClientRequest(
            url: "http://\(configuration.host.inURL):\(configuration.port)\(request.target)")
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        message.headers.add(name: "Authorization", value: authorization)
        if let body = request.body {
            message.headers.add(name: "Content-Type", value: "application/json")
            message.body = .bytes(body.encoded())
        }
        do {
            let reply = try await http.execute(message, timeout: TimeAmount(configuration.requestTimeout))
            let body = try await reply.body.collect(upTo: Self.maximumReplyBytes)
            guard (200..<300).contains(reply.status.code) else { return .refused(status: Int(reply.status.code)) }
            return .success(body.readableBytes == 0 ? nil : try JSON.parse(body.readableBytesView))
        } catch {
            return .lost
        }
    }

    func close() async {
        try? await http.shutdown()
    }
}

extension String {
    /// An IPv6 address stands in brackets.
    var inURL: String { contains(":") ? "[\(self)]" : self }
}
