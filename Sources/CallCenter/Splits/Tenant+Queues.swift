import CSTA
import SwitchDriver

// How a call comes into a split's queue, and how it leaves it.
extension Tenant {
    /// Leads a call to a split: somebody who is free is called when the input is done, or the caller waits.
    mutating func enqueue(
        _ call: inout Call, in split: DeviceID, calling: DeviceID, priority: Int = 0, _ step: inout Step
    ) {
        lastOrder += 1
        call.queue = QueueEntry(
            split: split, caller: calling, priority: priority, order: lastOrder, began: step.now, entered: step.now)
        enter(&call, &step)
    }

    /// Puts a call that is to be in a split there, or where that one's calls go when it has no room.
    private mutating func enter(_ call: inout Call, _ step: inout Step) {
        guard var entry = call.queue else { return }
        count(.entered, in: entry.split, &step)
        while let split = splits[entry.split], isFull(split) {
            guard let next = overflow(of: entry) else { return giveUp(&call, .userBusy, &step) }
            count(.left(.overflowed, afterMilliseconds: 0, isInTime: false), in: entry.split, &step)
            count(.entered, in: next, &step)
            entry.visited.append(entry.split)
            entry.split = next
            call.queue = entry
        }
        guard let split = splits[entry.split] else { return giveUp(&call, .unallocatedNumber, &step) }
        call.queue = entry
        beginWaiting(&call, split.profile, &step)
        wait(call)
    }

    /// The clock of the split that the call is in begins, and its announcements.
    mutating func beginWaiting(_ call: inout Call, _ split: SplitProfile, _ step: inout Step) {
        call.queue?.entered = step.now
        call.queue?.isOverdue = false
        step.set(.waitLimit(call.id), afterSeconds: split.maximumWaitSeconds)
        guard let entry = call.queue, entry.isAnswered else { return }
        if split.announceSeconds > 0 {
            setAnnouncementTimer(call, &step)
        } else if !entry.visited.isEmpty {
            step.effects.append(.cancelTimer(.announcement(call.id)))
        }
    }

    /// Whoever finds a free agent does not wait.
    private func isFull(_ split: Split) -> Bool {
        split.free.isEmpty && split.waiting.count >= split.profile.maximumWaiting
    }

    /// Counts for today, and writes down for the history.
    mutating func count(_ kind: SplitPassage.Kind, in split: DeviceID, _ step: inout Step) {
        guard let index = splits.index(forKey: split) else { return }
        splits.values[index].count.advance(to: step)
        splits.values[index].count.add(kind)
        changes.splits.insert(split)
        step.effects.append(.record(.passage(SplitPassage(split: split, at: step.now, kind: kind))))
    }

    /// The call waits for an agent; whether one is free is looked at when the input is done.
    mutating func wait(_ call: borrowing Call) {
        guard let entry = call.queue else { return }
        splits.update(entry.split) { $0.waiting.insert(call.id, entry.rank) }
        unsettled.calls.append(call.id)
    }

    /// Where a call goes that its split cannot serve; nil: nowhere. No split twice.
    func overflow(of entry: QueueEntry) -> DeviceID? {
        guard let next = splits[entry.split]?.profile.overflow, splits[next]?.isRemoved == false, next != entry.split,
            !entry.visited.contains(next)
        else { return nil }
        return next
    }

    /// Nobody of any split has answered: ends the call, or leads it back to whom it is to come back to.
    private mutating func giveUp(_ call: inout Call, _ cause: HangupCause, _ step: inout Step) {
        guard let entry = call.queue else { return }
        leaveQueue(&call, .givenUp, &step)
        fail(&call, entry.called, cause, &step)
    }

    /// The call is in no queue any more.
    mutating func leaveQueue(_ call: inout Call, _ end: QueueEnd, _ step: inout Step) {
        guard let entry = call.queue else { return }
        if let tie = call.outbound.take() { conclude(tie, call.id, end == .answered ? .answered : .abandoned, &step) }
        splits.update(entry.split) { $0.waiting.remove(call.id) }
        countEnd(of: entry, end, in: &call, &step)
        call.queue = nil
        step.effects.append(.cancelTimer(.waitLimit(call.id)))
        if splits[entry.split]?.profile.announceSeconds ?? 0 > 0 {
            step.effects.append(.cancelTimer(.announcement(call.id)))
        }
    }

    /// The call's time in a split is over: it counts there, and in the record of the caller's part.
    mutating func countEnd(of entry: QueueEntry, _ end: QueueEnd, in call: inout Call, _ step: inout Step) {
        let waited = step.now.milliseconds - entry.entered.milliseconds
        let isInTime = waited <= Int64(configuration.limits.serviceLevelSeconds) * 1000
        count(.left(end, afterMilliseconds: waited, isInTime: isInTime), in: entry.split, &step)
        guard let caller = call.index(of: entry.caller) else { return }
        call.connections[caller].history.split = entry.split
        call.connections[caller].history.queuedMilliseconds += max(0, waited)
    }

    /// An agent who was offered the call is gone: it goes back to the head of the queue, or on, when it has waited too long.
    mutating func offerFailed(_ call: inout Call, _ step: inout Step) {
        guard call.queue?.isOverdue == true else { return wait(call) }
        passOn(&call, &step)
    }

    /// The caller has waited long enough here.
    mutating func waitLimitExpired(_ id: CallID, _ step: inout Step) {
        if let call = calls[id], !call.isBeingOffered, waitsForRecordings(ofGivingUp: call, &step) { return }
        guard var call = calls.removeValue(forKey: id) else { return step.ignore(.unknownTimer) }
        if call.queue == nil {
            step.ignore(.unknownTimer)
        } else if call.isBeingOffered {
            call.queue?.isOverdue = true
        } else {
            passOn(&call, &step)
        }
        put(call)
    }

    /// Ends what is recorded of a caller who is about to be given up: its file is complete first (E18).
    ///
    /// - Returns: whether the input is to be given up for now.
    mutating func waitsForRecordings(ofGivingUp call: borrowing Call, _ step: inout Step) -> Bool {
        guard let entry = call.queue, overflow(of: entry) == nil, call.comingBack == nil else { return false }
        return waitsForRecordings(of: parting(from: call.id, when: entry.caller), &step)
    }

    /// Leads a call to the next split, or ends it.
    mutating func passOn(_ call: inout Call, _ step: inout Step) {
        guard let entry = call.queue else { return }
        splits.update(entry.split) { $0.waiting.remove(call.id) }
        guard let next = overflow(of: entry) else { return giveUp(&call, .noAnswer, &step) }
        countEnd(of: entry, .overflowed, in: &call, &step)
        call.queue?.visited.append(entry.split)
        call.queue?.split = next
        call.queue?.entered = step.now
        enter(&call, &step)
    }

    /// What a call's timer for its split is set to when the server has come back: what is left, never more than the whole.
    mutating func resumeWaiting(_ call: Call, _ step: inout Step) {
        guard let entry = call.queue else { return }
        let limit = splits[entry.split]?.profile.maximumWaitSeconds ?? 0
        step.set(.waitLimit(call.id), afterSeconds: step.now.secondsLeft(of: limit, since: entry.entered))
        if entry.isAnswered { setAnnouncementTimer(call, &step) }
    }
}

extension Instant {
    /// How much of a time is left that began at `start`: all of it if the clock has been set back meanwhile.
    func secondsLeft(of seconds: Int, since start: Instant) -> Int {
        let passed = Int(clamping: (milliseconds - start.milliseconds) / 1000)
        return min(max(seconds - passed, 0), seconds)
    }
}
