/// How often each side lets itself be heard; 0: not at all.
public struct Heartbeats: Hashable, Sendable {
    /// At least every so many milliseconds the server sends something.
    public var sendMilliseconds: Int64
    /// At least every so many milliseconds the client does.
    public var receiveMilliseconds: Int64

    public static let none = Heartbeats(sendMilliseconds: 0, receiveMilliseconds: 0)

    /// A day: what a client may ask for at most.
    private static let maximumMilliseconds: Int64 = 86_400_000

    init(sendMilliseconds: Int64, receiveMilliseconds: Int64) {
        self.sendMilliseconds = sendMilliseconds
        self.receiveMilliseconds = receiveMilliseconds
    }

    /// What comes of a client's `heart-beat` and what the server can do and wants (1.2, Heart-beating).
    ///
    /// - Parameters:
    ///   - offer: `cx,cy`; nil: the client has none.
    ///   - interval: of the server, both ways.
    /// - Returns: nil if the offer cannot be read.
    static func negotiate(_ offer: String?, every interval: Int64) -> Heartbeats? {
        guard let offer else { return Heartbeats.none }
        let parts = offer.split(separator: ",", omittingEmptySubsequences: false).map { Int64($0.trimmingSpaces) }
        guard parts.count == 2, let can = parts[0], let wants = parts[1], can >= 0, wants >= 0 else { return nil }
        func agreed(_ client: Int64) -> Int64 {
            client == 0 || interval == 0 ? 0 : max(interval, min(client, maximumMilliseconds))
        }
        return Heartbeats(sendMilliseconds: agreed(wants), receiveMilliseconds: agreed(can))
    }
}
