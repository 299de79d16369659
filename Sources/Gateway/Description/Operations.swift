import CSTA
import CallCenter
import HTTPTypes

/// Every operation of the HTTP interface. The tests hold them against the router.
enum Operations {
    static let all =
        login + agents + calls + callServices + splits + campaigns + recordings + records + server + administration
        + keys + sandbox

    private static let login: [Operation] =
        [("/login", "logIn"), ("/api/security/login", "logInSecurity"), ("/loginTrusted", "logInTrusted")].map {
            Operation(
                method: .post, path: $0.0, id: $0.1, group: .login, summary: "Begins a session.", needsSession: false,
                body: [(Operation.form, credentials), (Operation.json, credentials)],
                answers: [
                    .json(.object([.required("sessionId", .string())]), "The session; it is set as a cookie too.")
                ],
                refusals: .any + .body + .password + .also(401, "badCredentials"))
        } + [
            Operation(
                method: .post, path: "/api/security/logout", id: "logOut", group: .login,
                summary: "Ends the session, if there is one. The agent stays logged in on its device.",
                needsSession: false, answers: [.done("The session is over.")],
                refusals: .any + .also(403, "foreignOrigin")),
            Operation(
                method: .post, path: "/api/security/renew", id: "renewSession", group: .login,
                summary: "Begins the session's day anew; its id and its streams stay.",
                answers: [
                    .json(
                        .object([
                            .required("sessionId", .string()),
                            .required("expiresInSeconds", .integer("In any case, unless it is renewed again.")),
                            .required("idleSeconds", .integer("Without a request it ends after so long.")),
                        ]), "The session.")
                ], refusals: .session),
            Operation(
                method: .post, path: "/api/security/ticket", id: "issueTicket", group: .login,
                summary: "A ticket that opens one stream of events: /events?ticket=…",
                answers: [
                    .json(
                        .object([
                            .required("ticket", .string("Good for one stream.")),
                            .required("expiresInSeconds", .integer()),
                        ]), "The ticket.")
                ], refusals: .session),
        ]

    private static let keys: [Operation] = [
        Operation(
            method: .get, path: "/api/admin/keys", id: "listKeys", group: .administration,
            summary: "The API keys of the namespace, without the keys themselves. Admins only.",
            answers: [.json(.object([.required("keys", .array(.reference("APIKey")))]), "The keys.")],
            refusals: .session),
        Operation(
            method: .post, path: "/api/admin/keys", id: "createKey", group: .administration,
            summary: "Makes an API key for a machine. Admins only.",
            body: [
                (
                    Operation.json,
                    .object([
                        .required("name", .string("What it is for.")),
                        .optional("scopes", .array(.word(["read", "control"]), "Left out: read.")),
                    ])
                )
            ],
            answers: [.json(.reference("APIKey"), "The key; it is shown this once.")],
            refusals: .session + .body + keyRefusals),
        Operation(
            method: .delete, path: "/api/admin/keys/{id}", id: "revokeKey", group: .administration,
            summary: "Revokes an API key; its streams end. Admins only.", answers: [.done("It is of no use any more.")],
            refusals: .session + keyRefusals + .also(404, "noSuchKey")),
    ]

    private static let keyRefusals: [Operation.Refusal] = .also(409, "tooManyKeys") + .also(503, "keysAway")

    private static let credentials = Schema.object([
        .required("username", .string("The agent's number, or number@namespace.")), .required("password", .string()),
        .optional("namespace", .string("May be left out with number@namespace.")),
    ])

