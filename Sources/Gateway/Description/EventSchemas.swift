import CSTA

/// The events of the protocol, as schemas; the words come from the types that are encoded.
enum EventSchemas {
    struct Message: Sendable {
        /// `eventName`
        var name: String
        var summary: String
        var schema: Schema
    }

    static let all = agents + calls + recordings

    private static func fields(_ name: String, type: String) -> [Field] {
        [
            .required("eventName", constant(name)), .required("eventTime", Schemas.time),
            .required("eventType", constant(type)),
            .required("serial", .integer("One series a namespace, +1 for each event copy.")),
            .required("namespace", .string("The tenant.")), .optional("timestamp", Schemas.timestamp),
        ]
    }

    private static func constant(_ text: String) -> Schema {
        Schema(["type": .string("string"), "const": .string(text)])
    }

    private static let device = Schema.string("number@namespace")

    // MARK: Agents

    private static let agents: [Message] = AgentEvent.Kind.allCases.map { kind in
        Message(
            name: kind.rawValue, summary: summary(of: kind),
            schema: .object(
                fields(kind.rawValue, type: "agent") + [
                    .required("srcDeviceId", device), .required("deviceId", device),
                    .required("agentId", .string("number@namespace")), .required("agentMode", .word(AgentMode.self)),
                    .required("devices", .object([.required("Voice", device)])),
                    .optional("reason", .string("As the client gave it.")),
                ]))
    }

    private static func summary(of kind: AgentEvent.Kind) -> String {
        switch kind {
        case .loggedOn: "The agent has logged in on the device; its mode follows at once."
        case .loggedOff: "The agent is logged out."
        case .ready: "The agent may be given calls."
        case .notReady: "The agent gets no calls from a split; it may dial."
        case .workingAfterCall: "The agent has its wrap-up time."
        case .allocated: "The agent is reserved for a call that the server places."
        }
    }

    // MARK: Calls

    private static func call(_ name: String, _ summary: String, _ own: [Field]) -> Message {
        Message(
            name: name, summary: summary,
            schema: .object(
                fields(name, type: "csta") + [
                    .required("eventSrc", device),
                    .required("srcDeviceId", .string("The device whose copy this is.")),
                    .required("callId", Schemas.call),
                    .required("deviceId", .string("The device that changed.")),
                    .required("localState", .word(ConnectionState.self, "Of the device that changed, after it.")),
                    .required("connectionId", Schemas.connection),
                    .optional(
                        "cause", .word(HangupCause.allCases.map(\.rawValue) + ServiceCause.allCases.map(\.rawValue))),
                    .optional("conversationId", .string("The same in all calls that belong together.")),
                ] + own))
    }

    private static let parties: [Field] = [.required("callingDevice", device), .required("calledDevice", device)]
    private static let callType = Field.optional("callType", .word(CallType.self))
    private static let moved: [Field] = [
        .required("primaryOldCall", .string("The call that was held before; 0 without consultation.")),
        .required("secondaryOldCall", .string("The active one before.")),
        .required("newCall", .string("The one that goes on.")),
    ]

    private static let calls: [Message] = [
        call("serviceInitiated", "A phone has been lifted to dial.", [.required("initiatedDevice", device)]),
        call("originated", "The number is dialled.", parties),
        call(
            "delivered", "A phone rings.",
            [.required("alertingDevice", device)] + parties + [
                .optional("trunkGroup", .string("Of a call from a trunk.")), .optional("trunkMember", .string()),
                .optional("userData", .reference("UserData")), .optional("split", .string("The queue that gave it.")),
                callType,
            ]),
        call("established", "The call is answered.", [.required("answeringDevice", device)] + parties + [callType]),
        call("held", "A device holds the call.", [.required("holdingDevice", device)]),
        call("retrieved", "A device has taken the call back.", [.required("retrievingDevice", device)]),
        call(
            "transferred", "The call goes to another device.",
            moved + [
                .required("originCallInfo", Schema(["type": .string("object")])),
                .required("transferringDevice", device), .required("transferredToDevice", device),
            ]),
        call(
            "conferenced", "A party was added; connectionId is its part.",
            moved + [.required("conferencingDevice", device), .required("addedParty", device)]),
        call(
            "connectionCleared", "A device's part in the call has ended.",
            [
                .required("releasingDevice", .string("Whose connection ends with this event.")),
                .required("hangupDevice", .string("Who hung up first, for the whole call.")),
            ]),
        call(
            "failed", "Call progress analysis says why an outgoing call has failed.",
            [
                .required("calledDevice", device),
                .required("failedCode", .word(FailedCode.allCases.map { String($0.rawValue) })),
                .required("failedMsg", .word(FailedCode.allCases.map(\.message))),
            ]),
    ]

    // MARK: Recordings

    private static let recordings: [Message] = [
        Message(
            name: "recordStarted", summary: "The device is being recorded.",
            schema: .object(
                fields("recordStarted", type: "csta") + [
                    .required("eventSrc", device), .required("recordId", .string()),
                    .required("callId", Schemas.call), .required("deviceId", device),
                    .required("fileName", .string("Where the WAV file is when recordStopped comes.")),
                    .required("isSuccess", .boolean("False: the switch could not record.")), conversation,
                ])),
        Message(
            name: "recordStopped", summary: "The recording is over.",
            schema: .object(
                fields("recordStopped", type: "csta") + [
                    .required("eventSrc", device), .required("srcDeviceId", device), .required("recordId", .string()),
                    .required("isSuccess", .boolean()), conversation,
                ])),
    ]

    private static let conversation = Field.optional(
        "conversationId", .string("The same in all calls that belong together."))
}
