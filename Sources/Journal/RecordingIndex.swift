public import CSTA
public import CallCenter

/// What the journal knows of recordings. It follows their events: a row comes with `recordStarted` and is completed with
/// `recordStopped`, in the transaction that stores them.
public protocol RecordingIndex: Sendable {
    /// Reads a namespace's recordings that match, in the order in which they began.
    ///
    /// - Parameters:
    ///   - position: of the last one read; nil: from the first on.
    ///   - limit: the most wanted; ``JournalLimits/recordingsPerPage`` bounds it as well.
    /// - Throws: ``JournalReadError/unavailable(_:)``
    func recordings(
        in namespace: Namespace, matching filter: RecordingFilter, after position: RecordingPosition?, limit: Int
    ) async throws(JournalReadError) -> RecordingPage

    /// Nil if there is none with this `recordId`.
    ///
    /// - Throws: ``JournalReadError/unavailable(_:)``
    func recording(_ id: String, in namespace: Namespace) async throws(JournalReadError) -> StoredRecording?

    /// Forgets recordings; their files are the caller's to delete.
    ///
    /// - Parameter ids: at most ``JournalLimits/recordingsPerPage``.
    /// - Throws: ``JournalError``; then none is forgotten.
    func removeRecordings(_ ids: [String], in namespace: Namespace) async throws(JournalError)
}
