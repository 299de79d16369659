public import CSTA
public import CallCenter

/// Where API keys outlive the process: the server's journal.
public protocol KeyArchive: Sendable {
    /// All tenants' keys, oldest first.
    func keys(atMost maximum: Int) async throws -> [StoredKey]

    /// Stores a key, durably.
    func add(_ key: StoredKey) async throws

    /// Deletes a key of a namespace, durably; nothing if it is not there.
    func remove(_ id: String, in namespace: Namespace) async throws

    func noteUses(of keys: [(id: String, at: Instant)]) async throws
}
