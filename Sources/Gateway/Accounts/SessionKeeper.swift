import CSTA
import CallCenter
import Logging
public import ServiceLifecycle

/// Writes what becomes of sessions to their archive, behind the requests: a login waits for nothing and fails by
/// nothing here.
///
/// What has come together is written together, soon after it has come: a kill takes the last moments with it, a
/// graceful shutdown nothing. It has to be stopped after the gateway and before the archive.
public struct SessionKeeper: Service {
    let sessions: SessionStore
    let archive: any SessionArchive
    let now: @Sendable () -> Instant
    let logger: Logger

    /// Sessions written in one step: some 0.1 MB, and few enough not to hold up events that are stored in between.
    static let maximumChangesPerStep = 500
    /// How often expired sessions are looked for, and how soon a failed step is tried again.
    static let intervalSeconds = 60

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        sessions.sweep(at: now())
                        sessions.wake()
                        try? await Task.sleep(for: .seconds(Self.intervalSeconds))
                    }
                }
                group.addTask {
                    for await _ in sessions.wakes {
                        guard await !write() else { continue }
                        try? await Task.sleep(for: .seconds(Self.intervalSeconds))
                    }
                }
            }
        }
        _ = await write()
    }

    /// Writes all that waits.
    ///
    /// - Returns: false when the archive has not taken it; it waits then.
    func write() async -> Bool {
        while true {
            let changes = sessions.takeChanges(atMost: Self.maximumChangesPerStep)
            guard !changes.isEmpty else { return true }
            do {
                try await archive.store(changes)
            } catch {
                sessions.putBack(changes)
                logger.warning(
                    "sessions cannot be kept for after a restart; they go on in memory",
                    metadata: ["reason": "\(error)"])
                return false
            }
        }
    }
}
