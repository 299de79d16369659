public import CSTA
public import CallCenter

/// Where it is written down which recordings there are. The server's is the journal.
public protocol RecordingArchive: Sendable {
    /// A namespace's recordings that match, in the order in which they began.
    ///
    /// - Parameters:
    ///   - position: of the last one read; nil: from the first on.
    ///   - limit: the most wanted; fewer may come.
    func recordings(
        in namespace: Namespace, matching filter: RecordingFilter, after position: RecordingPosition?, limit: Int
    ) async throws(RecordingArchiveError) -> RecordingPage

    /// Nil if the namespace has none with this `recordId`.
    func recording(
        _ id: String, in namespace: Namespace
    ) async throws(RecordingArchiveError) -> StoredRecording?
}

/// The archive cannot be read now.
public struct RecordingArchiveError: Error, Hashable, Sendable {
    public init() {}
}

/// What the API needs for listing and downloading recordings.
public struct Recordings: Sendable {
    let archive: any RecordingArchive
    let folder: RecordingFolder

    public init(archive: any RecordingArchive, folder: RecordingFolder) {
        self.archive = archive
        self.folder = folder
    }
}
