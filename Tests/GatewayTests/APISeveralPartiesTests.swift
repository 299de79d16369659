import CSTA
import CallCenter
import HTTPTypes
import SwitchDriver
import Testing

@testable import Gateway

/// Calls of several parties by the real rules, as clients ask for them and see them.
@Suite struct APISeveralPartiesTests {
    private static let calls = "/api/csta/callControl/calls"

    /// A customer talks with 8001 in `in-1`; 5002 sits at 8002, 5003 at 8003, the supervisor at 8004.
    private struct Floor: Sendable {
        let world: World
        let one: TestTenant
        let agents: [Browser]
        let supervisor: Browser
        let admin: Browser
        let stranger: Browser

        init(_ world: World, _ browser: Browser) async throws {
            self.world = world
            one = try world.one
            var agents: [Browser] = []
            for number in 1...3 {
                let agent = try await browser.loggedIn("500\(number)")
                try await agent.onDevice("800\(number)", as: "500\(number)", mode: "NotReady")
                agents.append(agent)
            }
            self.agents = agents
            supervisor = try await browser.loggedIn("5900")
            try await supervisor.onDevice("8004", as: "5900", mode: "NotReady")
            admin = try await browser.loggedIn("5999")
            stranger = try await browser.loggedIn("5900", in: "two.cc")
            one.feed(
                .legOffered(
                    OfferedLeg(
                        leg: LegID("in"), origin: .trunk(group: "out", member: "3", number: "13800000000"),
                        dialled: "4001")), newCall: CallID("in-1"))
            one.feed(.legRinging(LegID("in-1-2")))
            one.feed(.legAnswered(LegID("in-1-2")))
            one.feed(.legAnswered(LegID("in")))
        }

        func path(_ device: Int, _ service: String) -> String {
            "\(calls)/in-1/connections/\(device)%7Cin-1/\(service)"
        }

        /// 8001 consults 8002; → the call's id.
        func consult() async throws -> String {
            let answer = try await agents[0].post(path(8001, "consult"), #"{"consultationParticipant":"8002"}"#)
            #expect(answer.status == 200)
            return try #require(answer["callId"])
        }

        func talkInConsultation() async throws -> String {
            let id = try await consult()
            one.feed(.legTakenOut(LegID("in-1-2")))
            one.feed(.legRinging(LegID("\(id)-1")))
            one.feed(.legAnswered(LegID("\(id)-1")))
            return id
        }

        func state(_ agent: Int) async throws -> JSON {
            try #require(try await agents[agent - 1].get("/api/csta/agent/client-state").json)
        }
    }

    private func onFloor(_ body: @escaping @Sendable (Floor) async throws -> Void) async throws {
        let world = try World { setup in
            for number in 1...4 {
                setup.inbound["400\(number)"] = DeviceID("800\(number)", in: setup.namespace).map {
                    InboundRoute(to: $0)
                }
            }
        }
        try await world.run { browser in try await body(try await Floor(world, browser)) }
    }

    @Test func aConsultationThatWaitsIsNotShown() async throws {
        try await onFloor { floor async throws in
            let id = try await floor.consult()
            for browser in [floor.agents[0], floor.supervisor, floor.admin] {
                #expect(try await browser.get(Self.calls).json?["total"]?.integer == 1)
                #expect(try await browser.get("\(Self.calls)/\(id)").brief == "404 noSuchCall")
                #expect(try await browser.get("\(Self.calls)/\(id)/user-data").brief == "404 noSuchCall")
            }
            #expect(try await floor.supervisor.get(Self.calls + "?device=8001").json?["total"]?.integer == 1)
            #expect(try await floor.state(1)["calls"]?.array?.count == 1)
            floor.one.feed(.legTakenOut(LegID("in-1-2")))
            #expect(try await floor.supervisor.get(Self.calls).json?["total"]?.integer == 2)
            #expect(try await floor.state(1)["calls"]?.array?.count == 2)
            #expect(try await floor.agents[1].get(Self.calls).json?["total"]?.integer == 0, "it has not rung there yet")
        }
    }

