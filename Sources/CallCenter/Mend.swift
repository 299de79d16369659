/// What a sweep has put right (``Tenant/sweep(_:)``): a closed list, to be counted. What it leads to is told by the usual events.
public enum Mend: String, Hashable, Sendable, CaseIterable {
    /// An agent's work after a call went on beyond its time.
    case wrapUp
    /// An agent was reserved beyond its time, or for a call that is no more.
    case reservation
    /// A phone rang, or was being dialled, beyond its time.
    case ringing
    /// A leg was told to end, and was still there beyond its time.
    case clearing
    /// A caller waited in a split beyond its time.
    case waiting
    /// A caller heard an announcement, or was about to, beyond its time.
    case announcement
    /// The switch did not say that a recording had begun or ended, beyond its time.
    case recording
    /// A device was believed to be in a call that is no more.
    case device
    /// A split did not know of a caller who waited in it, or of an agent who was free or was not.
    case split
}
