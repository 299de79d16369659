/// An ACK or NACK. To this server both say that the client has done with the message: an event is not sent again but on
/// a SUBSCRIBE with `after`.
struct Settlement: Hashable, Sendable {
    var subscription: Int
    var message: Int64
}

/// Messages that were sent and not acknowledged.
struct Ledger: Hashable, Sendable {
    private(set) var count = 0
    /// By subscription, rising.
    private var messages: [Int: [Int64]] = [:]
    /// The last that was sent, by subscription.
    private var last: [Int: Int64] = [:]

    mutating func sent(_ message: Int64, to subscription: Int) {
        messages[subscription, default: []].append(message)
        last[subscription] = message
        count += 1
    }

    func hasSent(_ message: Int64, to subscription: Int) -> Bool { last[subscription].map { message <= $0 } ?? false }

    mutating func settle(_ settlement: Settlement, isCumulative: Bool) {
        guard var open = messages.removeValue(forKey: settlement.subscription) else { return }
        let before = open.count
        // Rising, so that the place is found by halving.
        var (low, high) = (0, open.count)
        while low < high {
            let middle = (low + high) / 2
            if open[middle] < settlement.message { low = middle + 1 } else { high = middle }
        }
        let isThere = low < open.count && open[low] == settlement.message
        if isCumulative {
            open.removeFirst(isThere ? low + 1 : low)
        } else if isThere {
            open.remove(at: low)
        }
        count -= before - open.count
        messages[settlement.subscription] = open
    }

    mutating func forget(_ subscription: Int) {
        count -= messages.removeValue(forKey: subscription)?.count ?? 0
        last[subscription] = nil
    }
}

extension Session {
    /// Messages that wait for an ACK or NACK.
    public var unacknowledged: Int { ledger.count }

    /// A message goes out, each with a higher number than the subscription's before.
    public mutating func sent(_ message: Int64, to subscription: Subscription) {
        if subscription.acknowledgement != .auto { ledger.sent(message, to: subscription.number) }
    }

    mutating func settle(_ frame: Frame) throws(Refusal) -> [Action] {
        guard frame.command == .ack || version > .v1_0 else {
            throw Refusal("malformed frame", "STOMP 1.0 has no NACK")
        }
        let settlement = try self.settlement(frame)
        if let name = frame.value("transaction") {
            guard transactions[name] != nil else {
                throw Refusal("no such transaction", "\(frame.command.rawValue) in it")
            }
            guard transactions.values.reduce(0, { $0 + $1.count }) < limits.maximumHeldFrames else {
                throw Refusal("transaction too large", "at most \(limits.maximumHeldFrames) frames at once")
            }
            transactions[name]?.append(settlement)
            return []
        }
        return apply([settlement])
    }

    /// Reads 1.2's `id`, 1.1's `subscription` and `message-id`, 1.0's `message-id`.
    private func settlement(_ frame: Frame) throws(Refusal) -> Settlement {
        let name = version == .v1_2 ? "id" : "message-id"
        let what = "\(frame.command.rawValue) needs \(name)"
        guard let text = frame.value(name) else { throw Refusal("malformed frame", what) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[0]), let message = Int64(parts[1]),
            (1...max(1, subscriptionCount)).contains(number)
        else { throw Refusal("no such message", "\(name) is of no message that was sent") }
        if let subscription = subscriptions[number] {
            if version == .v1_1 {
                guard let id = frame.value("subscription") else {
                    throw Refusal("malformed frame", "\(frame.command.rawValue) needs subscription")
                }
                guard id == subscription.id else { throw Refusal("no such message", "it is of another subscription") }
            }
            guard subscription.acknowledgement == .auto || ledger.hasSent(message, to: number) else {
                throw Refusal("no such message", "\(name) is of no message that was sent")
            }
        }
        // Of a subscription that is over it comes late, which is no mistake.
        return Settlement(subscription: number, message: message)
    }

    private mutating func apply(_ settlements: [Settlement]) -> [Action] {
        var touched: [Int] = []
        for settlement in settlements {
            guard let subscription = subscriptions[settlement.subscription] else { continue }
            ledger.settle(settlement, isCumulative: subscription.acknowledgement == .client)
            if !touched.contains(subscription.number) { touched.append(subscription.number) }
        }
        return touched.map { .acknowledged($0) }
    }

    // MARK: Transactions

    mutating func begin(_ frame: Frame) throws(Refusal) {
        let name = try transaction(frame)
        guard transactions[name] == nil else { throw Refusal("transaction has begun", "BEGIN of it again") }
        guard transactions.count < limits.maximumTransactions else {
            throw Refusal("too many transactions", "at most \(limits.maximumTransactions) at once")
        }
        transactions[name] = []
    }

    mutating func commit(_ frame: Frame) throws(Refusal) -> [Action] {
        guard let held = transactions.removeValue(forKey: try transaction(frame)) else {
            throw Refusal("no such transaction", "COMMIT of what has not begun")
        }
        return apply(held)
    }

    mutating func abort(_ frame: Frame) throws(Refusal) {
        guard transactions.removeValue(forKey: try transaction(frame)) != nil else {
            throw Refusal("no such transaction", "ABORT of what has not begun")
        }
    }

    private func transaction(_ frame: Frame) throws(Refusal) -> String {
        guard let name = frame.value("transaction"), name.utf8.count <= limits.maximumIDBytes else {
            throw Refusal(
                "malformed frame",
                "\(frame.command.rawValue) needs transaction, of \(limits.maximumIDBytes) bytes at most")
        }
        return name
    }
}
