public import CSTA

/// A recording as the journal keeps it, from its `recordStarted` on (E18).
public struct StoredRecording: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        /// Its file is not complete.
        case running
        case ended(Instant, isSuccess: Bool)
    }

    /// `recordId`.
    public var id: String
    /// Of its `recordStarted`.
    public var serial: Serial
    public var call: CallID
    /// What all calls have in common that belong together.
    public var conversation: CallID?
    /// Whose part in the call was recorded.
    public var device: DeviceID
    /// Who was logged in there when it began.
    public var agent: AgentID?
    public var started: Instant
    public var state: State
    /// As events name it: `ROOT/namespace/yyyy/MMdd/device/yyyyMMddHHmmss_callId.wav`.
    public var fileName: String

    public init(
        id: String, serial: Serial, call: CallID, conversation: CallID?, device: DeviceID, agent: AgentID?,
        started: Instant, state: State, fileName: String
    ) {
        self.id = id
        self.serial = serial
        self.call = call
        self.conversation = conversation
        self.device = device
        self.agent = agent
        self.started = started
        self.state = state
        self.fileName = fileName
    }

    public var position: RecordingPosition { RecordingPosition(started: started, serial: serial) }
}

/// Which of a namespace's recordings are meant: those that match every part that is set.
public struct RecordingFilter: Hashable, Sendable {
    public var agent: AgentID?
    public var device: DeviceID?
    public var call: CallID?
    public var conversation: CallID?
    /// Begun at this moment or later.
    public var from: Instant?
    /// Begun before this moment.
    public var to: Instant?

    public init(
        agent: AgentID? = nil, device: DeviceID? = nil, call: CallID? = nil, conversation: CallID? = nil,
        from: Instant? = nil, to: Instant? = nil
    ) {
        self.agent = agent
        self.device = device
        self.call = call
        self.conversation = conversation
        self.from = from
        self.to = to
    }
}

/// A recording's place among those of its namespace, which are ordered by when they began. It stays when the recording goes.
public struct RecordingPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var started: Instant
    public var serial: Serial

    public init(started: Instant, serial: Serial) {
        self.started = started
        self.serial = serial
    }

    /// Reads what ``description`` writes.
    public init?(_ text: some StringProtocol) {
        guard let dash = text.lastIndex(of: "-"), let started = Int64(text[..<dash]),
            let serial = Int64(text[text.index(after: dash)...]), serial >= 0
        else { return nil }
        self.init(started: Instant(milliseconds: started), serial: Serial(serial))
    }

    public var description: String { "\(started.milliseconds)-\(serial)" }

    public static func < (a: Self, b: Self) -> Bool { (a.started, a.serial) < (b.started, b.serial) }
}

/// Some of a namespace's recordings, those that began first at the beginning.
public struct RecordingPage: Hashable, Sendable {
    public var recordings: [StoredRecording]
    /// Whether there are none after these.
    public var isLast: Bool

    public init(recordings: [StoredRecording], isLast: Bool) {
        self.recordings = recordings
        self.isLast = isLast
    }
}
