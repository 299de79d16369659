/// A moment by a clock that only goes on, whoever sets the time of day: what deadlines are measured by. In
/// milliseconds since a moment of the clock's choice, so that it means nothing to another process.
public struct Uptime: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The moment that many milliseconds later, or the last one that there is.
    func advanced(byMilliseconds milliseconds: Int64) -> Uptime {
        let (sum, isOver) = self.milliseconds.addingReportingOverflow(milliseconds)
        return Uptime(milliseconds: isOver ? (milliseconds < 0 ? .min : .max) : sum)
    }

    public static func < (a: Uptime, b: Uptime) -> Bool { a.milliseconds < b.milliseconds }
    public var description: String { "\(milliseconds) ms up" }
}
