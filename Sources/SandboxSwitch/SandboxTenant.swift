import CSTA
import SwitchDriver
import Synchronization

/// The sandbox of one tenant, alive: its machine and its link, moved by a time source. Tenants do not wait for each
/// other.
///
/// All changes go through one funnel, ``change(_:)``, which leaves the lock before anybody else is called. Events are
/// handed over by ``tick()`` alone, which the time source calls: so never within a call of this type, and in order.
final class SandboxTenant: Sendable {
    typealias Receive = @Sendable (Namespace, SwitchEvent) -> Void

    let namespace: Namespace
    let salt: UInt64
    private let time: SandboxTime
    private let clerk: RecordingClerk?
    private let state: Mutex<TenantState>

    /// - salt: keeps the faults of this tenant apart from another's with the same seed.
    init(machine: SandboxMachine, faults: SandboxFaults?, salt: UInt64, time: SandboxTime) {
        namespace = machine.lines.namespace
        self.time = time
        self.salt = salt
        clerk = machine.settings.recordingsFolder.map {
            RecordingClerk(folder: WaveFolder(path: $0), time: time)
        }
        var state = TenantState(machine: machine)
        state.link.setFaults(faults, salt: salt)
        self.state = Mutex(state)
    }

    /// Looks at, or changes, the state of the present time, then sees to it that what comes of it is handed over in
    /// time.
    func change<Result: Sendable>(_ body: (inout TenantState, _ now: Int64) -> Result) -> Result {
        let (result, wake, work) = state.withLock { state in
            let now = time.milliseconds()
            state.letHappen(until: now)
            let result = body(&state, now)
            return (result, state.wakeToAskFor(), state.machine.takeRecordingWork())
        }
        ask(for: wake)
        clerk?.take(work) { recording, isSuccess in
            self.change { state, now in
                state.carry(state.machine.recordingWorkDone(recording, isSuccess: isSuccess, at: now), at: now)
            }
        }
        return result
    }

    /// Has other phones and trunks from now on, and tells which phones are new.
    func setLines(_ lines: TenantLines) {
        change { state, now in
            guard state.machine.lines != lines else { return }
            state.carry(state.machine.setLines(lines), at: now)
        }
    }

    func attach(_ receive: @escaping Receive) {
        change { state, now in
            state.receive = receive
            state.link.attach(state.machine.snapshot, at: now)
        }
    }

    func detach() {
        change { state, _ in
            state.receive = nil
            state.link.detach()
        }
    }

    /// Hands over what has arrived. Whoever comes while another does so leaves it to that one, who looks again before
    /// going.
    func tick() {
        var isMine = false
        while true {
            let (events, receive, wake) = state.withLock { state in
                let now = time.milliseconds()
                state.letHappen(until: now)
                state.forgetWakes(until: now)
                let nothing: [SwitchEvent] = []
                // Whoever hands over asks for the next wake as well: two would wake each other without end.
                if state.isDelivering && !isMine { return (nothing, nil as Receive?, nil as Int64?) }
                guard let receive = state.receive else {
                    state.isDelivering = false
                    return (nothing, nil, state.wakeToAskFor())
                }
                let events = state.link.takeArrived(at: now)
                state.isDelivering = !events.isEmpty
                return (events, receive, state.wakeToAskFor())
            }
            ask(for: wake)
            guard let receive, !events.isEmpty else { return }
            isMine = true
            for event in events { receive(namespace, event) }
        }
    }

    private func ask(for wake: Int64?) {
        guard let wake else { return }
        // Weak: a wake that is hours away shall not keep a switch that nobody uses any more.
        time.wake(wake) { [weak self] in self?.tick() }
    }
}

/// All that changes of a ``SandboxTenant``.
struct TenantState: Sendable {
    var machine: SandboxMachine
    var link = SandboxLink()
    var receive: SandboxTenant.Receive?
    /// When a broken link comes back by itself.
    var restoreMilliseconds: Int64?
    /// Somebody hands events over and will look for more before going.
    var isDelivering = false
    /// Wakes that were asked for and have not come, the next one last.
    private var wakes: [Int64] = []

    init(machine: SandboxMachine) { self.machine = machine }

    mutating func letHappen(until now: Int64) {
        if let restore = restoreMilliseconds, restore <= now {
            carry(machine.advance(to: restore), at: restore)
            restoreLink(at: restore)
        }
        carry(machine.advance(to: now), at: now)
    }

    mutating func carry(_ events: [SwitchEvent], at now: Int64) {
        for event in events {
            link.carry(event, at: now)
            guard link.isFull else { continue }
            link.breakDown(at: now)
            link.restore(machine.snapshot, at: now)
        }
    }

    mutating func restoreLink(at now: Int64) {
        restoreMilliseconds = nil
        link.restore(machine.snapshot, at: now)
    }

    mutating func forgetWakes(until now: Int64) {
        while let next = wakes.last, next <= now { wakes.removeLast() }
    }

    /// When to be woken next, unless that, or an earlier wake, has been asked for already.
    mutating func wakeToAskFor() -> Int64? {
        let due = [machine.nextMilliseconds, link.firstMilliseconds, restoreMilliseconds].compactMap { $0 }.min()
        guard let due, due < wakes.last ?? .max else { return nil }
        wakes.append(due)
        return due
    }
}
