import CSTA
import SandboxSwitch
import SwitchDriver
import Testing

@Suite("Phones")
struct PhoneTests {
    @Test func `a phone rings, is answered by its button and hangs up`() throws {
        let lab = try Lab()
        try lab.dial("a", phone: 8001)
        lab.pass(seconds: 3)
        try lab.press(.answer, 8001)
        lab.pass(seconds: 60)
        try lab.press(.hangup, 8001)
        #expect(lab.takeTold() == ["0 ringing a", "3000 answered a", "63000 ended a NORMAL_CLEARING"])
    }

    @Test func `a phone answers when the switch is told to answer, once`() throws {
        let lab = try Lab()
        try lab.dial("a", phone: 8001)
        lab.do(.answer(LegID("a")))
        lab.do(.answer(LegID("a")))
        #expect(lab.takeTold() == ["0 ringing a", "0 answered a", "0 refused a"])
    }

    @Test func `a subscriber cannot be made to answer`() throws {
        let lab = try Lab()
        lab.dial("x", number: "13800000040")
        lab.do(.answer(LegID("x")))
        #expect(lab.takeTold() == ["0 ringing x", "0 refused x"])
    }

    @Test func `a phone answers its own agent's call by itself`() throws {
        let lab = try Lab()
        try lab.dial("a", phone: 8001, mix: "m", answersItself: true)
        #expect(lab.takeTold() == ["0 ringing a", "0 answered a"])
        #expect(lab.sandbox.members(of: MixID("m"), in: lab.namespace) == [LegID("a")])
    }

    @Test func `a phone rejects`() throws {
        let lab = try Lab()
        try lab.dial("a", phone: 8001)
        try lab.press(.reject, 8001)
        #expect(lab.takeTold() == ["0 ringing a", "0 ended a CALL_REJECTED"])
    }

    @Test func `a phone that nobody answers rings until the limit`() throws {
        let lab = try Lab()
        try lab.dial("a", phone: 8001, ringLimitSeconds: 12)
        lab.pass(seconds: 100)
        #expect(lab.takeTold() == ["0 ringing a", "12000 ended a NO_ANSWER"])
    }

    @Test func `a phone that is in a call is busy`() throws {
        let lab = try Lab()
        try lab.dial("a", phone: 8001)
        try lab.dial("b", phone: 8001)
        try lab.press(.answer, 8001)
        try lab.dial("c", phone: 8001)
        try lab.press(.hangup, 8001)
        try lab.press(.dial("8002"), 8001)
        try lab.dial("d", phone: 8001)
        #expect(
            lab.takeTold() == [
                "0 ringing a", "0 ended b USER_BUSY", "0 answered a", "0 ended c USER_BUSY",
                "0 ended a NORMAL_CLEARING", "0 offered sb1-0-1 8001 -> 8002", "0 ended d USER_BUSY",
            ])
    }

    @Test func `a phone begins a call, which is answered and connected`() throws {
        let lab = try Lab()
        try lab.press(.dial("913800000000"), 8001)
        let leg = LegID("sb1-0-1")
        lab.do(.answer(leg), .connect(leg, mix: MixID("m")))
        try lab.press(.hangup, 8001)
        try lab.press(.dial("8002"), 8001)
        try lab.press(.hangup, 8001)
        #expect(
            lab.takeTold() == [
                "0 offered sb1-0-1 8001 -> 913800000000", "0 answered sb1-0-1", "0 connected sb1-0-1 m",
                "0 ended sb1-0-1 NORMAL_CLEARING", "0 offered sb1-0-2 8001 -> 8002",
                "0 ended sb1-0-2 ORIGINATOR_CANCEL",
            ])
    }

    @Test func `a phone holds and retrieves, by its button or when asked to`() throws {
        let lab = try Lab()
        try lab.dial("a", phone: 8001, answersItself: true)
        try lab.press(.hold, 8001)
        try lab.press(.retrieve, 8001)
        lab.do(.retrieveAtPhone(LegID("a")))
        try lab.press(.hold, 8001)
        lab.do(.retrieveAtPhone(LegID("a")))
        #expect(
            lab.takeTold() == [
                "0 ringing a", "0 answered a", "0 held a", "0 retrieved a", "0 refused a", "0 held a", "0 retrieved a",
            ])
    }

    @Test func `a phone that unregisters loses nothing of its calls and cannot be dialled`() throws {
        let lab = try Lab()
        try lab.dial("a", phone: 8001)
        try lab.press(.unregister, 8001)
        try lab.press(.answer, 8001)
        lab.pass(seconds: 600)
        try lab.press(.hangup, 8001)
        try lab.dial("b", phone: 8001)
        #expect(throws: SandboxError.notRegistered) { try lab.press(.dial("8002"), 8001) }
        try lab.press(.register, 8001)
        try lab.dial("c", phone: 8001)
        #expect(
            lab.takeTold() == [
                "0 ringing a", "0 unregistered 8001", "0 answered a", "600000 ended a NORMAL_CLEARING",
                "600000 ended b SUBSCRIBER_ABSENT", "600000 registered 8001", "600000 ringing c",
            ])
    }

    @Test func `mute tells nothing, and ends with the leg`() throws {
        let lab = try Lab()
        try lab.dial("a", phone: 8001, answersItself: true)
        try lab.press(.mute, 8001)
        try lab.press(.hold, 8001)
        #expect(lab.sandbox.phones(in: lab.namespace).map(\.isMuted) == [true, false, false, false])
        try lab.press(.mute, 8001)
        #expect(lab.sandbox.phones(in: lab.namespace).map(\.isMuted) == [false, false, false, false])
        try lab.press(.mute, 8001)
        try lab.press(.hangup, 8001)
        try lab.dial("b", phone: 8001, answersItself: true)
        #expect(lab.sandbox.phones(in: lab.namespace).map(\.isMuted) == [false, false, false, false])
        #expect(
            lab.takeTold() == [
                "0 ringing a", "0 answered a", "0 held a", "0 ended a NORMAL_CLEARING", "0 ringing b", "0 answered b",
            ])
    }

    @Test func `phones show what they do`() throws {
        let lab = try Lab(settings: SandboxSettings(setupMilliseconds: 10))
        try lab.dial("a", phone: 8001)
        try lab.press(.dial("8003"), 8002)
        try lab.press(.unregister, 8003)
        var phones = lab.sandbox.phones(in: lab.namespace)
        #expect(phones.map(\.state) == [.reached, .calling, .idle, .idle])
        #expect(phones.map(\.isRegistered) == [true, true, false, true])
        #expect(phones.map(\.leg) == [LegID("a"), LegID("sb1-0-1"), nil, nil])
        #expect(phones.map(\.display?.number) == ["100", "8003", nil, nil])
        #expect(phones.map(\.device) == (try (8001...8004).map { try lab.device($0) }))
        lab.pass(milliseconds: 10)
        phones = lab.sandbox.phones(in: lab.namespace)
        #expect(phones.map(\.state) == [.ringing, .calling, .idle, .idle])
        try lab.press(.answer, 8001)
        #expect(lab.sandbox.phones(in: lab.namespace).first?.state == .talking)
        try lab.press(.hold, 8001)
        #expect(lab.sandbox.phones(in: lab.namespace).first?.state == .holding)
        #expect(lab.sandbox.phones(in: lab.other).allSatisfy { $0.state == .idle })
    }
}