    private static let agents: [Operation] = [
        Operation(
            method: .post, path: "/api/csta/agent/state", id: "setAgentState", group: .agents,
            summary: "Logs an agent in on a device, out, or sets its mode.", body: [(Operation.json, agentState)],
            answers: [.json(pendingMode, "It takes effect when the call ends."), .done("Done.")],
            refusals: .command + .body + .password
                + .also(401, "wrongPassword") + .also(409, "agentAllocated") + .also(423, "agentDisabled")
                + .also(426, "sessionExpired") + .also(451, "deviceNotRegistered") + .also(452, "noSuchAgent")
                + .also(453, "noSuchDevice") + .also(454, "alreadyLoggedInHere") + .also(455, "loggedInElsewhere")
                + .also(456, "deviceNotUsable") + .also(457, "deviceNotAllowed") + .also(458, "agentLoggedOut")
                + .also(459, "deviceInUse") + .also(460, "deviceInCall") + .also(461, "tooManyAgents")),
        Operation(
            method: .post, path: "/api/csta/agent/heartbeat/{agentId}", id: "sendHeartbeat", group: .agents,
            summary: "Says that the agent's client is there; to be sent every one or two minutes.",
            answers: [.done("Heard.")], refusals: .command + .also(452, "noSuchAgent") + .also(458, "agentLoggedOut")),
        Operation(
            method: .get, path: "/api/csta/agent/client-state", id: "getClientState", group: .agents,
            summary: "What a reloaded page needs to go on.",
            answers: [.json(.reference("ClientState"), "The agent, its device and its calls as they stand.")],
            refusals: .session + .also(404, "noSuchAgent")),
        Operation(
            method: .get, path: "/api/operation/operation/tenants/{namespace}/agents/{agentId}", id: "getAgent",
            group: .agents, summary: "An agent's name and the dialling prefixes that lead out.",
            answers: [.json(agentProfile, "The agent.")],
            refusals: .session + .also(404, "noSuchTenant", "noSuchAgent")),
    ]

    private static let splits: [Operation] = [
        Operation(
            method: .get, path: "/api/csta/splits", id: "listSplits", group: .splits,
            summary: "The splits as they stand: an agent's own, a supervisor's all of the namespace.",
            answers: [
                .json(
                    .object([.required("splits", .array(.reference("Split"))), .required("serial", Schemas.serial)]),
                    "The splits, by number.")
            ], refusals: .session),
        Operation(
            method: .get, path: SplitHistoryRoutes.history, id: "getSplitHistory", group: .splits,
            summary:
                "What came of a split's calls, by interval on the tenant's clock; of today, if not told otherwise.",
            query: period + [
                .init(name: "interval", schema: .word(SplitIntervals.Length.allCases.map { "\($0.rawValue)" }))
            ],
            answers: [.json(.reference("SplitHistory"), "At most \(SplitHistoryRoutes.maximumIntervals) intervals.")],
            refusals: .session + .also(404, "noSuchSplit") + .also(503, "recordsAway")),
    ]

    private static let pendingMode = Schema.object([.required("pendingMode", .word(AgentMode.self))])

    private static let agentState = Schema.object([
        .required("func", .word(["Login", "Logout", "SetState"])),
        .optional("loginId", .string("Of Login: the agent.")), .optional("agentId", .string("Of Logout and SetState.")),
        .optional("device", .string("Of Login.")), .optional("password", .string("Of Login.")),
        .optional("agentMode", .word(["Ready", "NotReady"])),
        .optional("reason", .string("Of SetState; comes back in the event, at most 128 bytes.")),
        .optional("namespace", .string("One's own.")), .optional("sessionId", .string("If no header has it.")),
    ])

    private static let agentProfile = Schema.object([
        .required("agentId", .string()), .required("agentName", .string()),
        .required("agentTrunks", .array(.object([.required("scanPrefix", .string())]))),
    ])

    private static let recordings: [Operation] = [
        Operation(
            method: .get, path: "/api/csta/recordings", id: "listRecordings", group: .recordings,
            summary: "Recordings, those that began first at the top.",
            query: page + period + texts(["agent", "device", "call", "conversation"]),
            answers: [.json(.reference("Recordings"), "A page.")], refusals: .session + .also(503, "recordingsAway")),
        Operation(
            method: .get, path: "/api/csta/recordings/{recordId}", id: "getRecording", group: .recordings,
            summary: "A recording's sound, all or a range of bytes.",
            answers: [
                .init(status: 200, description: "All of it.", content: [("audio/wav", sound)]),
                .init(status: 206, description: "The range that was asked for.", content: [("audio/wav", sound)]),
            ],
            refusals: .session + .also(404, "noSuchRecording", "noRecordingFile") + .also(409, "recordingRuns")
                + .also(416, "rangeNotSatisfiable") + .also(503, "recordingsAway")),
    ]

    private static let sound = Schema(["contentMediaType": .string("audio/wav")])

