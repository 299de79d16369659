import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

extension ARILink {
    /// Longest message taken; a busy bridge's has some 10 kB.
    static let maximumFrameBytes = 1 << 20
    static let maximumFragments = 64

    private enum Upgrade: Sendable {
        case done(NIOAsyncChannel<WebSocketFrame, WebSocketFrame>)
        case refused
    }

    func connect() async throws -> NIOAsyncChannel<WebSocketFrame, WebSocketFrame> {
        let limit = TimeAmount(configuration.requestTimeout)
        let head = upgradeRequest
        let (upgrade, channel) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(limit)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: configuration.host, port: configuration.port) { channel in
                channel.eventLoop.makeCompletedFuture { (try Self.prepare(channel, head), channel) }
            }
        // An Asterisk that takes the connection and says nothing.
        let alarm = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
        defer { alarm.cancel() }
        // The upgrade's own future is left open if the connection goes before its first byte.
        let upgraded = channel.eventLoop.makePromise(of: Upgrade.self)
        upgrade.cascade(to: upgraded)
        channel.closeFuture.whenComplete { _ in upgraded.fail(Loss.closed) }
        guard case .done(let socket) = try await upgraded.futureResult.get() else { throw Loss.notUpgraded }
        return socket
    }

    private var upgradeRequest: HTTPRequestHead {
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: "\(configuration.host.inURL):\(configuration.port)")
        headers.add(name: "Authorization", value: client.authorization)
        headers.add(name: "Content-Length", value: "0")
        let target = "/ari/events?app=\(configuration.application)&subscribeAll=true"
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: headers)
    }

    private static func prepare(_ channel: any Channel, _ head: HTTPRequestHead) throws -> EventLoopFuture<Upgrade> {
        let upgrader = NIOTypedWebSocketClientUpgrader<Upgrade>(
            maxFrameSize: maximumFrameBytes,
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOWebSocketFrameAggregator(
                            minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: maximumFragments,
                            maxAccumulatedFrameSize: maximumFrameBytes))
                    return .done(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                }
            })
        let upgrade = NIOTypedHTTPClientUpgradeConfiguration<Upgrade>(
            upgradeRequestHead: head, upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.close(promise: nil)
                return channel.eventLoop.makeSucceededFuture(.refused)
            })
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
        // The first events may come with the last bytes of the upgrade.
        pipeline.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
    }
}
