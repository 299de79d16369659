import CSTA
import SwitchDriver

extension SwitchConformance {
    /// All checks, in the order in which they build on each other.
    public static let checks: [Check] =
        dialling + mixes + offers + endings + moves + recordings + transfers + links

    static let dialling: [Check] = [
        Check("a dialled phone rings and answers") { run in
            let leg = run.leg("a")
            run.dial(leg, .phone(run.bench.phoneA))
            let rang = try await run.expect(.legRinging(leg))
            try await run.bench.press(.answer, at: run.bench.phoneA)
            let answered = try await run.expect(.legAnswered(leg))
            try run.require(rang < answered, "the answer came before the ringing")
            try await run.bench.press(.hangUp, at: run.bench.phoneA)
            try await run.expectEnded(leg, .normalClearing)
        },
        Check("a phone refuses") { run in
            let leg = run.leg("a")
            run.dial(leg, .phone(run.bench.phoneA))
            try await run.expect(.legRinging(leg))
            try await run.bench.press(.reject, at: run.bench.phoneA)
            try await run.expectEnded(leg, .userBusy, .callRejected)
        },
        Check("an external number is busy") { run in
            let leg = run.leg("out")
            run.dial(leg, .external(number: run.bench.busyNumber, trunkGroup: run.bench.trunkGroup))
            await run.bench.passTime(seconds: 5)
            try await run.expectEnded(leg, .userBusy)
        },
        Check("an external number answers") { run in
            let leg = run.leg("out")
            run.dial(leg, .external(number: run.bench.answeringNumber, trunkGroup: run.bench.trunkGroup))
            await run.bench.passTime(seconds: 5)
            try await run.expect(.legAnswered(leg))
            run.do(.hangUp(leg, cause: .normalClearing))
            try await run.expectEnded(leg, .normalClearing)
        },
        Check("nobody answers within the ring limit") { run in
            let leg = run.leg("a")
            run.dial(leg, .phone(run.bench.phoneA), ringLimitSeconds: 2)
            try await run.expect(.legRinging(leg))
            await run.bench.passTime(seconds: 3)
            try await run.expectEnded(leg, .noAnswer)
        },
        Check("an unregistered phone cannot be had") { run in
            let leg = run.leg("x")
            run.dial(leg, .phone(run.bench.unregisteredPhone))
            try await run.expectEnded(leg, .subscriberAbsent, .userNotRegistered)
            try run.requireNever("it rang") { $0 == .legRinging(leg) }
        },
    ]

    static let mixes: [Check] = [
        Check("two legs in a mix, one out and in again") { run in
            let (a, b, mix) = (run.leg("a"), run.leg("b"), run.mix("1"))
            try await run.dialAndAnswer(a, at: run.bench.phoneA, mix: mix)
            try await run.dialAndAnswer(b, at: run.bench.phoneB, mix: mix)
            run.do(.takeOut(b))
            try await run.expect(.legTakenOut(b))
            try run.requireNever("a leg dialled into a mix was told as connected") {
                $0 == .legConnected(a, mix: mix) || $0 == .legConnected(b, mix: mix)
            }
            run.do(.startMusic(mix), .stopMusic(mix), .connect(b, mix: mix))
            try await run.expect(.legConnected(b, mix: mix))
            run.do(.endMix(mix))
        },
        Check("a leg goes straight from mix to mix") { run in
            let (a, b) = (run.leg("a"), run.leg("b"))
            let (first, second) = (run.mix("1"), run.mix("2"))
            try await run.dialAndAnswer(a, at: run.bench.phoneA)
            try await run.dialAndAnswer(b, at: run.bench.phoneB)
            run.do(.connect(a, mix: first), .connect(b, mix: first))
            try await run.expect(.legConnected(a, mix: first))
            try await run.expect(.legConnected(b, mix: first))
            run.do(.connect(b, mix: second))
            try await run.expect(.legConnected(b, mix: second))
            run.do(.endMix(first), .endMix(second))
            try await run.barrier("mixes")
            try run.requireNever("a leg ended with its mix") {
                if case .legEnded(let leg, _) = $0 { leg == a || leg == b } else { false }
            }
        },
        Check("a phone holds and retrieves") { run in
            let (a, b, mix) = (run.leg("a"), run.leg("b"), run.mix("1"))
            try await run.dialAndAnswer(a, at: run.bench.phoneA, mix: mix)
            try await run.dialAndAnswer(b, at: run.bench.phoneB, mix: mix)
            try await run.bench.press(.hold, at: run.bench.phoneA)
            try await run.expect(.legHeld(a))
            try await run.bench.press(.retrieve, at: run.bench.phoneA)
            try await run.expect(.legRetrieved(a))
            run.do(.endMix(mix))
        },
    ]

