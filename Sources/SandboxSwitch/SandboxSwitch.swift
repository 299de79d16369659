public import CSTA
public import SwitchDriver
import Synchronization

/// A switch in memory, for all tenants of a server: virtual phones and a pretended telephone network.
///
/// Each internal device has a phone, registered from the start. External numbers and customers behave as the last two
/// digits of their numbers say. What phones and customers do is asked for by ``press(_:on:)``,
/// ``customerCalls(from:to:)`` and ``hangUpOutside(_:in:)``. Nothing outlives the process: after a restart no leg is
/// up.
///
/// Events are handed over by the time source's thread only, never within a call of this type: so a receiver may hold
/// its own locks while it calls.
public final class SandboxSwitch: Switch {
    /// Room for a process's UUID and more; the number of the tenant and of the leg come behind it.
    public static let maximumPrefixBytes = 64
    /// A day: who wants a link broken for longer restores it by hand.
    public static let maximumBreakSeconds = 86_400

    public let name = "sandbox"

    /// Who is there. It changes as a whole, so that nobody sees half of a change.
    private struct Directory: Sendable {
        var tenants: [Namespace: SandboxTenant] = [:]
        var ofNumber: [String: SandboxTenant] = [:]
        /// The first tenant to which all numbers lead that are no other's.
        var ofOtherNumbers: SandboxTenant?
        /// Nil while nobody listens.
        var receive: SandboxTenant.Receive?
        var faults: SandboxFaults?
        /// Tenants made so far: no two have the same names for their legs.
        var made: UInt64 = 0
    }

    private let namePrefix: String
    private let settings: SandboxSettings
    private let time: SandboxTime
    private let directory: Mutex<Directory>

    private var tenants: [Namespace: SandboxTenant] { directory.withLock(\.tenants) }

    /// - namePrefix: the beginning of the names of legs that the switch makes. Must be another at each start of the
    ///   process, so that no leg's name comes again; what is longer than ``maximumPrefixBytes`` is cut.
    /// - faults: what goes wrong with events, from the start; nil: nothing.
    public init(
        tenants lines: [TenantLines], namePrefix: String, settings: SandboxSettings = SandboxSettings(),
        faults: SandboxFaults? = nil, time: SandboxTime = .real()
    ) {
        self.namePrefix = namePrefix.cut(toBytes: Self.maximumPrefixBytes)
        self.settings = settings
        self.time = time
        directory = Mutex(Directory(faults: faults))
        setLines(lines)
    }

    // MARK: Switch

    /// - Throws: ``SandboxError/alreadyRunning``.
    public func run(receive: @escaping @Sendable (Namespace, SwitchEvent) -> Void) async throws {
        try attach(receive)
        defer { detach() }
        // Only a cancellation ends the pause; the length of it matters to nobody.
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }

    public func execute(_ commands: [SwitchCommand], for namespace: Namespace) {
        tenants[namespace]?.change { state, now in
            guard state.link.isUp else { return }
            for command in commands { state.carry(state.machine.execute(command, at: now), at: now) }
        }
    }

    public func resynchronise(_ namespace: Namespace) {
        tenants[namespace]?.change { state, now in state.link.tellAgain(state.machine.snapshot, at: now) }
    }

    public func setLines(_ all: [TenantLines]) {
        let (changed, new, gone, receive) = directory.withLock { directory in
            let before = directory.tenants
            directory.tenants = [:]
            directory.ofNumber = [:]
            directory.ofOtherNumbers = nil
            var changed: [(SandboxTenant, TenantLines)] = []
            var new: [SandboxTenant] = []
            for lines in all where directory.tenants[lines.namespace] == nil {
                let tenant = before[lines.namespace] ?? make(lines, &directory)
                directory.tenants[lines.namespace] = tenant
                if before[lines.namespace] == nil { new.append(tenant) } else { changed.append((tenant, lines)) }
                for number in lines.inboundNumbers where directory.ofNumber[number] == nil {
                    directory.ofNumber[number] = tenant
                }
                if lines.inboundNumbers.isEmpty && directory.ofOtherNumbers == nil {
                    directory.ofOtherNumbers = tenant
                }
            }
            let gone = before.values.filter { directory.tenants[$0.namespace] == nil }
            return (changed, new, gone, directory.receive)
        }
        for (tenant, lines) in changed { tenant.setLines(lines) }
        if let receive { for tenant in new { tenant.attach(receive) } }
        for tenant in gone { tenant.detach() }
    }

    private func make(_ lines: TenantLines, _ directory: inout Directory) -> SandboxTenant {
        defer { directory.made += 1 }
        return SandboxTenant(
            machine: SandboxMachine(lines: lines, namePrefix: "\(namePrefix)-\(directory.made)", settings: settings),
            faults: directory.faults, salt: directory.made, time: time)
    }

    /// Has the link up and `receive` called from now on, without a task: what ``run(receive:)`` does first.
    ///
    /// A test with a manual clock uses it instead, as then nothing depends on when a task runs.
    /// - Throws: ``SandboxError/alreadyRunning``.
    public func attach(_ receive: @escaping @Sendable (Namespace, SwitchEvent) -> Void) throws(SandboxError) {
        let tenants = directory.withLock { directory -> [SandboxTenant]? in
            guard directory.receive == nil else { return nil }
            directory.receive = receive
            return Array(directory.tenants.values)
        }
        guard let tenants else { throw .alreadyRunning }
        for tenant in tenants { tenant.attach(receive) }
    }

    /// Takes the link down with nobody told, as the end of ``run(receive:)`` does. Calls at the switch go on.
    /// Events that another thread is just handing over still come.
    public func detach() {
        let tenants = directory.withLock { directory in
            directory.receive = nil
            return directory.tenants.values
        }
        for tenant in tenants { tenant.detach() }
    }

