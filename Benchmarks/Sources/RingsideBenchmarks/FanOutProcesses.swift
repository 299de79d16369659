import Dispatch
import Foundation

/// Another process of a benchmark: this program with other arguments, which answers with lines `word NUMBER`.
struct LoadProcess: Sendable {
    private let process = Process()
    private let output: FileHandle
    private let input: FileHandle
    /// What it reads, one line after the other.
    private let reading = DispatchQueue(label: "load-process")

    /// - Parameter log: gets its standard error; nil: it shares this process's.
    init(_ arguments: [String], log: FileHandle? = nil) throws {
        let (output, input) = (Pipe(), Pipe())
        (self.output, self.input) = (output.fileHandleForReading, input.fileHandleForWriting)
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = arguments
        process.standardOutput = output
        process.standardInput = input
        if let log { process.standardError = log }
        try process.run()
    }

    /// The clients of the fan-out, on a core of their own.
    init(port: Int, sockets: Int, events: Int) throws {
        try self.init(["fan-out-load", String(port), String(sockets), String(events)])
        pinToCore("\(process.processIdentifier)", 1)
    }

    /// Says a line, and waits for the line `word NUMBER` without holding up other tasks.
    @discardableResult
    func ask(_ line: String, for word: String) async throws -> Double {
        try input.write(contentsOf: Data((line + "\n").utf8))
        return try await answer(word)
    }

    func answer(_ word: String) async throws -> Double {
        try await withCheckedThrowingContinuation { continuation in
            reading.async { continuation.resume(with: Result { try read(word) }) }
        }
    }

    /// Waits for the line `word NUMBER`.
    func read(_ word: String) throws -> Double {
        var line: [UInt8] = []
        while let byte = try output.read(upToCount: 1)?.first {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            line = []
            if words.first == "##" { continue }
            guard words.count == 2, words[0] == word, let number = Double(words[1]) else {
                throw BenchmarkFailure(words.joined(separator: " "))
            }
            return number
        }
        throw BenchmarkFailure("the load process has ended")
    }

    func end() {
        try? input.close()
        process.waitUntilExit()
    }
}

/// Gives a process one core, if there are two and the system has the tool for it.
func pinToCore(_ processID: String, _ core: Int) {
    guard ProcessInfo.processInfo.activeProcessorCount > 1 else { return }
    let taskset = Process()
    taskset.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
    taskset.arguments = ["-a", "-c", "-p", String(core), processID]
    taskset.standardOutput = FileHandle.nullDevice
    taskset.standardError = FileHandle.nullDevice
    if (try? taskset.run()) != nil { taskset.waitUntilExit() }
}

/// Each client is an open file, here and there.
func raiseOpenFilesLimit() throws {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
        throw BenchmarkFailure("getrlimit")
    }
    limit.rlim_cur = limit.rlim_max
    guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur > 10_500 else {
        throw BenchmarkFailure("11,000 open files are needed")
    }
}

/// What this process has in memory; 0 where there is no `/proc`.
func residentBytes() -> Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
