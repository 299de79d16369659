/// Runs that failed once; each is run again in every test run, for as many steps as it took then.
struct PastFailure: Sendable, CustomStringConvertible {
    var seed: UInt64
    var steps: Int
    /// What was wrong then.
    var rule: String

    var description: String { "seed \(seed): \(rule)" }

    static let all = [
        PastFailure(seed: 2, steps: 1200, rule: "a phone that holds, and a restart"),
        PastFailure(seed: 3, steps: 2800, rule: "a recording that runs on"),
        PastFailure(seed: 4, steps: 800, rule: "a listener counted as a party (E10)"),
        PastFailure(seed: 5, steps: 1000, rule: "a listener told to others (E9)"),
        PastFailure(seed: 6, steps: 1600, rule: "the order of joining (E9)"),
        PastFailure(seed: 7, steps: 3300, rule: "a conference of two (E16)"),
        PastFailure(seed: 1, steps: 2400, rule: "a leg that was gone when the link came back"),
        PastFailure(seed: 8, steps: 2600, rule: "a snapshot that waited for a recording (E17)"),
    ]
}
