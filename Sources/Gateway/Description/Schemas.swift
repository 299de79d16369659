import CSTA
import CallCenter

/// The bodies that several operations share, by the names that they have in the document.
enum Schemas {
    static let device = Schema.string("number@namespace; in requests the number alone is enough.")
    static let call = Schema.string("A callId.")
    static let connection = Schema.string("device|callId")
    static let time = Schema.string("yyyy.MM.dd HH:mm:ss on the tenant's clock.")
    static let timestamp = Schema.integer("Milliseconds since the epoch.")
    static let serial = Schema.integer("The last event that is included; go on after it.")
    static let participation = Schema.word(["Silent", "Listening"], "Of who does not talk.")

    /// What a part of a path looks like, by its name in the template.
    static func pathParameter(_ name: String) -> Schema {
        let number =
            "[0-9A-Za-z+*#._-]{1,\(DeviceID.maximumNumberBytes)}(@[0-9A-Za-z._-]{1,\(Namespace.maximumBytes)})?"
        let call = "[0-9A-Za-z._:-]{1,\(CallID.maximumBytes)}"
        var schema = Schema.string()
        switch name {
        case "device", "agentId", "split": schema.json["pattern"] = .string("^\(number)$")
        case "callId": schema.json["pattern"] = .string("^\(call)$")
        case "connectionId": schema.json["pattern"] = .string("^\(number)[|]\(call)$")
        case "namespace": schema.json["pattern"] = .string("^[0-9A-Za-z._-]{1,\(Namespace.maximumBytes)}$")
        default: break
        }
        return schema
    }

    static let all = Array(ofCalls) + Array(AdministrationSchemas.all)

    private static let ofCalls: KeyValuePairs<String, Schema> = [
        "Error": error, "UserData": userData, "UserDataEntry": userDataEntry, "UserDataEntries": userDataEntries,
        "ClientState": clientState, "ClientCall": clientCall, "Call": .object(callFields),
        "CallConnection": callConnection, "Calls": calls, "Split": split, "SplitHistory": splitHistory,
        "CallWithSerial": callWithSerial,
        "Campaign": campaign, "CampaignSettings": campaignSettings, "CampaignChanges": campaignChanges,
        "AddedContacts": addedContacts, "Recordings": recordings,
        "Recording": recording, "CallRecords": callRecords, "CallRecord": callRecord, "CallPart": callPart,
        "AgentTimes": agentTimes, "APIKey": apiKey, "SandboxPhones": sandboxPhones,
    ]

    private static let error = Schema.object(
        [
            .required("status", .integer("The HTTP status.")),
            .required("code", .string("For programs; does not change.")),
            .required("message", .string("For people: what is wrong and what to do.")),
            .optional("field", .string("What of the body, the path or the query is meant.")),
            .optional("offset", .integer("The byte at which it stops being JSON.")),
            .optional("state", .string("Of the connection, the agent or the recording.")),
            .optional("reason", .string("Of numberBarred: international, premium, notListed, serviceCode or route.")),
            .optional("deviceId", device), .optional("agent", .string("Its name.")),
            .optional("agentId", .string("number@namespace")), .optional("maximumBytes", .integer()),
            .optional("id", .string("Of what is there already.")),
            .optional("flaws", .array(.object([.required("field", .string()), .required("message", .string())]))),
            .optional("retryAfterSeconds", .integer()), .optional("reasons", .array(.string())),
        ], "Every answer that is no success.")

    private static let userData = Schema.object(
        [.required("data", .map(of: .string(), "Strings in, the same strings out."))], "What travels with a call.")

    private static let apiKey = Schema.object([
        .required("id", .string()), .optional("key", .string("Only when it is made.")), .required("name", .string()),
        .required("scopes", .array(.word(["read", "control"]))), .required("createdBy", .string("The admin.")),
        .required("created", time), .optional("lastUse", time),
    ])

    private static let userDataEntry = Schema.object([.required("key", .string()), .required("value", .string())])
    private static let userDataEntries = Schema.object([
        .required("entries", .array(.reference("UserDataEntry")))
    ])

