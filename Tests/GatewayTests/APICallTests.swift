import CSTA
import CallCenter
import HTTPTypes
import HummingbirdTesting
import SwitchDriver
import Testing

@testable import Gateway

@Suite struct APICallTests {
    private static let calls = "/api/csta/callControl/calls"

    @Test func dialTakesEveryField() async throws {
        let world = try World()
        try world.one.script(.call(try #require(CallID("call-1"))))
        try await world.run { browser in
            let answer = try await browser.loggedIn().post(
                Self.calls,
                #"{"from":"8001","to":"8002@one.cc","originForDisplay":"4001","destForDisplay":"95588@one.cc","#
                    + #""cpa":"1","contextId":"{\"k\":\"v\",\"n\":1.50,\"t\":true,\"none\":null}","unknown":{"a":[1]}}"#
            )
            #expect(answer.status == 200)
            #expect(answer.text == #"{"callId":"call-1"}"#)
        }
        let userData = try #require(UserData(["k": .string("v"), "n": .string("1.50"), "t": .string("true")]))
        #expect(
            try world.one.asked.last?.command
                == .makeCall(
                    MakeCall(
                        call: try #require(CallID("call-1")), from: try #require(DeviceID("8001@one.cc")), to: "8002",
                        analysis: true, originForDisplay: "4001", destinationForDisplay: "95588", userData: userData)))
    }

    @Test(arguments: [
        (#"{"to":"8002"}"#, "from"), (#"{"from":"","to":"8002"}"#, "from"), (#"{"from":8001,"to":"8002"}"#, "from"),
        (#"{"from":"80/01","to":"8002"}"#, "from"), (#"{"from":"8001"}"#, "to"), (#"{"from":"8001","to":""}"#, "to"),
        (#"{"from":"8001","to":"8002 "}"#, "to"), (#"{"from":"8001","to":"8002\r\nX: y"}"#, "to"),
        (#"{"from":"8001","to":"\#(String(repeating: "1", count: 41))"}"#, "to"),
        (#"{"from":"8001","to":"8002@one.cc@"}"#, "to"),
        (#"{"from":"8001","to":"8002","cpa":"yes"}"#, "cpa"), (#"{"from":"8001","to":"8002","cpa":[]}"#, "cpa"),
        (#"{"from":"8001","to":"8002","originForDisplay":"a b"}"#, "originForDisplay"),
        (#"{"from":"8001","to":"8002","originForDisplay":4001}"#, "originForDisplay"),
        (#"{"from":"8001","to":"8002","destForDisplay":"<b>"}"#, "destForDisplay"),
        (#"{"from":"8001","to":"8002","contextId":"{"}"#, "contextId"),
        (#"{"from":"8001","to":"8002","contextId":"[]"}"#, "contextId"),
        (#"{"from":"8001","to":"8002","contextId":"{\"a\":{}}"}"#, "contextId"),
        (#"{"from":"8001","to":"8002","contextId":"{\"a\":[1]}"}"#, "contextId"),
        (#"{"from":"8001","to":"8002","contextId":1}"#, "contextId"),
    ])
    func malformedDials(body: String, field: String) async throws {
        let world = try World()
        try await world.run { browser in
            let answer = try await browser.loggedIn().post(Self.calls, body)
            #expect(answer.status == 400)
            #expect(answer["field"] == field)
        }
        #expect(try world.one.asked.isEmpty)
    }

    static let refusals: [(Refusal, String, [String: String])] = [
        (.notYours, "403 notYours", [:]), (.noSuchCall, "404 noSuchCall", [:]),
        (.noSuchConnection, "404 noSuchConnection", [:]), (.noSuchDevice, "404 noSuchDevice", [:]),
        (.noSuchAgent, "404 noSuchAgent", [:]), (.wrongState(.hold), "409 wrongState", ["state": "Hold"]),
        (.answerAtPhone, "409 answerAtPhone", ["state": "Alerting"]),
        (.retrieveAtPhone, "409 retrieveAtPhone", ["state": "Hold"]),
        (.deviceInCall(.connect), "409 deviceInCall", ["state": "Connect"]),
        (.agentLoggedOut, "409 agentLoggedOut", ["state": "Logout"]),
        (.agentAllocated, "409 agentAllocated", ["state": "Allocated"]),
        (.deviceNotRegistered, "409 deviceNotRegistered", ["state": "None"]),
        (.deviceNotUsable, "409 deviceNotUsable", ["state": "None"]),
        (.numberBarred(.premium), "403 numberBarred", ["field": "to", "reason": "premium"]),
        (.noRoute, "404 noRoute", ["field": "to"]), (.invalidNumber, "400 malformed", ["field": "to"]),
        (.callingSelf, "400 malformed", ["field": "to"]), (.tooMuchUserData, "400 malformed", ["field": "contextId"]),
        (.tooManyCalls, "429 tooManyCalls", [:]), (.switchAway, "503 switchAway", [:]),
        (.shuttingDown, "503 shuttingDown", [:]),
    ]

    @Test(arguments: refusals)
    func eachRefusalHasItsStatus(refusal: Refusal, brief: String, details: [String: String]) async throws {
        let world = try World()
        try world.one.script(.refused(refusal))
        try await world.run { browser in
            let answer = try await browser.loggedIn().post(Self.calls, #"{"from":"8001","to":"8002"}"#)
            #expect(answer.brief == brief)
            for (key, value) in details { #expect(answer[key] == value) }
            if answer.status == 409 { #expect(answer["state"] != nil) }
            if answer.status == 503 { #expect(answer.headers[.retryAfter] == "5") }
        }
    }

    @Test(arguments: [
        ("POST", "8001%40one.cc%7Ccall-1/answer"), ("POST", "8001@one.cc|call-1/answer"),
        ("POST", "8001%7ccall-1/hold"), ("POST", "8001|call-1/retrieve"), ("DELETE", "8001%7Ccall-1"),
    ])
    func connectionsInEverySpelling(method: String, path: String) async throws {
        let world = try World()
        try world.one.script(.done)
        try await world.run { browser in
            let method = try #require(HTTPRequest.Method(method))
            let answer = try await browser.loggedIn().send(
                method, "\(Self.calls)/call-1/connections/\(path)", "not looked at")
            #expect(answer.status == 204)
            #expect(answer.text.isEmpty)
        }
        let connection = ConnectionID(
            device: try #require(DeviceID("8001@one.cc")), call: try #require(CallID("call-1")))
        let expected: Command =
            path.hasSuffix("answer")
            ? .answerCall(connection)
            : path.hasSuffix("hold")
                ? .holdCall(connection)
                : path.hasSuffix("retrieve") ? .retrieveCall(connection) : .clearConnection(connection)
        #expect(try world.one.asked.last?.command == expected)
    }

    @Test(arguments: [
        ("call-1/connections/8001%7Ccall-2/answer", "404 noSuchConnection"),
        ("call-1/connections/8001@two.cc%7Ccall-1/answer", "403 notYours"),
        ("call-1/connections/8001/answer", "400 malformed"), ("call-1/connections/%7C/answer", "400 malformed"),
        ("call-1/connections/8001%7C/answer", "400 malformed"),
        ("call-1/connections/80%2F01%7Ccall-1/answer", "400 malformed"),
        ("call-1/connections/%00%7Ccall-1/answer", "400 malformed"), ("call-1/connections/%zz/answer", "400 malformed"),
        ("call%201/connections/8001%7Ccall-1/answer", "400 malformed"),
        ("\(String(repeating: "c", count: 65))/connections/8001%7Ccall-1/answer", "400 malformed"),
        ("call-1/connections/8001%7Ccall-1/answer", "404 noSuchCall"),
        ("call-1/connections/8001%7Ccall-1/park", "404 noSuchPath"), ("call-1/answer", "404 noSuchPath"),
    ])
    func wrongConnections(path: String, brief: String) async throws {
        try await World().run { browser in
            let answer = try await browser.loggedIn().post("\(Self.calls)/\(path)")
            #expect(answer.brief == brief)
        }
    }

    @Test func aServerTakesABareBar() async throws {
        let world = try World()
        try world.one.script(.done)
        try await world.run(.live) { browser in
            let session = try #require(try await browser.loggedIn().session)
            // Byte by byte, as the clients of the tests refuse to send it.
            let answer = try await browser.exchange(
                "DELETE \(Self.calls)/call-1/connections/8001@one.cc|call-1 HTTP/1.1\r\nHost: localhost\r\n"
                    + "Authorization: Bearer \(session)\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 204 "), "\(answer)")
        }
        #expect(try world.one.asked.count == 1)
    }

    @Test func aCallByTheRealRules() async throws {
        let world = try World()
        let one = try world.one
        try await world.run { browser in
            let caller = try await browser.loggedIn("5001")
            let called = try await browser.loggedIn("5002")
            let supervisor = try await browser.loggedIn("5900")
            try await caller.onDevice("8001", as: "5001")
            try await called.onDevice("8002", as: "5002", mode: "NotReady")
            let dial = #"{"from":"8001@one.cc","to":"8002","contextId":"{\"order\":\"17\"}"}"#
            #expect(try await called.post(Self.calls, dial).brief == "403 notYours")
            #expect(try await caller.post(Self.calls, dial).text == #"{"callId":"call-2"}"#)
            let again = try await caller.post(Self.calls, dial)
            #expect(again.brief == "409 deviceInCall")
            #expect(again["state"] == "Initiate")

            let path = "\(Self.calls)/call-2"
            #expect(try await called.get(path).brief == "404 noSuchCall", "it has heard nothing of it yet")
            one.feed(.legAnswered(LegID("call-2-1")))
            one.feed(.legRinging(LegID("call-2-2")))
            let hold = "\(path)/connections/8002%7Ccall-2/hold"
            let wrong = try await called.post(hold)
            #expect(wrong.brief == "409 wrongState")
            #expect(wrong["state"] == "Alerting")
            #expect(try await caller.post("\(path)/connections/8002%7Ccall-2/answer").brief == "403 notYours")
            #expect(try await called.post("\(path)/connections/8002%7Ccall-2/answer").status == 204)
            world.clock.advance(seconds: 5)
            one.feed(.legAnswered(LegID("call-2-2")))

            let state = try await called.get("/api/csta/agent/client-state")
            let serial = try #require(state.json?["serial"]?.integer)
            #expect(
                state.text == #"{"agent":{"agentId":"5002@one.cc","agentName":"Agent 5002","agentMode":"NotReady","#
                    + #""namespace":"one.cc","extensionId":"8002@one.cc","activeCall":\#(Self.part)},"#
                    + #""extension":{"deviceId":"8002@one.cc","state":"Connect"},"calls":[\#(Self.part)],"#
                    + #""serial":\#(serial)}"#)
            #expect(serial > 0)
            #expect(
                try await caller.get("/api/csta/agent/client-state").json?["agent"]?["activeCall"]?["direction"]
                    == .string("Out"))

            for browser in [caller, called, supervisor] {
                let list = try await browser.get(Self.calls)
                #expect(list.json?["calls"]?.array?.count == 1)
                #expect(list.json?["total"]?.integer == 1)
                #expect(list.json?["serial"]?.integer == serial)
                let one = try await browser.get(path)
                #expect(one["callType"] == "Internal")
                #expect(one.json?["connections"]?.array?.count == 2)
                #expect(one.json?["userData"]?["data"]?["order"] == .string("17"))
            }
            try await whoSees(path, browser, caller: caller, supervisor: supervisor)

            let kept = try await caller.post(
                "/api/csta/agent/state", #"{"func":"SetState","agentId":"5001","agentMode":"NotReady"}"#)
            #expect(kept.text == #"{"pendingMode":"NotReady"}"#)
            #expect(
                try await caller.get("/api/csta/agent/client-state").json?["agent"]?["pendingMode"]
                    == .string("NotReady"))
            let other = "\(path)/connections/8001%7Ccall-2"
            #expect(try await called.send(.delete, other).brief == "403 notYours")
            #expect(try await supervisor.send(.delete, other).status == 204)
            one.feed(.legEnded(LegID("call-2-1"), cause: .normalClearing))
            one.feed(.legEnded(LegID("call-2-2"), cause: .normalClearing))
            let after = try await caller.get("/api/csta/agent/client-state")
            #expect(after.json?["agent"]?["activeCall"] == nil)
            #expect(after.json?["extension"]?["state"] == .string("Idle"))
            #expect(try await caller.send(.delete, other).brief == "404 noSuchCall")
        }
    }

    /// Others than the two parties of the one call, and the list narrowed to a device.
    private func whoSees(_ path: String, _ browser: Browser, caller: Browser, supervisor: Browser) async throws {
        let idle = try await browser.loggedIn("5003")
        #expect(try await idle.get(path).brief == "404 noSuchCall")
        #expect(try await idle.get(Self.calls).json?["total"]?.integer == 0)
        #expect(try await browser.loggedIn("5900", in: "two.cc").get(path).brief == "404 noSuchCall")
        #expect(try await supervisor.get(Self.calls + "?device=8002").json?["total"]?.integer == 1)
        #expect(try await supervisor.get(Self.calls + "?device=8003").json?["total"]?.integer == 0)
        #expect(try await caller.get(Self.calls + "?device=8002@two.cc").brief == "403 notYours")
        #expect(try await caller.get(Self.calls + "?device=%3C")["field"] == "device")
    }

    private static let part =
        #"{"callId":"call-2","connectionId":"8002@one.cc|call-2","ani":"8001@one.cc","dnis":"8002@one.cc","#
        + #""state":"Connect","direction":"In","otherSide":"8001@one.cc","ringTime":"2026.01.01 00:00:00","#
        + #""answerTime":"2026.01.01 00:00:05","callType":"Internal","conversationId":"call-2","#
        + #""userData":{"data":\#(userData)}}"#
    private static let userData =
        #"{"order":"17","originalANI":"8001@one.cc","originalDNIS":"8002@one.cc","originalCallId":"call-2"}"#
}