    // MARK: People

    /// Presses a button on a virtual phone.
    ///
    /// - Throws: ``SandboxError/unknownDevice``, ``SandboxError/notPossible(_:)``, for `dial` and `transfer` also
    ///   ``SandboxError/invalidNumber``, and for `dial` ``SandboxError/notRegistered`` and ``SandboxError/tooManyLegs``.
    public func press(_ button: PhoneButton, on device: DeviceID) throws(SandboxError) {
        guard let tenant = tenants[device.namespace] else { throw .unknownDevice }
        try tenant.attempt { (machine, now) throws(SandboxError) in
            ((), try machine.press(button, on: device, at: now))
        }
    }

    /// Lets a customer call in, on the first trunk of the tenant that has `to` among its inbound numbers, or else of
    /// the first one that has none and so gets all others.
    ///
    /// - from: 1 to 40 characters, see `DeviceID.isNumber`; the last two digits say how long the customer waits and
    ///   talks.
    /// - to: the number that the customer dials.
    /// - Returns: the customer's leg, which is offered to the tenant.
    /// - Throws: ``SandboxError/invalidNumber``, ``SandboxError/unknownNumber``, ``SandboxError/noTrunk`` or
    ///   ``SandboxError/tooManyLegs``.
    @discardableResult
    public func customerCalls(from: String, to: String) throws(SandboxError) -> LegID {
        guard DeviceID.isNumber(from), DeviceID.isNumber(to) else { throw .invalidNumber }
        let tenant = directory.withLock { $0.ofNumber[to] ?? $0.ofOtherNumbers }
        guard let tenant else { throw .unknownNumber }
        return try tenant.attempt { (machine, now) throws(SandboxError) in
            try machine.customerCalls(from: from, to: to, at: now)
        }
    }

    /// The customer or subscriber at the other end of a trunk leg hangs up; a customer who is not answered gives up.
    ///
    /// - Throws: ``SandboxError/unknownLeg`` if there is no such leg, or it is a phone's;
    ///   ``SandboxError/notPossible(_:)`` if a subscriber has not answered.
    public func hangUpOutside(_ leg: LegID, in namespace: Namespace) throws(SandboxError) {
        guard let tenant = tenants[namespace] else { throw .unknownLeg }
        try tenant.attempt { (machine, now) throws(SandboxError) in
            ((), try machine.hangUpOutside(leg, at: now))
        }
    }

    /// What a tenant has here; nil if it is not known.
    public func lines(of namespace: Namespace) -> TenantLines? {
        tenants[namespace]?.change { state, _ in state.machine.lines }
    }

    /// All phones of a tenant, in the order of their numbers as text; none if the tenant is not known.
    public func phones(in namespace: Namespace) -> [PhoneStatus] {
        tenants[namespace]?.change { state, _ in state.machine.phoneStatuses } ?? []
    }

    /// The legs that are in a mix, listeners too.
    public func members(of mix: MixID, in namespace: Namespace) -> Set<LegID> {
        tenants[namespace]?.change { state, _ in state.machine.members(of: mix) } ?? []
    }

    /// The legs whose voices reach a leg; none if there is no such leg.
    public func hearing(of leg: LegID, in namespace: Namespace) -> Set<LegID> {
        tenants[namespace]?.change { state, _ in state.machine.hearing(of: leg) } ?? []
    }

    /// The legs that a leg's voice reaches; none if there is no such leg.
    public func whoHears(_ leg: LegID, in namespace: Namespace) -> Set<LegID> {
        tenants[namespace]?.change { state, _ in state.machine.whoHears(leg) } ?? []
    }

    /// What was said last in a tenant's mixes, the oldest first; ``SandboxMachine/maximumAnnouncements`` at most.
    public func announcements(in namespace: Namespace) -> [Announcement] {
        tenants[namespace]?.change { state, _ in state.machine.announcements } ?? []
    }

    // MARK: Faults

    /// Has other faults from now on; nil: none. What is late already stays so.
    public func setFaults(_ faults: SandboxFaults?) {
        let tenants = directory.withLock { directory in
            directory.faults = faults
            return directory.tenants.values
        }
        for tenant in tenants {
            tenant.change { state, _ in state.link.setFaults(faults, salt: tenant.salt) }
        }
    }

    /// Breaks the link of all tenants, until ``restoreLink()`` or for a time in seconds, cut to 0 to a day. Events
    /// under way and of the gap are lost, commands dropped; what is up stays up.
    public func breakLink(forSeconds seconds: Int? = nil) {
        let limited = seconds.map { Int64(min(max($0, 0), Self.maximumBreakSeconds)) }
        for tenant in tenants.values {
            tenant.change { state, now in
                state.link.breakDown(at: now)
                state.restoreMilliseconds = limited.map { now + $0 * 1000 }
            }
        }
    }

    /// Has the link back, with a snapshot of what is up. Does nothing if it is there.
    public func restoreLink() {
        for tenant in tenants.values { tenant.change { state, now in state.restoreLink(at: now) } }
    }
}

extension SandboxTenant {
    /// Something that may be refused. What happened before it is carried in any case.
    func attempt<Value: Sendable>(
        _ body: (inout SandboxMachine, _ now: Int64) throws(SandboxError) -> (Value, [SwitchEvent])
    ) throws(SandboxError) -> Value {
        try change { state, now -> Result<Value, SandboxError> in
            do throws(SandboxError) {
                let (value, events) = try body(&state.machine, now)
                state.carry(events, at: now)
                return .success(value)
            } catch {
                return .failure(error)
            }
        }.get()
    }
}
