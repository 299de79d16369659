import CSTA
import SwitchDriver

extension SwitchConformance {
    /// Who is in which mix, beyond two parties: conferences, consultations, listeners, transfers to a ringing phone.
    static let moves: [Check] = [
        Check("three legs in one mix, of which any may go") { run in
            let (a, b, c, mix) = (run.leg("a"), run.leg("b"), run.leg("c"), run.mix("1"))
            try await run.dialAndAnswer(a, at: run.bench.phoneA, mix: mix)
            try await run.dialAndAnswer(b, at: run.bench.phoneB, mix: mix)
            try await run.dialOut(c, mix: mix)
            try await run.requireHeard([run.bench.phoneB], at: run.bench.phoneA)
            run.do(.takeOut(b))
            try await run.expect(.legTakenOut(b))
            try await run.requireHeard([], at: run.bench.phoneA)
            run.do(.connect(b, mix: mix))
            try await run.expect(.legConnected(b, mix: mix))
            try await run.requireHeard([run.bench.phoneA], at: run.bench.phoneB)
            run.do(.hangUp(c, cause: .normalClearing))
            try await run.expectEnded(c, .normalClearing)
            try await run.barrier("three")
            try run.requireUp(a, b)
            try await run.requireHeard([run.bench.phoneB], at: run.bench.phoneA)
            run.do(.endMix(mix))
        },
        Check("a leg moved from mix to mix leaves the others where they are") { run in
            let (a, b, c) = (run.leg("a"), run.leg("b"), run.leg("c"))
            let (first, second) = (run.mix("1"), run.mix("2"))
            try await run.dialAndAnswer(a, at: run.bench.phoneA, mix: first)
            try await run.dialAndAnswer(b, at: run.bench.phoneB, mix: first)
            try await run.dialOut(c, mix: second)
            run.do(.connect(b, mix: second))
            try await run.expect(.legConnected(b, mix: second))
            try await run.requireHeard([], at: run.bench.phoneA)
            run.do(.connect(a, mix: second), .endMix(first))
            try await run.expect(.legConnected(a, mix: second))
            try await run.requireHeard([run.bench.phoneB], at: run.bench.phoneA)
            try await run.barrier("moved")
            try run.requireUp(a, b, c)
            run.do(.endMix(second))
        },
        Check("a listener hears and is not heard, until it talks") { run in
            let (a, b, c, mix) = (run.leg("a"), run.leg("b"), run.leg("c"), run.mix("1"))
            try await run.dialAndAnswer(a, at: run.bench.phoneA, mix: mix)
            try await run.dialOut(c, mix: mix)
            try await run.dialAndAnswer(b, at: run.bench.phoneB)
            run.do(.connect(b, mix: mix, as: .listener))
            try await run.expect(.legConnected(b, mix: mix))
            try await run.requireHeard([run.bench.phoneA], at: run.bench.phoneB)
            try await run.requireHeard([], at: run.bench.phoneA)
            run.do(.connect(b, mix: mix, as: .talker))
            try await run.expect(.legConnected(b, mix: mix))
            try await run.requireHeard([run.bench.phoneB], at: run.bench.phoneA)
            run.do(.connect(b, mix: mix, as: .listener), .takeOut(b))
            try await run.expect(.legTakenOut(b))
            try await run.barrier("listener")
            try run.requireUp(a, b, c)
            run.do(.endMix(mix))
        },
        Check("a ringing leg is connected elsewhere and then answers") { run in
            let (a, b) = (run.leg("a"), run.leg("b"))
            let (first, second) = (run.mix("1"), run.mix("2"))
            try await run.dialAndAnswer(a, at: run.bench.phoneA, mix: second)
            run.dial(b, .phone(run.bench.phoneB), mix: first)
            try await run.expect(.legRinging(b))
            run.do(.connect(b, mix: second))
            try await run.barrier("ringing")
            try run.requireNever("it answered by itself") { $0 == .legAnswered(b) }
            try await run.bench.press(.answer, at: run.bench.phoneB)
            // A driver may have the leg in the mix at once, or only when it answers.
            try await run.expect(.legAnswered(b))
            try await run.expect(.legConnected(b, mix: second))
            try await run.requireHeard([run.bench.phoneB], at: run.bench.phoneA)
            run.do(.endMix(first))
            try await run.barrier("first is over")
            try run.requireUp(a, b)
            try await run.requireHeard([run.bench.phoneB], at: run.bench.phoneA)
            run.do(.endMix(second))
        },
        Check("a ringing leg whose mix has ended rings on and is connected elsewhere") { run in
            let (a, b) = (run.leg("a"), run.leg("b"))
            let (first, second) = (run.mix("1"), run.mix("2"))
            try await run.dialAndAnswer(a, at: run.bench.phoneA, mix: first)
            run.dial(b, .phone(run.bench.phoneB), mix: first)
            try await run.expect(.legRinging(b))
            run.do(.connect(a, mix: second), .endMix(first))
            try await run.expect(.legConnected(a, mix: second))
            run.do(.connect(b, mix: second))
            try await run.barrier("ended")
            try await run.bench.press(.answer, at: run.bench.phoneB)
            try await run.expect(.legAnswered(b))
            try await run.expect(.legConnected(b, mix: second))
            try await run.requireHeard([run.bench.phoneB], at: run.bench.phoneA)
            run.do(.endMix(second))
        },
        Check("a ringing leg whose mix has ended answers into none") { run in
            let (b, first, second) = (run.leg("b"), run.mix("1"), run.mix("2"))
            run.dial(b, .phone(run.bench.phoneB), mix: first)
            try await run.expect(.legRinging(b))
            run.do(.endMix(first))
            try await run.barrier("ended")
            try await run.bench.press(.answer, at: run.bench.phoneB)
            try await run.expect(.legAnswered(b))
            run.do(.connect(b, mix: second))
            try await run.expect(.legConnected(b, mix: second))
            run.do(.endMix(second))
        },
        Check("digits are said, and nothing is told") { run in
            let (a, mix) = (run.leg("a"), run.mix("1"))
            try await run.dialAndAnswer(a, at: run.bench.phoneA, mix: mix)
            run.do(.sayDigits("5001", mix), .sayDigits("5001", run.mix("none")))
            try await run.barrier("said")
            try run.requireUp(a)
            run.do(.endMix(mix))
        },
        Check("a sound is played, also one that is not there, and nothing is told") { run in
            let (a, mix) = (run.leg("a"), run.mix("1"))
            try await run.dialAndAnswer(a, at: run.bench.phoneA, mix: mix)
            for sound in ["beep", "none/such"].compactMap(SoundName.init) {
                run.do(.play(sound, mix), .play(sound, run.mix("none")))
            }
            try await run.barrier("played")
            try run.requireUp(a)
            run.do(.endMix(mix))
        },
    ]

