import CSTA
import CallCenter
import Gateway
import Journal
import Logging

/// The recordings that the journal knows of, for the API.
struct JournalRecordings: RecordingArchive {
    let index: any RecordingIndex
    let logger: Logger

    func recordings(
        in namespace: Namespace, matching filter: RecordingFilter, after position: RecordingPosition?, limit: Int
    ) async throws(RecordingArchiveError) -> RecordingPage {
        do throws(JournalReadError) {
            return try await index.recordings(in: namespace, matching: filter, after: position, limit: limit)
        } catch {
            throw failure(error)
        }
    }

    func recording(
        _ id: String, in namespace: Namespace
    ) async throws(RecordingArchiveError) -> StoredRecording? {
        do throws(JournalReadError) {
            return try await index.recording(id, in: namespace)
        } catch {
            throw failure(error)
        }
    }

    private func failure(_ error: JournalReadError) -> RecordingArchiveError {
        logger.error("recordings cannot be looked up", metadata: ["reason": "\(error)"])
        return RecordingArchiveError()
    }
}
