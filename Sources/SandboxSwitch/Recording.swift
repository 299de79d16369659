public import SwitchDriver

/// A recording of the sandbox, and what its file is to hold: no sound is kept, only when there was any.
struct Recording: Sendable {
    /// Two hours, some 115 MB: longer than calls are, and no test fills a disk. What comes later is not in the file.
    static let maximumMilliseconds: Int64 = 7_200_000
    /// Talk and silence by turns: no more than a phone's button is pressed in a call by hand. Later turns are not told apart.
    static let maximumStretches = 4096

    enum State: Sendable {
        /// The file is being made.
        case beginning(isStopWanted: Bool)
        case running
        /// The file is being completed.
        case ending
    }

    let mix: MixID
    let path: String
    var state = State.beginning(isStopWanted: false)
    var isPaused = false
    /// Whether anybody was heard since ``sinceMilliseconds``.
    private var isTalkHeard = false
    private var sinceMilliseconds: Int64 = 0
    private(set) var stretches: [RecordingWork.Stretch] = []
    private var lengthMilliseconds: Int64 = 0

    init(mix: MixID, path: String) {
        self.mix = mix
        self.path = path
    }

    /// Takes in what was heard until now; from now on it is otherwise.
    mutating func goOn(isTalkHeard: Bool, at now: Int64) {
        defer { (self.isTalkHeard, sinceMilliseconds) = (isTalkHeard, now) }
        guard case .running = state, !isPaused else { return }
        let passed = min(now - sinceMilliseconds, Self.maximumMilliseconds - lengthMilliseconds)
        guard passed > 0 else { return }
        lengthMilliseconds += passed
        if let last = stretches.last, last.isTone == self.isTalkHeard || stretches.count == Self.maximumStretches {
            stretches[stretches.count - 1].milliseconds += passed
        } else {
            stretches.append(RecordingWork.Stretch(isTone: self.isTalkHeard, milliseconds: passed))
        }
    }

    mutating func setPaused(_ isPaused: Bool, at now: Int64) {
        goOn(isTalkHeard: isTalkHeard, at: now)
        self.isPaused = isPaused
    }
}

/// What is to be done with the file of a recording, by whoever runs a ``SandboxMachine``, which does no I/O. Once it is done,
/// or has failed, the machine is told by ``SandboxMachine/recordingWorkDone(_:isSuccess:at:)``.
public struct RecordingWork: Hashable, Sendable {
    public enum Task: Hashable, Sendable {
        /// Make the file, and the folders that it stands in: it must not be there yet.
        case begin
        /// Write all of it. If that fails, remove it.
        case complete([Stretch], toneHertz: Int)
    }

    public struct Stretch: Hashable, Sendable {
        /// Silence otherwise.
        public var isTone: Bool
        public var milliseconds: Int64
    }

    public var recording: RecordingID
    /// Below the folder of the recordings, and checked: it does not lead out of that.
    public var path: String
    public var task: Task
}

extension RecordingRequest {
    /// Longest path below the folder, and longest part of it: what file systems take.
    static let maximumPathBytes = 1024
    static let maximumPartBytes = 255

    /// Whether the path stays below the folder for recordings, and names a WAV file.
    var hasUsablePath: Bool {
        guard path.utf8.count <= Self.maximumPathBytes, path.hasSuffix(".wav"), !path.utf8.contains(0) else {
            return false
        }
        return path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            (1...Self.maximumPartBytes).contains(part.count) && !part.elementsEqual(".".utf8)
                && !part.elementsEqual("..".utf8)
        }
    }
}

extension RecordingID {
    /// As of a leg's name.
    static let maximumBytes = LegID.maximumBytes

    /// A tone of 300 to 990 Hz, so that recordings can be told apart by ear; the same for the same name.
    var toneHertz: Int {
        // Fowler, Noll, Vo: FNV-1a.
        let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return 300 + Int(hash % 70) * 10
    }
}
