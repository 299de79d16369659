import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// `/api/csta/callControl/calls/{callId}/user-data`: what travels with a call (E11).
enum UserDataRoutes {
    private static let path = "\(CallRoutes.calls)/{callId}/user-data"

    static func add(to routes: inout RouteTable) {
        routes.on(.post, path, merge)
        routes.on(.get, path, all)
        routes.on(.get, "\(path)/{key}", one)
    }

    private static func merge(_ request: APIRequest) async throws -> Response {
        let requester = try request.requester()
        let call = try CallRoutes.callID(of: request)
        let fields = Fields(object: try await request.object(), namespace: requester.agent.namespace)
        return try await request.perform(
            .setUserData(call, try fields.entries("entries")), by: requester, in: .call,
            naming: FieldNames(userData: "entries"))
    }

    /// `{"entries":[{"key":"k","value":"v"}]}`, as they are set.
    private static func all(_ request: APIRequest) async throws -> Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("entries")
        writer.beginArray()
        for (key, value) in try await userData(request).entries {
            writer.beginObject()
            writer.key("key")
            writer.string(key)
            writer.key("value")
            writer.value(value)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return .json(writer.bytes)
    }

    private static func one(_ request: APIRequest) async throws -> Response {
        let key = try request.parameter("key")
        guard let value = try await userData(request)[key] else {
            throw APIError(404, "noSuchKey", "The call has no user data with this key.")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("key")
        writer.string(key)
        writer.key("value")
        writer.string(value)
        writer.endObject()
        return .json(writer.bytes)
    }

    /// Of a call that the requester may see.
    private static func userData(_ request: APIRequest) async throws -> UserData {
        let requester = try request.requester()
        let id = try CallRoutes.callID(of: request)
        let call = await (try request.services.tenant(of: requester)).read { tenant in
            tenant.calls[id].flatMap { Viewer(requester, in: tenant).sees($0) ? $0 : nil }
        }
        guard let call else { throw APIError(.noSuchCall, in: .call) }
        return call.userData
    }
}
