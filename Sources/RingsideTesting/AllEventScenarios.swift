extension Scenario {
    /// A short working day of B, in which each of the protocol's sixteen events comes to it.
    public static func allEvents() throws(ScriptError) -> [Scenario] {
        [
            try Scenario(
                "B comes back, and calls a number that does not exist",
                """
                only B is Ready
                B logs out
                B logs in
                B is NotReady
                B: agentLoggedOff agentLoggedOn agentReady agentNotReady
                from here
                B calls 913800000008 with analysis
                B: si or failed(8) cleared(913800000008) cleared(B)
                cause UNALLOCATED_NUMBER
                """),
            try Scenario(
                "A campaign's customer is held, recorded, talked to by three, and handed over",
                """
                only B is Ready
                the dialler calls 913800000000
                B answers
                B: agentAllocated delivered established
                B has a PreOccupied call
                from here
                B holds
                B: held(B)
                B retrieves
                B: held(B) retrieved(B)
                from here
                B records
                B: recordStarted
                B adds D
                D answers
                B: recordStarted delivered established conferenced
                D: delivered established conferenced
                D hangs up
                B: recordStarted delivered established conferenced cleared(D)
                B stops recording
                B: recordStarted delivered established conferenced cleared(D) recordStopped
                B has 1 recording
                from here
                B transfers to C
                B: transferred cleared(B) agentWorkingAfterCall agentReady
                C answers
                C: delivered established
                """),
        ]
    }
}