    private static let records: [Operation] = [
        Operation(
            method: .get, path: "/api/csta/records/calls", id: "listCallRecords", group: .records,
            summary: "Calls that have ended, with each device's part.",
            query: page + period + texts(["agent", "device", "call", "conversation", "trunkGroup"])
                + [
                    .init(name: "callType", schema: .word(CallType.self)), .init(name: "answered", schema: flag),
                    format,
                ],
            answers: [table(.reference("CallRecords"))], refusals: .session + .also(503, "recordsAway")),
        Operation(
            method: .get, path: "/api/csta/records/agents", id: "listAgentTimes", group: .records,
            summary: "The time that agents were logged in, by mode.",
            query: page + period + texts(["agent"]) + [.init(name: "detail", schema: flag), format],
            answers: [table(.reference("AgentTimes"))], refusals: .session + .also(503, "recordsAway")),
    ]

    private static func table(_ schema: Schema) -> Operation.Answer {
        .init(status: 200, description: "A page.", content: [(Operation.json, schema), ("text/csv", .string())])
    }

    private static let flag = Schema.word(["true", "false", "yes", "no", "1", "0"])
    private static let format = Operation.Parameter(name: "format", schema: .word(["json", "csv"]))
    private static let page: [Operation.Parameter] = [
        .init(name: "limit", schema: .integer("Default 100.").bounded(1, QueryFields.maximumLimit)),
        .init(name: "after", schema: .string("next of the page before.")),
    ]
    private static let period: [Operation.Parameter] = ["from", "to"].map {
        .init(name: $0, schema: .string("yyyy.MM.dd HH:mm:ss or yyyy.MM.dd on the tenant's clock, or milliseconds."))
    }

    private static func texts(_ names: [String]) -> [Operation.Parameter] {
        names.map { .init(name: $0, schema: .string()) }
    }

    private static let status = Schema.object([.required("status", .string())])

    private static let server: [Operation] = [
        Operation(
            method: .get, path: "/healthz", id: "getHealth", group: .server, summary: "Whether the process answers.",
            needsSession: false,
            answers: [
                .json(
                    .object([.required("status", .string()), .optional("version", .string("Of the server."))]),
                    "It does.")
            ], refusals: .any),
        Operation(
            method: .get, path: "/readyz", id: "getReadiness", group: .server,
            summary: "Whether the server should get traffic.", needsSession: false,
            answers: [.json(status, "It should.")], refusals: .any + .also(503, "notReady")),
        Operation(
            method: .get, path: "/openapi.json", id: "getOpenAPI", group: .server,
            summary: "This interface, as OpenAPI 3.1.", needsSession: false,
            answers: [.json(Schema(["type": .string("object")]), "The document.")], refusals: .any),
        Operation(
            method: .get, path: "/asyncapi.json", id: "getAsyncAPI", group: .server,
            summary: "The events, as AsyncAPI 3.0.", needsSession: false,
            answers: [.json(Schema(["type": .string("object")]), "The document.")], refusals: .any),
        Operation(
            method: .get, path: "/docs", id: "getReference", group: .server,
            summary: "Requests, events and errors on one page to read.", needsSession: false,
            answers: [.init(status: 200, description: "The page.", content: [("text/html", .string())])], refusals: .any
        ),
    ]

    private static let sandbox: [Operation] =
        SandboxRoutes.buttons.map { button, number in
            let body = Schema.object([
                Field(name: "number", schema: .string(), isRequired: number == .required)
            ])
            return Operation(
                method: .post, path: "/sandbox/devices/{device}/\(button)", id: "press\(button.capitalized)",
                group: .sandbox, summary: "Presses \(button) on a virtual phone. Admins only.",
                body: number == .none ? [] : [(Operation.json, body)], isBodyRequired: number == .required,
                answers: [.done("Pressed.")],
                refusals: .session + (number == .none ? [] : .body) + sandboxRefusals)
        } + [
            Operation(
                method: .post, path: "/sandbox/calls", id: "callAsCustomer", group: .sandbox,
                summary: "Lets a customer call in. Admins only.",
                body: [(Operation.json, .object([.required("from", .string()), .required("to", .string())]))],
                answers: [.done("The customer calls.")], refusals: .session + .body + sandboxRefusals),
            Operation(
                method: .get, path: "/sandbox/devices", id: "listSandboxDevices", group: .sandbox,
                summary: "The virtual phones. Admins only.",
                answers: [.json(.reference("SandboxPhones"), "The phones.")], refusals: .session),
        ]

    private static let sandboxRefusals: [Operation.Refusal] =
        .also(404, "notFound") + .also(409, "wrongState") + .also(429, "tooManyCalls")
}

extension String {
    /// `dial` → `Dial`
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
