import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// `/api/admin/tenants`: what is set up, for the admins of a tenant and for operators, who are the admins of one tenant that the
/// configuration names.
///
/// An admin changes the agents and splits of its own tenant, what its devices may do, and those of its settings that cost nobody else
/// anything; the others, what is at the switch, and whole tenants are an operator's.
enum AdministrationRoutes {
    private static let tenants = "/api/admin/tenants"

    static func add(to routes: inout RouteTable, _ port: any AdministrationPort) {
        let tenant = tenants + "/{namespace}"
        routes.on(.get, tenants) { try await listTenants($0, port) }
        routes.on(.post, tenants) { try await createTenant($0, port) }
        routes.on(.get, tenant) { try await showTenant($0, port) }
        routes.on(.patch, tenant) { try await changeTenant($0, port) }
        routes.on(.delete, tenant) { try await deleteTenant($0, port) }
        for kind in [DirectoryEntry.Kind.agent, .device, .split, .trunk] {
            let list = "\(tenant)/\(kind.plural)"
            routes.on(.get, list) { try await listEntries($0, port, kind) }
            routes.on(.post, list) { try await createEntries($0, port, kind) }
            routes.on(.get, list + "/{id}") { try await showEntry($0, port, kind) }
            routes.on(.patch, list + "/{id}") { try await changeEntry($0, port, kind) }
            routes.on(.delete, list + "/{id}") { try await deleteEntry($0, port, kind) }
        }
    }

    // MARK: Tenants

    private static func listTenants(_ request: APIRequest, _ port: any AdministrationPort) async throws -> Response {
        let admin = try request.administrator()
        var tenants = await port.tenants()
        if !request.isOperator(admin) {
            tenants.removeAll { $0["namespace"]?.string != admin.agent.namespace.name }
        }
        return .json(JSON.object(["tenants": .array(tenants.map(JSON.object))]))
    }

    private static func createTenant(_ request: APIRequest, _ port: any AdministrationPort) async throws -> Response {
        try request.requireOperator(try request.administrator())
        let object = try await request.object()
        let tenant = try await APIError.wrapping { () async throws(AdministrationError) in
            try await port.createTenant(object)
        }
        if let namespace = tenant["namespace"]?.string.flatMap({ Namespace($0) }) {
            request.note(.tenant, "", namespace)
        }
        return .json(JSON.object(tenant))
    }

    private static func showTenant(_ request: APIRequest, _ port: any AdministrationPort) async throws -> Response {
        let (_, namespace) = try request.administered()
        guard let tenant = await port.tenant(namespace) else { throw APIError.noSuchTenant }
        return .json(JSON.object(tenant))
    }

    /// What an admin that is no operator may change.
    private static let ofAdmins: Set = ["namespace", "timeZone", "recording", "maskNumbers"]

    private static func changeTenant(_ request: APIRequest, _ port: any AdministrationPort) async throws -> Response {
        let (admin, namespace) = try request.administered()
        let changes = try await request.object()
        if let field = changes.first(where: { !ofAdmins.contains($0.key) })?.key {
            try request.requireOperator(admin, for: field)
        }
        let tenant = try await APIError.wrapping { () async throws(AdministrationError) in
            try await port.changeTenant(namespace, changes, by: admin.agent)
        }
        request.note(.tenant, "", namespace)
        return .json(JSON.object(tenant))
    }

    private static func deleteTenant(_ request: APIRequest, _ port: any AdministrationPort) async throws -> Response {
        let (admin, namespace) = try request.administered()
        try request.requireOperator(admin)
        try await APIError.wrapping { () async throws(AdministrationError) in
            try await port.deleteTenant(namespace, by: admin.agent)
        }
        // One that is created later with this name is somebody else's.
        request.services.keys?.forgetAll(in: namespace)
        request.services.authenticator.sessions.end(in: namespace)
        request.note(.tenant, "", namespace)
        return .noContent
    }

    // MARK: Agents, devices and trunks

    private static func listEntries(
        _ request: APIRequest, _ port: any AdministrationPort, _ kind: DirectoryEntry.Kind
    ) async throws -> Response {
        let (_, namespace) = try request.administered()
        let query = QueryFields(try request.query(), in: namespace)
        let (after, limit) = (query.text("after"), try query.limit())
        let entries = try await APIError.wrapping { () async throws(AdministrationError) in
            try await port.entries(kind, in: namespace, after: after, limit: limit + 1)
        }
        var object: JSONObject = [kind.plural: .array(entries.prefix(limit).map(JSON.object))]
        if entries.count > limit { object["next"] = entries[limit - 1][kind.idKey] }
        return .json(JSON.object(object))
    }

    private static func createEntries(
        _ request: APIRequest, _ port: any AdministrationPort, _ kind: DirectoryEntry.Kind
    ) async throws -> Response {
        let (admin, namespace) = try request.administered()
        // Phones are the switch's, which all tenants share.
        if kind != .agent, kind != .split { try request.requireOperator(admin) }
        let object = try await request.object()
        let entries = try await APIError.wrapping { () async throws(AdministrationError) in
            try await port.create(kind, object, in: namespace)
        }
        request.note(kind, entries.first?[kind.idKey]?.string ?? "", namespace)
        return .json(JSON.object([kind.plural: .array(entries.map(JSON.object))]))
    }

    private static func showEntry(
        _ request: APIRequest, _ port: any AdministrationPort, _ kind: DirectoryEntry.Kind
    ) async throws -> Response {
        let (_, namespace) = try request.administered()
        let id = try request.entryID(in: namespace)
        let entry = try await APIError.wrapping { () async throws(AdministrationError) in
            try await port.entry(kind, id, in: namespace)
        }
        return .json(JSON.object(entry))
    }

