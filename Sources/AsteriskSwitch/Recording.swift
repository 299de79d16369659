import CSTA
import SwitchDriver

/// What the driver knows of one recording, from its `startRecording` to its one `recordingEnded`.
struct Recording: Hashable, Sendable {
    let namespace: Namespace
    /// Asterisk's name for it: the path without `.wav`.
    let name: String
    /// nil for one that was begun by a driver before this one.
    var mix: MixID?
    var attempts = 0
    /// RecordingStarted has come.
    var isRunning = false
    var isStopWanted = false
    /// RecordingFinished has come, and it is being found out what there is of it.
    var isOver = false
}

extension RecordingRequest {
    /// Longest path, in bytes: what a file system takes for one name.
    static let maximumPathBytes = 255
    private static let suffix = ".wav"

    /// The path without its ending; nil if it leads out of the folder, or has in it what is no part of a plain name.
    var recordingName: String? {
        guard path.hasSuffix(Self.suffix), path.utf8.count <= Self.maximumPathBytes else { return nil }
        let name = path.dropLast(Self.suffix.count)
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.first != "." && $0.utf8.allSatisfy(\.isPlain) }) else { return nil }
        return String(name)
    }
}

extension RecordingID {
    /// Longest name that is taken.
    private static let maximumBytes = 150

    var isUsable: Bool { !text.isEmpty && text.utf8.count <= Self.maximumBytes && text.utf8.allSatisfy(\.isPlain) }

    /// The global variable by which a driver after this one finds the recording's name.
    var variable: String { "RINGSIDE_RECORDING_" + text }
}

extension UInt8 {
    /// ASCII letters, digits and what has no meaning to a shell, a file system or Asterisk.
    fileprivate var isPlain: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_.@+".utf8.contains(self)
        }
    }
}
