/// A number or a range of them, as configuration files write it: `8001`, `8001-8010`, `*21`.
struct NumberRange: Hashable {
    /// Numbers that one range may stand for. A tenant has several thousand phones at most; more is a slip of a digit.
    static let maximumCount = 10_000
    /// More digits would not fit into an `Int`.
    static let maximumRangeDigits = 18

    let numbers: [String]

    enum Flaw: Error, Hashable {
        case notANumber
        case unequalLengths
        case backwards
        case tooMany(Int)
    }

    /// A range keeps leading zeros: `001-010` is `001`, `002`, ….
    init(_ text: String) throws(Flaw) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(\.isDigits) else {
            guard Self.isPlainNumber(text) else { throw .notANumber }
            numbers = [text]
            return
        }
        guard parts[0].count == parts[1].count else { throw .unequalLengths }
        guard parts[0].count <= Self.maximumRangeDigits, let first = Int(parts[0]), let last = Int(parts[1]) else {
            throw .notANumber
        }
        guard first <= last else { throw .backwards }
        guard last - first < Self.maximumCount else { throw .tooMany(last - first + 1) }
        let width = parts[0].count
        numbers = (first...last).map { number in
            let digits = String(number)
            return String(repeating: "0", count: width - digits.count) + digits
        }
    }

    /// What an operator may give a device or an agent as its number: what can be dialled, and nothing that reads as a range.
    private static func isPlainNumber(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "#"),
                    UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}

extension Substring {
    fileprivate var isDigits: Bool { !isEmpty && utf8.allSatisfy { (48...57).contains($0) } }
}
