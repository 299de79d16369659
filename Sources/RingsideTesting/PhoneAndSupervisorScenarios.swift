extension Scenario {
    /// What phones do by their own buttons, supervisors, and recordings.
    public static func phonesAndSupervisors() throws(ScriptError) -> [Scenario] {
        try fromThePhone() + supervisors() + recordings()
    }

    private static func fromThePhone() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "from the phone: blind transfer",
                """
                A and B talk
                B transfers to C on the phone
                B: transferred cleared(B)
                C: delivered
                C answers
                C: delivered established
                A: transferred cleared(B) delivered established
                calls 0 1 1
                A hears C
                C hangs up
                A: transferred cleared(B) delivered established cleared(C) cleared(A)
                """),
            try Scenario(
                "from the phone: a second call, then attended transfer",
                """
                A and B talk
                B holds
                B: held(B)
                A: held(B)
                B dials C
                C answers
                B: held(B) si/2 or/2 delivered/2 established/2
                C: delivered/2 established/2
                from here
                B connects them on the phone
                B: transferred cleared(B) cleared(B)/2
                A: transferred cleared(B)
                C: transferred cleared(B)
                calls 1 2 1
                A hears C
                C hears A
                C hangs up
                A: transferred cleared(B) cleared(C) cleared(A)
                """),
            try Scenario(
                "from the phone: a second call that ends, then the first is taken back",
                """
                A and B talk
                B holds
                B: held(B)
                B dials C
                C answers
                B: held(B) si/2 or/2 delivered/2 established/2
                C hangs up
                B: held(B) si/2 or/2 delivered/2 established/2 cleared(C)/2 cleared(B)/2
                B retrieves
                B: held(B) si/2 or/2 delivered/2 established/2 cleared(C)/2 cleared(B)/2 retrieved(B)
                A: held(B) retrieved(B)
                A hears B
                """),
            try Scenario(
                "from the phone: a second call, then the desktop forms the conference",
                """
                A and B talk
                B holds
                B: held(B)
                B dials C
                C answers
                B: held(B) si/2 or/2 delivered/2 established/2
                from here
                B forms the conference
                A: conferenced
                B: conferenced
                C: conferenced
                A hears B C
                C hears A B
                B hangs up
                C: conferenced cleared(B) cleared(A) cleared(C)
                """),
        ]
    }

    private static func supervisors() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "a supervisor drops B",
                """
                A and B talk
                S drops B
                B: cleared(B)
                A: cleared(B) cleared(A)
                hung up by B
                """),
            try Scenario(
                "a supervisor barges in on B with D",
                """
                A and B talk
                S barges in on B with D
                D: delivered
                D answers
                B: delivered established conferenced
                D: delivered established conferenced
                A: delivered established conferenced
                D sees B D
                A hears B D
                D hears A B
                D hangs up
                B: delivered established conferenced cleared(D)
                D: delivered established conferenced cleared(D)
                """),
            try Scenario(
                "a supervisor takes B's call over with D",
                """
                A and B talk
                S takes B over with D
                B: transferred cleared(B)
                D: delivered
                D answers
                D: delivered established
                A: transferred cleared(B) delivered established
                D sees A D
                A hears D
                """),
            try Scenario(
                "a supervisor listens to B with D: the parties notice nothing",
                """
                A and B talk
                S listens to B with D
                D: delivered established
                B: nothing
                A: nothing
                D hears A B
                A hears B
                B hears A
                D hangs up
                D: delivered established cleared(D)
                B: nothing
                A: nothing
                A hangs up
                B: cleared(A) cleared(B)
                """),
            try Scenario(
                "a supervisor listens to B with D until the call ends",
                """
                A and B talk
                S listens to B with D
                D: delivered established
                B holds by service
                B: held(B)
                D: delivered established held(B)
                A hangs up
                B: held(B) cleared(A) cleared(B)
                D: delivered established held(B) cleared(A) cleared(B) cleared(D)
                """),
        ]
    }

    private static func recordings() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "recording by the API: stopped before B's own connectionCleared",
                """
                A and B talk
                B records
                B: recordStarted
                B hangs up
                B: recordStarted recordStopped cleared(B)
                B has 1 recording
                """),
            try Scenario(
                "recording: stop and start again give two",
                """
                A and B talk
                B records
                B: recordStarted
                B stops recording
                B: recordStarted recordStopped
                B records
                B: recordStarted recordStopped recordStarted
                A hangs up
                B: recordStarted recordStopped recordStarted recordStopped cleared(A) cleared(B)
                B has 2 recordings
                """),
            try Scenario(
                "recording: a transfer stops it before B leaves",
                """
                A and B talk
                B records
                B: recordStarted
                B transfers to C
                B: recordStarted recordStopped transferred cleared(B)
                C: delivered
                C answers
                C: delivered established
                C hangs up
                B has 1 recording
                """),
            try Scenario(
                "recording: it goes on through a hold and a consultation",
                """
                A and B talk
                B records
                B: recordStarted
                B consults C
                C: delivered/2
                C answers
                B: recordStarted held(B) si/2 or/2 delivered/2 established/2
                C hangs up
                B: recordStarted held(B) si/2 or/2 delivered/2 established/2 cleared(C)/2 cleared(B)/2 retrieved(B)
                B hangs up
                B: recordStarted held(B) si/2 or/2 delivered/2 established/2 cleared(C)/2 cleared(B)/2 retrieved(B) recordStopped cleared(B)
                B has 1 recording
                """),
        ]
    }
}
