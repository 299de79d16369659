/// Writes metrics in the text format of Prometheus, version 0.0.4: families with `HELP` and `TYPE`, a line a sample.
///
/// Names and help are the program's own; only the values of labels may come from elsewhere, and are escaped.
public struct MetricsText: Sendable {
    /// The format's media type.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    public enum Kind: String, Sendable {
        /// Only grows, from 0 at the start of the process; its name ends in `_total`.
        case counter
        case gauge
        case histogram
        /// A sum and a count.
        case summary
    }

    public typealias Labels = KeyValuePairs<StaticString, String>

    public private(set) var text = ""

    public init() {}

    /// Begins a family; its samples follow at once.
    ///
    /// - Parameter help: a sentence on one line.
    public mutating func family(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    public mutating func sample(_ name: StaticString, _ labels: Labels, _ value: Int) {
        line("\(name)", labels, "\(value)")
    }

    public mutating func sample(_ name: StaticString, _ labels: Labels, _ value: Double) {
        line("\(name)", labels, "\(value)")
    }

    /// A family of one sample without labels.
    public mutating func single(_ name: StaticString, _ kind: Kind, _ help: StaticString, _ value: Int) {
        family(name, kind, help)
        sample(name, [:], value)
    }

    /// A family of one histogram without labels, in seconds.
    public mutating func histogram(_ name: StaticString, _ help: StaticString, _ histogram: DurationHistogram.Counts) {
        family(name, .histogram, help)
        var total = 0
        for (bound, count) in zip(DurationHistogram.bounds, histogram.buckets) {
            total += count
            line("\(name)_bucket", ["le": "\(bound)"], "\(total)")
        }
        line("\(name)_bucket", ["le": "+Inf"], "\(histogram.count)")
        line("\(name)_sum", [:], "\(histogram.seconds)")
        line("\(name)_count", [:], "\(histogram.count)")
    }

    /// A family of a sum of seconds and how many they were.
    public mutating func summary(_ name: StaticString, _ help: StaticString, seconds: Double, count: Int) {
        family(name, .summary, help)
        line("\(name)_sum", [:], "\(seconds)")
        line("\(name)_count", [:], "\(count)")
    }

    private mutating func line(_ name: String, _ labels: Labels, _ value: String) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

extension Duration {
    /// As metrics have it.
    public var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
