/// What a client follows.
public struct Subscription: Hashable, Sendable {
    /// Who says that a message was taken.
    public enum Acknowledgement: String, Hashable, Sendable {
        /// Nobody.
        case auto
        /// The client, of all messages up to one.
        case client
        /// The client, of each.
        case individual = "client-individual"
    }

    /// The session's own, never used again.
    public let number: Int
    /// The client's; nil: it goes by the destination (1.0).
    public let id: String?
    public let destination: String
    public let acknowledgement: Acknowledgement
    /// All headers, for what is not STOMP's.
    public let headers: [Frame.Header]
    let version: Version

    /// A header that STOMP does not know; nil if it is not there or empty.
    public subscript(name: String) -> String? { headers.first { $0.name == name && !$0.value.isEmpty }?.value }

    /// `message-id` of a message, which no other of the session has, and `ack` in 1.2.
    public func messageID(_ message: Int64) -> String { "\(number).\(message)" }

    /// The headers of each message that do not depend on it, as bytes.
    public var messageHeaders: [UInt8] {
        guard let id else { return [] }
        return Array("subscription:".utf8) + HeaderText.escape(id, for: version) + [Byte.lineFeed]
    }

    /// Whether messages have the header `ack`.
    public var wantsAcknowledgementID: Bool { version >= .v1_2 && acknowledgement != .auto }
}

extension Session {
    mutating func subscribe(_ frame: Frame) throws(Refusal) -> Subscription {
        guard let destination = frame.value("destination") else {
            throw Refusal("malformed frame", "SUBSCRIBE needs destination")
        }
        let id = frame.value("id")
        guard id != nil || version == .v1_0 else { throw Refusal("malformed frame", "SUBSCRIBE needs id") }
        guard [id, destination].allSatisfy({ ($0 ?? "").utf8.count <= limits.maximumIDBytes }) else {
            throw Refusal("malformed frame", "id or destination is longer than \(limits.maximumIDBytes) bytes")
        }
        guard subscriptions.count < limits.maximumSubscriptions else {
            throw Refusal("too many subscriptions", "at most \(limits.maximumSubscriptions) at once")
        }
        guard
            !subscriptions.values.contains(where: {
                id == nil ? $0.id == nil && $0.destination == destination : $0.id == id
            })
        else { throw Refusal("already subscribed", "there is a subscription of this id or destination") }
        let mode = frame.value("ack") ?? Subscription.Acknowledgement.auto.rawValue
        guard let acknowledgement = Subscription.Acknowledgement(rawValue: mode),
            acknowledgement != .individual || version > .v1_0
        else { throw Refusal("malformed frame", "ack is not a mode of STOMP \(version.rawValue)") }
        subscriptionCount += 1
        let subscription = Subscription(
            number: subscriptionCount, id: id, destination: destination, acknowledgement: acknowledgement,
            headers: frame.headers, version: version)
        subscriptions[subscription.number] = subscription
        return subscription
    }

    mutating func unsubscribe(_ frame: Frame) throws(Refusal) -> Int {
        let found: Subscription?
        if let id = frame.value("id") {
            found = subscriptions.values.first { $0.id == id }
        } else if version == .v1_0, let destination = frame.value("destination") {
            found = subscriptions.values.first { $0.id == nil && $0.destination == destination }
        } else {
            throw Refusal("malformed frame", "UNSUBSCRIBE needs id")
        }
        guard let found else { throw Refusal("no such subscription", "UNSUBSCRIBE of what is not subscribed") }
        subscriptions[found.number] = nil
        ledger.forget(found.number)
        return found.number
    }
}
