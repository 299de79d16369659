extension Scenario {
    /// Calls of a split, of which B to E are agents: the table “Split (skill group)” of the protocol's scenarios. 4100 is the
    /// number that leads to split 7000.
    public static func splits() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "A customer calls a split, B is Ready",
                """
                only B is Ready
                A calls 4100
                B answers
                B: delivered established
                B is offered by 7000
                B sees A B
                A hears B
                B hears A
                A hangs up
                B: delivered established cleared(A) cleared(B) agentWorkingAfterCall agentReady
                cause NORMAL_CLEARING
                hung up by A
                C: nothing
                """),
            try Scenario(
                "Nobody is Ready: the customer waits for the first who is",
                """
                nobody is Ready
                A calls 4100
                B: nothing
                C: nothing
                C is Ready
                C answers
                C: agentReady delivered established
                C is offered by 7000
                B is Ready
                C hangs up
                C: agentReady delivered established cleared(C) agentWorkingAfterCall agentReady
                B: agentReady
                """),
            try Scenario(
                "B does not answer in time: the customer goes back to the head of the queue",
                """
                only B is Ready
                A calls 4100
                B: delivered
                time runs out
                B: delivered cleared(B) agentNotReady
                cause NO_ANSWER
                C is Ready
                C answers
                C: agentReady delivered established
                C sees A C
                A hangs up
                C: agentReady delivered established cleared(A) cleared(C) agentWorkingAfterCall agentReady
                B: delivered cleared(B) agentNotReady
                """),
            try Scenario(
                "The customer gives up while B rings: B is Ready and gets the next",
                """
                only B is Ready
                A calls 4100
                B: delivered
                A hangs up
                B: delivered cleared(A) cleared(B)
                cause ORIGINATOR_CANCEL
                hung up by A
                """),
            try Scenario(
                "B refuses, and logs out while C rings: the customer waits for who comes back",
                """
                only B is Ready
                A calls 4100
                B rejects
                B: delivered cleared(B) agentNotReady
                C is Ready
                C: agentReady delivered
                C logs out
                time runs out
                C: agentReady delivered cleared(C) agentLoggedOff
                B is Ready
                B answers
                B: delivered cleared(B) agentNotReady agentReady delivered established
                C logs in
                """),
            try Scenario(
                "B transfers the customer to the split: C gets it, and both work after it",
                """
                only B is Ready
                A calls 4100
                B answers
                C is Ready
                B transfers to 7000
                C answers
                B: delivered established transferred cleared(B) agentWorkingAfterCall agentReady
                C: agentReady delivered established
                C sees A C
                A hears C
                A hangs up
                C: agentReady delivered established cleared(A) cleared(C) agentWorkingAfterCall agentReady
                """),
            try Scenario(
                "B's phone calls the split and waits: C gets it when it is Ready",
                """
                nobody is Ready
                B dials 7000
                B: si or
                C is Ready
                C answers
                C: agentReady delivered established
                C sees B C
                B: si or delivered established
                B hangs up
                B: si or delivered established cleared(B)
                C: agentReady delivered established cleared(B) cleared(C) agentWorkingAfterCall agentReady
                """),
        ]
    }
}
