public import CSTA
import SwitchDriver

// What the journal keeps of a tenant: its agents' logins, its calls and its splits' day, a JSON object each. All else follows from them, from
// the configuration and from what the switch says.
extension Tenant {
    /// Hands over what has changed since the last time, as it is now, in a stable order.
    public mutating func takeChanges() -> [StateEntry] {
        var entries: [StateEntry] = []
        for agent in changes.agents.sorted(by: { $0.text < $1.text }) {
            let login = agents[agent]?.login
            entries.append(StateEntry(key: StateKey.agent + agent.text, value: login.map(StateCoding.encode)))
        }
        for call in changes.calls.sorted(by: { $0.text < $1.text }) {
            entries.append(StateEntry(key: StateKey.call + call.text, value: calls[call].map(StateCoding.encode)))
        }
        for split in changes.splits.sorted(by: { $0.text < $1.text }) {
            let tally = splits[split]?.count.tally
            entries.append(StateEntry(key: StateKey.split + split.text, value: tally.map(StateCoding.encode)))
        }
        changes = Changes()
        return entries
    }

    /// A tenant as the journal kept it. ``Input/resumed`` is to be its first input.
    ///
    /// Who and what is not set up any more leaves as with ``Input/configured(_:)``. Of two logins on one device one is dropped; it is
    /// among the first changes, and ends in the records with that first input.
    /// - Throws: ``StateError`` when an entry is not what this or an older version wrote.
    public init(
        configuration: TenantConfiguration, serial: Serial, entries: [StateEntry]
    ) throws(StateError) {
        self.init(configuration: configuration)
        self.serial = serial
        var calls: [Call] = []
        for entry in entries {
            guard let value = entry.value else { continue }
            do throws(StateCoding.Failure) {
                let object = try StateCoding.object(value)
                if entry.key.hasPrefix(StateKey.agent) {
                    restore(login: try StateCoding.login(object), of: entry.key.dropFirst(StateKey.agent.count))
                } else if entry.key.hasPrefix(StateKey.call) {
                    calls.append(try StateCoding.call(object))
                } else if entry.key.hasPrefix(StateKey.split) {
                    restore(StateCoding.tally(object), of: entry.key.dropFirst(StateKey.split.count))
                } else {
                    throw StateCoding.Failure(field: "key")
                }
            } catch {
                throw StateError(key: entry.key, field: error.field)
            }
        }
        for call in calls.sorted(by: { ($0.began, $0.id.text) < ($1.began, $1.id.text) }) { restore(call) }
    }

    private mutating func restore(login: Agent.Login, of agent: Substring) {
        guard let agent = AgentID(agent) else { return }
        keep(login.device)
        guard devices[login.device]?.agent == nil else {
            changes.agents.insert(agent)
            droppedLogins.append((agent, login))
            return
        }
        if agents[agent] == nil {
            agents[agent] = Agent(profile: AgentProfile(id: agent, name: String(agent.number), isDisabled: true))
            leaving.agents.insert(agent)
        }
        agents[agent]?.login = login
        devices[login.device]?.agent = agent
        loggedIn += 1
    }

    /// A device that is not set up any more is there until it is free.
    private mutating func keep(_ device: DeviceID) {
        guard devices[device] == nil else { return }
        devices[device] = Device(profile: DeviceProfile(id: device, isUsable: false))
        leaving.devices.insert(device)
    }

    private mutating func restore(_ tally: SplitTally, of split: Substring) {
        guard let split = DeviceID(split) else { return }
        if splits[split] == nil { changes.splits.insert(split) } else { splits[split]?.count.tally = tally }
    }

    private mutating func restore(_ call: Call) {
        calls[call.id] = call
        if let entry = call.queue {
            lastOrder = max(lastOrder, entry.order)
            if !call.isBeingOffered { wait(call) }
        }
        for connection in call.connections {
            // A held call's leg is in the active one.
            let isHere = connection.holds != .byService || connection.request == .retrieve
            if legs[connection.leg] == nil || isHere && connection.hasJoined {
                legs[connection.leg] = call.id
            }
            trunkUse.set(connection.leg, connection.trunk)
            if let recording = connection.recording {
                recordings[recording.id] = ConnectionID(device: connection.device, call: call.id)
            }
            if connection.isInternal {
                keep(connection.device)
                devices[connection.device]?.calls.append(call.id)
            }
        }
    }
}

/// A stored entry that cannot be read.
public struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
    public var key: String
    public var field: String

    public var description: String { "the stored state \(key) cannot be read: \(field)" }
}

extension StateEntry {
    /// The key of what an event tells a change of: the agent's login if it is an agent event, else the call.
    public static func key(ofWhatChangesWith event: EncodedEvent) -> String? {
        if let call = event.call { return StateKey.call + call.text }
        return event.agent.map { StateKey.agent + $0.text }
    }

    /// The key of what a record tells the end of.
    public static func key(ofWhatIsToldBy record: Record) -> String {
        switch record {
        case .part(let part): StateKey.call + part.call.text
        case .agentTime(let time): StateKey.agent + time.agent.text
        case .outbound(let result): StateKey.agent + result.agent.text
        // The counts of today and the history agree after a crash too.
        case .passage(let passage): StateKey.split + passage.split.text
        }
    }
}

private enum StateKey {
    static let agent = "agent:"
    static let call = "call:"
    static let split = "split:"
}
