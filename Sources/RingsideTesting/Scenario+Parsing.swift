import CSTA

extension Scenario {
    /// A line as it stands, or what an opening stands for.
    static func written(_ line: Substring) -> [Substring] {
        openings[line.split(separator: " ").joined(separator: " ")]?.split(separator: "\n") ?? [line]
    }

    /// Where most scenarios begin.
    private static let openings = [
        "A and B talk": """
        A calls B
        B answers
        B: delivered established
        from here
        """,
        "B and C consult": """
        B consults C
        B: held(B) si/2 or/2 delivered/2
        A: held(B)
        C: delivered/2
        C sees B C
        C answers
        B: held(B) si/2 or/2 delivered/2 established/2
        C: delivered/2 established/2
        A: held(B)
        B hears C
        C hears B
        """,
        "nobody is Ready": """
        B is NotReady
        C is NotReady
        D is NotReady
        E is NotReady
        from here
        """,
        "only B is Ready": """
        C is NotReady
        D is NotReady
        E is NotReady
        B is Ready
        from here
        """,
        "B goes back to A": """
        from here
        B holds 2 by service
        B: held(B)/2
        C: held(B)/2
        B retrieves 1 by service
        B: held(B)/2 retrieved(B)
        A: retrieved(B)
        """,
    ]

    static func step(_ words: [String]) -> Step? {
        let rest = words.dropFirst().joined(separator: " ")
        switch (words[0], rest) {
        case ("time", "runs out"): return .timeRunsOut
        case ("from", "here"): return .fromHere
        case ("cause", _): return HangupCause(rawValue: rest).map(Step.expectCause)
        case ("hung", _) where rest.hasPrefix("up by "):
            return Party(rawValue: String(rest.dropFirst(6))).map(Step.expectHangupDevice)
        case ("calls", _):
            let numbers = words.dropFirst().compactMap { Int($0) }
            return numbers.count == 3 ? .expectCalls(numbers) : nil
        case ("the", _) where words.count >= 4 && words[1...2] == ["dialler", "calls"]:
            let suffix = words.dropFirst(4).joined(separator: " ")
            guard DeviceID.isNumber(words[3]), ["", "twice", "after a preview"].contains(suffix) else { return nil }
            return .placeOutboundCall(
                to: words[3], isPreview: suffix == "after a preview", dials: suffix == "twice" ? 2 : 1)
        case ("S", _) where words.count == 3 && words[1] == "releases":
            return Party(rawValue: words[2]).map(Step.release)
        case ("S", _): return supervision(Array(words.dropFirst()))
        default: break
        }
        if words[0].hasSuffix(":"), let party = Party(rawValue: String(words[0].dropLast())) {
            return .expect(party, rest == "nothing" ? [] : Array(words.dropFirst()))
        }
        guard let party = Party(rawValue: words[0]), words.count > 1 else { return nil }
        return expectation(party, words) ?? beginning(party, words) ?? service(party, words) ?? act(party, words)
    }

    private static func expectation(_ party: Party, _ words: [String]) -> Step? {
        let others = words.dropFirst(2).compactMap(Party.init)
        switch words[1] {
        case "sees" where others.count == 2: return .expectParties(party, calling: others[0], called: others[1])
        case "hears" where words.dropFirst(2) == ["nobody"]: return .expectHearing(party, [])
        case "hears" where others.count == words.count - 2: return .expectHearing(party, Set(others))
        case "is" where words.count == 5 && words[2...3] == ["offered", "by"]: return .expectSplit(party, words[4])
        case "has" where words.count == 5 && words[2] == "a" && words[4] == "call":
            return CallType(rawValue: words[3]).map { .expectType(party, $0) }
        case "has" where words.count == 4 && words[3].hasPrefix("recording"):
            return Int(words[2]).map { .expectRecordings(party, count: $0) }
        default: return nil
        }
    }

    private static func beginning(_ party: Party, _ words: [String]) -> Step? {
        guard words.count >= 3, let target = target(words[2]) else { return nil }
        let suffix = words.dropFirst(3).joined(separator: " ")
        return switch (words[1], suffix) {
        case ("calls", "") where party == .a: .dial(from: .a, to: target)
        case ("calls", ""), ("calls", "with analysis"): .call(from: party, to: target, analysis: !suffix.isEmpty)
        case ("dials", ""): .dial(from: party, to: target)
        case ("adds", ""), ("adds", "silently"):
            .ask(party, .singleStepConference(with: target, isSilent: !suffix.isEmpty), call: nil)
        case ("consults", ""): .ask(party, .consult(target), call: nil)
        default: nil
        }
    }

    private static func service(_ party: Party, _ words: [String]) -> Step? {
        let rest = words.dropFirst().joined(separator: " ")
        switch rest {
        case "cancels": return .ask(party, .cancelConsultation, call: nil)
        case "connects them": return .ask(party, .transfer(returns: false), call: nil)
        case "connects them and waits": return .ask(party, .transfer(returns: true), call: nil)
        case "connects them on the phone": return .transferAtPhone(party, to: nil)
        case "accepts": return .answerPreview(party, isAccepted: true)
        case "skips": return .answerPreview(party, isAccepted: false)
        case "is Ready": return .setMode(party, .ready)
        case "is NotReady": return .setMode(party, .notReady)
        case "logs in": return .logIn(party)
        case "logs out": return .logOut(party)
        case "forms the conference": return .ask(party, .conference, call: nil)
        case "records": return .ask(party, .startRecording, call: nil)
        case "stops recording": return .ask(party, .stopRecording, call: nil)
        default: break
        }
        guard words.count >= 4, words[1] == "transfers", words[2] == "to", let target = target(words[3]) else {
            return nil
        }
        return switch words.dropFirst(4).joined(separator: " ") {
        case "": .ask(party, .singleStepTransfer(to: target, returns: false), call: nil)
        case "and waits": .ask(party, .singleStepTransfer(to: target, returns: true), call: nil)
        case "on the phone": .transferAtPhone(party, to: target)
        default: nil
        }
    }

    /// `holds`, `holds by service`, `holds 2 by service`.
    private static func act(_ party: Party, _ words: [String]) -> Step? {
        var rest = words.dropFirst()
        guard rest.suffix(2) == ["by", "service"] else {
            return Act(rawValue: rest.joined(separator: " ")).map { .press(party, $0) }
        }
        rest = rest.dropLast(2)
        let call = rest.last.flatMap { Int($0) }
        if call != nil { rest = rest.dropLast() }
        return Act(rawValue: rest.joined(separator: " ")).map { .ask(party, .act($0), call: call) }
    }

    private static func supervision(_ words: [String]) -> Step? {
        let parties = words.compactMap(Party.init)
        guard let first = parties.first else { return nil }
        let verb = words.filter { Party(rawValue: $0) == nil }.joined(separator: " ")
        return switch (verb, parties.count) {
        case ("drops", 1): .supervise(.drop, first)
        case ("takes over with", 2): .supervise(.takeOver(with: parties[1]), first)
        case ("barges in on with", 2): .supervise(.bargeIn(with: parties[1]), first)
        case ("listens to with", 2): .supervise(.listen(with: parties[1]), first)
        default: nil
        }
    }

    private static func target(_ word: String) -> Target? {
        Party(rawValue: word).map(Target.party) ?? (DeviceID.isNumber(word) ? .number(word) : nil)
    }
}