    @Test func consultationThenTransfer() async throws {
        try await onFloor { floor async throws in
            let id = try await floor.talkInConsultation()
            let state = try await floor.state(1)
            let active = state["agent"]?["activeCall"]
            #expect(active?["callId"] == .string(id))
            #expect(active?["conversationId"] == .string("in-1"))
            #expect(active?["consultedFrom"] == .string("in-1"))
            #expect(active?["otherSide"] == .string("8002@one.cc"))
            #expect(state["calls"]?.array?.map { $0["state"] } == [.string("Hold"), .string("Connect")])
            #expect(try await floor.state(2)["agent"]?["activeCall"]?["consultedFrom"] == .string("in-1"))

            let again = try await floor.agents[0].post(
                floor.path(8001, "consult"), #"{"consultationParticipant":"8003"}"#)
            #expect(again.brief == "409 otherCallActive")
            #expect(again["state"] == "Connect")
            // The held and the active call swapped; another's; one that is not there.
            let swapped = try await floor.agents[0].post(
                "\(Self.calls)/\(id)/connections/8001%7C\(id)/transfer", #"{"consultCallId":"in-1"}"#)
            #expect(swapped.brief == "409 wrongState")
            #expect(swapped["state"] == "Connect")
            let body = #"{"consultCallId":"\#(id)"}"#
            #expect(try await floor.agents[1].post(floor.path(8001, "transfer"), body).brief == "403 notYours")
            #expect(try await floor.stranger.post(floor.path(8001, "transfer"), body).brief == "404 noSuchCall")
            let nowhere = #"{"consultCallId":"nowhere"}"#
            #expect(try await floor.agents[0].post(floor.path(8001, "transfer"), nowhere).brief == "404 noSuchCall")

            #expect(try await floor.agents[0].post(floor.path(8001, "transfer"), body).status == 204)
            let joined = try await floor.state(2)["agent"]?["activeCall"]
            #expect(joined?["callId"] == .string("in-1"))
            #expect(joined?["otherSide"] == .string("13800000000@one.cc"))
            #expect(joined?["ani"] == .string("13800000000@one.cc"))
            #expect(try await floor.state(1)["calls"] == .array([]))
            #expect(try await floor.agents[0].get("\(Self.calls)/in-1").brief == "404 noSuchCall")
        }
    }

    @Test func consultationThenConference() async throws {
        try await onFloor { floor async throws in
            let id = try await floor.talkInConsultation()
            let body = #"{"consultCallId":"\#(id)"}"#
            #expect(try await floor.agents[0].post(floor.path(8001, "conference"), body).status == 204)
            let first = try await floor.state(1)["agent"]?["activeCall"]
            #expect(first?["otherSide"] == .string("13800000000@one.cc"))
            #expect(first?["otherSides"] == .array([.string("13800000000@one.cc"), .string("8002@one.cc")]))
            let second = try await floor.state(2)["agent"]?["activeCall"]
            #expect(second?["otherSides"] == .array([.string("13800000000@one.cc"), .string("8001@one.cc")]))
            let transfer = try await floor.agents[0].post(
                floor.path(8001, "singleStepTransfer"), #"{"transferTo":"8003"}"#)
            #expect(transfer.brief == "409 notTwoParties")
            #expect(transfer["state"] == "Connect")
            let member = try await floor.agents[0].post(
                floor.path(8001, "singleStepConference"), #"{"conferenceParticipant":"8002"}"#)
            #expect(member.brief == "409 alreadyInCall")
        }
    }

    @Test func cancelling() async throws {
        try await onFloor { floor async throws in
            let id = try await floor.talkInConsultation()
            let path = floor.path(8001, "cancelConsult")
            #expect(try await floor.agents[1].post(path, #"{"consultCallId":"\#(id)"}"#).brief == "403 notYours")
            #expect(try await floor.agents[0].post(path, #"{"consultCallId":"\#(id)"}"#).status == 204)
            floor.one.feed(.legConnected(LegID("in-1-2"), mix: MixID(try #require(CallID("in-1")))))
            let calls = try await floor.state(1)["calls"]?.array
            #expect(calls?.map { $0["state"] } == [.string("Connect")])
            let late = try await floor.agents[0].post(path, #"{"consultCallId":"\#(id)"}"#)
            #expect(late.brief == "404 noSuchCall")
        }
    }

    @Test func supervisorsBargeInAndTakeOver() async throws {
        try await onFloor { floor async throws in
            let join = floor.path(8001, "singleStepConference")
            let body = #"{"conferenceParticipant":"8004"}"#
            #expect(try await floor.agents[1].post(join, body).brief == "403 notYours")
            #expect(try await floor.supervisor.post(join, body).status == 204)
            let pending = try await floor.supervisor.post(join, #"{"conferenceParticipant":"8003"}"#)
            #expect(pending.brief == "409 partyPending")
            #expect(pending["state"] == "None")
            floor.one.feed(.legEnded(LegID("in-1-3"), cause: .callRejected))
            let take = floor.path(8001, "singleStepTransfer")
            #expect(try await floor.agents[1].post(take, #"{"transferTo":"8002"}"#).brief == "403 notYours")
            let field = try await floor.supervisor.post(take, #"{"transferTo":"8001"}"#)
            #expect(field.brief == "400 malformed" && field["field"] == "transferTo")
            #expect(try await floor.supervisor.post(take, #"{"transferTo":"7777"}"#)["field"] == "transferTo")
            #expect(try await floor.admin.post(take, #"{"transferTo":"8004"}"#).status == 204)
            floor.one.feed(.legRinging(LegID("in-1-4")))
            let own = try await floor.supervisor.get("/api/csta/agent/client-state").json?["agent"]?["activeCall"]
            #expect(own?["state"] == .string("Alerting"))
            #expect(own?["otherSide"] == .string("13800000000@one.cc"))
        }
    }

    @Test func whoListensIsSeenBySupervisorsOnly() async throws {
        try await onFloor { floor async throws in
            let spy = "\(Self.calls)/in-1/spy?deviceId="
            #expect(try await floor.agents[1].post(spy + "8002").brief == "403 notYours")
            #expect(try await floor.stranger.post(spy + "8004").brief == "404 noSuchCall")
            #expect(try await floor.supervisor.post(spy + "8009").brief == "404 noSuchDevice")
            let member = try await floor.supervisor.post(spy + "8001")
            #expect(member.brief == "409 alreadyInCall" && member["state"] == "Connect")
            #expect(try await floor.supervisor.post(spy + "8003").status == 204)
            let busy = try await floor.supervisor.post("\(Self.calls)/in-1/spy?deviceId=8003")
            #expect(busy.brief == "409 alreadyInCall" && busy["state"] == "None")
            floor.one.feed(.legRinging(LegID("in-1-3")))
            floor.one.feed(.legAnswered(LegID("in-1-3")))

            func parts(_ browser: Browser) async throws -> [JSON] {
                try await browser.get("\(Self.calls)/in-1").json?["connections"]?.array ?? []
            }
            #expect(try await parts(floor.agents[0]).count == 2)
            #expect(try await parts(floor.agents[2]).count == 3, "it knows of itself")
            let listener = try #require(try await parts(floor.supervisor).last)
            #expect(listener["deviceId"] == .string("8003@one.cc"))
            #expect(listener["participationType"] == .string("Listening"))
            #expect(try await floor.state(1)["agent"]?["activeCall"]?["otherSides"] == nil)
            let heard = try await floor.state(3)["agent"]?["activeCall"]
            #expect(heard?["otherSide"] == .string("8001@one.cc"))
            #expect(heard?["participationType"] == .string("Listening"))
        }
    }

    @Test func userData() async throws {
        try await onFloor { floor async throws in
            let path = "\(Self.calls)/in-1/user-data"
            let body = #"{"entries":[{"key":"or der","value":"17"},{"key":"origin_dnis","value":"4000"}]}"#
            #expect(try await floor.agents[1].post(path, body).brief == "403 notYours")
            #expect(try await floor.stranger.post(path, body).brief == "404 noSuchCall")
            #expect(try await floor.agents[0].post(path, body).status == 204)
            for browser in [floor.agents[0], floor.supervisor, floor.admin] {
                #expect(try await browser.get("\(path)/or%20der").text == #"{"key":"or der","value":"17"}"#)
                #expect(try await browser.get("\(path)/nothing").brief == "404 noSuchKey")
                #expect(
                    try await browser.get(path).text
                        == #"{"entries":[{"key":"origin_dnis","value":"4000"},"#
                        + #"{"key":"originalANI","value":"13800000000@one.cc"},"#
                        + #"{"key":"originalDNIS","value":"8001@one.cc"},{"key":"originalCallId","value":"in-1"},"#
                        + #"{"key":"or der","value":"17"}]}"#)
            }
            for browser in [floor.agents[1], floor.stranger] {
                #expect(try await browser.get(path).brief == "404 noSuchCall")
                #expect(try await browser.get("\(path)/or%20der").brief == "404 noSuchCall")
            }
            #expect(try await floor.supervisor.post(path, #"{"entries":[{"key":"k","value":"v"}]}"#).status == 204)
        }
    }

    @Test func greetings() async throws {
        try await onFloor { floor async throws in
            let path = "\(Self.calls)/in-1/agentGreeting"
            let own = #"{"agentId":"5001","deviceId":"8001"}"#
            #expect(try await floor.agents[0].post(path, own).status == 204)
            #expect(try await floor.supervisor.post(path, own).status == 204)
            #expect(try await floor.agents[1].post(path, own).brief == "403 notYours")
            let wrong = try await floor.agents[0].post(path, #"{"agentId":"5002","deviceId":"8001"}"#)
            #expect(wrong.brief == "409 notLoggedInThere" && wrong["state"] == "Connect")
            let other = #"{"agentId":"5002","deviceId":"8002"}"#
            #expect(try await floor.agents[1].post(path, other).brief == "404 noSuchConnection")
        }
    }

    @Test func recordings() async throws {
        try await onFloor { floor async throws in
            let start = "/api/csta/callControl/recording/Start?extension="
            let stop = "/api/csta/callControl/recording/Stop?extension="
            #expect(try await floor.agents[1].post(start + "8001").brief == "403 notYours")
            #expect(try await floor.agents[0].post(start + "8009").brief == "404 noSuchDevice")
            let idle = try await floor.agents[1].post(start + "8002")
            #expect(idle.brief == "409 wrongState" && idle["state"] == "None")
            let none = try await floor.agents[0].post(stop + "8001")
            #expect(none.brief == "409 notRecording" && none["state"] == "Connect")
            #expect(try await floor.agents[0].post(start + "8001").status == 204)
            let twice = try await floor.agents[0].post(start + "8001@one.cc")
            #expect(twice.brief == "409 alreadyRecording" && twice["state"] == "Connect")
            #expect(try await floor.state(1)["agent"]?["activeCall"]?["recordId"] == nil, "the switch has not said so")
            floor.one.feed(.recordingStarted(RecordingID("in-1-r1")))
            #expect(try await floor.state(1)["agent"]?["activeCall"]?["recordId"] == .string("in-1-r1"))
            let parts = try await floor.supervisor.get("\(Self.calls)/in-1").json?["connections"]?.array
            #expect(parts?.map { $0["recordId"] } == [nil, .string("in-1-r1")])
            #expect(try await floor.supervisor.post(stop + "8001").status == 204)
            floor.one.feed(.recordingEnded(RecordingID("in-1-r1"), isSuccess: true))
            #expect(try await floor.state(1)["agent"]?["activeCall"]?["recordId"] == nil)
        }
        let forbidding = try World { setup in
            setup.recording.mode = .forbidden
            setup.inbound["4001"] = DeviceID("8001", in: setup.namespace).map { InboundRoute(to: $0) }
        }
        try await forbidding.run { browser in
            let floor = try await Floor(forbidding, browser)
            for service in ["Start", "Stop"] {
                let answer = try await floor.agents[0].post(
                    "/api/csta/callControl/recording/\(service)?extension=8001")
                #expect(answer.brief == "466 recordingForbidden")
            }
        }
    }
}
