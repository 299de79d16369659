public import CSTA
public import CallCenter

/// Where the records of calls and agents can be read: the server's journal.
public protocol RecordArchive: Sendable {
    /// Reads calls that have ended, by their end; whole ones only.
    ///
    /// - Parameter limit: the most calls wanted, at least 1.
    /// - Throws: ``RecordError``
    func calls(
        in namespace: Namespace, matching filter: CallRecordFilter, after position: CallRecordPosition?, limit: Int
    ) async throws(RecordError) -> CallRecordPage

    /// Reads the times that agents spent in their modes, with those that the filter says are running.
    ///
    /// - Parameter limit: the most times wanted, at least 1.
    /// - Throws: ``RecordError``
    func agentTimes(
        in namespace: Namespace, matching filter: AgentTimeFilter, after position: AgentTimePosition?, limit: Int
    ) async throws(RecordError) -> AgentTimePage

    /// Adds up the same.
    ///
    /// - Parameter limit: the most agents wanted, at least 1.
    /// - Throws: ``RecordError``
    func agentTimeSums(
        in namespace: Namespace, matching filter: AgentTimeFilter, after agent: AgentID?, limit: Int
    ) async throws(RecordError) -> AgentTimeSumPage

    /// Reads what has come of a split's calls: the quarters of an hour that have some, in the order of time.
    ///
    /// - Parameters:
    ///   - from: quarters that begin then or later.
    ///   - to: and before then.
    /// - Throws: ``RecordError``
    func splitQuarters(
        of split: DeviceID, in namespace: Namespace, from: Instant, to: Instant
    ) async throws(RecordError) -> [SplitQuarter]
}

/// Why records cannot be read.
public enum RecordError: Error, Hashable, Sendable {
    /// The journal cannot be read now.
    case unavailable
}
