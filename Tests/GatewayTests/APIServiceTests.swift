import CSTA
import CallCenter
import HTTPTypes
import SwitchDriver
import Testing

@testable import Gateway

/// What the services on calls take, and what they answer; the rules are scripted here.
@Suite struct APIServiceTests {
    static let calls = "/api/csta/callControl/calls"
    static let own = "\(calls)/c-1/connections/8001%7Cc-1"

    struct Service: Sendable, CustomTestStringConvertible {
        let path: String
        /// In both spellings of numbers; nil: it has none.
        let bodies: [String?]
        let command: Command
        var reply = Reply.done
        var testDescription: String { path }
    }

    static let services: [Service] = {
        guard let device = DeviceID("8001@one.cc"), let other = DeviceID("8003@one.cc"), let call = CallID("c-1"),
            let second = CallID("c-2"), let new = CallID("call-1"), let agent = AgentID("5001@one.cc"),
            let data = UserData(["k": .string("v"), "n": .string("1.50"), "t": .string("true")])
        else { return [] }
        let held = ConnectionID(device: device, call: call)
        let consultation = [#"{"consultCallId":"c-2"}"#]
        return [
            Service(
                path: "\(own)/singleStepTransfer",
                bodies: [#"{"transferTo":"8003"}"#, #"{"transferTo":"8003@one.cc","x":[]}"#],
                command: .singleStepTransferCall(held, to: "8003", returns: false)),
            Service(
                path: "\(own)/singleStepTransferCallAndWait",
                bodies: [#"{"transferTo":"6000"}"#, #"{"transferTo":"6000@one.cc"}"#],
                command: .singleStepTransferCall(held, to: "6000", returns: true)),
            Service(
                path: "\(own)/singleStepConference",
                bodies: [
                    #"{"conferenceParticipant":"8003","participationType":"Active"}"#,
                    #"{"conferenceParticipant":"8003@one.cc"}"#,
                ], command: .singleStepConferenceCall(held, participant: "8003", isSilent: false)),
            Service(
                path: "\(own)/singleStepConference",
                bodies: [#"{"conferenceParticipant":"8003","participationType":"Silent"}"#],
                command: .singleStepConferenceCall(held, participant: "8003", isSilent: true)),
            Service(
                path: "\(own)/consult",
                bodies: [#"{"consultationParticipant":"8003"}"#, #"{"consultationParticipant":"8003@one.cc"}"#],
                command: .consultationCall(held, participant: "8003", call: new), reply: .call(new)),
            Service(
                path: "\(own)/cancelConsult", bodies: consultation,
                command: .cancelConsultation(held: held, consultation: second)),
            Service(
                path: "\(own)/transfer", bodies: consultation,
                command: .transferCall(held: held, active: second, returns: false)),
            Service(
                path: "\(own)/transferAndWait", bodies: consultation,
                command: .transferCall(held: held, active: second, returns: true)),
            Service(
                path: "\(own)/conference", bodies: consultation,
                command: .conferenceCall(held: held, active: second)),
            Service(
                path: "\(calls)/c-1/agentGreeting",
                bodies: [
                    #"{"agentId":"5001","deviceId":"8001@one.cc"}"#, #"{"agentId":"5001@one.cc","deviceId":"8001"}"#,
                ], command: .agentGreeting(call, agent, device: device)),
            Service(path: "\(calls)/c-1/spy?deviceId=8003", bodies: [nil], command: .listen(call, device: other)),
            Service(
                path: "\(calls)/c-1/spy?deviceId=8003%40one.cc", bodies: ["{"], command: .listen(call, device: other)),
            Service(
                path: "\(calls)/c-1/user-data",
                bodies: [
                    #"{"entries":[{"key":"k","value":"v"},{"key":"n","value":1.50},{"key":"t","value":true}]}"#
                ], command: .setUserData(call, data)),
            Service(
                path: "/api/csta/callControl/recording/Start?extension=8001@one.cc", bodies: [nil],
                command: .startRecording(device)),
            Service(
                path: "/api/csta/callControl/recording/Stop?extension=8001", bodies: [nil],
                command: .stopRecording(device)),
        ]
    }()

    @Test(arguments: services)
    func eachServiceBecomesItsCommand(service: Service) async throws {
        let world = try World()
        for body in service.bodies {
            try world.one.script(service.reply)
            try await world.run { browser in
                let answer = try await browser.loggedIn().post(service.path, body)
                if case .call = service.reply {
                    #expect(answer.status == 200)
                    #expect(answer.text == #"{"callId":"call-1"}"#)
                } else {
                    #expect(answer.status == 204)
                    #expect(answer.text.isEmpty)
                }
            }
            #expect(try world.one.asked.last?.command == service.command)
        }
    }

    @Test(arguments: services)
    func noServiceWithoutASession(service: Service) async throws {
        let world = try World()
        try await world.run { browser in
            #expect(try await browser.post(service.path, service.bodies[0]).brief == "401 noSession")
            let answer = try await browser.loggedIn().send(.put, service.path, service.bodies[0])
            #expect(answer.brief == "405 wrongMethod")
        }
        #expect(try world.one.asked.isEmpty)
    }

    @Test(arguments: services)
    func nothingOfAnotherNamespace(service: Service) async throws {
        let world = try World()
        try await world.run { browser in
            let agent = try await browser.loggedIn()
            let path = service.path.replacing("8001%7C", with: "8001@two.cc%7C").replacing(
                "=8003", with: "=8003@two.cc&x="
            )
            .replacing("=8001", with: "=8001@two.cc&x=")
            if path != service.path {
                #expect(try await agent.post(path, service.bodies[0]).brief == "403 notYours")
            }
            for body in service.bodies.compactMap(\.self) where body.contains("@one.cc") {
                let answer = try await agent.post(service.path, body.replacing("@one.cc", with: "@two.cc"))
                #expect(answer.brief == "403 notYours")
            }
        }
        #expect(try world.one.asked.isEmpty)
    }

    static let malformed: [(String, String?, String)] = [
        ("\(own)/singleStepTransfer", "{}", "transferTo"), ("\(own)/singleStepTransfer", nil, "body"),
        ("\(own)/singleStepTransfer", "[]", "body"),
        ("\(own)/singleStepTransfer", #"{"transferTo":8003}"#, "transferTo"),
        ("\(own)/singleStepTransfer", #"{"transferTo":"80 03"}"#, "transferTo"),
        ("\(own)/singleStepTransferCallAndWait", #"{"transferTo":""}"#, "transferTo"),
        ("\(own)/singleStepConference", #"{"participationType":"Active"}"#, "conferenceParticipant"),
        (
            "\(own)/singleStepConference", #"{"conferenceParticipant":"8003","participationType":"silent"}"#,
            "participationType"
        ),
        (
            "\(own)/singleStepConference", #"{"conferenceParticipant":"8003","participationType":1}"#,
            "participationType"
        ),
        ("\(own)/consult", #"{"consultationParticipant":null}"#, "consultationParticipant"),
        ("\(own)/cancelConsult", "{}", "consultCallId"),
        ("\(own)/transfer", #"{"consultCallId":"a b"}"#, "consultCallId"),
        ("\(own)/transferAndWait", #"{"consultCallId":[]}"#, "consultCallId"),
        ("\(own)/conference", #"{"consultCallId":"\#(String(repeating: "c", count: 65))"}"#, "consultCallId"),
        ("\(calls)/c-1/agentGreeting", #"{"deviceId":"8001"}"#, "agentId"),
        ("\(calls)/c-1/agentGreeting", #"{"agentId":"5001"}"#, "deviceId"),
        ("\(calls)/c%201/agentGreeting", #"{"agentId":"5001","deviceId":"8001"}"#, "callId"),
        ("\(calls)/c-1/spy", nil, "deviceId"), ("\(calls)/c-1/spy?deviceId=", nil, "deviceId"),
        ("\(calls)/c-1/spy?deviceId=%3C", nil, "deviceId"),
        ("\(calls)/c-1/user-data", "{}", "entries"), ("\(calls)/c-1/user-data", #"{"entries":{"k":"v"}}"#, "entries"),
        ("\(calls)/c-1/user-data", #"{"entries":[]}"#, "entries"),
        ("\(calls)/c-1/user-data", #"{"entries":["k"]}"#, "entries[0].key"),
        ("\(calls)/c-1/user-data", #"{"entries":[{"key":"k","value":"v"},{"key":"","value":"v"}]}"#, "entries[1].key"),
        ("\(calls)/c-1/user-data", #"{"entries":[{"key":"k"}]}"#, "entries[0].value"),
        ("\(calls)/c-1/user-data", #"{"entries":[{"key":"k","value":{}}]}"#, "entries[0].value"),
        ("/api/csta/callControl/recording/Start", nil, "extension"),
        ("/api/csta/callControl/recording/Stop?extension=a%20b", nil, "extension"),
    ]

    @Test(arguments: malformed)
    func whatIsMalformedNamesItsField(path: String, body: String?, field: String) async throws {
        let world = try World()
        try await world.run { browser in
            let answer = try await browser.loggedIn().post(path, body)
            #expect(answer.status == 400, "\(answer)")
            #expect(answer["field"] == field)
            #expect(answer["message"]?.hasPrefix(field) == true)
        }
        #expect(try world.one.asked.isEmpty)
    }

    /// What the rules refuse is said in the words of the request.
    @Test(arguments: [
        ("singleStepTransfer", "transferTo"), ("singleStepTransferCallAndWait", "transferTo"),
        ("singleStepConference", "conferenceParticipant"), ("consult", "consultationParticipant"),
    ])
    func refusedNumbersNameTheFieldThatWasSent(service: String, field: String) async throws {
        let world = try World()
        try await world.run { browser in
            let agent = try await browser.loggedIn()
            for (refusal, brief) in [
                (Refusal.noRoute, "404 noRoute"), (.invalidNumber, "400 malformed"), (.callingSelf, "400 malformed"),
            ] {
                try world.one.script(.refused(refusal))
                let answer = try await agent.post("\(Self.own)/\(service)", #"{"\#(field)":"8003"}"#)
                #expect(answer.brief == brief)
                #expect(answer["field"] == field)
                #expect(answer["message"]?.hasPrefix("\(field): ") == true)
            }
        }
    }

    @Test func tooMuchUserDataNamesTheEntries() async throws {
        let world = try World()
        try world.one.script(.refused(.tooMuchUserData))
        try await world.run { browser in
            let answer = try await browser.loggedIn().post(
                "\(Self.calls)/c-1/user-data", #"{"entries":[{"key":"k","value":"v"}]}"#)
            #expect(answer.brief == "400 malformed")
            #expect(answer["field"] == "entries")
        }
    }

    static let refusals: [(Refusal, String)] = [
        (.notYours, "403 notYours"), (.noSuchCall, "404 noSuchCall"), (.noSuchConnection, "404 noSuchConnection"),
        (.wrongState(.hold), "409 wrongState"), (.otherCallActive(.hold), "409 otherCallActive"),
        (.partyPending(.hold), "409 partyPending"), (.notTwoParties(.hold), "409 notTwoParties"),
        (.splitNotAllowed(.hold), "409 splitNotAllowed"),
        (.tooManyParties(.hold), "409 tooManyParties"), (.alreadyInCall(.hold), "409 alreadyInCall"),
        (.notLoggedInThere(.hold), "409 notLoggedInThere"), (.alreadyRecording(.hold), "409 alreadyRecording"),
        (.notRecording(.hold), "409 notRecording"), (.deviceInCall(.hold), "409 deviceInCall"),
        (.recordingForbidden, "466 recordingForbidden"), (.tooManyCalls, "429 tooManyCalls"),
        (.switchAway, "503 switchAway"), (.shuttingDown, "503 shuttingDown"), (.overloaded, "503 overloaded"),
    ]

    @Test(arguments: services)
    func eachRefusalHasItsStatus(service: Service) async throws {
        let world = try World()
        try await world.run { browser in
            let agent = try await browser.loggedIn()
            for (refusal, brief) in Self.refusals {
                try world.one.script(.refused(refusal))
                let answer = try await agent.post(service.path, service.bodies[0])
                #expect(answer.brief == brief)
                #expect(answer["message"]?.isEmpty == false)
                #expect(answer["state"] == (answer.status == 409 ? "Hold" : nil))
            }
        }
    }
}
