public import CSTA
public import CallCenter

/// What is set up on this server, and its changes while it runs. The server's directory is one.
///
/// Entries are JSON objects with the keys of the configuration file, where passwords are never shown. What a change leads to has
/// taken effect, and is on the disk, when the call returns.
public protocol AdministrationPort: Sendable {
    /// Nil if there is no such tenant.
    func tenant(_ namespace: Namespace) async -> JSONObject?

    /// All tenants, ordered by namespace.
    func tenants() async -> [JSONObject]

    /// - Parameter object: as an entry of `tenants` in the configuration file.
    func createTenant(_ object: JSONObject) async throws(AdministrationError) -> JSONObject

    /// - Parameters:
    ///   - changes: a JSON merge patch (RFC 7396).
    ///   - admin: who does it, and has to be an admin still afterwards.
    func changeTenant(
        _ namespace: Namespace, _ changes: JSONObject, by admin: AgentID
    ) async throws(AdministrationError) -> JSONObject

    /// A tenant that is disabled and has no call up, with its API keys. Its events and records stay as long as others'; one that is created
    /// later with the same namespace goes on with their serials.
    func deleteTenant(_ namespace: Namespace, by admin: AgentID) async throws(AdministrationError)

    /// A tenant's entries of a kind, by the order of their ids.
    ///
    /// - Parameter id: those behind this one; nil: from the first on.
    func entries(
        _ kind: DirectoryEntry.Kind, in namespace: Namespace, after id: String?, limit: Int
    ) async throws(AdministrationError) -> [JSONObject]

    func entry(
        _ kind: DirectoryEntry.Kind, _ id: String, in namespace: Namespace
    ) async throws(AdministrationError) -> JSONObject

    /// - Parameter object: as in the configuration file, where one may stand for a range of numbers.
    /// - Returns: what has been created.
    func create(
        _ kind: DirectoryEntry.Kind, _ object: JSONObject, in namespace: Namespace
    ) async throws(AdministrationError) -> [JSONObject]

    /// - Parameters:
    ///   - changes: a JSON merge patch (RFC 7396).
    ///   - admin: who does it, and has to be an admin still afterwards.
    func change(
        _ kind: DirectoryEntry.Kind, _ id: String, _ changes: JSONObject, in namespace: Namespace, by admin: AgentID
    ) async throws(AdministrationError) -> JSONObject

    func delete(
        _ kind: DirectoryEntry.Kind, _ id: String, in namespace: Namespace, by admin: AgentID
    ) async throws(AdministrationError)
}

/// Why nothing was changed.
public enum AdministrationError: Error, Hashable, Sendable {
    /// Something of the object is wrong.
    public struct Flaw: Hashable, Sendable {
        /// `limits.maximumCalls`; empty: the object as a whole.
        public var field: String
        /// What is wrong and how to mend it.
        public var message: String

        public init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    case noSuchTenant
    case noSuchEntry(DirectoryEntry.Kind)
    /// There is one with this id already.
    case exists(DirectoryEntry.Kind, id: String)
    /// At least one, in the order of the object.
    case invalid([Flaw])
    /// Something else needs it, or has what is asked for; the text says what.
    case conflict(String)
    /// Who asks could not undo it.
    case yourself
    case tooMany(Int)
    /// It could not be stored now, or too much is being changed.
    case unavailable
}