    private static let clientCall = Schema.object([
        .required("callId", call), .required("connectionId", connection),
        .required("ani", .string("callingDevice, as this device saw it when it joined.")),
        .required("dnis", .string("calledDevice, as this device saw it when it joined.")),
        .required("state", .word(ConnectionState.self)), .required("direction", .word(["In", "Out"])),
        .required("otherSide", .string("Who is on the line now.")),
        .optional("otherSides", .array(.string(), "All of them, if they are several.")),
        .optional("ringTime", time), .optional("answerTime", time), .required("callType", .word(CallType.self)),
        .required("conversationId", .string("The same in all calls that belong together.")),
        .optional("consultedFrom", .string("The callId of the call that is held meanwhile.")),
        .optional("participationType", participation), .optional("recordId", .string("While it is being recorded.")),
        .required("userData", .reference("UserData")),
    ])

    private static let clientState = Schema.object([
        .required(
            "agent",
            .object([
                .required("agentId", .string()), .required("agentName", .string()),
                .required("agentMode", .word(AgentMode.self)), .optional("reason", .string()),
                .required("namespace", .string()), .optional("extensionId", device),
                .optional("pendingMode", .word(AgentMode.self, "Takes effect when the call ends.")),
                .optional("activeCall", .reference("ClientCall")), .optional("preview", preview),
            ])),
        .optional(
            "extension", .object([.required("deviceId", device), .required("state", .word(ConnectionState.self))])),
        .required("calls", .array(.reference("ClientCall"))), .required("serial", serial),
    ])

    private static let callConnection = Schema.object([
        .required("connectionId", connection), .required("deviceId", device),
        .required("state", .word(ConnectionState.self)), .required("callingDevice", device),
        .required("calledDevice", device), .optional("ringTime", time), .optional("answerTime", time),
        .optional("participationType", participation), .optional("recordId", .string("While it is being recorded.")),
    ])

    private static let callFields: [Field] = [
        .required("callId", call), .required("callType", .word(CallType.self)),
        .required("conversationId", .string("The same in all calls that belong together.")),
        .optional("consultedFrom", .string("The callId of the call that is held meanwhile.")),
        .required("beginTime", time), .optional("trunkGroup", .string()), .optional("trunkMember", .string()),
        .required("connections", .array(.reference("CallConnection"))),
        .required("userData", .reference("UserData")),
    ]

    private static let calls = Schema.object([
        .required("calls", .array(.reference("Call"), "The oldest first, at most \(CallsSnapshot.maximumCalls).")),
        .required("total", .integer("How many there are.")), .required("serial", serial),
    ])

    private static let split = Schema.object(
        [
            .required("splitId", device), .required("name", .string()),
            .required("waiting", .integer("Callers whom nobody is being called for just now.")),
            .optional("longestWaitMilliseconds", .integer("Of those, the one that has been there longest.")),
            .required(
                "agents",
                .object(
                    AgentStanding.allCases.map { .required("\($0.rawValue)", .integer()) },
                    "How many of the split's agents are so.")),
        ] + splitCounts("today, on the tenant's calendar") + [
            .required("serviceLevelSeconds", .integer("The tenant's threshold.")),
            .optional("occupancyPercent", .integer("Agents' time in calls and after them, of their time Ready or so.")),
        ], "docs/metrics.md defines each measure.")

    private static func splitCounts(_ when: String) -> [Field] {
        [
            .required("entered", .integer("Calls that have come into the split \(when).")),
            .required("answered", .integer()),
            .required("answeredInTime", .integer("Within serviceLevelSeconds.")),
            .required("abandoned", .integer("The caller hung up before anybody answered.")),
            .required("overflowed", .integer("They went on to another split.")),
            .required("givenUp", .integer("They were ended: nobody answered in time, or there was no room.")),
            .optional("serviceLevelPercent", .integer("answeredInTime of all calls that have left the split.")),
            .optional("averageSpeedOfAnswerMilliseconds", .integer("How long the answered ones waited here.")),
        ]
    }

    private static let splitHistory = Schema.object(
        [
            .required("splitId", device), .required("intervalSeconds", .integer("What was asked for.")),
            .required(
                "intervals",
                .array(
                    .object(
                        moment("begin", isRequired: true) + moment("end", isRequired: true) + splitCounts("in it") + [
                            .optional(
                                "longestWaitMilliseconds",
                                .integer("Of those that left in it, the one that was there longest."))
                        ]), "All that there are, by time; those without a call too.")),
        ], "docs/metrics.md defines each measure.")