    /// Only on a bench whose phones have the button.
    static let transfers: [Check] = [
        Check("a phone asks for a blind transfer and is told that it is accepted") { run in
            try await run.askForTransfer(isAccepted: true)
        },
        Check("a phone asks for a blind transfer and is told that it is refused") { run in
            try await run.askForTransfer(isAccepted: false)
        },
        Check("the answer to a transfer that nobody asked for harms nothing") { run in
            let (a, mix) = (run.leg("a"), run.mix("1"))
            try await run.dialAndAnswer(a, at: run.bench.phoneA, mix: mix)
            run.do(
                .answerTransferRequest(a, isAccepted: true),
                .answerTransferRequest(run.leg("nobody"), isAccepted: false), .endMix(mix))
            try await run.barrier("answer")
            try run.requireUp(a)
        },
    ]
}

extension ConformanceRun {
    /// Dials the number that answers, and waits until it is up.
    func dialOut(_ leg: LegID, mix: MixID) async throws {
        dial(leg, .external(number: bench.answeringNumber, trunkGroup: bench.trunkGroup), mix: mix)
        await bench.passTime(seconds: 5)
        try await expect(.legAnswered(leg))
    }

    /// Holds the bench to who is heard at a phone, if it can tell.
    func requireHeard(_ wanted: Set<DeviceID>, at phone: DeviceID) async throws {
        guard let heard = try await bench.heard(at: phone) else { return }
        try require(heard == wanted, "\(phone) hears \(heard.map(\.text).sorted())")
    }

    func requireUp(_ legs: LegID...) throws {
        try requireNever("a leg ended by itself") {
            if case .legEnded(let leg, _) = $0 { legs.contains(leg) } else { false }
        }
    }

    fileprivate func askForTransfer(isAccepted: Bool) async throws {
        guard bench.hasTransferButton else { return }
        let (a, b, mix) = (leg("a"), leg("b"), mix("1"))
        try await dialAndAnswer(a, at: bench.phoneA, mix: mix)
        try await dialAndAnswer(b, at: bench.phoneB, mix: mix)
        let number = bench.answeringNumber
        try await bench.press(.transfer(number), at: bench.phoneA)
        try await expect(.transferRequested(TransferRequest(leg: a, target: .number(number))))
        try await barrier("request")
        // Nothing has moved: what is to become of it is not the switch's to decide.
        try requireUp(a, b)
        `do`(.answerTransferRequest(a, isAccepted: isAccepted))
        if let told = try await bench.transferOutcome(at: bench.phoneA) {
            try require(told == isAccepted, "the phone was told \(told ? "yes" : "no")")
        }
        try await barrier("answer")
        // A phone may hang up by itself once its transfer is accepted (RFC 3515 §2.4.6), but not the one it talked to.
        try requireUp(b)
        if !isAccepted { try requireUp(a) }
        `do`(.endMix(mix))
    }
}
