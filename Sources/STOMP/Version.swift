/// A version of the protocol, <https://stomp.github.io>.
public enum Version: String, Hashable, Sendable, Comparable, CaseIterable {
    case v1_0 = "1.0"
    case v1_1 = "1.1"
    case v1_2 = "1.2"

    public static func < (one: Version, other: Version) -> Bool { one.rawValue < other.rawValue }

    /// The highest version of a client's `accept-version`, `1.0,1.2`; nil: none of them is known here.
    ///
    /// - Parameter offer: nil: the client is of 1.0, which has no such header.
    public static func negotiate(_ offer: String?) -> Version? {
        guard let offer else { return .v1_0 }
        return offer.split(separator: ",").compactMap { Version(rawValue: String($0.trimmingSpaces)) }.max()
    }

    /// The WebSocket subprotocol, `v12.stomp`.
    public var subprotocol: String {
        switch self {
        case .v1_0: "v10.stomp"
        case .v1_1: "v11.stomp"
        case .v1_2: "v12.stomp"
        }
    }

    /// The subprotocol to agree on, of those that a client offers; nil: none of them is known here.
    public static func subprotocol(among offers: some Sequence<some StringProtocol>) -> String? {
        let offered = Set(offers.map { String($0) })
        return allCases.last { offered.contains($0.subprotocol) }?.subprotocol
    }
}

extension StringProtocol {
    var trimmingSpaces: SubSequence {
        guard let first = firstIndex(where: { $0 != " " }), let last = lastIndex(where: { $0 != " " }) else {
            return self[startIndex..<startIndex]
        }
        return self[first...last]
    }
}
