import AsteriskSwitch
import CSTA
import RingsideTesting
import SwitchDriver
import Testing

/// Who hears whom at the real Asterisk, by each phone's own tone.
@Suite(.serialized, .enabled(if: Lab.isInstalled, "the lab is not installed: see Tests/Lab/README.md"))
struct SoundTests {
    private let a = LegID("a")
    private let b = LegID("b")
    private let c = LegID("c")
    private let m = MixID("m")
    private let n = MixID("n")

    @Test func `Three hear each other, a listener is not heard, and who moves hears the others`() async throws {
        try await ScriptedLab.run(phones: 3) { lab in
            let (running, phones) = (lab.running, lab.phones)
            try await running.dialAndAnswer(a, "8001", at: phones[0], mix: m)
            try await running.dialAndAnswer(b, "8002", at: phones[1], mix: m)
            try await running.dialAndAnswer(c, "8003", at: phones[2])
            try await phones[0].waitUntilHears(["8002"])
            try await running.connect(c, m)
            try await phones[0].waitUntilHears(["8002", "8003"])
            try await phones[1].waitUntilHears(["8001", "8003"])
            try await phones[2].waitUntilHears(["8001", "8002"])

            try await running.connect(c, m, as: .listener)
            try await phones[0].waitUntilHears(["8002"])
            try await phones[1].waitUntilHears(["8001"])
            try await phones[2].waitUntilHears(["8001", "8002"])
            // With one talker only, Asterisk joins the two of them in another way.
            running.do(.takeOut(b))
            try await running.expect(.legTakenOut(b))
            try await phones[0].waitUntilHears([])
            try await phones[2].waitUntilHears(["8001"])
            try await phones[1].waitUntilHears([])

            try await running.connect(b, n)
            try await running.connect(c, n)
            try await phones[0].waitUntilHears([])
            try await phones[1].waitUntilHears(["8003"])
            try await phones[2].waitUntilHears(["8002"])
            running.do(.endMix(m))
            try await running.connect(a, n)
            try await phones[0].waitUntilHears(["8002", "8003"])
            running.do(.endMix(n))
            try await phones[0].waitUntilHears([])
            #expect(!running.tape.elements.contains { if case .legEnded = $0 { true } else { false } })
        }
    }

    @Test func `The ringing tone goes with the leg that rings`() async throws {
        try await ScriptedLab.run(phones: 3) { lab in
            let (running, phones) = (lab.running, lab.phones)
            try await running.dialAndAnswer(a, "8001", at: phones[0], mix: m)
            try await running.dialAndAnswer(b, "8002", at: phones[1], mix: n)
            running.dial(c, "8003", mix: m)
            try await running.expect(.legRinging(c))
            try await phones[0].waitUntilHears([LabTone.ringback])
            try await running.connect(c, n)
            try await phones[1].waitUntilHears([LabTone.ringback])
            running.do(.endMix(m))
            // Longer than the pause between two rings.
            for _ in 0..<10 { #expect(try await phones[0].hears().isEmpty) }
            try phones[2].press(.answer)
            try await running.expect(.legAnswered(c))
            try await phones[1].waitUntilHears(["8003"])
            try await phones[2].waitUntilHears(["8002"])
            try await running.hangUp(c)

            // A mix that ended before the answer strands nobody, and one who refuses leaves no tone behind.
            running.dial(c, "8003", mix: m)
            try await running.expect(.legRinging(c))
            running.do(.endMix(m))
            try await running.connect(c, n, as: .listener)
            try await phones[1].waitUntilHears([LabTone.ringback])
            try phones[2].press(.reject)
            try await running.expect(.legEnded(c, cause: .userBusy))
            for _ in 0..<10 where try await phones[1].hears().isEmpty == false {
                Issue.record("the tone goes on")
            }
            try await running.connect(a, n)
            try await phones[0].waitUntilHears(["8002"])
        }
    }

    @Test func `Digits are heard`() async throws {
        try await ScriptedLab.run(phones: 2) { lab in
            let (running, phones) = (lab.running, lab.phones)
            try await running.dialAndAnswer(a, "8001", at: phones[0], mix: m)
            try await phones[0].waitUntilHears([])
            running.do(.sayDigits("5001", m))
            try await phones[0].waitUntilHears([LabTone.other])
            try await running.dialAndAnswer(b, "8002", at: phones[1], mix: m)
            try await phones[0].waitUntilHears(["8002"])
            running.do(.sayDigits("5001", m))
            try await phones[0].waitUntilHears(["8002", LabTone.other])
            #expect(running.vendor.ignored[.requestRefused] == nil)
        }
    }

    @Test func `A sound is heard, and one that Asterisk does not have is silence`() async throws {
        let (congratulations, none) = (try #require(SoundName("demo-congrats")), try #require(SoundName("none/such")))
        try await ScriptedLab.run(phones: 1) { lab in
            let (running, phone) = (lab.running, lab.phones[0])
            try await running.dialAndAnswer(a, "8001", at: phone, mix: m)
            try await phone.waitUntilHears([])
            running.do(.play(none, m), .play(congratulations, m))
            try await phone.waitUntilHears([LabTone.other])
            #expect(running.vendor.ignored[.requestRefused] == nil)
            #expect(!running.tape.elements.contains { if case .legEnded = $0 { true } else { false } })
        }
    }
}