    static let offers: [Check] = [
        Check("a phone begins a call") { run in
            try await run.bench.press(.dial(String(run.bench.phoneB.number)), at: run.bench.phoneA)
            let offered = try await run.expectOffered()
            try run.require(offered.origin == .phone(run.bench.phoneA), "offered by \(offered.origin)")
            try run.require(offered.dialled == run.bench.phoneB.number, "dialled \(offered.dialled)")
            run.do(.answer(offered.leg))
            try await run.expect(.legAnswered(offered.leg))
            let mix = run.mix("1")
            run.do(.connect(offered.leg, mix: mix))
            try await run.expect(.legConnected(offered.leg, mix: mix))
            try await run.bench.press(.hangUp, at: run.bench.phoneA)
            try await run.expectEnded(offered.leg, .normalClearing)
            run.do(.endMix(mix))
        },
        Check("a customer calls in and hangs up") { run in
            try await run.bench.customerCalls()
            let offered = try await run.expectOffered()
            guard case .trunk(let group, _, let number) = offered.origin else {
                return try run.require(false, "offered by \(offered.origin)")
            }
            try run.require(group == run.bench.trunkGroup, "trunk group \(group)")
            try run.require(number == run.bench.customerNumber, "caller \(number ?? "withheld")")
            try run.require(offered.dialled == run.bench.inboundNumber, "dialled \(offered.dialled)")
            run.do(.answer(offered.leg))
            try await run.expect(.legAnswered(offered.leg))
            try await run.bench.customerHangsUp()
            try await run.expectEnded(offered.leg, .normalClearing)
        },
        Check("a customer gives up") { run in
            try await run.bench.customerCalls()
            let offered = try await run.expectOffered()
            try await run.bench.customerHangsUp()
            try await run.expectEnded(offered.leg, .originatorCancel)
        },
        Check("an offered leg is refused with a cause") { run in
            try await run.bench.customerCalls()
            let offered = try await run.expectOffered()
            run.do(.hangUp(offered.leg, cause: .userBusy))
            try await run.expectEnded(offered.leg, .userBusy)
        },
    ]

    static let endings: [Check] = [
        Check("a ringing leg is hung up with a cause") { run in
            for cause in [HangupCause.originatorCancel, .loseRace] {
                let leg = run.leg(cause.rawValue)
                run.dial(leg, .phone(run.bench.phoneA))
                try await run.expect(.legRinging(leg))
                run.do(.hangUp(leg, cause: cause))
                try await run.expectEnded(leg, cause)
            }
        },
        Check("a leg hung up at once ends once") { run in
            let leg = run.leg("a")
            run.dial(leg, .phone(run.bench.phoneA))
            run.do(.hangUp(leg, cause: .originatorCancel))
            try await run.expectEnded(leg, .originatorCancel)
        },
        Check("a leg hung up twice ends once") { run in
            let leg = run.leg("a")
            try await run.dialAndAnswer(leg, at: run.bench.phoneA)
            run.do(.hangUp(leg, cause: .normalClearing), .hangUp(leg, cause: .normalClearing))
            try await run.expectEnded(leg, .normalClearing)
        },
        Check("commands for unknown legs and mixes harm nothing") { run in
            let (leg, mix) = (run.leg("nobody"), run.mix("none"))
            run.do(
                .answer(leg), .connect(leg, mix: mix), .takeOut(leg), .startMusic(mix), .stopMusic(mix),
                .retrieveAtPhone(leg), .hangUp(leg, cause: .normalClearing), .endMix(mix), .endMix(mix))
            try await run.barrier("unknown")
            try run.requireNever("the link went") { $0 == .linkDown }
            try await run.dialAndAnswer(run.leg("a"), at: run.bench.phoneA)
        },
    ]

