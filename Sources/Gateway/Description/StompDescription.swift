import CSTA
import STOMP

/// STOMP's frames as this server speaks them, for AsyncAPI and the page.
enum StompDescription {
    struct Message: Sendable {
        var command: Frame.Command
        var summary: String
        var headers: [Field]

        var name: String { command.rawValue }
    }

    // MARK: Frames

    private static let receipt = Field.optional("receipt", .string("Is answered by a RECEIPT with this as receipt-id."))
    private static let transaction = Field.optional("transaction", .string("Has no effect before its COMMIT."))
    private static let named = [Field.required("transaction", .string("The client's name of it.")), receipt]
    private static let credentials: [Field] = [
        .optional("sessionId", .string("A session; it goes before all others.")),
        .optional("login", .string("number@namespace")), .optional("passcode", .string("The password.")),
        .optional("accept-version", .string("1.0, 1.1 and 1.2, those that the client speaks; left out: 1.0.")),
        .optional("host", .string("Is not looked at.")),
        .optional("heart-beat", .string("Two numbers of milliseconds: can send, wants to get.")),
    ]
    private static let settled: [Field] = [
        .optional("id", .string("1.2: the ack header of the message.")),
        .optional("message-id", .string("1.0 and 1.1: that of the message.")),
        .optional("subscription", .string("1.1: the message's.")), transaction, receipt,
    ]

    /// SEND is not among them: it is always refused.
    static let ofClients: [Message] = [
        Message(
            command: .connect,
            summary: "Says who it is; the session of the upgrade, as the cookie, counts if it does not.",
            headers: credentials),
        Message(command: .stomp, summary: "The same as CONNECT.", headers: credentials),
        Message(
            command: .subscribe,
            summary: "Follows an agent. An agent may follow itself, a supervisor each of its namespace.",
            headers: [
                .required("destination", .string("\(StompDestination.prefix)*.5001@demo_cc, with * or an eventName.")),
                .optional("id", .string("The client's name of it; has to be there since 1.1.")),
                .optional("ack", .word(["auto", "client", "client-individual"], "auto if it is left out.")),
                .optional("after", .string("A serial: first what came after it, then what is live.")), receipt,
            ]),
        Message(
            command: .unsubscribe, summary: "Follows it no more.",
            headers: [
                .optional("id", .string("The subscription's; has to be there since 1.1.")),
                .optional("destination", .string("1.0: the subscription's, if it has no id.")), receipt,
            ]),
        Message(command: .ack, summary: "A message needs no more attention.", headers: settled),
        Message(command: .nack, summary: "The same as ACK: an event is not sent again.", headers: settled),
        Message(command: .begin, summary: "Begins a transaction of ACKs and NACKs.", headers: named),
        Message(command: .commit, summary: "Has them take effect.", headers: named),
        Message(command: .abort, summary: "Forgets them.", headers: named),
        Message(
            command: .disconnect, summary: "Leaves; the server closes the WebSocket after the RECEIPT.",
            headers: [receipt]),
    ]

    static let ofServer: [Message] = [
        Message(
            command: .connected, summary: "The client is who it says.",
            headers: [
                .required("version", .word(Version.allCases.map(\.rawValue))),
                .required("session", .string("The connection's name; no secret.")),
                .required("server", .string()),
                .optional("heart-beat", .string("What the server sends, and wants to get.")),
            ]),
        Message(
            command: .receipt, summary: "A frame was taken.",
            headers: [.required("receipt-id", .string("The frame's receipt."))]),
        Message(
            command: .error, summary: "The last words before the WebSocket is closed; the body is for people.",
            headers: [
                .required("message", .string("For programs: noSession, not yours, tooOld and others.")),
                .required("content-type", .string()), .required("content-length", .string()),
                .optional("receipt-id", .string("That of the frame that is wrong.")),
            ]),
    ]

    /// An event on its way; the body is the event.
    static let event = Message(
        command: .message, summary: "An event of a subscription; the body is the event.",
        headers: [
            .required("destination", .string("With the event's name in place of *.")),
            .required("message-id", .string("Once a connection.")),
            .optional("subscription", .string("Its id; 1.0: if it has one.")),
            .required("serial", .string("The event's serial.")),
            .required("content-type", .string()), .required("content-length", .string()),
            .optional("ack", .string("1.2, if it is to be acknowledged: what ACK and NACK name.")),
        ])

    // MARK: AsyncAPI

    static let server = "stomp"
    private static let events = "stompEvents"
    private static let frames = "stompFrames"
    private static let trait = "stompMessage"

    static var channels: JSONObject {
        [
            events: .object([
                "address": .string("\(StompDestination.prefix){event}.{agent}"),
                "title": .string("STOMP: a MESSAGE an event"),
                "servers": servers,
                "parameters": .object([
                    "event": .object([
                        "description": .string("An eventName, or * for all."), "default": .string("*"),
                    ]),
                    "agent": .object([
                        "description": .string("number@namespace, with _ for each . of the namespace."),
                        "examples": .array([.string("5001@demo_cc")]),
                    ]),
                ]),
                "messages": .object(eventMessages),
            ]),
            frames: .object([
                "address": .string(EventGate.stompPath),
                "title": .string("STOMP: the other frames of a connection"),
                "servers": servers,
                "messages": .object(frameMessages),
                "bindings": .object(["ws": .object(["method": .string("GET")])]),
            ]),
        ]
    }

    static var operations: JSONObject {
        [
            "sendByStomp": .object(["action": .string("send"), "channel": reference("channels", events)]),
            "sendStompFrame": operation("send", ofServer), "receiveStompFrame": operation("receive", ofClients),
        ]
    }

    static var messageTraits: JSONObject {
        [trait: .object(["summary": .string(event.summary), "headers": .object(Schema.object(event.headers).json)])]
    }

    private static var servers: JSON { .array([reference("servers", server)]) }

    private static func reference(_ path: String...) -> JSON {
        .object(["$ref": .string("#/" + path.joined(separator: "/"))])
    }

    private static var eventMessages: JSONObject {
        var result = JSONObject()
        for event in EventSchemas.all {
            result[event.name] = .object([
                "name": .string(event.name), "contentType": .string(Operation.json),
                "traits": .array([reference("components", "messageTraits", trait)]),
                "payload": reference("components", "messages", event.name, "payload"),
            ])
        }
        return result
    }

    private static var frameMessages: JSONObject {
        var result = JSONObject()
        for message in ofClients + ofServer {
            result[message.name] = .object([
                "name": .string(message.name), "summary": .string(message.summary),
                "headers": .object(Schema.object(message.headers).json),
            ])
        }
        return result
    }

    private static func operation(_ action: String, _ messages: [Message]) -> JSON {
        .object([
            "action": .string(action), "channel": reference("channels", frames),
            "messages": .array(messages.map { reference("channels", frames, "messages", $0.name) }),
        ])
    }
}
