import AsteriskSwitch
import CSTA
import RingsideTesting
import SwitchDriver
import Testing

/// The transfer buttons of phones at the real Asterisk.
@Suite(.serialized, .enabled(if: Lab.isInstalled, "the lab is not installed: see Tests/Lab/README.md"))
struct TransferTests {
    private let a = LegID("a")
    private let b = LegID("b")
    private let m = MixID("m")
    private let n = MixID("n")

    @Test func `A blind transfer is asked for, and nothing moves by itself`() async throws {
        try await ScriptedLab.run(phones: 2) { lab in
            let (running, phones) = (lab.running, lab.phones)
            try await running.dialAndAnswer(a, "8001", at: phones[0], mix: m)
            try await running.dialAndAnswer(b, "8002", at: phones[1], mix: m)
            try phones[0].transfer(to: "8003")
            #expect(try await running.expectTransfer() == TransferRequest(leg: a, target: .number("8003")))
            running.do(.answerTransferRequest(a, isAccepted: false))
            #expect(try await phones[0].transferStatus() == 603)
            try await phones[0].waitUntilHears(["8002"])

            try phones[0].transfer(to: "*77")
            #expect(try await running.expectTransfer() == TransferRequest(leg: a, target: .number("*77")))
            running.do(.answerTransferRequest(a, isAccepted: true), .answerTransferRequest(a, isAccepted: true))
            #expect(try await phones[0].transferStatus() == 200)
            try await running.expect(.legEnded(a, cause: .normalClearing))
            #expect(!running.tape.elements.contains { if case .legEnded(b, _) = $0 { true } else { false } })
            #expect(running.vendor.ignored[.requestRefused] == nil)

            // The one who began the call has the button too.
            try phones[0].press(.dial("8002"))
            let offered = try await running.expectOffered()
            running.do(.answer(offered.leg), .connect(offered.leg, mix: m))
            try await running.expect(.legConnected(offered.leg, mix: m))
            try await phones[0].waitUntilHears(["8002"])
            try phones[0].transfer(to: "8003")
            #expect(try await running.expectTransfer() == TransferRequest(leg: offered.leg, target: .number("8003")))
            running.do(.hangUp(offered.leg, cause: .normalClearing))
            try await running.expect(.legEnded(offered.leg, cause: .normalClearing))
        }
    }

    @Test func `A phone consults on a second leg, and asks for the two to be joined`() async throws {
        try await ScriptedLab.run(phones: 3, options: ["stays"]) { lab in
            let (running, phones) = (lab.running, lab.phones)
            try await running.dialAndAnswer(a, "8001", at: phones[0], mix: m)
            try await running.dialAndAnswer(b, "8002", at: phones[1], mix: m)
            try phones[0].press(.hold)
            try await running.expect(.legHeld(a))
            try phones[0].press(.dial("8003"))
            let offered = try await running.expectOffered()
            #expect(offered.origin == .phone(device("8001")))
            #expect(offered.dialled == "8003")
            #expect(offered.leg != a)
            running.do(.answer(offered.leg), .connect(offered.leg, mix: n))
            try await running.expect(.legConnected(offered.leg, mix: n))
            let c = LegID("c")
            try await running.dialAndAnswer(c, "8003", at: phones[2], mix: n)
            try await phones[0].waitUntilHears(["8003"])
            try await phones[2].waitUntilHears(["8001"])

            try phones[0].transferToLast()
            #expect(try await running.expectTransfer() == TransferRequest(leg: a, target: .leg(offered.leg)))
            try await phones[2].waitUntilHears(["8001"])
            try await running.connect(b, n)
            running.do(.answerTransferRequest(a, isAccepted: true))
            #expect(try await phones[0].transferStatus() == 200)
            try await running.hangUp(a, offered.leg)
            try await phones[1].waitUntilHears(["8003"])
            try await phones[2].waitUntilHears(["8002"])
        }
    }
}
