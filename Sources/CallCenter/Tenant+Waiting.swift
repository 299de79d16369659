import CSTA
import SwitchDriver

// What a device's leaving ends is ended first: a recording's file is complete before `recordStopped`, and that comes before the
// device's own `connectionCleared` (E18). So an input that would let a recorded device leave waits, and all that comes for its
// call meanwhile, until the switch has said that the recording is over (decision 0003).
extension Tenant {
    /// Ends the recordings of connections that are about to leave; the input waits until they are complete.
    ///
    /// - Returns: whether the input is to be given up for now.
    mutating func waitsForRecordings(of parting: [ConnectionID], _ step: inout Step) -> Bool {
        guard let input = step.input, isSwitchUp else { return false }
        let running = parting.compactMap { connection($0)?.recording?.id }
        guard !running.isEmpty, let first = parting.first?.call else { return false }
        // What is waited for already is waited for once: what comes second joins the first.
        let key = running.compactMap { waiting[$0] }.first ?? first
        guard postponed[key]?.inputs.count ?? 0 < Self.maximumPostponed else { return false }
        for id in running where waiting[id] == nil {
            stop(id, &step)
            waiting[id] = key
            postponed[key, default: Postponed()].recordings.insert(id)
        }
        postponed[key]?.inputs.append(input)
        return true
    }

    /// Whose connections end when a device leaves a call.
    func parting(from id: CallID, when leaver: DeviceID) -> [ConnectionID] {
        guard !recordings.isEmpty, let call = calls[id] else { return [] }
        let leavers = call.ends(whenLeftBy: leaver) ? call.connections.map(\.device) : [leaver]
        return leavers.map { ConnectionID(device: $0, call: id) }
    }

    /// Inputs of one call that wait for a recording to end, some milliseconds in general: beyond it nothing is waited for.
    static var maximumPostponed: Int { 64 }

    /// Lets an input wait that is of a call in which something waits already: it has to come after that.
    ///
    /// - Returns: whether it does.
    mutating func postpones(_ input: Input) -> Bool {
        guard let key = calls(of: input).first(where: { postponed[$0] != nil }),
            postponed[key]?.inputs.count ?? 0 < Self.maximumPostponed
        else { return false }
        postponed[key]?.inputs.append(input)
        return true
    }

    mutating func proceed(after id: RecordingID, _ step: inout Step) {
        guard let key = waiting.removeValue(forKey: id) else { return }
        postponed[key]?.recordings.remove(id)
        guard postponed[key]?.recordings.isEmpty == true, let inputs = postponed.removeValue(forKey: key)?.inputs else {
            return
        }
        for input in inputs { take(input, &step) }
    }

    private func calls(of input: Input) -> [CallID] {
        switch input {
        case .command(let command, _, _): command.calls
        case .switchEvent(let event, _):
            if let leg = event.leg, let call = legs[leg] {
                // What a phone does with its two legs must not change its order.
                [call] + (calls[call]?.connections.first { $0.leg == leg }.flatMap { devices[$0.device]?.calls } ?? [])
            } else {
                []
            }
        case .timer(.answer(let call)), .timer(.waitLimit(let call)), .timer(.announcement(let call)): [call]
        case .timer(.clearing(let leg)), .timer(.listening(let leg)): legs[leg].map { [$0] } ?? []
        case .timer(.recording), .timer(.heartbeat), .timer(.wrapUp), .timer(.allocation), .timer(.redial),
            .timer(.sweep),
            .resumed, .configured:
            []
        }
    }
}

/// Inputs that wait until recordings have ended.
struct Postponed: Sendable {
    var recordings: Set<RecordingID> = []
    var inputs: [Input] = []
}

extension Command {
    /// The calls that it would change.
    fileprivate var calls: [CallID] {
        switch self {
        case .answerCall(let id), .clearConnection(let id), .holdCall(let id), .retrieveCall(let id),
            .singleStepTransferCall(let id, _, _), .singleStepConferenceCall(let id, _, _),
            .consultationCall(let id, _, _):
            [id.call]
        case .cancelConsultation(let held, let other), .transferCall(let held, let other, _),
            .conferenceCall(let held, let other):
            [held.call, other]
        case .listen(let call, _): [call]
        default: []
        }
    }
}

extension SwitchEvent {
    /// The leg whose call it changes.
    fileprivate var leg: LegID? {
        switch self {
        case .legRinging(let leg), .legAnswered(let leg), .legConnected(let leg, _), .legTakenOut(let leg),
            .legHeld(let leg), .legRetrieved(let leg), .legEnded(let leg, _), .commandRefused(let leg):
            leg
        case .transferRequested(let request): request.leg
        default: nil
        }
    }
}