    static let links: [Check] = [
        Check("a snapshot is told again when it is asked for") { run in
            let (up, ringing) = (run.leg("a"), run.leg("b"))
            try await run.dialAndAnswer(up, at: run.bench.phoneA)
            run.dial(ringing, .phone(run.bench.phoneB))
            try await run.expect(.legRinging(ringing))
            run.resynchronise()
            let snapshot = try await run.expectLinkUp()
            try run.require(snapshot.legs == [up: .up, ringing: .ringing], "the legs are \(snapshot.legs)")
            try run.require(
                snapshot.registered.isSuperset(of: [run.bench.phoneA, run.bench.phoneB]), "phones are missing")
            try run.require(
                !snapshot.registered.contains(run.bench.unregisteredPhone), "an unregistered phone is there")
            try run.requireNever("the link went") { $0 == .linkDown }
            // Nothing was lost by it.
            try await run.bench.press(.answer, at: run.bench.phoneB)
            try await run.expect(.legAnswered(ringing))
            run.do(.hangUp(up, cause: .normalClearing))
            try await run.expectEnded(up, .normalClearing)
            run.resynchronise()
            let later = try await run.expectLinkUp()
            try run.require(later.legs == [ringing: .up], "the legs are \(later.legs)")
        },
        Check("new phones are told of, and what is up goes on") { run in
            let leg = run.leg("a")
            try await run.dialAndAnswer(leg, at: run.bench.phoneB)
            let lines = run.bench.lines
            var fewer = lines
            fewer.phones.removeAll { $0.device == run.bench.phoneB }
            run.setLines(fewer)
            run.setLines(lines)
            try await run.expect(.deviceRegistered(run.bench.phoneB))
            run.setLines(lines)
            try await run.bench.press(.hangUp, at: run.bench.phoneB)
            try await run.expectEnded(leg, .normalClearing)
            try await run.barrier("lines")
            try run.require(run.linkUpCount() == 1, "\(run.linkUpCount()) snapshots were told, not 1")
            try run.requireNever("the link went") { $0 == .linkDown }
        },
        Check("no snapshot is told while the link is cut, and one when it is back") { run in
            try await run.bench.breakLink()
            try await run.expect(.linkDown)
            run.resynchronise()
            try await run.bench.restoreLink()
            _ = try await run.expectLinkUp()
            try await run.barrier("again")
            try run.require(run.linkUpCount() == 2, "\(run.linkUpCount()) snapshots were told, not 2")
        },
        Check("the link is cut and comes back with the call up") { run in
            let leg = run.leg("a")
            try await run.dialAndAnswer(leg, at: run.bench.phoneA)
            try await run.bench.breakLink()
            try await run.expect(.linkDown)
            let dropped = LegID("conformance-dropped")
            let request = DialRequest(
                leg: dropped, endpoint: .phone(run.bench.phoneB), presenting: Presentation(number: "1"),
                ringLimitSeconds: 30)
            run.do(.dial(request))
            try await run.bench.restoreLink()
            let snapshot = try await run.expectLinkUp()
            try run.require(snapshot.legs[leg] == .up, "the leg is \(String(describing: snapshot.legs[leg]))")
            try run.require(snapshot.registered.contains(run.bench.phoneB), "phone B is not registered any more")
            try await run.bench.press(.hangUp, at: run.bench.phoneA)
            try await run.expectEnded(leg, .normalClearing)
            try await run.barrier("link")
            try run.requireNever("a command of before linkUp was carried out") { $0 == .legRinging(dropped) }
        },
        Check("a leg that ends while the link is cut is not in the snapshot") { run in
            let leg = run.leg("a")
            run.dialUnwatched(leg, .phone(run.bench.phoneA))
            try await run.expect(.legRinging(leg))
            try await run.bench.press(.answer, at: run.bench.phoneA)
            try await run.expect(.legAnswered(leg))
            try await run.bench.breakLink()
            try await run.expect(.linkDown)
            try await run.bench.press(.hangUp, at: run.bench.phoneA)
            try await run.bench.restoreLink()
            let snapshot = try await run.expectLinkUp()
            try run.require(snapshot.legs[leg] == nil, "the leg is still in the snapshot")
        },
    ]
}

extension ConformanceRun {
    /// Dials a leg whose end the link's snapshot tells, not an event.
    func dialUnwatched(_ leg: LegID, _ endpoint: Endpoint) {
        let shown = Presentation(number: bench.customerNumber)
        `do`(.dial(DialRequest(leg: leg, endpoint: endpoint, presenting: shown, ringLimitSeconds: 30)))
    }
}
