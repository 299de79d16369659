import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// `/api/admin/keys`: the API keys of a namespace, for its admins.
enum KeyRoutes {
    static func add(to routes: inout RouteTable, _ keys: KeyStore) {
        routes.on(.get, "/api/admin/keys") { try await list($0, keys) }
        routes.on(.post, "/api/admin/keys") { try await create($0, keys) }
        routes.on(.delete, "/api/admin/keys/{id}") { try await revoke($0, keys) }
    }

    private static func list(_ request: APIRequest, _ keys: KeyStore) async throws -> Response {
        let admin = try request.administrator()
        let zone = try await zone(of: admin, request)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("keys")
        writer.beginArray()
        for key in keys.keys(in: admin.agent.namespace) { write(key, nil, zone, into: &writer) }
        writer.endArray()
        writer.endObject()
        return .json(writer.bytes)
    }

    private static func create(_ request: APIRequest, _ keys: KeyStore) async throws -> Response {
        let admin = try request.administrator()
        let zone = try await zone(of: admin, request)
        let object = try await request.object()
        let name = try Fields(object: object, namespace: admin.agent.namespace).string("name")
        guard name.utf8.count <= KeyStore.maximumNameBytes,
            !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw APIError.malformed(
                "name", "longer than \(KeyStore.maximumNameBytes) bytes, or with control characters.")
        }
        let (text, key) = try await keys.create(
            name, try scopes(object["scopes"]), by: admin.agent, at: request.services.now())
        var writer = JSONWriter()
        write(key, text, zone, into: &writer)
        return .json(writer.bytes)
    }

    private static func revoke(_ request: APIRequest, _ keys: KeyStore) async throws -> Response {
        let admin = try request.administrator()
        _ = try await keys.revoke(try request.parameter("id"), in: admin.agent.namespace)
        return .noContent
    }

    private static func scopes(_ json: JSON?) throws(APIError) -> Set<StoredKey.Scope> {
        let words: [JSON]
        switch json {
        case nil, .null?: return [.read]
        case .array(let array)?: words = array
        default: throw .malformed("scopes", "not an array.")
        }
        var scopes: Set<StoredKey.Scope> = []
        for word in words {
            guard let scope = word.string.flatMap(StoredKey.Scope.init) else {
                throw .malformed("scopes", "only read and control are known.")
            }
            scopes.insert(scope)
        }
        guard !scopes.isEmpty else { throw .malformed("scopes", "is empty.") }
        return scopes
    }

    private static func zone(of requester: Requester, _ request: APIRequest) async throws -> ZoneOffsets {
        await (try request.services.tenant(of: requester)).read { $0.configuration.zone }
    }

    private static func write(_ key: StoredKey, _ text: String?, _ zone: ZoneOffsets, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(key.id)
        if let text {
            writer.key("key")
            writer.string(text)
        }
        writer.key("name")
        writer.string(key.name)
        writer.key("scopes")
        writer.beginArray()
        for scope in StoredKey.Scope.allCases where key.scopes.contains(scope) { writer.string(scope.rawValue) }
        writer.endArray()
        writer.key("createdBy")
        writer.string(key.createdBy.text)
        writer.key("created")
        writer.string(zone.text(key.created))
        if let lastUse = key.lastUse {
            writer.key("lastUse")
            writer.string(zone.text(lastUse))
        }
        writer.endObject()
    }
}
