/// Which pages in browsers may use the interface besides those of the server's own host.
public struct OriginRules: Hashable, Sendable {
    /// A request's `Origin`, as far as it matters here.
    enum Origin: Hashable, Sendable {
        /// No browser has sent it, or one that need not say so.
        case none
        /// A page of this server's own host and port.
        case own
        /// One of the operator's list, as the browser wrote it.
        case listed(String)
        case foreign
    }

    /// Of the list; it is compared with each request of a browser.
    public static let maximumOrigins = 100

    private let listed: Set<String>

    /// - Parameter origins: ``isOrigin(_:)`` is true for each; case does not matter.
    public init(_ origins: some Sequence<String> = []) {
        listed = Set(origins.map { $0.lowercased() })
    }

    /// `scheme://host` or `scheme://host:port` (RFC 6454 §7): no path, no `*`, not `null`.
    public static func isOrigin(_ text: String) -> Bool {
        guard let mark = text.firstRange(of: "://"), mark.lowerBound > text.startIndex else { return false }
        let (scheme, host) = (text[..<mark.lowerBound], text[mark.upperBound...])
        guard scheme.utf8.allSatisfy({ $0.isLetterOrDigit || "+-.".utf8.contains($0) }), !host.isEmpty else {
            return false
        }
        return host.utf8.allSatisfy { $0.isLetterOrDigit || "-._:[]".utf8.contains($0) }
    }

    /// - Parameters:
    ///   - values: of all `Origin` fields; more than one is nobody's.
    ///   - authority: the `Host` that was asked for.
    func judge(_ values: [String], authority: String?) -> Origin {
        guard let value = values.first, !value.isEmpty else { return .none }
        guard values.count == 1 else { return .foreign }
        let origin = value.lowercased()
        if listed.contains(origin) { return .listed(value) }
        guard let authority, let mark = origin.firstRange(of: "://") else { return .foreign }
        let port: Substring? =
            switch origin[..<mark.lowerBound] {
            case "http": ":80"
            case "https": ":443"
            default: nil
            }
        guard let port else { return .foreign }
        return Self.without(port, origin[mark.upperBound...]) == Self.without(port, authority.lowercased()[...])
            ? .own : .foreign
    }

    private static func without(_ port: Substring, _ host: Substring) -> Substring {
        host.hasSuffix(port) ? host.dropLast(port.count) : host
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
