import CSTA
import CallCenter

/// What a client's request calls the things that a refusal may be about.
struct FieldNames: Hashable, Sendable {
    /// Who is to be dialled.
    var number = "to"
    var userData = "contextId"
}

extension APIError {
    /// What was asked for. The statuses of an agent's login are its own; a call's are those that clients know there.
    enum Area: Hashable, Sendable {
        case agentState
        case call
    }

    /// The one place where the rules' refusals become statuses, codes and words.
    ///
    /// - Parameters:
    ///   - names: the fields of the request.
    ///   - agentName: the name of an agent, if it has one.
    init(
        _ refusal: Refusal, in area: Area, naming names: FieldNames = FieldNames(),
        agentName: (AgentID) -> String? = { _ in nil }
    ) {
        switch refusal {
        case .noSuchAgent, .agentDisabled, .noSuchDevice, .deviceNotRegistered, .deviceNotUsable, .deviceNotAllowed,
            .alreadyLoggedInHere, .loggedInElsewhere, .deviceInUse, .deviceInCall, .tooManyAgents, .agentLoggedOut,
            .modeNotSettable, .agentAllocated, .notAllocated, .nothingProposed, .noFreeAgent:
            self = area == .call ? .call(aboutAgent: refusal) : .agentState(refusal, agentName: agentName)
        case .notYours:
            self.init(403, "notYours", "This is another agent's: ask a supervisor.")
        case .noSuchCall:
            self.init(404, "noSuchCall", "There is no such call, or it has ended: ask for client-state.")
        case .noSuchConnection:
            self.init(404, "noSuchConnection", "This device is not, or no more, in that call: ask for client-state.")
        case .wrongState(let state):
            self.init(
                409, "wrongState", "Not possible while the connection is in \(state.rawValue).", .state(state.rawValue))
        case .otherCallActive, .partyPending, .splitNotAllowed, .notTwoParties, .tooManyParties, .alreadyInCall,
            .notLoggedInThere,
            .recordingForbidden, .alreadyRecording, .notRecording:
            self = .severalParties(refusal)
        case .answerAtPhone:
            self.init(
                409, "answerAtPhone", "This phone can only be answered by hand: lift it.",
                .state(ConnectionState.alerting.rawValue))
        case .retrieveAtPhone:
            self.init(
                409, "retrieveAtPhone", "The phone itself holds this call: take it back with the phone's own button.",
                .state(ConnectionState.hold.rawValue))
        case .noRoute:
            self.init(
                404, "noRoute",
                "\(names.number): neither a device here nor a number with a prefix that leads to a trunk.",
                ["field": .string(names.number)])
        case .trunksBusy:
            self.init(
                503, "trunksBusy", "All lines that carry this number are in use: try again when a call has ended.")
            retryAfterSeconds = 5
        case .numberBarred(let barrier):
            self.init(
                403, "numberBarred",
                "\(names.number): \(Self.words(for: barrier)): the tenant's dialling rules bar it.",
                ["field": .string(names.number), "reason": .string(barrier.rawValue)])
        case .invalidNumber:
            self = .malformed(names.number, "not a number that can be dialled.")
        case .callingSelf:
            self = .malformed(names.number, "a device cannot call itself.")
        case .tooManyCalls:
            self.init(429, "tooManyCalls", "As many calls are up as this tenant may have: wait until one has ended.")
            retryAfterSeconds = 5
        case .tooMuchUserData:
            self = .malformed(names.userData, "too many entries, or too long ones.")
        case .switchAway:
            self.init(503, "switchAway", "The telephone switch cannot be reached now: try again.")
            retryAfterSeconds = 5
        case .shuttingDown:
            self.init(503, "shuttingDown", "The server is stopping: try again in a moment.")
            retryAfterSeconds = 5
        case .overloaded:
            self.init(503, "overloaded", "Too much waits to be done: try again in a moment.")
            retryAfterSeconds = 5
        }
    }

    private static func words(for barrier: DiallingRules.Barrier) -> String {
        switch barrier {
        case .international: "a number abroad"
        case .premium: "a number that costs extra"
        case .notListed: "none of the numbers that may be called"
        case .serviceCode: "a code that commands the carrier"
        case .route: "a number that its prefix's route does not carry"
        }
    }