    private static func changeEntry(
        _ request: APIRequest, _ port: any AdministrationPort, _ kind: DirectoryEntry.Kind
    ) async throws -> Response {
        let (admin, namespace) = try request.administered()
        try request.require(kind, of: admin)
        let id = try request.entryID(in: namespace)
        let changes = try await request.object()
        if kind == .device, changes["endpoint"] != nil { try request.requireOperator(admin, for: "endpoint") }
        let entry = try await APIError.wrapping { () async throws(AdministrationError) in
            try await port.change(kind, id, changes, in: namespace, by: admin.agent)
        }
        // Who has the old password has nothing any more.
        if kind == .agent, changes["password"] != nil || changes["passwordHash"] != nil {
            request.endSessions(of: id, in: namespace)
        }
        request.note(kind, id, namespace)
        return .json(JSON.object(entry))
    }

    private static func deleteEntry(
        _ request: APIRequest, _ port: any AdministrationPort, _ kind: DirectoryEntry.Kind
    ) async throws -> Response {
        let (admin, namespace) = try request.administered()
        try request.require(kind, of: admin)
        let id = try request.entryID(in: namespace)
        try await APIError.wrapping { () async throws(AdministrationError) in
            try await port.delete(kind, id, in: namespace, by: admin.agent)
        }
        if kind == .agent { request.endSessions(of: id, in: namespace) }
        request.note(kind, id, namespace)
        return .noContent
    }
}

extension DirectoryEntry.Kind {
    fileprivate var plural: String { rawValue + "s" }
}

extension APIRequest {
    func isOperator(_ requester: Requester) -> Bool {
        requester.role == .admin && requester.agent.namespace == services.configuration.operators
    }

    /// - Parameter field: that makes it an operator's matter; nil: all of it is.
    fileprivate func requireOperator(_ requester: Requester, for field: String? = nil) throws(APIError) {
        guard isOperator(requester) else { throw .operatorsOnly(field) }
    }

    /// Trunks cost money, and lead into the telephone network that all tenants share.
    fileprivate func require(_ kind: DirectoryEntry.Kind, of requester: Requester) throws(APIError) {
        if kind == .trunk { try requireOperator(requester) }
    }

    /// Who asks, and the tenant that the path names, if the one may set up the other.
    fileprivate func administered() throws(APIError) -> (Requester, Namespace) {
        let admin = try administrator()
        guard let namespace = Namespace(try parameter("namespace")) else {
            throw .malformed("namespace", "not the name of a namespace.")
        }
        guard namespace == admin.agent.namespace || isOperator(admin) else { throw .otherNamespace }
        return (admin, namespace)
    }

    /// A number, with or without its namespace, or a group.
    fileprivate func entryID(in namespace: Namespace) throws(APIError) -> String {
        let text = try parameter("id")
        guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
        let address: AgentID = try Numbers.address(text, field: "id", in: namespace)
        return String(address.number)
    }

    fileprivate func endSessions(of id: String, in namespace: Namespace) {
        if let agent = AgentID(id, in: namespace) { services.authenticator.sessions.end(of: agent) }
    }

    /// Notes, for the audit trail, what was changed.
    fileprivate func note(_ kind: DirectoryEntry.Kind, _ id: String, _ namespace: Namespace) {
        context.notes.note(AuditSubject(kind: kind, id: id, namespace: namespace))
    }
}

extension APIError {
    fileprivate static let noSuchTenant = APIError(404, "noSuchTenant", "There is no such tenant.")
    fileprivate static let yourself = APIError(
        409, "yourself", "You would lock yourself out: let another admin do this.")

    /// - Parameter field: that made it an operator's matter; nil: all of it is.
    fileprivate static func operatorsOnly(_ field: String?) -> APIError {
        var error = APIError(
            403, "operatorsOnly",
            "\(field.map { "\($0): o" } ?? "O")nly an operator may change this: an admin of the tenant that operators in the "
                + "configuration names.")
        if let field { error.details["field"] = .string(field) }
        return error
    }

    fileprivate static func wrapping<Value>(
        _ body: () async throws(AdministrationError) -> Value
    ) async throws(APIError) -> Value {
        do throws(AdministrationError) {
            return try await body()
        } catch {
            throw APIError(error)
        }
    }

    private init(_ error: AdministrationError) {
        switch error {
        case .noSuchTenant: self = .noSuchTenant
        case .noSuchEntry(let kind): self.init(404, "notFound", "There is no such \(kind.rawValue) in this namespace.")
        case .exists(let kind, let id):
            self.init(409, "exists", "There is a \(kind.rawValue) \(id) already.", ["id": .string(id)])
        case .invalid(let flaws):
            let first = flaws.first ?? AdministrationError.Flaw(field: "body", message: "is not possible.")
            self = .malformed(first.field.isEmpty ? "body" : first.field, first.message)
            details["flaws"] = .array(
                flaws.map { .object(["field": .string($0.field), "message": .string($0.message)]) })
        case .conflict(let message): self.init(409, "conflict", message)
        case .yourself: self = .yourself
        case .tooMany(let most): self.init(409, "tooMany", "There may be \(most) at most.")
        case .unavailable:
            self.init(503, "notStored", "The change cannot be stored now: try again in a few seconds.")
            retryAfterSeconds = 5
        }
    }
}

extension Response {
    fileprivate static func json(_ json: JSON) -> Response { .json(json.encoded()) }
}
