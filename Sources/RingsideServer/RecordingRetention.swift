import CSTA
import CallCenter
import Gateway
import Journal
import Logging

/// Deletes recordings that were kept long enough: the file, then the journal's entry.
///
/// One round looks at a bounded number of each tenant's. What cannot be deleted stays, is logged, and is tried again after all
/// others have had their turn.
actor RecordingRetention {
    /// Of one tenant in one round.
    static let recordingsPerRound = 500

    private let keepDays: @Sendable () -> [Namespace: Int]
    private let index: any RecordingIndex
    private let folder: RecordingFolder
    private let logger: Logger
    /// Where the next round of a tenant begins, if the last did not get to its end.
    private var positions: [Namespace: RecordingPosition] = [:]

    init(
        keepDays: @escaping @Sendable () -> [Namespace: Int], index: any RecordingIndex, folder: RecordingFolder,
        logger: Logger
    ) {
        self.keepDays = keepDays
        self.index = index
        self.folder = folder
        self.logger = logger
    }

    /// - Returns: how many recordings are gone.
    @discardableResult
    func round(now: Instant) async -> Int {
        var deleted = 0
        for (namespace, days) in keepDays().sorted(by: { $0.key.name < $1.key.name }) {
            do {
                deleted += try await round(of: namespace, before: now.advanced(bySeconds: -days * 24 * 3600))
            } catch {
                logger.error(
                    "old recordings cannot be deleted", metadata: ["tenant": "\(namespace)", "reason": "\(error)"])
            }
        }
        if deleted > 0 { logger.info("old recordings deleted", metadata: ["recordings": "\(deleted)"]) }
        return deleted
    }

    private func round(of namespace: Namespace, before moment: Instant) async throws -> Int {
        let page = try await index.recordings(
            in: namespace, matching: RecordingFilter(to: moment), after: positions[namespace],
            limit: Self.recordingsPerRound)
        positions[namespace] = page.isLast ? nil : page.recordings.last?.position
        var gone: [String] = []
        for recording in page.recordings {
            do throws(RecordingFolder.Failure) {
                try await folder.delete(recording.fileName, in: namespace)
            } catch {
                switch error {
                // Also of one that failed there may be no file.
                case .notThere: break
                // The folder may not be mounted, and its files still be there.
                case .noRoot:
                    positions[namespace] = nil
                    throw error
                case .outside, .system:
                    logger.error(
                        "a recording cannot be deleted",
                        metadata: [
                            "tenant": "\(namespace)", "recording": "\(recording.id)",
                            "file": "\(recording.fileName)", "reason": "\(error)",
                        ])
                    continue
                }
            }
            gone.append(recording.id)
        }
        if !gone.isEmpty { try await index.removeRecordings(gone, in: namespace) }
        return gone.count
    }
}
