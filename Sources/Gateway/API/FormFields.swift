/// The `key=value` pairs of a query or of a form body (`application/x-www-form-urlencoded`).
struct FormFields: Hashable, Sendable {
    /// More than any request here has.
    static let maximumFields = 64

    private var values: [String: String] = [:]

    /// Reads `a=1&b=2`; nil if it is not percent-encoded UTF-8, or has too many fields. A key that comes twice has its
    /// last value.
    ///
    /// - Parameter plusIsSpace: as in a form; in a query numbers begin with `+`.
    init?(_ text: some StringProtocol, plusIsSpace: Bool) {
        let parts = text.utf8.split(separator: UInt8(ascii: "&"), maxSplits: Self.maximumFields)
        guard parts.count <= Self.maximumFields else { return nil }
        for part in parts {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = Self.decoded(pair[0], plusIsSpace: plusIsSpace) else { return nil }
            guard pair.count == 2 else {
                values[key] = ""
                continue
            }
            guard let value = Self.decoded(pair[1], plusIsSpace: plusIsSpace) else { return nil }
            values[key] = value
        }
    }

    subscript(key: String) -> String? { values[key] }

    /// Undoes percent-encoding; nil if a `%` is not followed by two digits, or the result is not UTF-8.
    static func decoded(_ text: some Sequence<UInt8>, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
