import CSTA

// The word of an outcome in files and in the interface: a `failedCode`, or what else has happened.
extension OutboundOutcome {
    private static let words: [(String, OutboundOutcome)] = [
        ("answered", .answered), ("abandoned", .abandoned), ("skipped", .skipped), ("expired", .expired),
        ("released", .released),
    ]

    public static let allCases = words.map(\.1) + FailedCode.allCases.map { .failed($0) }

    public var text: String {
        if case .failed(let code) = self { return String(code.rawValue) }
        return Self.words.first { $0.1 == self }?.0 ?? ""
    }

    public init?(_ text: String) {
        if let word = Self.words.first(where: { $0.0 == text }) {
            self = word.1
        } else if let code = Int(text).flatMap({ FailedCode(rawValue: $0) }), String(code.rawValue) == text {
            self = .failed(code)
        } else {
            return nil
        }
    }
}
