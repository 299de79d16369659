import SwitchDriver

/// The link of one tenant between the sandbox and Ringside as a value: what is on its way, and what goes wrong with it.
struct SandboxLink: Sendable {
    /// Events on their way. With the worst faults an event is on its way for 5 s, in which even a tenant with a
    /// thousand events a second stays far below this. What is beyond has to be made good by breaking the link.
    static let maximumEventsUnderWay = 200_000

    private var underWay = Agenda<SwitchEvent>()
    private var faults: SandboxFaults?
    private var chance = SplitMix64(seed: 0)
    /// No event that keeps the order is due before this.
    private var notBefore: Int64 = 0
    /// Whether Ringside was told last that the link is there.
    private var hasToldUp = false

    private(set) var isAttached = false
    private(set) var isBroken = false

    var isUp: Bool { isAttached && !isBroken }
    var isFull: Bool { underWay.count >= Self.maximumEventsUnderWay }
    var firstMilliseconds: Int64? { underWay.firstMilliseconds }

    mutating func setFaults(_ faults: SandboxFaults?, salt: UInt64) {
        self.faults = faults
        chance = SplitMix64(seed: (faults?.seed ?? 0) &+ salt)
    }

    /// Ringside listens from now on.
    mutating func attach(_ snapshot: SwitchSnapshot, at now: Int64) {
        isAttached = true
        if !isBroken { tellUp(snapshot, at: now) }
    }

    /// Ringside listens no more.
    mutating func detach() {
        isAttached = false
        hasToldUp = false
        underWay.removeAll()
    }

    /// What was on its way is lost.
    mutating func breakDown(at now: Int64) {
        guard !isBroken else { return }
        isBroken = true
        underWay.removeAll()
        if hasToldUp { underWay.add(.linkDown, at: now) }
    }

    mutating func restore(_ snapshot: SwitchSnapshot, at now: Int64) {
        guard isBroken else { return }
        isBroken = false
        if isAttached { tellUp(snapshot, at: now) }
    }

    /// Has the snapshot received behind the events that are under way and keep the order; while the link is not
    /// there, nothing.
    mutating func tellAgain(_ snapshot: SwitchSnapshot, at now: Int64) {
        guard isUp else { return }
        notBefore = max(notBefore, now)
        underWay.add(.linkUp(snapshot), at: notBefore)
    }

    /// Sends an event on its way; while the link is not there, it is lost.
    mutating func carry(_ event: SwitchEvent, at now: Int64) {
        guard isUp else { return }
        notBefore = max(notBefore, now)
        guard let faults else {
            underWay.add(event, at: notBefore)
            return
        }
        if chance.happens(faults.lostPercent) { return }
        if chance.happens(faults.latePercent) {
            notBefore = max(notBefore, now + chance.milliseconds(upTo: SandboxFaults.maximumLateMilliseconds))
        }
        var due = notBefore
        if chance.happens(faults.reorderedPercent) {
            due += chance.milliseconds(upTo: SandboxFaults.maximumShiftMilliseconds)
        }
        underWay.add(event, at: due)
        if chance.happens(faults.doubledPercent) {
            underWay.add(event, at: due + chance.milliseconds(upTo: SandboxFaults.maximumShiftMilliseconds))
        }
    }

    /// Takes out what has arrived, in the order in which it is to be received.
    mutating func takeArrived(at now: Int64) -> [SwitchEvent] {
        var arrived: [SwitchEvent] = []
        while let entry = underWay.takeDue(at: now) {
            switch entry.item {
            case .linkUp: hasToldUp = true
            case .linkDown: hasToldUp = false
            default: break
            }
            arrived.append(entry.item)
        }
        return arrived
    }

    private mutating func tellUp(_ snapshot: SwitchSnapshot, at now: Int64) {
        notBefore = now
        underWay.add(.linkUp(snapshot), at: now)
    }
}
