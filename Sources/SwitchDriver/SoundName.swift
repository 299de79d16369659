/// The name of a sound that a switch has, such as `custom/closed`: a file below its folder of sounds, without the ending.
///
/// Letters, digits, `-`, `_` and `/`, the latter not first: no name leads out of that folder, or means more than a file there
/// in the address of a request.
public struct SoundName: Hashable, Sendable {
    /// More than any file below a folder of sounds has that somebody types.
    public static let maximumBytes = 64

    public let text: String

    /// Nil if it is no such name.
    public init?(_ text: String) {
        guard (1...Self.maximumBytes).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "/"),
            text.utf8.allSatisfy(Self.isUsable)
        else { return nil }
        self.text = text
    }

    private static func isUsable(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
