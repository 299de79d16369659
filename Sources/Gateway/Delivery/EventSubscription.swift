public import CSTA
public import CallCenter

/// What one client wants of a tenant's events.
public struct EventSubscription: Hashable, Sendable {
    public var namespace: Namespace
    public var filter: EventFilter
    /// Replay first what was stored after this serial; nil: begin with the next event.
    public var after: Serial?
    /// What is sent beside the events, when it has changed.
    public var measures: Set<MeasureKind> = []
    /// In whose name it is; the stream ends soon after it. Nil: it does not end for that.
    public var session: EventSession?

    public init(namespace: Namespace, filter: EventFilter = EventFilter(), after: Serial? = nil) {
        self.namespace = namespace
        self.filter = filter
        self.after = after
    }
}

/// A session as an open stream knows it; equal to itself alone.
public final class EventSession: Hashable, Sendable {
    /// Whether it still lets its client follow events; asked once in ``DeliveryLimits/roundMilliseconds`` on the stream's
    /// event loop.
    let isLive: @Sendable () -> Bool

    public init(isLive: @escaping @Sendable () -> Bool) { self.isLive = isLive }

    public static func == (one: EventSession, other: EventSession) -> Bool { one === other }

    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Decides who may follow which events, before anything has been upgraded or streamed.
public protocol EventAuthorizer: Sendable {
    /// Reads who asks and what for. ``EventRequest/subscription(in:)`` reads the query.
    ///
    /// It is awaited for at most ``GatewayServerConfiguration/handshakeTimeoutMilliseconds``, counted from the accept.
    func authorize(_ request: EventRequest) async -> Result<EventSubscription, EventRefusal>

    /// Told of a request that has been refused before it was known who asks, as for the page that it comes from.
    func refused(_ request: EventRequest, _ refusal: EventRefusal)
}

extension EventAuthorizer {
    /// It keeps no account of that.
    public func refused(_ request: EventRequest, _ refusal: EventRefusal) {}
}

/// Why a client gets no events: an HTTP answer.
public struct EventRefusal: Error, Hashable, Sendable {
    /// An HTTP status, 400 to 599.
    public var status: Int
    /// A word for programs, `noSession`.
    public var code: String
    /// A sentence for the one who looks for the mistake.
    public var message: String

    public init(status: Int, code: String, message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// `{"status":401,"code":"noSession","message":"…"}`, UTF-8.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("status")
        writer.integer(status)
        writer.key("code")
        writer.string(code)
        writer.key("message")
        writer.string(message)
        writer.endObject()
        return writer.bytes
    }
}
