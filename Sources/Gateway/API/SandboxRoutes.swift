import CSTA
import CallCenter
import HTTPTypes
import Hummingbird

/// `/sandbox`: what people do with the virtual phones, and customers. Admins only; not there with a real switch.
enum SandboxRoutes {
    /// Whether a button goes with a number.
    enum Number { case none, optional, required }

    /// The buttons of a virtual phone.
    static let buttons: KeyValuePairs<String, Number> = [
        "dial": .required, "answer": .none, "reject": .none, "hangup": .none, "hold": .none, "retrieve": .none,
        "transfer": .optional, "unregister": .none, "register": .none, "mute": .none,
    ]

    static func add(to routes: inout RouteTable, _ sandbox: any SandboxPort) {
        for (button, number) in buttons {
            routes.on(.post, "/sandbox/devices/{device}/\(button)") { request in
                let admin = try request.administrator()
                let device: DeviceID = try Numbers.address(
                    try request.parameter("device"), field: "device", in: admin.agent.namespace)
                let dialled = try await self.number(number, of: request, in: admin.agent.namespace)
                return try response(to: sandbox.press(button: button, device: device, number: dialled))
            }
        }
        routes.on(.post, "/sandbox/calls") { request in
            let admin = try request.administrator()
            let fields = Fields(object: try await request.object(), namespace: admin.agent.namespace)
            return try response(
                to: sandbox.customerCalls(
                    from: try fields.number("from"), to: try fields.number("to"), in: admin.agent.namespace))
        }
        routes.on(.get, "/sandbox/devices") { request in
            .json(encoded(sandbox.phones(in: try request.administrator().agent.namespace)))
        }
    }

    /// The `number` of the body; without a body nil, where that is allowed.
    private static func number(
        _ number: Number, of request: APIRequest, in namespace: Namespace
    ) async throws -> String? {
        if number == .none { return nil }
        let body = try await request.body()
        if body.isEmpty, number == .optional { return nil }
        let fields = Fields(object: try APIRequest.object(body), namespace: namespace)
        return number == .optional ? try fields.optionalNumber("number") : try fields.number("number")
    }

    private static func response(to outcome: SandboxOutcome) throws(APIError) -> Response {
        switch outcome {
        case .done: return .noContent
        case .notFound(let message): throw APIError(404, "notFound", message)
        case .notPossible(let state, let message):
            throw APIError(409, "wrongState", message, ["state": .string(state)])
        case .tooMany: throw APIError(429, "tooManyCalls", "The sandbox has as many calls as it may have.")
        }
    }

    private static func encoded(_ phones: [SandboxPhone]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("devices")
        writer.beginArray()
        for phone in phones {
            writer.beginObject()
            writer.key("deviceId")
            writer.string(phone.device.text)
            writer.key("isRegistered")
            writer.bool(phone.isRegistered)
            writer.key("isMuted")
            writer.bool(phone.isMuted)
            writer.key("state")
            writer.string(phone.state)
            if let display = phone.display {
                writer.key("display")
                writer.string(display)
            }
            if let transfer = phone.transfer {
                writer.key("transfer")
                writer.string(transfer)
            }
            if let announcement = phone.announcement {
                writer.key("announcement")
                writer.string(announcement)
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
