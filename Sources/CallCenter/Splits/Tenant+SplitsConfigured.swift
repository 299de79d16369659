import CSTA

// Splits that are set up, changed and removed, with calls waiting in them.
extension Tenant {
    /// Makes the splits, and who is in them, as they are set up. Who waits goes on waiting.
    mutating func setUpSplits() {
        for id in agents.keys { agents[id]?.splits = [] }
        for profile in configuration.splits {
            splits[profile.id, default: Split(profile: profile)].profile = profile
            splits[profile.id]?.free = RankedSet()
            splits[profile.id]?.count.forgetStandings()
            for agent in profile.members.keys where agents[agent] != nil {
                agents[agent]?.splits.append(profile.id)
                splits[profile.id]?.count.move(from: nil, to: agents[agent]?.standing ?? .loggedOff)
                guard let order = agents[agent]?.freeSince,
                    let rank = splits[profile.id]?.rank(of: agent, freeSince: order)
                else { continue }
                splits[profile.id]?.free.insert(agent, rank)
            }
        }
    }

    /// The operator has changed the splits. The calls of one that is no more go to its overflow, where they keep their place, or
    /// end if it has none; what rings goes on ringing.
    mutating func configureSplits(_ step: inout Step) {
        let removed = Set(splits.keys).subtracting(configuration.splits.map(\.id))
        for id in splits.keys { splits[id]?.count.advance(to: step) }
        let before = splits.mapValues(\.profile)
        setUpSplits()
        resetTimers(before, &step)
        for agent in agentsInOrder {
            updateFree(agent, &step)
            touch(agent)
        }
        guard !removed.isEmpty else { return }
        for split in removed { splits[split]?.isRemoved = true }
        release(where: { removed.contains($0.split) }, &step)
        let calls = calls.values.compactMap { call in call.queue.map { (id: call.id, entry: $0) } }
        for (id, entry) in calls.sorted(by: { $0.entry.rank < $1.entry.rank }) where removed.contains(entry.split) {
            leadElsewhere(id, &step)
        }
        for split in removed { splits[split] = nil }
        changes.splits.formUnion(removed)
    }

    /// What waits or works after a call does so for the new time, of which some has passed.
    private mutating func resetTimers(_ before: [DeviceID: SplitProfile], _ step: inout Step) {
        for call in callsInOrder {
            guard let entry = call.queue, !entry.isOverdue, let new = splits[entry.split]?.profile,
                new.maximumWaitSeconds != before[entry.split]?.maximumWaitSeconds
            else { continue }
            resumeWaiting(call, &step)
        }
        for agent in agentsInOrder {
            guard let login = agents[agent]?.login, let split = login.split,
                splits[split]?.profile.wrapUpSeconds != before[split]?.wrapUpSeconds
            else { continue }
            resumeWrapUp(agent, login, &step)
        }
    }

    /// Takes a call out of a split that is no more.
    private mutating func leadElsewhere(_ id: CallID, _ step: inout Step) {
        guard var call = calls.removeValue(forKey: id), let entry = call.queue else { return }
        if !call.isBeingOffered {
            passOn(&call, &step)
        } else if let next = overflow(of: entry) {
            countEnd(of: entry, .overflowed, in: &call, &step)
            call.queue?.visited.append(entry.split)
            call.queue?.split = next
            count(.entered, in: next, &step)
            if let split = splits[next]?.profile { beginWaiting(&call, split, &step) }
        } else {
            call.queue?.isOverdue = true
        }
        put(call)
    }
}
