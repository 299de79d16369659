/// How quick the sandbox is, and how large it may grow.
public struct SandboxSettings: Hashable, Sendable {
    /// A slower network would make nobody's test better.
    public static let maximumSetupMilliseconds: Int64 = 10_000

    /// From dialling until the other side rings, or fails without ringing. Not more than ``maximumSetupMilliseconds``.
    ///
    /// 0 by default: then a number that answers after a second does so to the millisecond.
    public let setupMilliseconds: Int64
    /// Legs that each tenant may have at once; not more than ``SandboxMachine/maximumLegs``.
    public let maximumLegs: Int
    /// Folder of the recordings, made when the first one begins; nil: there are no recordings to be had.
    public let recordingsFolder: String?

    /// Values that are out of bounds are cut.
    public init(
        setupMilliseconds: Int64 = 0, maximumLegs: Int = SandboxMachine.maximumLegs, recordingsFolder: String? = nil
    ) {
        self.setupMilliseconds = min(max(setupMilliseconds, 0), Self.maximumSetupMilliseconds)
        self.maximumLegs = min(max(maximumLegs, 0), SandboxMachine.maximumLegs)
        self.recordingsFolder = recordingsFolder
    }
}
