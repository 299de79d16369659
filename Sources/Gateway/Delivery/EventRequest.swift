public import CSTA
import CallCenter
public import HTTPTypes

/// A request for events, as it stands in the HTTP head.
public struct EventRequest: Sendable {
    /// Path and query as received: `/events?after=17&agent=5001`.
    public var target: String
    public var headers: HTTPFields
    /// `address:port` of the client, if known.
    public var remoteAddress: String?
    /// The client's IP address, if known.
    public var clientAddress: String?

    public init(
        target: String, headers: HTTPFields, remoteAddress: String? = nil, clientAddress: String? = nil
    ) {
        self.target = target
        self.headers = headers
        self.remoteAddress = remoteAddress
        self.clientAddress = clientAddress
    }

    /// The target without its query.
    public var path: Substring { target.prefix { $0 != "?" } }

    /// The first value of a query parameter, percent-decoded; nil if it is not there or no UTF-8.
    ///
    /// `+` stays `+`: numbers begin with it, and nothing that is asked here has a space.
    public func query(_ name: String) -> String? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        for pair in target[target.index(after: mark)...].split(separator: "&") {
            let equals = pair.firstIndex(of: "=") ?? pair.endIndex
            guard Self.decoded(pair[..<equals]) == name else { continue }
            return Self.decoded(pair[equals...].dropFirst())
        }
        return nil
    }

    /// Reads `after`, `agent`, `device`, `event` and `measures` of the query, and `Last-Event-ID`, which goes before `after`: an
    /// `EventSource` that reconnects repeats the first `after`.
    ///
    /// - Throws: 400 for what cannot be read, 403 for an address in another namespace.
    public func subscription(in namespace: Namespace) throws(EventRefusal) -> EventSubscription {
        var subscription = EventSubscription(namespace: namespace)
        subscription.filter.agent = try address(of: "agent", in: namespace)
        subscription.filter.device = try address(of: "device", in: namespace)
        if let event = query("event"), !event.isEmpty {
            guard event.utf8.count <= Self.maximumEventNameBytes else { throw Self.malformed("event") }
            subscription.filter.name = event
        }
        for kind in (query("measures") ?? "").split(separator: ",") {
            guard let kind = MeasureKind(rawValue: String(kind)) else { throw Self.malformed("measures") }
            subscription.measures.insert(kind)
        }
        if let after = lastEventID ?? query("after") {
            guard let serial = Int64(after), serial >= 0 else { throw Self.malformed("after") }
            subscription.after = Serial(serial)
        }
        return subscription
    }

    /// The longest `eventName` has 21 bytes.
    public static let maximumEventNameBytes = 64

    private static let lastEventIDName = HTTPField.Name("Last-Event-ID")

    private var lastEventID: String? {
        Self.lastEventIDName.flatMap { headers[$0] }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func address<Role>(of name: String, in namespace: Namespace) throws(EventRefusal) -> Address<Role>? {
        guard let text = query(name), !text.isEmpty else { return nil }
        guard let address = text.contains("@") ? Address<Role>(text) : Address<Role>(text, in: namespace) else {
            throw Self.malformed(name)
        }
        guard address.isIn(namespace) else {
            throw EventRefusal(
                status: 403, code: "otherNamespace", message: "\(name) lies in another namespace than yours")
        }
        return address
    }

    private static func malformed(_ name: String) -> EventRefusal {
        EventRefusal(status: 400, code: "malformed", message: "the query parameter \(name) cannot be read")
    }

    private static func decoded(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexadecimalDigit, let low = rest.popFirst()?.hexadecimalDigit else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var hexadecimalDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