    private static let callWithSerial = Schema.object(callFields + [.required("serial", serial)])

    private static let next = Field.optional("next", .string("For after: there may be more. Left out after the last."))

    private static let recording = Schema.object([
        .required("recordId", .string()), .required("callId", call), .optional("conversationId", call),
        .required("deviceId", device), .optional("agentId", .string()), .required("fileName", .string()),
        .required("startTime", time), .optional("stopTime", time),
        .optional("isSuccess", .boolean("False: the switch could not record.")),
    ])

    private static let recordings = Schema.object([.required("recordings", .array(.reference("Recording"))), next])

    private static func moment(_ name: String, isRequired: Bool) -> [Field] {
        [
            Field(name: "\(name)Time", schema: time, isRequired: isRequired),
            Field(name: "\(name)Timestamp", schema: timestamp, isRequired: isRequired),
        ]
    }

    private static let callPart = Schema.object(
        [
            .required("deviceId", device), .optional("agentId", .string()), .required("callingDevice", device),
            .required("calledDevice", device), .required("role", .word(["calling", "called", "listener"])),
            .optional(
                "splitId", .string("That offered the call to the device; of a caller, in whose queue it was last.")),
            .required("isInternal", .boolean()),
        ] + moment("begin", isRequired: true) + moment("ring", isRequired: false) + moment("answer", isRequired: false)
            + moment("end", isRequired: true) + [
                .required("ringMilliseconds", .integer()), .required("talkMilliseconds", .integer()),
                .required("heldMilliseconds", .integer()),
                .optional("queuedMilliseconds", .integer("Of a caller: its time in queues of splits.")),
                .optional("cause", .word(HangupCause.self)),
                .optional("hangupDevice", device), .optional("transferredToDevice", device),
                .optional("continuedInCallId", call), .optional("recordings", .array(.string("A fileName."))),
            ])

    private static let callRecord = Schema.object(
        [
            .required("callId", call), .optional("conversationId", call),
            .optional("callType", .word(CallType.self)), .optional("trunkGroup", .string()),
        ] + moment("begin", isRequired: true) + moment("end", isRequired: true) + [
            .required("durationMilliseconds", .integer()), .required("parts", .array(.reference("CallPart"))),
        ])

    private static let callRecords = Schema.object([.required("calls", .array(.reference("CallRecord"))), next])

    private static let agentTimes = Schema.object(
        [
            .optional(
                "agents",
                .array(
                    .object([
                        .required("agentId", .string()), .required("loggedInMilliseconds", .integer()),
                        .required(
                            "modes",
                            .array(
                                .object([
                                    .required("agentMode", .word(AgentMode.self)),
                                    .required("milliseconds", .integer()),
                                    .optional(
                                        "reasons",
                                        .array(
                                            .object([
                                                .required("reason", .string()),
                                                .required("milliseconds", .integer()),
                                            ]))),
                                ]))),
                    ]), "Without detail.")),
            .optional(
                "times",
                .array(
                    .object(
                        [
                            .required("agentId", .string()), .required("deviceId", device),
                            .required("agentMode", .word(AgentMode.self)), .optional("reason", .string()),
                        ] + moment("begin", isRequired: true) + moment("end", isRequired: true) + [
                            .required("milliseconds", .integer()),
                            .required("isRunning", .boolean("The agent is in this mode still.")),
                        ]), "With detail.")),
        ] + moment("until", isRequired: true) + [next])

    private static let sandboxPhones = Schema.object([
        .required(
            "devices",
            .array(
                .object([
                    .required("deviceId", device), .required("isRegistered", .boolean()),
                    .required("isMuted", .boolean()), .required("state", .string("idle, ringing, talking, …")),
                    .optional("display", .string("The caller's number.")),
                    .optional("transfer", .string("What became of the last transfer that it asked for.")),
                    .optional(
                        "announcement", .string("The digits that were said to it last, or the name of the sound.")),
                ])))
    ])
}
