import Foundation
import RingsideTesting

/// The built `ringside`, run as a user does.
enum RingsideProgram {
    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    /// It lies beside the tests' own program.
    static let url: URL = {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
        var folder = URL(filePath: bundle)
        while folder.path().contains(".xctest") { folder.deleteLastPathComponent() }
        return folder.appending(path: "ringside")
    }()

    /// Runs it to its end.
    ///
    /// - Parameter environment: all that it gets.
    static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) async throws -> Outcome {
        let folder = try TemporaryFolder()
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = folder.url
        try input.write(to: folder.url.appending(path: "in"), atomically: false, encoding: .utf8)
        process.standardInput = try FileHandle(forReadingFrom: folder.url.appending(path: "in"))
        process.standardOutput = try folder.newFile("out")
        process.standardError = try folder.newFile("err")
        let status = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
                do {
                    try process.run()
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            // A test's time is over: one that does not end must not hold up all the others.
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
        return Outcome(status: status, output: try folder.text("out"), errors: try folder.text("err"))
    }
}

/// A `ringside` that goes on running, whose lines are read as they come.
final class RunningProgram {
    private let process = Process()
    private var output: AsyncStream<String>.Iterator
    private var errors: AsyncStream<String>.Iterator

    init(_ arguments: [String], program: URL = RingsideProgram.url) throws {
        process.executableURL = program
        process.arguments = arguments
        process.environment = [:]
        process.standardInput = FileHandle.nullDevice
        let (out, err) = (Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = err
        output = Self.lines(of: out.fileHandleForReading).makeAsyncIterator()
        errors = Self.lines(of: err.fileHandleForReading).makeAsyncIterator()
        try process.run()
    }

    deinit { if process.isRunning { process.terminate() } }

    /// The next line of standard output; nil at its end.
    func nextLine() async -> String? { await output.next() }

    /// Reads standard error up to a line that contains a text.
    func nextError(with text: String) async -> String? {
        while let line = await errors.next() {
            if line.contains(text) { return line }
        }
        return nil
    }

    /// Ends it as a power cut would.
    func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func terminate() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    private static func lines(of handle: FileHandle) -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        let thread = Thread {
            var rest = Data()
            var bytes = [UInt8](repeating: 0, count: 4096)
            while true {
                // `FileHandle` would wait until the buffer is full.
                let count = read(handle.fileDescriptor, &bytes, bytes.count)
                guard count > 0 else { break }
                rest.append(contentsOf: bytes[..<count])
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: rest[..<end], as: UTF8.self))
                    rest = Data(rest[rest.index(after: end)...])
                }
            }
            continuation.finish()
        }
        thread.start()
        return stream
    }
}
