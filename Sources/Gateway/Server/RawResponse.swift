import NIOCore
import NIOHTTP1

/// Answers on a socket from which the HTTP handlers have been taken away.
enum RawResponse {
    /// - Parameter origin: of the page that asks.
    static func eventStreamHead(for origin: OriginRules.Origin) -> ByteBuffer {
        ByteBuffer(
            string: head(
                .ok,
                [
                    ("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"), ("Connection", "close"),
                    // Some proxies keep a response back until they have a buffer full of it.
                    ("X-Accel-Buffering", "no"),
                ] + CrossOrigin.fields(for: origin)))
    }

    /// The answer to a client that gets no events; the socket is closed after it.
    static func refusal(_ refusal: EventRefusal, to origin: OriginRules.Origin) -> ByteBuffer {
        let body = refusal.json
        var fields =
            [("Content-Type", "application/json"), ("Content-Length", String(body.count)), ("Connection", "close")]
            + CrossOrigin.fields(for: origin)
        switch refusal.status {
        case 401: fields.append(("WWW-Authenticate", "Bearer"))
        case 426:
            fields.append(("Upgrade", "websocket"))
            fields.append(("Sec-WebSocket-Version", "13"))
        default: break
        }
        var bytes = ByteBuffer(string: head(HTTPResponseStatus(statusCode: refusal.status), fields))
        bytes.writeBytes(body)
        return bytes
    }

    static func switchingProtocols(_ headers: HTTPHeaders) -> ByteBuffer {
        ByteBuffer(string: head(.switchingProtocols, headers.map { ($0.name, $0.value) }))
    }

    private static func head(_ status: HTTPResponseStatus, _ fields: [(name: String, value: String)]) -> String {
        var text = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        return text + "\r\n"
    }
}