@Suite("Buttons that make no sense")
struct ButtonTests {
    static let callButtons: [SandboxButton] = [
        .answer, .reject, .hangup, .hold, .retrieve, .mute, .dial("8002"), .transfer("8002"), .transfer(nil),
    ]

    /// What each state lets be pressed.
    static let possible: [PhoneState: Set<SandboxButton>] = [
        .idle: [.dial("8002")], .reached: [], .ringing: [.answer, .reject], .calling: [.hangup],
        .talking: [.hangup, .hold, .mute, .transfer("8002")],
        .holding: [.hangup, .retrieve, .mute, .dial("8002"), .transfer("8002")],
    ]

    @Test("A button is refused with the state, and nothing happens", arguments: PhoneState.allCases, callButtons)
    func button(state: PhoneState, button: SandboxButton) throws {
        let lab = try Lab(settings: SandboxSettings(setupMilliseconds: 10))
        try bring(lab, to: state)
        let possible = try #require(Self.possible[state]).contains(button)
        let before = lab.sandbox.phones(in: lab.namespace)
        _ = lab.takeTold()
        if possible {
            try lab.press(button, 8001)
            #expect(lab.sandbox.phones(in: lab.namespace) != before)
        } else {
            #expect(throws: SandboxError.notPossible(state)) { try lab.press(button, 8001) }
            #expect(lab.sandbox.phones(in: lab.namespace) == before)
            #expect(lab.takeTold() == [])
        }
    }

    private func bring(_ lab: Lab, to state: PhoneState) throws {
        switch state {
        case .idle: return
        case .calling: return try lab.press(.dial("8002"), 8001)
        case .reached, .ringing, .talking, .holding: try lab.dial("a", phone: 8001)
        }
        if state == .reached { return }
        lab.pass(milliseconds: 10)
        if state == .ringing { return }
        try lab.press(.answer, 8001)
        if state == .holding { try lab.press(.hold, 8001) }
    }

    @Test func `a phone registers once, and unregisters once`() throws {
        let lab = try Lab()
        #expect(throws: SandboxError.notPossible(.idle)) { try lab.press(.register, 8001) }
        try lab.press(.unregister, 8001)
        #expect(throws: SandboxError.notPossible(.idle)) { try lab.press(.unregister, 8001) }
        #expect(lab.takeTold() == ["0 unregistered 8001"])
    }

    @Test(
        "What is no number is not dialled",
        arguments: ["", "80 01", "8001@zhen04.cc", String(repeating: "1", count: 41)])
    func invalid(number: String) throws {
        let lab = try Lab()
        #expect(throws: SandboxError.invalidNumber) { try lab.press(.dial(number), 8001) }
        #expect(throws: SandboxError.invalidNumber) { try lab.press(.transfer(number), 8001) }
        #expect(lab.takeTold() == [])
    }

    @Test func `phones that are not there have no buttons`() throws {
        let lab = try Lab()
        let stranger = try #require(DeviceID("8001@nowhere.cc"))
        #expect(throws: SandboxError.unknownDevice) { try lab.press(.answer, 8999) }
        #expect(throws: SandboxError.unknownDevice) { try lab.sandbox.press(.answer, on: stranger) }
        try lab.dial("x", phone: 8999)
        #expect(lab.takeTold() == ["0 ended x UNALLOCATED_NUMBER"])
    }

    @Test func `a tenant has so many legs and no more`() throws {
        let lab = try Lab(settings: SandboxSettings(maximumLegs: 1))
        try lab.press(.dial("8002"), 8001)
        #expect(throws: SandboxError.tooManyLegs) { try lab.press(.dial("8002"), 8003) }
        #expect(throws: SandboxError.tooManyLegs) { try lab.customerCalls(from: "13800000000") }
        #expect(lab.takeTold() == ["0 offered sb1-0-1 8001 -> 8002"])
    }
}
