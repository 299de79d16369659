import SwitchDriver
import Synchronization

/// Carries out one tenant's work with files, one after the other, where it holds up nobody else.
final class RecordingClerk: Sendable {
    private struct Desk {
        /// At most one piece for each recording, which `SandboxMachine.maximumRecordings` bounds.
        var work: [RecordingWork] = []
        var isAtWork = false
    }

    private let folder: WaveFolder
    private let time: SandboxTime
    private let desk = Mutex(Desk())

    init(folder: WaveFolder, time: SandboxTime) {
        self.folder = folder
        self.time = time
    }

    /// Returns at once. `done` is called on another thread, once for each piece of work.
    func take(_ work: [RecordingWork], done: @escaping @Sendable (RecordingID, _ isSuccess: Bool) -> Void) {
        guard !work.isEmpty else { return }
        let mustBegin = desk.withLock { desk in
            desk.work += work
            defer { desk.isAtWork = true }
            return !desk.isAtWork
        }
        guard mustBegin else { return }
        time.work {
            while true {
                let work = self.next()
                if work.isEmpty { return }
                for piece in work { done(piece.recording, self.folder.carryOut(piece)) }
            }
        }
    }

    private func next() -> [RecordingWork] {
        desk.withLock { desk in
            defer { desk.work = [] }
            desk.isAtWork = !desk.work.isEmpty
            return desk.work
        }
    }
}
