import CallCenter

extension Command {
    /// `makeCall`
    var name: String {
        switch self {
        case .logIn: "logIn"
        case .logOut: "logOut"
        case .setMode: "setMode"
        case .heartbeat: "heartbeat"
        case .makeCall: "makeCall"
        case .answerCall: "answerCall"
        case .clearConnection: "clearConnection"
        case .holdCall: "holdCall"
        case .retrieveCall: "retrieveCall"
        case .singleStepTransferCall: "singleStepTransferCall"
        case .singleStepConferenceCall: "singleStepConferenceCall"
        case .consultationCall: "consultationCall"
        case .cancelConsultation: "cancelConsultation"
        case .transferCall: "transferCall"
        case .conferenceCall: "conferenceCall"
        case .listen: "listen"
        case .agentGreeting: "agentGreeting"
        case .setUserData: "setUserData"
        case .startRecording: "startRecording"
        case .stopRecording: "stopRecording"
        case .placeOutboundCall: "placeOutboundCall"
        case .release: "release"
        case .releaseCampaign: "releaseCampaign"
        case .answerPreview: "answerPreview"
        case .drain: "drain"
        }
    }
}
