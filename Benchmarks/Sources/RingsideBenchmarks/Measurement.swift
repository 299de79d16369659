import Foundation

/// A benchmark that did not do what it measures.
struct BenchmarkFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// What some work took.
struct Measurement {
    var seconds: Double
    /// Of all threads, in user and kernel mode.
    var cpuSeconds: Double

    static func of(_ body: () async throws -> Void) async rethrows -> Measurement {
        let cpu = processSeconds()
        let begin = ContinuousClock.now
        try await body()
        let wall = ContinuousClock.now - begin
        return Measurement(
            seconds: Double(wall.components.seconds) + Double(wall.components.attoseconds) * 1e-18,
            cpuSeconds: processSeconds() - cpu)
    }

    func perSecond(_ count: Int) -> String { Self.text(Double(count) / seconds, 0) }
    func microseconds(each count: Int) -> String { Self.text(seconds * 1e6 / Double(count), 2) }
    func cpuMicroseconds(each count: Int) -> String { Self.text(cpuSeconds * 1e6 / Double(count), 2) }

    static func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

    private static func processSeconds() -> Double {
        var usage = rusage()
        #if canImport(Darwin)
            getrusage(RUSAGE_SELF, &usage)
        #else
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #endif
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}

/// Prints a line of a Markdown table.
func printRow(_ cells: [String]) {
    print("| " + cells.joined(separator: " | ") + " |")
    fflush(nil)
}

func printHeader(_ titles: [String]) {
    printRow(titles)
    printRow(titles.map { _ in "---" })
}

/// Runs the body with a new directory and removes it.
func withTemporaryDirectory(_ body: (URL) async throws -> Void) async throws {
    let directory = FileManager.default.temporaryDirectory
        .appendingPathComponent("ringside-benchmark-\(ProcessInfo.processInfo.processIdentifier)", isDirectory: true)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try await body(directory)
}
