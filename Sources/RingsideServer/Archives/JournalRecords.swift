import CSTA
import CallCenter
import Gateway
import Journal
import Logging

/// Lets the gateway read the journal's records.
struct JournalRecords: RecordArchive {
    let journal: SQLiteJournal
    let logger: Logger

    func calls(
        in namespace: Namespace, matching filter: CallRecordFilter, after position: CallRecordPosition?, limit: Int
    ) async throws(RecordError) -> CallRecordPage {
        do throws(JournalReadError) {
            return try await journal.calls(in: namespace, matching: filter, after: position, limit: limit)
        } catch {
            throw unavailable(error)
        }
    }

    func agentTimes(
        in namespace: Namespace, matching filter: AgentTimeFilter, after position: AgentTimePosition?, limit: Int
    ) async throws(RecordError) -> AgentTimePage {
        do throws(JournalReadError) {
            return try await journal.agentTimes(in: namespace, matching: filter, after: position, limit: limit)
        } catch {
            throw unavailable(error)
        }
    }

    func agentTimeSums(
        in namespace: Namespace, matching filter: AgentTimeFilter, after agent: AgentID?, limit: Int
    ) async throws(RecordError) -> AgentTimeSumPage {
        do throws(JournalReadError) {
            return try await journal.agentTimeSums(in: namespace, matching: filter, after: agent, limit: limit)
        } catch {
            throw unavailable(error)
        }
    }

    func splitQuarters(
        of split: DeviceID, in namespace: Namespace, from: Instant, to: Instant
    ) async throws(RecordError) -> [SplitQuarter] {
        do throws(JournalReadError) {
            return try await journal.splitQuarters(of: split, in: namespace, from: from, to: to)
        } catch {
            throw unavailable(error)
        }
    }

    private func unavailable(_ error: JournalReadError) -> RecordError {
        logger.error("records cannot be read", metadata: ["reason": "\(error)"])
        return .unavailable
    }
}
