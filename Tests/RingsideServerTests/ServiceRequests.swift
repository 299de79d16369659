import CSTA
import RingsideTesting

/// A request of the client interface.
struct ServiceRequest {
    var method = "POST"
    var path: String
    var body: String?

    private static let calls = "/api/csta/callControl/calls"

    static func connection(_ device: DeviceID, _ call: CallID, _ service: String, _ body: String? = nil) -> Self {
        Self(path: "\(calls)/\(call.text)/connections/\(device.text)%7C\(call.text)/\(service)", body: body)
    }

    static func hangUp(_ device: DeviceID, _ call: CallID) -> Self {
        Self(method: "DELETE", path: "\(calls)/\(call.text)/connections/\(device.text)%7C\(call.text)")
    }

    static func listen(_ device: DeviceID, _ call: CallID) -> Self {
        Self(path: "\(calls)/\(call.text)/spy?deviceId=\(device.text)")
    }
}

extension Scenario.Service {
    /// As a desktop asks for it.
    func request(
        device: DeviceID, active: CallID, held: CallID, number: (Scenario.Target) -> String
    ) -> ServiceRequest {
        switch self {
        case .act(.answer): .connection(device, active, "answer")
        case .act(.hangUp), .act(.reject): .hangUp(device, active)
        case .act(.hold): .connection(device, active, "hold")
        case .act(.retrieve): .connection(device, held, "retrieve")
        case .singleStepTransfer(let to, let returns):
            .connection(
                device, active, returns ? "singleStepTransferCallAndWait" : "singleStepTransfer",
                #"{"transferTo":"\#(number(to))"}"#)
        case .singleStepConference(let with, let isSilent):
            .connection(
                device, active, "singleStepConference",
                """
                {"conferenceParticipant":"\(number(with))","participationType":"\(isSilent ? "Silent" : "Active")"}
                """)
        case .consult(let with):
            .connection(device, active, "consult", #"{"consultationParticipant":"\#(number(with))"}"#)
        case .cancelConsultation: .connection(device, held, "cancelConsult", Self.consultation(active))
        case .transfer(let returns):
            .connection(device, held, returns ? "transferAndWait" : "transfer", Self.consultation(active))
        case .conference: .connection(device, held, "conference", Self.consultation(active))
        case .startRecording: ServiceRequest(path: "/api/csta/callControl/recording/Start?extension=\(device.text)")
        case .stopRecording: ServiceRequest(path: "/api/csta/callControl/recording/Stop?extension=\(device.text)")
        }
    }

    private static func consultation(_ call: CallID) -> String { #"{"consultCallId":"\#(call.text)"}"# }
}

extension Scenario.Supervision {
    /// As a supervisor's desktop asks for it.
    func request(device: DeviceID, call: CallID, deviceOf: (Scenario.Party) -> DeviceID) -> ServiceRequest {
        switch self {
        case .drop: .hangUp(device, call)
        case .bargeIn(let other):
            .connection(
                device, call, "singleStepConference",
                #"{"conferenceParticipant":"\#(deviceOf(other).number)","participationType":"Active"}"#)
        case .takeOver(let other):
            .connection(device, call, "singleStepTransfer", #"{"transferTo":"\#(deviceOf(other).number)"}"#)
        case .listen(let other): .listen(deviceOf(other), call)
        }
    }
}
