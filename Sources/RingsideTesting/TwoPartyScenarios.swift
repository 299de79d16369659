extension Scenario {
    /// Every way of calls between two parties: the table “Two parties” of the protocol's scenarios, and its variants by the
    /// phone's buttons and by the API.
    public static func twoParties() throws(ScriptError) -> [Scenario] {
        try basicCalls() + failingCalls() + trunkCalls() + holds()
    }

    private static func basicCalls() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "B calls C, C answers, C hangs up",
                """
                B calls C
                C answers
                B: si or delivered established
                C: delivered established
                C hangs up
                B: si or delivered established cleared(C) cleared(B)
                C: delivered established cleared(C)
                cause NORMAL_CLEARING
                hung up by C
                """),
            try Scenario(
                "B calls C, C answers by service, B hangs up by service",
                """
                B calls C
                C answers by service
                B: si or delivered established
                B hangs up by service
                B: si or delivered established cleared(B)
                C: delivered established cleared(B) cleared(C)
                cause NORMAL_CLEARING
                hung up by B
                """),
            try Scenario(
                "B dials C on the phone, C answers, B hangs up",
                """
                B dials C
                C answers
                B: si or delivered established
                C: delivered established
                B hangs up
                B: si or delivered established cleared(B)
                C: delivered established cleared(B) cleared(C)
                cause NORMAL_CLEARING
                hung up by B
                """),
            try Scenario(
                "B gives up while C rings",
                """
                B calls C
                C: delivered
                B hangs up
                B: si or delivered cleared(B)
                C: delivered cleared(B) cleared(C)
                cause ORIGINATOR_CANCEL
                hung up by B
                """),
            try Scenario(
                "B gives up by service while C rings",
                """
                B calls C
                C: delivered
                B hangs up by service
                B: si or delivered cleared(B)
                C: delivered cleared(B) cleared(C)
                cause ORIGINATOR_CANCEL
                hung up by B
                """),
            try Scenario(
                "two calls one after the other",
                """
                B calls C
                C answers
                B: si or delivered established
                C hangs up
                B: si or delivered established cleared(C) cleared(B)
                C: delivered established cleared(C)
                from here
                C calls B
                B answers
                C: si/2 or/2 delivered/2 established/2
                C hangs up
                C: si/2 or/2 delivered/2 established/2 cleared(C)/2
                B: delivered/2 established/2 cleared(C)/2 cleared(B)/2
                """),
        ]
    }

    private static func failingCalls() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "B calls C, C is busy, no analysis",
                """
                C calls D
                D answers
                C: si or delivered established
                D: delivered established
                from here
                B calls C
                B: si/2 or/2 cleared(C)/2 cleared(B)/2
                C: nothing
                D: nothing
                cause USER_BUSY
                hung up by C
                """),
            try Scenario(
                "B calls C, C is busy, analysis on",
                """
                C calls D
                D answers
                C: si or delivered established
                D: delivered established
                from here
                B calls C with analysis
                B: si/2 or/2 failed(1)/2 cleared(C)/2 cleared(B)/2
                C: nothing
                cause USER_BUSY
                """),
            try Scenario(
                "C rings and does not answer in time, analysis on",
                """
                B calls C with analysis
                C: delivered
                time runs out
                B: si or delivered failed(11) cleared(C) cleared(B)
                C: delivered cleared(C)
                cause NO_ANSWER
                """),
            try Scenario(
                "C rings and does not answer in time, no analysis",
                """
                B calls C
                C: delivered
                time runs out
                B: si or delivered cleared(C) cleared(B)
                C: delivered cleared(C)
                cause NO_ANSWER
                """),
            try Scenario(
                "C refuses",
                """
                B calls C
                C rejects
                B: si or delivered cleared(C) cleared(B)
                C: delivered cleared(C)
                hung up by C
                """),
            try Scenario(
                "C refuses by service, analysis on",
                """
                B calls C with analysis
                C: delivered
                C hangs up by service
                B: si or delivered failed(4) cleared(C) cleared(B)
                C: delivered cleared(C)
                cause CALL_REJECTED
                hung up by C
                """),
        ]
    }

    private static func trunkCalls() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "trunk call to B, answered, customer hangs up",
                """
                A calls B
                B answers
                B: delivered established
                A hangs up
                B: delivered established cleared(A) cleared(B)
                cause NORMAL_CLEARING
                hung up by A
                """),
            try Scenario(
                "trunk call to B, answered by service, B hangs up",
                """
                A calls B
                B answers by service
                B: delivered established
                B hangs up
                B: delivered established cleared(B)
                cause NORMAL_CLEARING
                hung up by B
                """),
            try Scenario(
                "trunk call to B, the customer gives up",
                """
                A calls B
                B: delivered
                A hangs up
                B: delivered cleared(A) cleared(B)
                cause ORIGINATOR_CANCEL
                hung up by A
                """),
            try Scenario(
                "trunk call to B, nobody answers",
                """
                A calls B
                B: delivered
                time runs out
                B: delivered cleared(B)
                cause NO_ANSWER
                """),
        ]
    }

    private static func holds() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "B holds and retrieves by service",
                """
                B calls C
                C answers
                B: si or delivered established
                B holds by service
                B: si or delivered established held(B)
                C: delivered established held(B)
                B retrieves by service
                B: si or delivered established held(B) retrieved(B)
                C: delivered established held(B) retrieved(B)
                B hangs up
                C: delivered established held(B) retrieved(B) cleared(B) cleared(C)
                """),
            try Scenario(
                "B holds and retrieves at the phone",
                """
                B calls C
                C answers
                B: si or delivered established
                B holds
                B: si or delivered established held(B)
                C: delivered established held(B)
                B retrieves
                B: si or delivered established held(B) retrieved(B)
                C: delivered established held(B) retrieved(B)
                C hangs up
                B: si or delivered established held(B) retrieved(B) cleared(C) cleared(B)
                """),
            try Scenario(
                "the customer hangs up while held",
                """
                A calls B
                B answers
                B: delivered established
                B holds by service
                B: delivered established held(B)
                A hangs up
                B: delivered established held(B) cleared(A) cleared(B)
                cause NORMAL_CLEARING
                hung up by A
                """),
        ]
    }
}
