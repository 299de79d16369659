import CSTA
import CallCenter
import SwitchDriver

/// A device's part in a call, as far as events have told of it.
struct ShadowPart: Hashable, Sendable {
    let device: DeviceID
    let isInternal: Bool
    var state: ConnectionState
    var isListener = false
    /// Whether it began the call, and is in Connect as soon as somebody answers.
    var isCaller: Bool
    /// What it saw when it joined (E10); nil: nothing yet.
    var calling: DeviceID?
    var called: DeviceID?
    /// The split that offered the call.
    var split: DeviceID?
    /// When it is known to have begun at the latest.
    var began: Instant
    /// Whether it came out of another call at that moment.
    var hasMoved = false
    var offered: Instant?
    /// Whether it rang when there was nobody to tell.
    var hasRungUntold = false
    var answered: Instant?
    var heldSince: Instant?
    var heldMilliseconds: Int64 = 0
    /// Whether the call for which it holds is over.
    var isToBeRetrieved = false
    /// The recording that runs.
    var recording: String?
    /// File names.
    var recordings: [String] = []

    /// For the records: how long it has held.
    func held(until now: Instant) -> Int64 {
        heldMilliseconds + (heldSince.map { now.milliseconds - $0.milliseconds } ?? 0)
    }
}

/// Somebody who is to come into a call and has not been heard of yet.
struct ShadowExpected: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case called
        case transferred
        /// By a single-step conference.
        case added(by: DeviceID)
        case listening
        case comesBack
    }

    let device: DeviceID
    /// What it will see as the calling device (E10); nil for one who listens: any party.
    var calling: DeviceID?
    var kind: Kind
    /// The command that asks for it, until it is answered.
    var request: RequestID?
}

/// A call, as far as events have told of it.
struct ShadowCall: Sendable {
    let id: CallID
    let conversation: CallID
    var type: CallType?
    /// In the order in which they joined (E9).
    var parts: [ShadowPart] = [] {
        didSet { if parts.count > 2 { wasConference = true } }
    }
    /// Whether there have ever been more than two in it.
    private(set) var wasConference = false
    var expected: [ShadowExpected] = []
    /// What travels with it (E11).
    var userData: [String: String]
    var trunk: OfferedLeg.Origin?
    var analysis = false
    /// Who hung up first (E14).
    var hangup: DeviceID?
    /// Who was added by whom, until that is told as `conferenced`.
    var added: [DeviceID: DeviceID] = [:]
    /// Who formed the conference (E16).
    var former: DeviceID?
    var consultedFrom: CallID?
    /// Whether it began while its device was in another call, which may be over by now.
    var isConsultation = false
    /// Whether it is a consultation by the API: when it is over the held call is retrieved.
    var sharesLeg = false
    /// For whom the server has placed it.
    var reserved: DeviceID?
    /// Who waits in a split, which stands among those expected until an agent has answered.
    var queue: (caller: DeviceID, splits: [DeviceID])?
    var comesBack: (party: DeviceID, to: DeviceID)?
    /// Whether its caller's own phone is still to come up.
    var isBeginning = true
    /// Whether it has gone on for a while without a device of the tenant: what others did then was not told.
    var isUntold = false
    /// Whether all have to leave (E15, E16).
    var isEnding = false
    /// Who leaves next, because it has handed the call over.
    var transferring: (device: DeviceID, to: DeviceID)?
    /// Who has to be told as added next.
    var isToBeConferenced: (added: DeviceID, by: DeviceID)?
    /// Who has to be cleared next, after `failed`.
    var failed: (device: DeviceID, code: FailedCode)?

    func index(of device: DeviceID) -> Int? { parts.firstIndex { $0.device == device } }
    subscript(device: DeviceID) -> ShadowPart? { parts.first { $0.device == device } }

    /// Whether a device is in it, or is to come.
    func concerns(_ device: DeviceID) -> Bool { self[device] != nil || expected.contains { $0.device == device } }

    /// Whether a device is in it, or is certain to come.
    func isOrWillBeIn(_ device: DeviceID) -> Bool {
        self[device] != nil || expected.contains { $0.device == device && $0.request == nil }
    }

    /// Those who talk, or are to: not those who listen.
    var parties: [DeviceID] {
        parts.filter { !$0.isListener }.map(\.device)
            + expected.filter { $0.kind != .listening && $0.request == nil }.map(\.device)
    }

    /// One who is certain to come before one for whom somebody has asked only.
    func expectedIndex(of device: DeviceID) -> Int? {
        expected.firstIndex { $0.device == device && $0.request == nil } ?? expected.firstIndex { $0.device == device }
    }

    /// With whom the call ends: who formed the conference, or is forming it.
    var holder: DeviceID? {
        if let former { return former }
        if let by = added.values.first { return by }
        for expected in expected where expected.request == nil { if case .added(let by) = expected.kind { return by } }
        return nil
    }

    /// Somebody was called and has not answered.
    var isCalling: Bool {
        expected.contains { $0.kind != .listening && $0.request == nil }
            || parts.contains { !$0.isListener && !$0.isCaller && $0.answered == nil }
    }

    /// Who gets an event about a device (E9).
    func receivers(about device: DeviceID) -> [DeviceID] {
        if self[device]?.isListener == true { return [device] }
        return parts.filter(\.isInternal).map(\.device)
    }
}
