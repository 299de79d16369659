extension Scenario {
    /// Consultations that end, and alternating between the two calls.
    public static func consultations() throws(ScriptError) -> [Scenario] {
        try consultationsThatEnd()
    }

    private static func consultationsThatEnd() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "consultation: C hangs up, the held call is retrieved",
                """
                A and B talk
                B and C consult
                C hangs up
                B: held(B) si/2 or/2 delivered/2 established/2 cleared(C)/2 cleared(B)/2 retrieved(B)
                C: delivered/2 established/2 cleared(C)/2
                A: held(B) retrieved(B)
                A hears B
                B hears A
                B hangs up
                B: held(B) si/2 or/2 delivered/2 established/2 cleared(C)/2 cleared(B)/2 retrieved(B) cleared(B)
                """),
            try Scenario(
                "consultation: C does not answer, the held call is retrieved",
                """
                A and B talk
                B consults C
                C: delivered/2
                time runs out
                B: held(B) si/2 or/2 delivered/2 cleared(C)/2 cleared(B)/2 retrieved(B)
                C: delivered/2 cleared(C)/2
                A: held(B) retrieved(B)
                """),
            try Scenario(
                "consultation: C refuses, the held call is retrieved",
                """
                A and B talk
                B consults C
                C: delivered/2
                C rejects
                B: held(B) si/2 or/2 delivered/2 cleared(C)/2 cleared(B)/2 retrieved(B)
                C: delivered/2 cleared(C)/2
                """),
            try Scenario(
                "consultation: C is busy, the held call is retrieved",
                """
                C calls D
                D answers
                C: si or delivered established
                A calls B
                B answers
                B: delivered/2 established/2
                from here
                B consults C
                B: held(B)/2 si/3 or/3 cleared(C)/3 cleared(B)/3 retrieved(B)/2
                C: nothing
                """),
            try Scenario(
                "consultation: B cancels, C2 is cleared, B first",
                """
                A and B talk
                B and C consult
                B cancels
                B: held(B) si/2 or/2 delivered/2 established/2 cleared(B)/2 retrieved(B)
                C: delivered/2 established/2 cleared(B)/2 cleared(C)/2
                A: held(B) retrieved(B)
                A hears B
                """),
            try Scenario(
                "consultation: B cancels while C rings",
                """
                A and B talk
                B consults C
                C: delivered/2
                B cancels
                B: held(B) si/2 or/2 delivered/2 cleared(B)/2 retrieved(B)
                C: delivered/2 cleared(B)/2 cleared(C)/2
                A: held(B) retrieved(B)
                """),
            try Scenario(
                "consultation: A hangs up meanwhile, C2 goes on and nothing is retrieved after it",
                """
                A and B talk
                B and C consult
                A hangs up
                B: held(B) si/2 or/2 delivered/2 established/2 cleared(A) cleared(B)
                A: held(B) cleared(A)
                B hears C
                C hangs up
                B: held(B) si/2 or/2 delivered/2 established/2 cleared(A) cleared(B) cleared(C)/2 cleared(B)/2
                """),
            try Scenario(
                "consultation: B alternates",
                """
                A and B talk
                B and C consult
                B goes back to A
                A hears B
                B hears A
                B holds 1 by service
                B: held(B)/2 retrieved(B) held(B)
                B retrieves 2 by service
                B: held(B)/2 retrieved(B) held(B) retrieved(B)/2
                C: held(B)/2 retrieved(B)/2
                B hears C
                C hears B
                C hangs up
                B: held(B)/2 retrieved(B) held(B) retrieved(B)/2 cleared(C)/2 cleared(B)/2 retrieved(B)
                """),
            try Scenario(
                "consultation: B hangs up the phone, both calls end",
                """
                A and B talk
                B and C consult
                from here
                B hangs up
                B: cleared(B)/2 cleared(B)
                C: cleared(B)/2 cleared(C)/2
                A: cleared(B) cleared(A)
                """),
        ]
    }
}
