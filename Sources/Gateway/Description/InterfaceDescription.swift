import CSTA
import HTTPTypes

/// The documents that describe the interface, made from ``Operations``, ``Schemas`` and ``EventSchemas``.
enum InterfaceDescription {
    /// Of the interface, by Semantic Versioning: a change that breaks a client is a new major version.
    static let version = "1.0.0"

    private static let info: JSON = .object([
        "title": .string("Ringside"), "version": .string(version),
        "description": .string("A CTI event server: agents, calls and their events."),
        "license": .object(["name": .string("See the repository")]),
    ])

    // MARK: OpenAPI

    /// OpenAPI 3.1 of these operations.
    static func openAPI(_ operations: [Operation]) -> JSON {
        var paths = JSONObject()
        for operation in operations {
            var item = paths[operation.path]?.object ?? JSONObject()
            item[operation.method.rawValue.lowercased()] = .object(document(of: operation))
            paths[operation.path] = .object(item)
        }
        var schemas = JSONObject()
        for (name, schema) in Schemas.all { schemas[name] = .object(schema.json) }
        return .object([
            "openapi": .string("3.1.0"), "info": info, "paths": .object(paths),
            "components": .object(["schemas": .object(schemas), "securitySchemes": .object(securitySchemes)]),
        ])
    }

    private static let securitySchemes: JSONObject = [
        "bearer": .object(["type": .string("http"), "scheme": .string("bearer")]),
        "header": key(in: "header"), "cookie": key(in: "cookie"), "query": key(in: "query"),
    ]

    private static func key(in place: String) -> JSON {
        .object(["type": .string("apiKey"), "in": .string(place), "name": .string(SessionID.cookieName)])
    }

    private static func document(of operation: Operation) -> JSONObject {
        var result: JSONObject = [
            "operationId": .string(operation.id), "tags": .array([.string(operation.group.rawValue)]),
            "summary": .string(operation.summary),
            "security": .array(operation.needsSession ? securitySchemes.map { .object([$0.key: .array([])]) } : []),
        ]
        let path = operation.pathParameters.map {
            parameter($0, in: "path", Schemas.pathParameter($0), isRequired: true)
        }
        let query = operation.query.map { parameter($0.name, in: "query", $0.schema, isRequired: $0.isRequired) }
        if !(path + query).isEmpty { result["parameters"] = .array(path + query) }
        if !operation.body.isEmpty {
            result["requestBody"] = .object([
                "required": .bool(operation.isBodyRequired), "content": content(operation.body),
            ])
        }
        var responses = JSONObject()
        for answer in operation.answers {
            var response: JSONObject = ["description": .string(answer.description)]
            if !answer.content.isEmpty { response["content"] = content(answer.content) }
            responses[String(answer.status)] = .object(response)
        }
        for status in Set(operation.refusals.map(\.status)).sorted() {
            var codes: [String] = []
            for refusal in operation.refusals where refusal.status == status && !codes.contains(refusal.code) {
                codes.append(refusal.code)
            }
            responses[String(status)] = .object(refusal(codes))
        }
        result["responses"] = .object(responses)
        return result
    }

    private static func parameter(_ name: String, in place: String, _ schema: Schema, isRequired: Bool) -> JSON {
        .object([
            "name": .string(name), "in": .string(place), "required": .bool(isRequired), "schema": .object(schema.json),
        ])
    }

    private static func content(_ bodies: [(type: String, schema: Schema)]) -> JSON {
        var content = JSONObject()
        for body in bodies { content[body.type] = .object(["schema": .object(body.schema.json)]) }
        return .object(content)
    }

    private static func refusal(_ codes: [String]) -> JSONObject {
        let own = Schema.object([.required("code", .word(codes))])
        let schema: JSONObject = [
            "allOf": .array([.object(Schema.reference("Error").json), .object(own.json)])
        ]
        return [
            "description": .string(codes.joined(separator: ", ")),
            "content": content([(Operation.json, Schema(schema))]),
        ]
    }

    // MARK: AsyncAPI

    /// AsyncAPI 3.0 of the events.
    static let asyncAPI: JSON = {
        var messages = JSONObject()
        var references = JSONObject()
        for event in EventSchemas.all {
            messages[event.name] = .object([
                "name": .string(event.name), "summary": .string(event.summary),
                "contentType": .string(Operation.json), "payload": .object(event.schema.json),
            ])
            references[event.name] = .object(["$ref": .string("#/components/messages/\(event.name)")])
        }
        messages[MeasuresDescription.name] = MeasuresDescription.message
        references[MeasuresDescription.name] = .object([
            "$ref": .string("#/components/messages/\(MeasuresDescription.name)")
        ])
        let query = Schema.object([
            .optional("after", .integer("Replay what came after this serial, then go on live.")),
            .optional("agent", .string("Only this agent's.")), .optional("device", .string("Only this device's.")),
            .optional("event", .string("Only of this eventName.")),
            .optional(
                "measures", .string("splits, campaigns or both with a comma: sent beside the events. Supervisors only.")
            ),
        ])
        func channel(_ title: String, _ server: String, _ bindings: JSONObject) -> JSON {
            .object([
                "address": .string(EventGate.path), "title": .string(title),
                "servers": .array([.object(["$ref": .string("#/servers/\(server)")])]),
                "messages": .object(references), "bindings": .object(bindings),
            ])
        }
        func sending(_ channel: String) -> JSON {
            .object([
                "action": .string("send"), "channel": .object(["$ref": .string("#/channels/\(channel)")]),
            ])
        }
        var schemas = JSONObject()
        for (name, schema) in Schemas.all where ["UserData", "Split", "Campaign"].contains(name) {
            schemas[name] = .object(schema.json)
        }
        var channels: JSONObject = [
            "webSocket": channel(
                "WebSocket: a text frame an event", "webSocket",
                ["ws": .object(["method": .string("GET"), "query": .object(query.json)])]),
            "eventStream": channel(
                "Server-sent events, with Accept: text/event-stream; id is the serial", "http",
                ["http": .object([:])]),
        ]
        var operations: JSONObject = [
            "sendByWebSocket": sending("webSocket"), "sendByEventStream": sending("eventStream"),
        ]
        for (name, channel) in StompDescription.channels { channels[name] = channel }
        channels[MeasuresDescription.stompChannel] = MeasuresDescription.stomp
        for (name, operation) in StompDescription.operations { operations[name] = operation }
        operations["sendMeasuresByStomp"] = sending(MeasuresDescription.stompChannel)
        return .object([
            "asyncapi": .string("3.0.0"), "info": info, "servers": .object(servers),
            "channels": .object(channels), "operations": .object(operations),
            "components": .object([
                "messages": .object(messages), "messageTraits": .object(StompDescription.messageTraits),
                "schemas": .object(schemas),
            ]),
        ])
    }()

    /// One address, spoken to in three ways.
    private static let servers: JSONObject = {
        var result = JSONObject()
        for (name, scheme, description) in [
            ("webSocket", "ws", "RFC 6455"), ("http", "http", "HTTP/1.1"),
            (
                StompDescription.server, "stomp",
                "STOMP 1.0, 1.1 and 1.2 over a WebSocket at \(EventGate.stompPath), with the subprotocols v10.stomp, "
                    + "v11.stomp and v12.stomp or none"
            ),
        ] {
            result[name] = .object([
                "host": .string("{host}"), "protocol": .string(scheme), "description": .string(description),
                "variables": .object(["host": .object(["default": .string("127.0.0.1:8750")])]),
            ])
        }
        return result
    }()
}
