import CSTA
import CallCenter
import SwitchDriver
import Testing

/// A tenant under test: agents 5001… and devices 8001…, all phones registered, the link up.
struct Desk {
    var tenant: Tenant
    var now = Demo.start
    private(set) var effects: [Effect] = []
    private var requests: UInt64 = 0

    init(configuration: TenantConfiguration = Demo.configuration(), isSwitchUp: Bool = true) {
        tenant = Tenant(configuration: configuration)
        guard isSwitchUp else { return }
        apply(.switchEvent(.linkUp(SwitchSnapshot(registered: Set(configuration.devices.map(\.id))))))
    }

    mutating func apply(_ input: Input) {
        effects = tenant.apply(input, at: now)
    }

    mutating func tell(_ event: SwitchEvent, newCall: CallID? = nil) {
        apply(.switchEvent(event, newCall: newCall))
    }

    @discardableResult
    mutating func ask(_ command: Command, by agent: Int, role: Role = .agent) -> Reply {
        requests += 1
        let request = RequestID(requests)
        apply(.command(command, by: Requester(agent: Self.agent(agent), role: role), request: request))
        for case .reply(request, let reply) in effects { return reply }
        Issue.record("no reply")
        return .done
    }

    @discardableResult
    mutating func logIn(_ agent: Int, on device: Int, _ mode: AgentMode = .ready) -> Reply {
        ask(.logIn(Self.agent(agent), device: Self.device(device), mode: mode), by: agent)
    }

    /// The call `c-1` from one device to a number, as its agent's desktop asks for it.
    @discardableResult
    mutating func call(
        from device: Int, by agent: Int, to number: String, role: Role = .agent,
        _ change: (inout MakeCall) -> Void = { _ in }
    ) -> Reply {
        var request = MakeCall(call: Self.call, from: Self.device(device), to: number)
        change(&request)
        return ask(.makeCall(request), by: agent, role: role)
    }

    /// A call from 8001 to 8002 that is up.
    mutating func talk() {
        logIn(5001, on: 8001)
        logIn(5002, on: 8002)
        call(from: 8001, by: 5001, to: "8002")
        tell(.legAnswered(LegID("c-1-1")))
        tell(.legRinging(LegID("c-1-2")))
        tell(.legAnswered(LegID("c-1-2")))
    }

    /// The events of the last input: receiver, name, and device that changed.
    var events: [String] {
        effects.compactMap { effect in
            guard case .event(let copy) = effect else { return nil }
            guard case .call(let call) = copy.event.body else { return "\(copy.device.number) \(copy.event.name)" }
            return "\(copy.device.number) \(copy.event.name) \(call.device.number)"
        }
    }

    var commands: [SwitchCommand] {
        effects.compactMap { if case .switchCommand(let command) = $0 { command } else { nil } }
    }

    var ignored: [IgnoredReason] {
        effects.compactMap { if case .ignored(let reason) = $0 { reason } else { nil } }
    }

    var json: [String] {
        effects.compactMap { if case .event(let copy) = $0 { copy.event.json } else { nil } }
    }

    /// Whether the last input has left the tenant as it was and said nothing.
    var isUnmoved: Bool { events.isEmpty && commands.isEmpty }

    static let call = CallID(valid: "c-1")
    static func agent(_ number: Int) -> AgentID { AgentID(valid: number) }
    static func device(_ number: Int) -> DeviceID { DeviceID(valid: number) }
    static func connection(_ device: Int) -> ConnectionID { ConnectionID(device: Self.device(device), call: call) }
}

extension CallID {
    init(valid text: StaticString) {
        guard let call = CallID(text.description) else { preconditionFailure("\(text)") }
        self = call
    }
}

extension Address {
    init(valid number: Int) {
        guard let address = Self("\(number)", in: Demo.namespace) else { preconditionFailure("\(number)") }
        self = address
    }
}
