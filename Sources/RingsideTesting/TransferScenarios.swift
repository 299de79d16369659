extension Scenario {
    /// Single-step transfers and conferences, line by line.
    public static func singleStep() throws(ScriptError) -> [Scenario] {
        try singleStepTransfers() + singleStepConferences()
    }

    private static func singleStepTransfers() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "single-step transfer: B is out at once, A and C talk",
                """
                A and B talk
                B transfers to C
                B: transferred cleared(B)
                C: delivered
                A: transferred cleared(B) delivered
                calls 0 1 1
                C sees A C
                A sees A B
                C answers
                A: transferred cleared(B) delivered established
                C: delivered established
                B: transferred cleared(B)
                A hears C
                C hears A
                A hangs up
                C: delivered established cleared(A) cleared(C)
                A: transferred cleared(B) delivered established cleared(A)
                B: transferred cleared(B)
                """),
            try Scenario(
                "single-step transfer: C refuses",
                """
                A and B talk
                B transfers to C
                B: transferred cleared(B)
                C: delivered
                C rejects
                C: delivered cleared(C)
                A: transferred cleared(B) delivered cleared(C) cleared(A)
                B: transferred cleared(B)
                """),
            try Scenario(
                "single-step transfer: C does not answer",
                """
                A and B talk
                B transfers to C
                C: delivered
                time runs out
                C: delivered cleared(C)
                A: transferred cleared(B) delivered cleared(C) cleared(A)
                """),
            try Scenario(
                "single-step transfer: A gives up while C rings",
                """
                A and B talk
                B transfers to C
                C: delivered
                A hangs up
                C: delivered cleared(A) cleared(C)
                A: transferred cleared(B) delivered cleared(A)
                """),
            try Scenario(
                "single-step transfer to a busy device",
                """
                C calls D
                D answers
                C: si or delivered established
                A calls B
                B answers
                B: delivered/2 established/2
                from here
                B transfers to C
                B: transferred/2 cleared(B)/2
                A: transferred/2 cleared(B)/2 cleared(C)/2 cleared(A)/2
                C: nothing
                D: nothing
                """),
            try Scenario(
                "single-step transfer, and back to B when the other has left",
                """
                A and B talk
                B transfers to C and waits
                B: transferred cleared(B)
                C: delivered
                C answers
                C: delivered established
                C hangs up
                C: delivered established cleared(C)
                B: transferred cleared(B) delivered
                A: transferred cleared(B) delivered established cleared(C) delivered
                B answers
                B: transferred cleared(B) delivered established
                A: transferred cleared(B) delivered established cleared(C) delivered established
                A hears B
                B hears A
                A hangs up
                B: transferred cleared(B) delivered established cleared(A) cleared(B)
                """),
            try Scenario(
                "single-step transfer, and A hangs up before it comes back",
                """
                A and B talk
                B transfers to C and waits
                C: delivered
                C answers
                C: delivered established
                A hangs up
                C: delivered established cleared(A) cleared(C)
                B: transferred cleared(B)
                """),
        ]
    }

    private static func singleStepConferences() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "single-step conference: A, B and D talk, B leaves first",
                """
                A and B talk
                B adds D
                D: delivered
                B: delivered
                A: delivered
                D sees B D
                B sees A B
                D answers
                B: delivered established conferenced
                A: delivered established conferenced
                D: delivered established conferenced
                calls 0 1 1
                A hears B D
                B hears A D
                D hears A B
                B hangs up
                B: delivered established conferenced cleared(B)
                D: delivered established conferenced cleared(B) cleared(A) cleared(D)
                A: delivered established conferenced cleared(B) cleared(A)
                hung up by B
                """),
            try Scenario(
                "single-step conference: D refuses, A and B talk on",
                """
                A and B talk
                B adds D
                D: delivered
                D rejects
                D: delivered cleared(D)
                B: delivered cleared(D)
                A: delivered cleared(D)
                A hears B
                B hangs up
                B: delivered cleared(D) cleared(B)
                """),
            try Scenario(
                "single-step conference: D does not answer, A and B talk on",
                """
                A and B talk
                B adds D
                D: delivered
                time runs out
                D: delivered cleared(D)
                B: delivered cleared(D)
                A hears B
                A hangs up
                B: delivered cleared(D) cleared(A) cleared(B)
                """),
            try Scenario(
                "single-step conference: D hears and is not heard",
                """
                A and B talk
                B adds D silently
                D: delivered
                D answers
                B: delivered established conferenced
                D: delivered established conferenced
                D hears A B
                A hears B
                B hears A
                A hangs up
                B: delivered established conferenced cleared(A)
                D: delivered established conferenced cleared(A)
                B hangs up
                B: delivered established conferenced cleared(A) cleared(B)
                D: delivered established conferenced cleared(A) cleared(B) cleared(D)
                """),
            try Scenario(
                "four parties: they leave one by one, the last is released",
                """
                A and B talk
                B adds C
                C: delivered
                C answers
                C: delivered established conferenced
                B adds D
                D: delivered
                C: delivered established conferenced delivered
                D answers
                D: delivered established conferenced
                C: delivered established conferenced delivered established conferenced
                A hears B C D
                C hangs up
                D: delivered established conferenced cleared(C)
                D hangs up
                D: delivered established conferenced cleared(C) cleared(D)
                A hangs up
                B: delivered established conferenced delivered established conferenced cleared(C) cleared(D) cleared(A) cleared(B)
                """),
        ]
    }
}
