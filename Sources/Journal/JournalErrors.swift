public import CSTA

/// Why a batch was not stored.
public enum JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The batch does not go on from the last stored serial (E5).
    case serialGap(Namespace, expected: Serial, found: Serial)
    /// A bound of ``JournalLimits`` is exceeded, named here.
    case tooLarge(String)
    /// Too much waits to be stored already: see ``JournalConfiguration/maximumPendingBatches``.
    case overloaded
    /// The disk or the file has no room. Appends work again once there is.
    case noSpace(String)
    /// SQLite refused the transaction; a later one may succeed.
    case refused(String)
    /// Reading or writing the file failed, so that it is not certain what is on disk: the journal takes nothing more
    /// until it is opened anew.
    case stopped(String)
    case closed

    public var description: String {
        switch self {
        case .serialGap(let namespace, let expected, let found):
            "the events of \(namespace) go on at serial \(found), but \(expected) is next"
        case .tooLarge(let bound): "a batch for the journal is too large: \(bound)"
        case .overloaded: "too many batches wait for the journal"
        case .noSpace(let detail): "there is no room for the journal: \(detail)"
        case .refused(let detail): "the journal could not store a batch: \(detail)"
        case .stopped(let detail): "the journal has stopped, its file has failed, and must be opened anew: \(detail)"
        case .closed: "the journal is closed"
        }
    }
}

/// Why stored events or state cannot be read back.
public enum JournalReadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An event after the serial asked for has been deleted: a reader has to begin again from a snapshot.
    case tooOld(oldest: Serial)
    /// A serial that has not been given yet.
    case notYet(last: Serial)
    /// The journal cannot be read now, and why.
    case unavailable(String)

    public var description: String {
        switch self {
        case .tooOld(let oldest): "the journal begins at serial \(oldest)"
        case .notYet(let last): "the journal ends at serial \(last)"
        case .unavailable(let detail): "the journal cannot be read: \(detail)"
        }
    }
}

/// Why a journal cannot be opened. What its file holds is left as it was found.
public enum JournalOpenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The directory or the file cannot be made or read.
    case unavailable(path: String, String)
    /// Another process, or another journal of this one, has it open.
    case inUse(path: String)
    /// A later version of the program has written it.
    case newerSchema(path: String, unknown: [String])
    /// It is not a journal, or it is damaged.
    case corrupt(path: String, String)

    public var description: String {
        switch self {
        case .unavailable(let path, let detail): "the journal \(path) cannot be opened: \(detail)"
        case .inUse(let path):
            "the journal \(path) is in use by another process; stop that one, or set another directory"
        case .newerSchema(let path, let unknown):
            """
            the journal \(path) was written by a newer version (\(unknown.joined(separator: ", "))); \
            start that version, or set another directory
            """
        case .corrupt(let path, let detail):
            """
            the journal \(path) is damaged (\(detail)); nothing in it was changed. Move it away together with its -wal \
            and -shm files and put a backup in its place, or start without it: then all tenants begin anew at serial \
            1, and `sqlite3 \(path) .recover` may get events back out of the damaged one
            """
        }
    }
}
