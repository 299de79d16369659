public import CSTA
public import CallCenter

/// Watches the events that a tenant sends and says which do not belong where they come: a model of the protocol that knows
/// nothing of how the rules work.
public struct EventSequences: Sendable {
    /// What a device has seen of a call.
    private enum Part: Hashable, Sendable {
        case initiated
        case originated
        case delivered
        case established
        case cleared
    }

    private struct Key: Hashable, Sendable {
        var device: DeviceID
        var call: CallID
    }

    private var lastSerial: Serial
    private var parts: [Key: Part] = [:]
    /// Who holds, as each device was told.
    private var holders: [Key: Set<DeviceID>] = [:]
    /// How many events were looked at.
    public private(set) var count = 0

    public init(after serial: Serial) { lastSerial = serial }

    /// Device parts that have begun and not ended.
    public var openParts: Int { parts.values.count { $0 != .cleared } }

    /// Looks at the next event.
    ///
    /// - Returns: what is wrong with it, in words; nil if nothing is.
    public mutating func check(_ copy: EventCopy) -> String? {
        let event = copy.event
        count += 1
        guard event.serial == lastSerial.next else { return "serial \(event.serial) after \(lastSerial)" }  // E5
        lastSerial = event.serial
        guard case .call(let call) = event.body else { return nil }
        guard call.source == copy.device else { return "\(event.json) was sent to \(copy.device)" }
        let key = Key(device: call.source, call: call.call)
        if parts[key] == .cleared { return "after the end: \(event.json)" }
        if let complaint = step(key, call) { return "\(complaint): \(event.json)" }
        return nil
    }

    private mutating func step(_ key: Key, _ event: CallEvent) -> String? {
        let part = parts[key]
        switch event.detail {
        case .serviceInitiated:
            guard part == nil else { return "begins twice" }
            parts[key] = .initiated
        case .originated:
            guard part == .initiated else { return "originated without serviceInitiated" }
            parts[key] = .originated
        case .delivered(let delivered):
            let isCalled = delivered.alertingDevice == key.device
            guard isCalled ? part == nil : part == .originated else { return "delivered at the wrong time" }
            parts[key] = .delivered
        case .established:
            guard part == .delivered else { return "established without delivered" }
            parts[key] = .established
        case .held(let holder):
            guard part == .established else { return "held before it was established" }
            guard holders[key, default: []].insert(holder).inserted else { return "held twice" }
        case .retrieved(let holder):
            guard holders[key]?.remove(holder) != nil else { return "retrieved without held" }
        case .failed:
            guard part == .originated || part == .delivered else { return "failed at the wrong time" }
        case .connectionCleared(let releasing, _):
            guard part != nil else { return "cleared before it began" }
            if releasing == key.device {
                parts[key] = .cleared
                holders[key] = nil
            }
        case .transferred, .conferenced: break
        }
        return nil
    }
}
