import NIOCore
import NIOHTTP1
import NIOWebSocket
import STOMP

/// What a request for events asks for, by its head alone.
enum EventOffer {
    /// With the headers that accept the upgrade.
    case webSocket(HTTPHeaders)
    case eventStream
    /// The same as ``webSocket(_:)``, for STOMP over it.
    case stomp(HTTPHeaders)

    /// Whether it is a WebSocket, which a browser opens for any page.
    var isSocket: Bool { if case .eventStream = self { false } else { true } }

    init(_ head: HTTPRequestHead, channel: any Channel) throws(EventRefusal) {
        let headers = head.headers
        let isStomp = head.uri.prefix { $0 != "?" } == EventGate.stompPath
        if headers[canonicalForm: "upgrade"].contains(where: { $0.lowercased() == "websocket" }) {
            let answer = try WebSocketHandshake.answer(head, channel: channel)
            self = isStomp ? .stomp(WebSocketHandshake.adding(subprotocolOf: head, to: answer)) : .webSocket(answer)
        } else if isStomp {
            throw EventRefusal(status: 426, code: "upgradeRequired", message: "STOMP is spoken over a WebSocket here")
        } else if headers[canonicalForm: "accept"].contains(where: { $0.lowercased().hasPrefix("text/event-stream") }) {
            self = .eventStream
        } else {
            throw EventRefusal(
                status: 426, code: "upgradeRequired",
                message: "events come over a WebSocket, or as SSE to Accept: text/event-stream")
        }
    }
}

/// The server's side of the opening handshake (RFC 6455 §4.2).
enum WebSocketHandshake {
    /// 16 bytes in base 64.
    private static let keyBytes = 24

    static func answer(_ head: HTTPRequestHead, channel: any Channel) throws(EventRefusal) -> HTTPHeaders {
        guard head.version == .http1_1,
            head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" })
        else { throw malformed("an upgrade needs HTTP/1.1 and Connection: Upgrade") }
        guard head.headers["sec-websocket-version"] == ["13"] else {
            throw EventRefusal(status: 426, code: "webSocketVersion", message: "WebSocket version 13 is spoken here")
        }
        let keys = head.headers["sec-websocket-key"]
        guard keys.count == 1, keys.allSatisfy({ $0.utf8.count == keyBytes }) else {
            throw malformed("Sec-WebSocket-Key is missing or no 16 bytes in base 64")
        }
        guard let headers = accepted(head, channel: channel) else { throw malformed("no WebSocket handshake") }
        return headers
    }

    /// Agrees on the highest STOMP that the client offers; on none if it offers none.
    static func adding(subprotocolOf head: HTTPRequestHead, to answer: HTTPHeaders) -> HTTPHeaders {
        var answer = answer
        let offers = head.headers[canonicalForm: "sec-websocket-protocol"]
        if let agreed = Version.subprotocol(among: offers) { answer.add(name: "Sec-WebSocket-Protocol", value: agreed) }
        return answer
    }

    /// The key's answer is computed by the WebSocket module, whose upgrader is asked for nothing else.
    private static func accepted(_ head: HTTPRequestHead, channel: any Channel) -> HTTPHeaders? {
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        let built = NIOLoopBoundBox<HTTPHeaders?>(nil, eventLoop: channel.eventLoop)
        // All of it is there already, so this completes before it returns.
        upgrader.buildUpgradeResponse(channel: channel, upgradeRequest: head, initialResponseHeaders: [:])
            .whenSuccess { built.value = $0 }
        return built.value
    }

    private static func malformed(_ message: String) -> EventRefusal {
        EventRefusal(status: 400, code: "malformed", message: message)
    }
}
