import Foundation

/// One scrape of the server's metrics.
struct SoakMetrics {
    private var samples: [Substring: Double] = [:]
    private static let latency = "ringside_switch_to_socket_seconds"

    init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let space = line.lastIndex(of: " ") ?? line.startIndex
            samples[line[..<space]] = Double(line[space...].dropFirst())
        }
    }

    subscript(name: String) -> Double { samples[Substring(name)] ?? 0 }

    var cpuSeconds: Double { self["process_cpu_seconds_total"] }
    var residentKB: Double { self["process_resident_memory_bytes"] / 1024 }
    var sent: Double { self["ringside_events_sent_total"] }
    var replayed: Double { self["ringside_events_replayed_total"] }
    var closedSlow: Double { self[#"ringside_subscribers_closed_total{reason="slow"}"#] }

    /// The time in milliseconds that this share of the events since an earlier scrape did not exceed, by a straight line
    /// within a bucket.
    func latency(_ share: Double, since before: SoakMetrics) -> Double {
        let prefix = "\(Self.latency)_bucket{le=\""
        let buckets = samples.keys.filter { $0.hasPrefix(prefix) }
            .compactMap { key in Double(key.dropFirst(prefix.count).dropLast(2)).map { (bound: $0, key: key) } }
            .sorted { $0.bound < $1.bound }
        func count(_ key: Substring) -> Double { (samples[key] ?? 0) - (before.samples[key] ?? 0) }
        let wanted = share * count("\(Self.latency)_count")
        var (lower, seen) = (0.0, 0.0)
        for (bound, key) in buckets where bound.isFinite {
            let now = count(key)
            if now >= wanted, now > seen { return 1000 * (lower + (bound - lower) * (wanted - seen) / (now - seen)) }
            (lower, seen) = (bound, now)
        }
        return .infinity
    }

    /// `p50 / p99 / p99.9`, in milliseconds.
    func latencies(since before: SoakMetrics) -> String {
        SoakLatency.shares.map { Measurement.text(latency($0, since: before), 1) }.joined(separator: " / ")
    }
}
