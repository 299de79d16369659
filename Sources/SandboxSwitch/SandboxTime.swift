import Dispatch

/// The time by which a sandbox lives: the process's own, or a test's.
public struct SandboxTime: Sendable {
    /// Milliseconds since a moment of the source's choice; never goes back.
    public var milliseconds: @Sendable () -> Int64
    /// Calls the closure once, when the time given as ``milliseconds`` has come, soon if it has passed; on any thread,
    /// but never within the call of `wake`.
    public var wake: @Sendable (_ milliseconds: Int64, _ body: @escaping @Sendable () -> Void) -> Void

    /// Calls the closure once, soon, but never within the call of `work`, where it may take its time, as writing a file
    /// does, and holds up nobody.
    public var work: @Sendable (_ body: @escaping @Sendable () -> Void) -> Void

    /// - work: nil: like `wake` at the present time, so that with a test's clock files are written when that is moved.
    public init(
        milliseconds: @escaping @Sendable () -> Int64,
        wake: @escaping @Sendable (_ milliseconds: Int64, _ body: @escaping @Sendable () -> Void) -> Void,
        work: (@Sendable (_ body: @escaping @Sendable () -> Void) -> Void)? = nil
    ) {
        self.milliseconds = milliseconds
        self.wake = wake
        self.work = work ?? { body in wake(milliseconds(), body) }
    }

    /// The time as it passes, from now on.
    public static func real() -> SandboxTime {
        let clock = ContinuousClock()
        let start = clock.now
        return SandboxTime(
            milliseconds: {
                let passed = (clock.now - start).components
                return passed.seconds * 1000 + passed.attoseconds / 1_000_000_000_000_000
            },
            wake: { milliseconds, body in
                Task {
                    // Ends early only when cancelled, which nobody does; then it does no harm to look too early.
                    try? await Task.sleep(until: start + .milliseconds(milliseconds), clock: clock)
                    body()
                }
            },
            // Not a task: the few threads that tasks share shall not wait for a disk.
            work: { body in DispatchQueue.global(qos: .utility).async(execute: body) })
    }
}
