import CSTA
import SwitchDriver

/// A number that is being dialled by one line, with what it takes to dial it by another.
struct LineAttempt: Hashable, Sendable {
    /// Lines that one call is dialled on, one after the other: each may take seconds to fail.
    static let maximumLines = 8

    let destination: Destination
    let ringSeconds: Int
    /// The last one is the one that is being dialled.
    var tried: [Call.TrunkLine]
}

// By which line a call goes out: the first that has room, and the next when that one fails before anybody could ring.
extension Tenant {
    /// How much of each trunk group is in use, in the order in which they are set up.
    public var trunkLoads: [TrunkLoad] {
        configuration.trunks.map {
            TrunkLoad(group: $0.group, calls: trunkUse.calls(onGroup: $0.group), capacity: $0.capacity)
        }
    }

    /// The line that a call takes; nil: none has room.
    ///
    /// - Parameter tried: lines that do not count.
    func freeLine(of groups: [String], besides tried: [Call.TrunkLine] = []) -> Call.TrunkLine? {
        for name in groups {
            guard let group = trunkPlan.groups[name] else { continue }
            if group.members.isEmpty {
                let line = Call.TrunkLine(group: name)
                if !tried.contains(line) { return line }
                continue
            }
            let free = group.members.filter { member in
                trunkUse.calls(onMember: member.name) < member.capacity ?? .max
                    && !tried.contains { $0.member == member.name }
            }
            let chosen =
                switch group.selection {
                case .sequential: free.first
                case .balanced: free.min { load(of: $0) < load(of: $1) }
                }
            if let chosen { return Call.TrunkLine(group: name, member: chosen.name) }
        }
        return nil
    }

    private func load(of member: Trunk.Member) -> (share: Int, calls: Int) {
        let calls = trunkUse.calls(onMember: member.name)
        return (member.capacity.map { calls * Trunk.maximumCapacity / $0 } ?? 0, calls)
    }

    /// Refuses what would be dialled on trunks of which each is full.
    func requireLine(to destination: Destination) throws(Refusal) {
        guard case .external = destination.endpoint else { return }
        guard freeLine(of: destination.groups) != nil else { throw .trunksBusy }
    }

    /// A leg has ended that was dialled on a trunk: if it was the line that failed, the next one is dialled.
    ///
    /// - Returns: whether the call goes on so.
    mutating func dialsNextLine(after leg: LegID, in id: CallID, _ cause: HangupCause, _ step: inout Step) -> Bool {
        // What ended while the link was away may have rung, and be known to have been called.
        guard cause.isOfLine, !step.isReconciling, isSwitchUp, let index = calls[id]?.index(of: leg),
            let connection = calls[id]?.connections[index], connection.legState == .dialling, !connection.isClearing,
            var attempt = connection.attempt, attempt.tried.count < LineAttempt.maximumLines,
            let line = freeLine(of: attempt.destination.groups, besides: attempt.tried),
            var call = calls.removeValue(forKey: id)
        else { return false }
        legs[leg] = nil
        trunkUse.set(leg, nil)
        // A customer who has come in by the same line keeps it.
        let isShared = call.connections.contains { $0.leg != leg && $0.trunk == connection.trunk }
        if call.trunk == connection.trunk, !isShared { call.trunk = line }
        attempt.tried.append(line)
        let next = call.nextLeg()
        call.connections[index].leg = next
        call.connections[index].trunk = line
        call.connections[index].attempt = attempt
        legs[next] = id
        trunkUse.set(next, line)
        // The time that the called side has to answer runs on: a call that nobody takes ends as early as any other.
        tellDial(call.connections[index], attempt.destination, in: call, ringSeconds: attempt.ringSeconds, &step)
        put(call)
        return true
    }
}

extension Destination {
    /// Where it leads by a line.
    func endpoint(by line: Call.TrunkLine?) -> Endpoint? {
        guard let line, case .external(let number, _, _) = endpoint else { return endpoint }
        return .external(number: number, trunkGroup: line.group, member: line.member)
    }
}

extension HangupCause {
    /// What a call ends with that has no line to go out by.
    static var noLine: HangupCause { .normalCircuitCongestion }

    /// Whether it tells of the line or the carrier, and not of whom was called: another line may do better.
    fileprivate var isOfLine: Bool {
        switch self {
        case .normalCircuitCongestion, .switchCongestion, .networkOutOfOrder, .normalTemporaryFailure,
            .requestedChannelUnavailable, .channelUnacceptable, .gatewayDown:
            true
        default: false
        }
    }
}
