import CSTA
import CallCenter
import Gateway
import Synchronization

/// A tenant whose journal is an array, behind the gateway's port.
final class MemoryTenant: TenantPort {
    let namespace: Namespace
    private let journal: Mutex<[EncodedEvent]>
    private let forgotten = Mutex(Serial(0))
    private let isBroken = Mutex(false)
    private let isDone = Mutex(false)

    init(_ namespace: Namespace, lastSerial: Int64 = 0) {
        self.namespace = namespace
        journal = Mutex([])
        if lastSerial > 0 { _ = append((1...lastSerial).map { _ in Draft(agent: 1) }) { _ in } }
    }

    /// What an event is to say; the serial is given when it is stored.
    struct Draft: Sendable {
        /// 1: agent 5001 on device 8001.
        var agent: Int
        var name = "delivered"
        var padding = 0
    }

    /// Stores events and then hands them on, in the order of their serials whatever thread calls.
    @discardableResult
    func append(_ drafts: [Draft], then publish: ([EncodedEvent]) -> Void) -> [EncodedEvent] {
        journal.withLock { journal in
            var events: [EncodedEvent] = []
            for draft in drafts {
                let serial = Serial(Int64(journal.count + events.count + 1))
                if let event = encoded(draft, serial: serial) { events.append(event) }
            }
            journal += events
            publish(events)
            return events
        }
    }

    private func encoded(_ draft: Draft, serial: Serial) -> EncodedEvent? {
        guard let device = device(draft.agent) else { return nil }
        let padding = String(repeating: "x", count: draft.padding)
        let json = #"{"eventName":"\#(draft.name)","serial":\#(serial),"agent":\#(draft.agent),"p":"\#(padding)"}"#
        return EncodedEvent(
            serial: serial, name: draft.name, device: device, agent: agent(draft.agent), call: nil,
            timestamp: 0, json: Array(json.utf8))
    }

    func agent(_ number: Int) -> AgentID? { AgentID(String(5000 + number), in: namespace) }

    func device(_ number: Int) -> DeviceID? { DeviceID(String(8000 + number), in: namespace) }

    /// The journal keeps only what comes after this serial.
    func forget(through serial: Int64) { forgotten.withLock { $0 = Serial(serial) } }

    func breakDown() { isBroken.withLock { $0 = true } }

    func stored(matching filter: EventFilter, after serial: Serial = Serial(0)) -> [EncodedEvent] {
        journal.withLock { $0.filter { $0.serial > serial && filter.matches($0) } }
    }

    /// Stores and publishes the last events of a test.
    func appendLast(_ drafts: [Draft], then publish: ([EncodedEvent]) -> Void) {
        append(drafts) { events in
            isDone.withLock { $0 = true }
            publish(events)
        }
    }

    /// The last serial that matches, once there will be no more; until then the largest there is.
    func lastSerialWhenDone(_ filter: EventFilter) -> Int64 {
        guard isDone.withLock({ $0 }) else { return .max }
        return stored(matching: filter).last?.serial.value ?? 0
    }

    // MARK: TenantPort

    func events(after serial: Serial, matching filter: EventFilter, limit: Int) async throws(ReplayError) -> EventPage {
        if isBroken.withLock({ $0 }) { throw .unavailable }
        await Task.yield()
        let oldest = forgotten.withLock { $0 }
        if serial < oldest { throw .tooOld(oldest: oldest.next) }
        return try journal.withLock { (journal) throws(ReplayError) in
            let last = Serial(Int64(journal.count))
            if serial > last { throw .notYet(last: last) }
            var page = EventPage(events: [], through: last)
            for event in journal[Int(serial.value)...] where filter.matches(event) {
                page.events.append(event)
                if page.events.count == limit {
                    page.through = event.serial
                    break
                }
            }
            return page
        }
    }

    func perform(_ command: Command, by requester: Requester) async -> Reply { .done }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Tenant) -> Value) async -> Value {
        body(Tenant(configuration: TenantConfiguration(namespace: namespace)))
    }
}

struct MemoryTenants: TenantDirectory {
    let tenants: [MemoryTenant]

    func tenant(_ namespace: Namespace) -> (any TenantPort)? { tenants.first { $0.namespace == namespace } }

    func unreadiness() -> [String] { [] }
}