    /// What is wrong with a service on a call of several parties, or on its recording.
    private static func severalParties(_ refusal: Refusal) -> APIError {
        switch refusal {
        case .otherCallActive(let state):
            APIError(
                409, "otherCallActive",
                "The device has another call, which is in \(state.rawValue): hold or end it first.",
                .state(state.rawValue))
        case .partyPending(let state):
            APIError(
                409, "partyPending", "Somebody who was called has not answered yet: wait, or hang that up.",
                .state(state.rawValue))
        case .splitNotAllowed(let state):
            APIError(
                409, "splitNotAllowed",
                "A split cannot be added to a call: consult it, or transfer the call to it.", .state(state.rawValue))
        case .notTwoParties(let state):
            APIError(
                409, "notTwoParties", "Only a call of two parties can be transferred.", .state(state.rawValue))
        case .tooManyParties(let state):
            APIError(409, "tooManyParties", "The call has as many parties as it may have.", .state(state.rawValue))
        case .alreadyInCall(let state):
            APIError(409, "alreadyInCall", "That device is in this call already.", .state(state.rawValue))
        case .notLoggedInThere(let state):
            APIError(409, "notLoggedInThere", "That agent is not logged in on this device.", .state(state.rawValue))
        case .recordingForbidden:
            APIError(466, "recordingForbidden", "Recordings are not allowed here: ask an administrator.")
        case .alreadyRecording(let state):
            APIError(409, "alreadyRecording", "The call is being recorded already.", .state(state.rawValue))
        case .notRecording(let state):
            APIError(409, "notRecording", "The call is not being recorded.", .state(state.rawValue))
        default: .unexpected
        }
    }

    private static func agentState(_ refusal: Refusal, agentName: (AgentID) -> String?) -> APIError {
        switch refusal {
        case .agentDisabled: APIError(423, "agentDisabled", "This agent is disabled: ask an administrator.")
        case .deviceNotRegistered:
            APIError(451, "deviceNotRegistered", "The device is not registered at the switch: check the phone.")
        case .noSuchAgent: APIError(452, "noSuchAgent", "There is no such agent.")
        case .noSuchDevice: APIError(453, "noSuchDevice", "There is no such device.")
        case .alreadyLoggedInHere:
            APIError(454, "alreadyLoggedInHere", "The agent is logged in on this device already.")
        case .loggedInElsewhere(let device):
            APIError(
                455, "loggedInElsewhere", "The agent is logged in on \(device): log out there first.",
                ["deviceId": .string(device.text)])
        case .deviceNotUsable: APIError(456, "deviceNotUsable", "The device is not in use: choose another one.")
        case .deviceNotAllowed:
            APIError(457, "deviceNotAllowed", "This agent may not log in on this device: choose another one.")
        case .agentLoggedOut: APIError(458, "agentLoggedOut", "The agent is logged out: log in first.")
        case .deviceInUse(let agent):
            APIError(
                459, "deviceInUse", "\(agent) is logged in on this device: choose another one.",
                ["agent": .string(agentName(agent) ?? String(agent.number)), "agentId": .string(agent.text)])
        case .deviceInCall(let state):
            APIError(460, "deviceInCall", "The device is in a call: wait until it has ended.", .state(state.rawValue))
        case .tooManyAgents:
            APIError(461, "tooManyAgents", "As many agents are logged in as this tenant may have.")
        case .modeNotSettable(let mode):
            .malformed("agentMode", "\(mode.rawValue) cannot be asked for; Ready and NotReady can.")
        case .agentAllocated:
            APIError(
                409, "agentAllocated", "The agent is reserved for a call that is about to come.",
                .state(AgentMode.allocated.rawValue))
        case .notAllocated(let mode):
            APIError(
                409, "notAllocated", "The agent is not reserved for a call, or the call has reached it.",
                .state(mode.rawValue))
        case .nothingProposed(let mode):
            APIError(
                409, "nothingProposed", "The agent is not asked now whether to call somebody.", .state(mode.rawValue))
        case .noFreeAgent: APIError(409, "noFreeAgent", "Nobody of this split is Ready.")
        default: .unexpected
        }
    }

    /// What is wrong with an agent or device when a call is asked for: the statuses 451 to 461 belong to login alone.
    private static func call(aboutAgent refusal: Refusal) -> APIError {
        switch refusal {
        case .noSuchAgent: return APIError(404, "noSuchAgent", "There is no such agent.")
        case .noSuchDevice: return APIError(404, "noSuchDevice", "There is no such device.")
        case .agentLoggedOut, .agentDisabled:
            return APIError(
                409, "agentLoggedOut", "The agent is logged out: log in first.", .state(AgentMode.logout.rawValue))
        case .deviceInCall(let state):
            return APIError(
                409, "deviceInCall", "The device is in a call: hold or end it first.", .state(state.rawValue))
        default:
            var error = agentState(refusal, agentName: { _ in nil })
            guard error.status > 409 else { return error }
            error.status = 409
            if error.details["state"] == nil { error.details["state"] = .string(ConnectionState.none.rawValue) }
            return error
        }
    }
}

extension JSONObject {
    fileprivate static func state(_ state: String) -> JSONObject { ["state": .string(state)] }
}
