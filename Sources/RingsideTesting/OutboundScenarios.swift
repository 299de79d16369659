extension Scenario {
    /// Calls that the server places for an agent of split 7000, B: the rest of the table “Split (skill group) and outbound” of the
    /// protocol's scenarios. The last two digits of the customer's number say what comes of it.
    public static func outbound() throws(ScriptError) -> [Scenario] {
        try outboundCalls() + outboundInVain()
    }

    private static func outboundCalls() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "Campaign call, preoccupied: the customer answers",
                """
                only B is Ready
                the dialler calls 913800000000
                B: agentAllocated delivered
                B is offered by 7000
                B has a PreOccupied call
                B answers
                B: agentAllocated delivered established
                B has a PreOccupied call
                B hangs up
                B: agentAllocated delivered established cleared(B) agentWorkingAfterCall agentReady
                cause NORMAL_CLEARING
                hung up by B
                C: nothing
                """),
            try Scenario(
                "The customer of a campaign call hangs up",
                """
                only B is Ready
                the dialler calls 913800000039
                B answers
                B: agentAllocated delivered established cleared(913800000039) cleared(B) agentWorkingAfterCall agentReady
                cause NORMAL_CLEARING
                """),
            try Scenario(
                "B does not take a campaign's customer: another agent does",
                """
                only B is Ready
                the dialler calls 913800000000
                B: agentAllocated delivered
                B rejects
                B: agentAllocated delivered cleared(B) agentNotReady
                C is Ready
                C answers
                C: agentReady delivered established
                C has a PreOccupied call
                C hangs up
                C: agentReady delivered established cleared(C) agentWorkingAfterCall agentReady
                """),
            try Scenario(
                "Preview: B looks at whom to call first",
                """
                only B is Ready
                the dialler calls 913800000000 after a preview
                B: agentAllocated
                B accepts
                B: agentAllocated delivered
                B has a PreView call
                B answers
                B hangs up
                B: agentAllocated delivered established cleared(B) agentWorkingAfterCall agentReady
                """),
            try Scenario(
                "Preview: B skips a customer",
                """
                only B is Ready
                the dialler calls 913800000000 after a preview
                B skips
                B: agentAllocated agentReady
                """),
            try Scenario(
                "B wants to be NotReady while Allocated: after the call",
                """
                only B is Ready
                the dialler calls 913800000000
                B is NotReady
                B answers
                B hangs up
                B: agentAllocated delivered established cleared(B) agentWorkingAfterCall agentNotReady
                """),
        ]
    }

    private static func outboundInVain() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "Campaign call fails, no attempts left",
                """
                only B is Ready
                the dialler calls 913800000001 twice
                B: agentAllocated agentReady
                """),
            try Scenario(
                "A campaign calls a number that does not exist",
                """
                only B is Ready
                the dialler calls 913800000008
                B: agentAllocated agentReady
                C: nothing
                """),
            try Scenario(
                "Campaign call fails, no time left",
                """
                only B is Ready
                the dialler calls 913800000040
                time runs out
                B: agentAllocated agentReady
                """),
            try Scenario(
                "A preview that B does not look at",
                """
                only B is Ready
                the dialler calls 913800000000 after a preview
                time runs out
                B: agentAllocated
                time runs out
                B: agentAllocated agentReady
                """),
            try Scenario(
                "Released by the API while Allocated",
                """
                only B is Ready
                the dialler calls 913800000040
                B: agentAllocated
                S releases B
                B: agentAllocated agentReady
                the dialler calls 913800000040
                B: agentAllocated agentReady agentAllocated
                """),
            try Scenario(
                "B logs out while Allocated",
                """
                only B is Ready
                the dialler calls 913800000040
                B: agentAllocated
                B logs out
                B: agentAllocated agentLoggedOff
                B logs in
                """),
            try Scenario(
                "Nobody reaches B, and B reaches nobody, while B is Allocated",
                """
                only B is Ready
                the dialler calls 913800000040
                C calls B
                C: si or cleared(B) cleared(C)
                B: agentAllocated
                """),
            try Scenario(
                "A customer of a campaign hangs up before B answers",
                """
                only B is Ready
                the dialler calls 913800000032
                B: agentAllocated delivered cleared(913800000032) cleared(B) agentReady
                cause ORIGINATOR_CANCEL
                """),
        ]
    }
}
