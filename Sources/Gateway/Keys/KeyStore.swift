import CSTA
import CallCenter
import Synchronization

/// The API keys of this server, and of each only the SHA-256.
///
/// A key is 256 random bits, so its hash needs no salt and no slow function: nobody can try them all.
final class KeyStore: Sendable {
    /// What a key begins with: scanners for secrets that got into the wrong place know it by that.
    static let prefix = "rsk_"
    /// A machine has one, or two while it changes them.
    static let maximumPerTenant = 100
    static let maximumKeys = 100_000
    static let maximumNameBytes = 64

    private struct Table: Sendable {
        var keys: [[UInt8]: StoredKey] = [:]
        /// Ids of those whose last use the archive does not know.
        var used: Set<String> = []
    }

    private let table = Mutex(Table())
    let archive: any KeyArchive
    private let newSecret: @Sendable () -> String

    init(archive: any KeyArchive, newSecret: @escaping @Sendable () -> String) {
        self.archive = archive
        self.newSecret = newSecret
    }

    /// Takes up the keys of before; without it nobody gets in by one.
    func restore() async throws {
        let stored = try await archive.keys(atMost: Self.maximumKeys)
        table.withLock { table in
            for key in stored { table.keys[key.hash] = key }
        }
    }

    static func isKey(_ text: String) -> Bool { text.hasPrefix(prefix) }

    /// The key with this text, which notes its use; nil if there is none.
    func use(_ text: String, at now: Instant) -> StoredKey? {
        guard text.utf8.count <= Authenticator.maximumSessionIDBytes else { return nil }
        let hash = SessionStore.hash(text)
        return table.withLock { table in
            guard let key = table.keys[hash] else { return nil }
            table.keys[hash]?.lastUse = max(now, key.lastUse ?? now)
            table.used.insert(key.id)
            return table.keys[hash]
        }
    }

    /// Whether a key that was found before is there still.
    func has(_ key: StoredKey) -> Bool { table.withLock { $0.keys[key.hash] != nil } }

    /// Of one tenant, oldest first.
    func keys(in namespace: Namespace) -> [StoredKey] {
        table.withLock { $0.keys.values.filter { $0.namespace == namespace } }
            .sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    /// Makes a key.
    ///
    /// - Returns: its text, which is not kept and cannot be had again.
    /// - Throws: 409 when there are ``maximumPerTenant``; 503 when it cannot be stored.
    func create(
        _ name: String, _ scopes: Set<StoredKey.Scope>, by creator: AgentID, at now: Instant
    ) async throws(APIError) -> (text: String, key: StoredKey) {
        let text = Self.prefix + newSecret()
        let hash = SessionStore.hash(text)
        let key = StoredKey(
            // Half of the hash's first bytes tell a hundred keys apart and nothing of the key.
            id: hash.prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(),
            hash: hash, namespace: creator.namespace, name: name, scopes: scopes, createdBy: creator, created: now)
        let hasRoom = table.withLock { table in
            guard table.keys.values.count(where: { $0.namespace == key.namespace }) < Self.maximumPerTenant,
                table.keys.count < Self.maximumKeys
            else { return false }
            table.keys[hash] = key
            return true
        }
        guard hasRoom else {
            throw APIError(409, "tooManyKeys", "There are \(Self.maximumPerTenant) keys: revoke one that is not used.")
        }
        do {
            try await archive.add(key)
        } catch {
            table.withLock { $0.keys[hash] = nil }
            throw .keysAway
        }
        return (text, key)
    }

    /// Ends a key at once, also its streams.
    ///
    /// - Throws: 404 if there is none in this namespace; 503 when it is not deleted from the archive: it is ended, but
    ///   would be there again after a restart.
    func revoke(_ id: String, in namespace: Namespace) async throws(APIError) -> StoredKey {
        guard let key = keys(in: namespace).first(where: { $0.id == id }) else { throw .noSuchAPIKey }
        table.withLock { table in
            table.keys[key.hash] = nil
            table.used.remove(id)
        }
        do {
            try await archive.remove(id, in: namespace)
        } catch {
            // It stands in the list, so that it can be revoked again; with no hash that anything has.
            table.withLock { $0.keys[Array(key.hash.reversed()) + [0]] = key }
            throw .keysAway
        }
        table.withLock { $0.keys[Array(key.hash.reversed()) + [0]] = nil }
        return key
    }

    /// Ends all keys of a namespace, which its archive has forgotten with the tenant.
    func forgetAll(in namespace: Namespace) {
        table.withLock { table in
            table.keys = table.keys.filter { $0.value.namespace != namespace }
        }
    }

    /// Writes down when keys were used last.
    func writeUses() async throws {
        let used = table.withLock { table in
            let used = table.keys.values.filter { table.used.contains($0.id) }
            table.used = []
            return used
        }
        guard !used.isEmpty else { return }
        do {
            try await archive.noteUses(of: used.compactMap { key in key.lastUse.map { (key.id, $0) } })
        } catch {
            table.withLock { $0.used.formUnion(used.map(\.id)) }
            throw error
        }
    }
}

extension StoredKey {
    /// Who asks by it. It may follow and read the whole namespace; what else, its scopes say.
    var requester: Requester {
        // Of letters and digits, it is always an address.
        let agent = AgentID("key-\(id)", in: namespace) ?? createdBy
        return Requester(agent: agent, role: .service)
    }

    func require(_ scope: Scope) throws(APIError) {
        guard scopes.contains(scope) else { throw .keyScope(scope) }
    }
}

extension APIError {
    fileprivate static let noSuchAPIKey = APIError(404, "noSuchKey", "There is no such key in this namespace.")
    fileprivate static let keysAway: APIError = {
        var error = APIError(503, "keysAway", "Keys cannot be stored now: try again in a few seconds.")
        error.retryAfterSeconds = 5
        return error
    }()
    static let badKey = APIError(
        401, "badKey", "There is no such key, or it was revoked: an admin makes one with POST /api/admin/keys.")
    /// A key in an address would be logged by proxies.
    static let keyInWrongPlace = APIError(401, "badKey", "Send a key as Authorization: Bearer, nowhere else.")
    static func keyScope(_ scope: StoredKey.Scope) -> APIError {
        APIError(403, "keyScope", "This key does not have the scope \(scope.rawValue): an admin makes another.")
    }
}
