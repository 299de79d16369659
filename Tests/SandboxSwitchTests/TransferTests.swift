import CSTA
import SandboxSwitch
import SwitchDriver
import Testing

@Suite("Two calls at a phone, and its transfer button")
struct TransferTests {
    let lab: Lab
    let a = LegID("a")
    /// What phone 8001 dials beside it.
    let b = LegID("sb1-0-1")

    /// Leg a is up at phone 8001.
    init() throws {
        lab = try Lab()
        try lab.dial("a", phone: 8001, answersItself: true)
        _ = lab.takeTold()
    }

    /// Phone 8001 holds a, and talks on b.
    private func consult() throws {
        try lab.press(.hold, 8001)
        try lab.press(.dial("8002"), 8001)
        lab.do(.answer(b))
        _ = lab.takeTold()
    }

    @Test func `a phone that holds dials a second call, and no third`() throws {
        try lab.press(.hold, 8001)
        try lab.press(.dial("8002"), 8001)
        #expect(try lab.phone(8001).state == .calling)
        #expect(try lab.phone(8001).leg == b)
        #expect(try lab.phone(8001).heldLegs == [a])
        lab.do(.answer(b))
        #expect(throws: SandboxError.notPossible(.talking)) { try lab.press(.dial("8003"), 8001) }
        #expect(throws: SandboxError.notPossible(.talking)) { try lab.press(.retrieve, 8001) }
        lab.do(.retrieveAtPhone(a))
        try lab.press(.hold, 8001)
        #expect(throws: SandboxError.notPossible(.holding)) { try lab.press(.dial("8003"), 8001) }
        #expect(try lab.phone(8001).heldLegs == [a, b])
        try lab.dial("x", phone: 8001)
        #expect(
            lab.takeTold() == [
                "0 held a", "0 offered sb1-0-1 8001 -> 8002", "0 answered sb1-0-1", "0 refused a", "0 held sb1-0-1",
                "0 ended x USER_BUSY",
            ])
    }

    @Test func `a phone goes to and fro between two calls, and hangs up the one in hand first`() throws {
        try consult()
        for _ in 0..<2 {
            try lab.press(.hold, 8001)
            try lab.press(.retrieve, 8001)
        }
        try lab.press(.hangup, 8001)
        #expect(try lab.phone(8001).state == .holding)
        try lab.press(.hangup, 8001)
        #expect(try lab.phone(8001).state == .idle)
        #expect(
            lab.takeTold() == [
                "0 held sb1-0-1", "0 retrieved a", "0 held a", "0 retrieved sb1-0-1",
                "0 ended sb1-0-1 NORMAL_CLEARING", "0 ended a NORMAL_CLEARING",
            ])
    }

    @Test func `after the second call has ended, the first is retrieved`() throws {
        try consult()
        lab.do(.hangUp(b, cause: .normalClearing))
        try lab.press(.retrieve, 8001)
        #expect(lab.takeTold() == ["0 ended sb1-0-1 NORMAL_CLEARING", "0 retrieved a"])
        #expect(try lab.phone(8001).state == .talking)
    }

    @Test("A blind transfer is asked for, and its answer shown", arguments: [true, false])
    func blind(isAccepted: Bool) throws {
        try lab.press(.transfer("8003"), 8001)
        #expect(try lab.phone(8001).transfer == .requested)
        lab.do(.answerTransferRequest(a, isAccepted: isAccepted), .answerTransferRequest(a, isAccepted: !isAccepted))
        #expect(try lab.phone(8001).transfer == (isAccepted ? .accepted : .refused))
        #expect(try lab.phone(8001).state == .talking)
        #expect(lab.takeTold() == ["0 transfer a -> 8003"])
        lab.do(.hangUp(a, cause: .normalClearing))
        #expect(try lab.phone(8001).transfer == (isAccepted ? .accepted : .refused))
        try lab.dial("c", phone: 8001)
        #expect(try lab.phone(8001).transfer == nil)
    }

    @Test func `what is held is transferred too, and asked for again if nobody answers`() throws {
        try lab.press(.hold, 8001)
        try lab.press(.transfer("8003"), 8001)
        try lab.press(.transfer("8004"), 8001)
        #expect(lab.takeTold() == ["0 held a", "0 transfer a -> 8003", "0 transfer a -> 8004"])
        #expect(try lab.phone(8001).transfer == .requested)
    }

    @Test func `an attended transfer names the held leg and the one in hand`() throws {
        try consult()
        try lab.press(.transfer(nil), 8001)
        #expect(lab.takeTold() == ["0 transfer a -> leg sb1-0-1"])
        lab.do(.answerTransferRequest(b, isAccepted: false))
        #expect(try lab.phone(8001).transfer == .requested)
        lab.do(.answerTransferRequest(a, isAccepted: true))
        #expect(try lab.phone(8001).transfer == .accepted)
        #expect(try lab.phone(8001).leg == b)
        #expect(try lab.phone(8001).heldLegs == [a])
        lab.do(.hangUp(a, cause: .normalClearing), .hangUp(b, cause: .normalClearing))
        #expect(try lab.phone(8001).state == .idle)
    }

    @Test func `an attended transfer wants one call that is held and one that is up`() throws {
        #expect(throws: SandboxError.notPossible(.talking)) { try lab.press(.transfer(nil), 8001) }
        try lab.press(.hold, 8001)
        #expect(throws: SandboxError.notPossible(.holding)) { try lab.press(.transfer(nil), 8001) }
        try lab.press(.dial("8002"), 8001)
        #expect(throws: SandboxError.notPossible(.calling)) { try lab.press(.transfer(nil), 8001) }
        #expect(throws: SandboxError.notPossible(.calling)) { try lab.press(.transfer("8003"), 8001) }
        lab.do(.answer(b))
        try lab.press(.hold, 8001)
        #expect(throws: SandboxError.notPossible(.holding)) { try lab.press(.transfer(nil), 8001) }
    }

    @Test func `an answer that nobody asked for shows nothing`() throws {
        lab.do(.answerTransferRequest(a, isAccepted: true), .answerTransferRequest(LegID("nobody"), isAccepted: true))
        #expect(try lab.phone(8001).transfer == nil)
        #expect(lab.takeTold() == [])
    }
}
