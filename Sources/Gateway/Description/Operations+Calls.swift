import CSTA
import HTTPTypes

extension Operations {
    private static let base = "/api/csta/callControl"

    static let calls: [Operation] = [
        Operation(
            method: .post, path: "\(base)/calls", id: "makeCall", group: .calls, summary: "Dials.",
            body: [(Operation.json, makeCall)], answers: [newCall],
            refusals: .call + .body),
        Operation(
            method: .get, path: "\(base)/calls", id: "listCalls", group: .calls,
            summary: "Calls as they stand: an agent's own, a supervisor's all of the namespace.",
            query: [.init(name: "device", schema: .string("Only those that it is in."))],
            answers: [.json(.reference("Calls"), "The calls.")], refusals: .session),
        Operation(
            method: .get, path: "\(base)/calls/{callId}", id: "getCall", group: .calls, summary: "A call as it stands.",
            answers: [.json(.reference("CallWithSerial"), "The call.")],
            refusals: .session + .also(404, "noSuchCall")),
        onConnection("", .delete, "clearConnection", "Hangs up; another's connection: supervisors only."),
        onConnection(
            "/answer", .post, "answerCall", "Answers a ringing call."),
        onConnection("/hold", .post, "holdCall", "Holds the call."),
        onConnection(
            "/retrieve", .post, "retrieveCall", "Takes a held call back."),
    ]

    static let callServices: [Operation] = [
        onConnection(
            "/singleStepTransfer", .post, "singleStepTransferCall",
            "Transfers the other party; one's own part ends at once.", body: transferTo),
        onConnection(
            "/singleStepTransferCallAndWait", .post, "singleStepTransferCallAndWait",
            "Transfers the other party, which comes back when the number has hung up.", body: transferTo),
        onConnection(
            "/singleStepConference", .post, "singleStepConferenceCall", "Brings somebody in.",
            body: .object([
                .required("conferenceParticipant", .string()),
                .optional(
                    "participationType",
                    .word(["Active", "Silent"], "Left out: Active. Silent hears, and is not heard.")),
            ])),
        onConnection(
            "/consult", .post, "consultationCall", "Holds the call and calls somebody else.",
            body: .object([.required("consultationParticipant", .string())]), answer: newCall),
        onConnection(
            "/cancelConsult", .post, "cancelConsultation", "Ends the consultation and takes the held call back.",
            body: consultation),
        onConnection(
            "/transfer", .post, "transferCall", "Connects the held party with the one consulted.", body: consultation),
        onConnection(
            "/transferAndWait", .post, "transferCallAndWait",
            "The same, and the held party comes back when the other has hung up.", body: consultation),
        onConnection(
            "/conference", .post, "conferenceCall", "Makes one call of the held one and the consultation.",
            body: consultation),
        Operation(
            method: .post, path: "\(base)/calls/{callId}/agentGreeting", id: "greet", group: .calls,
            summary: "Says the agent's number to all in the call.",
            body: [(Operation.json, .object([.required("agentId", .string()), .required("deviceId", .string())]))],
            answers: [.done("It is being said.")], refusals: .call + .body),
        Operation(
            method: .post, path: "\(base)/calls/{callId}/spy", id: "listen", group: .calls,
            summary: "Lets a supervisor hear the call on a device, unnoticed.",
            query: [.init(name: "deviceId", schema: .string(), isRequired: true)],
            answers: [.done("The device is called.")],
            refusals: .call),
        Operation(
            method: .post, path: "\(base)/calls/{callId}/user-data", id: "addUserData", group: .calls,
            summary: "Adds to what travels with the call.",
            body: [(Operation.json, .reference("UserDataEntries"))], answers: [.done("Added.")],
            refusals: .call + .body),
        Operation(
            method: .get, path: "\(base)/calls/{callId}/user-data", id: "listUserData", group: .calls,
            summary: "What travels with the call.", answers: [.json(.reference("UserDataEntries"), "All of it.")],
            refusals: .session + .also(404, "noSuchCall")),
        Operation(
            method: .get, path: "\(base)/calls/{callId}/user-data/{key}", id: "getUserData", group: .calls,
            summary: "One value of what travels with the call.",
            answers: [.json(.reference("UserDataEntry"), "The entry.")],
            refusals: .session + .also(404, "noSuchCall", "noSuchKey")),
        recording("Start", "startRecording", "Records the call in which the device talks."),
        recording("Stop", "stopRecording", "Stops recording."),
    ]

    private static func recording(_ verb: String, _ id: String, _ summary: String) -> Operation {
        Operation(
            method: .post, path: "\(base)/recording/\(verb)", id: id, group: .calls, summary: summary,
            query: [.init(name: "extension", schema: .string("The device."), isRequired: true)],
            answers: [.done("The switch has been told.")],
            refusals: .call)
    }

    /// A service on a connection: {callId} and {connectionId} are those of the held call where there are two.
    private static func onConnection(
        _ suffix: String, _ method: HTTPRequest.Method, _ id: String, _ summary: String, body: Schema? = nil,
        answer: Operation.Answer = .done("The switch has been told; what comes of it are events.")
    ) -> Operation {
        Operation(
            method: method, path: "\(base)/calls/{callId}/connections/{connectionId}\(suffix)", id: id, group: .calls,
            summary: summary, body: body.map { [(Operation.json, $0)] } ?? [], answers: [answer],
            refusals: .call + (body == nil ? [] : .body))
    }

    private static let newCall = Operation.Answer.json(
        .object([.required("callId", .string())]), "The new call; the rest comes as events.")
    private static let transferTo = Schema.object([.required("transferTo", .string())])
    private static let consultation = Schema.object([
        .required("consultCallId", .string("The call for which the other is held."))
    ])
    private static let makeCall = Schema.object([
        .required("from", .string("The device that calls.")),
        .required("to", .string("A device, or a number with a dialling prefix.")),
        .optional("cpa", .word(["0", "1"], "1: call progress analysis, for the event failed.")),
        .optional("originForDisplay", .string("What the called side is shown.")),
        .optional("destForDisplay", .string("What the caller's phone is shown.")),
        .optional("contextId", .string("A JSON object as a string: added to userData.")),
    ])
}
