public import CSTA
public import CallCenter

/// The tenants of this server, as the gateway needs them.
public protocol TenantDirectory: Sendable {
    /// Nil if there is no such tenant here.
    func tenant(_ namespace: Namespace) -> (any TenantPort)?

    /// Why the server should get no traffic now, in words for an operator; empty when it is ready.
    func unreadiness() -> [String]
}

/// One tenant, as the gateway needs it. The server's tenant runner is one.
public protocol TenantPort: Sendable {
    var namespace: Namespace { get }

    /// Gives a command to the rules and returns the answer once all that it changed is in the journal.
    func perform(_ command: Command, by requester: Requester) async -> Reply

    /// Reads the state, in its turn among the inputs, once all before it is in the journal: what is read with the
    /// tenant's `serial` is a snapshot from which events can be followed without gap or double.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Tenant) -> Value) async -> Value

    /// Reads back stored events after a serial.
    ///
    /// - Parameter limit: the most events returned.
    /// - Throws: ``ReplayError``
    func events(after serial: Serial, matching filter: EventFilter, limit: Int) async throws(ReplayError) -> EventPage
}

/// Why stored events cannot be read back.
public enum ReplayError: Error, Hashable, Sendable {
    /// The journal no longer reaches back so far: take a snapshot and go on from its serial.
    case tooOld(oldest: Serial)
    /// A serial that has not been given yet.
    case notYet(last: Serial)
    /// The journal cannot be read now.
    case unavailable
}

/// Who may log in, as it stands now.
public protocol AccountStore: Sendable {
    /// Nil if there is no such agent.
    func account(of agent: AgentID) -> Account?

    /// The usual one, for a tenant that is not known.
    func policy(of namespace: Namespace) -> TenantPolicy
}

/// What is set for a tenant that the gateway itself sees to.
public struct TenantPolicy: Hashable, Sendable {
    /// Services that have somebody called; four seconds' worth may come at once.
    public var callsPerSecond: Int
    /// Agents' numbers do not stand in the log and the audit trail in full.
    public var masksNumbers: Bool
    /// Nobody gets in, also no machine.
    public var isDisabled: Bool

    public init(
        callsPerSecond: Int = TenantLimits().callsPerSecond, masksNumbers: Bool = false, isDisabled: Bool = false
    ) {
        self.callsPerSecond = callsPerSecond
        self.masksNumbers = masksNumbers
        self.isDisabled = isDisabled
    }
}

/// A person's or machine's right to act in a namespace.
public struct Account: Hashable, Sendable {
    public var agent: AgentID
    public var name: String
    public var role: Role
    public var isDisabled: Bool
    public var password: StoredPassword

    public init(agent: AgentID, name: String, role: Role, isDisabled: Bool = false, password: StoredPassword) {
        self.agent = agent
        self.name = name
        self.role = role
        self.isDisabled = isDisabled
        self.password = password
    }
}

/// The sandbox's own interface: what a person at a virtual phone, or a customer, does. Nil with a real switch.
public protocol SandboxPort: Sendable {
    /// Presses a button on a virtual phone.
    ///
    /// - Parameters:
    ///   - button: `dial`, `answer`, `reject`, `hangup`, `hold`, `retrieve`, `transfer`, `unregister`, `register` or
    ///     `mute`.
    ///   - device: in the namespace of the one who asks; there may be no such phone.
    ///   - number: for `dial`, and for `transfer` to a number, one that `DeviceID.isNumber` accepts; else nil.
    func press(button: String, device: DeviceID, number: String?) -> SandboxOutcome

    /// Lets a customer call in. Both are numbers that `DeviceID.isNumber` accepts.
    func customerCalls(from: String, to: String, in namespace: Namespace) -> SandboxOutcome

    /// The virtual phones of a namespace, ordered by number.
    func phones(in namespace: Namespace) -> [SandboxPhone]
}

/// What became of something that was asked of the sandbox.
public enum SandboxOutcome: Hashable, Sendable {
    case done
    /// There is no such phone, button or number.
    case notFound(String)
    /// Not in this state of the phone, named as the sandbox names it; the text says why.
    case notPossible(state: String, String)
    /// A bound is reached.
    case tooMany
}

/// A virtual phone as it stands on the desk.
public struct SandboxPhone: Hashable, Sendable {
    public var device: DeviceID
    public var isRegistered: Bool
    public var isMuted: Bool
    /// `idle`, `ringing`, `talking` and so on, as the sandbox names it.
    public var state: String
    /// The caller's number on its display.
    public var display: String?
    /// What became of the last transfer that it asked for: `requested`, `accepted` or `refused`.
    public var transfer: String?
    /// The digits that were said to it last.
    public var announcement: String?

    public init(
        device: DeviceID, isRegistered: Bool, isMuted: Bool, state: String, display: String? = nil,
        transfer: String? = nil, announcement: String? = nil
    ) {
        self.device = device
        self.isRegistered = isRegistered
        self.isMuted = isMuted
        self.state = state
        self.display = display
        self.transfer = transfer
        self.announcement = announcement
    }
}
