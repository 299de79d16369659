extension Scenario {
    /// What a consultation leads to: a transfer or a conference.
    public static func consultedTransfersAndConferences() throws(ScriptError) -> [Scenario] {
        try consultedTransfers() + consultedConferences()
    }

    private static func consultedTransfers() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "consultation, then transfer",
                """
                A and B talk
                B and C consult
                from here
                B connects them
                B: transferred cleared(B) cleared(B)/2
                A: transferred cleared(B)
                C: transferred cleared(B)
                calls 1 2 1
                A hears C
                C hears A
                A hangs up
                C: transferred cleared(B) cleared(A) cleared(C)
                A: transferred cleared(B) cleared(A)
                B: transferred cleared(B) cleared(B)/2
                """),
            try Scenario(
                "consultation, then transfer after B has gone back to A",
                """
                A and B talk
                B and C consult
                B goes back to A
                from here
                B connects them
                B: transferred/2 cleared(B)/2 cleared(B)
                A: transferred/2 cleared(B)/2
                C: transferred/2 cleared(B)/2
                calls 2 1 2
                A hears C
                C hears A
                A hangs up
                C: transferred/2 cleared(B)/2 cleared(A)/2 cleared(C)/2
                """),
            try Scenario(
                "consultation, then transfer while C rings",
                """
                A and B talk
                B consults C
                C: delivered/2
                from here
                B connects them
                B: transferred cleared(B) cleared(B)/2
                A: transferred cleared(B)
                C: transferred cleared(B)
                calls 1 2 1
                C answers
                C: transferred cleared(B) established
                A: transferred cleared(B) established
                C sees A C
                A sees A B
                A hears C
                C hangs up
                C: transferred cleared(B) established cleared(C)
                A: transferred cleared(B) established cleared(C) cleared(A)
                """),
            try Scenario(
                "consultation, then transfer while C rings, and C refuses",
                """
                A and B talk
                B consults C
                C: delivered/2
                from here
                B connects them
                C: transferred cleared(B)
                C rejects
                C: transferred cleared(B) cleared(C)
                A: transferred cleared(B) cleared(C) cleared(A)
                """),
            try Scenario(
                "consultation, then transfer, and back to B when those two have finished",
                """
                A and B talk
                B and C consult
                from here
                B connects them and waits
                B: transferred cleared(B) cleared(B)/2
                C hangs up
                C: transferred cleared(B) cleared(C)
                B: transferred cleared(B) cleared(B)/2 delivered
                A: transferred cleared(B) cleared(C) delivered
                B answers
                B: transferred cleared(B) cleared(B)/2 delivered established
                A hears B
                """),
        ]
    }

    private static func consultedConferences() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "consultation, then conference: B leaves first",
                """
                A and B talk
                B and C consult
                from here
                B forms the conference
                A: conferenced
                B: conferenced
                C: conferenced
                calls 1 2 1
                A hears B C
                B hears A C
                C hears A B
                B hangs up
                B: conferenced cleared(B)
                C: conferenced cleared(B) cleared(A) cleared(C)
                A: conferenced cleared(B) cleared(A)
                hung up by B
                """),
            try Scenario(
                "consultation, then conference: C leaves, then B",
                """
                A and B talk
                B and C consult
                from here
                B forms the conference
                C: conferenced
                C hangs up
                C: conferenced cleared(C)
                B: conferenced cleared(C)
                A: conferenced cleared(C)
                A hears B
                B hangs up
                B: conferenced cleared(C) cleared(B)
                A: conferenced cleared(C) cleared(B) cleared(A)
                hung up by C
                """),
            try Scenario(
                "consultation, then conference: C leaves, then A",
                """
                A and B talk
                B and C consult
                from here
                B forms the conference
                C: conferenced
                C hangs up
                B: conferenced cleared(C)
                A hangs up
                B: conferenced cleared(C) cleared(A) cleared(B)
                A: conferenced cleared(C) cleared(A)
                """),
            try Scenario(
                "consultation, then conference while C rings",
                """
                A and B talk
                B consults C
                C: delivered/2
                from here
                B forms the conference
                A: conferenced
                B: conferenced
                C: conferenced
                C answers
                A: conferenced established
                B: conferenced established
                C: conferenced established
                C sees B C
                A hears B C
                B hangs up
                C: conferenced established cleared(B) cleared(A) cleared(C)
                """),
            try Scenario(
                "consultation, then conference while C rings, and C refuses",
                """
                A and B talk
                B consults C
                C: delivered/2
                from here
                B forms the conference
                C: conferenced
                C rejects
                C: conferenced cleared(C)
                B: conferenced cleared(C)
                A: conferenced cleared(C)
                A hears B
                """),
        ]
    }
}
