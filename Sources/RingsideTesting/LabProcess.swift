import Foundation
import Synchronization

/// A helper of Tests/Lab: commands go in as lines, what happens comes out as lines. It ends when it is told to, or
/// with us.
public final class LabProcess: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    /// What helper and test may take for one thing.
    public static let patience = Duration.seconds(15)

    private let name: String
    private let process: Process
    private let input: FileHandle
    private let tape = Tape<String>()
    private let ended = Tape<Bool>()

    /// - Parameters:
    ///   - script: a file of Tests/Lab.
    ///   - python: what runs it.
    public init(_ script: String, _ arguments: [String], python: String = "python3") throws {
        // A helper that has died must not take the tests with it.
        signal(SIGPIPE, SIG_IGN)
        name = ([script] + arguments).joined(separator: " ")
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, Lab.folder + "/Tests/Lab/" + script] + arguments
        let (toHelper, fromHelper) = (Pipe(), Pipe())
        // A helper that held the end of another's pipe would keep that one from ending.
        for handle in [toHelper.fileHandleForWriting, fromHelper.fileHandleForReading] {
            _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        process.standardInput = toHelper
        process.standardOutput = fromHelper
        input = toHelper.fileHandleForWriting
        let tape = tape
        let lines = LineSplitter { tape.append($0) }
        fromHelper.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil } else { lines.take(data) }
        }
        let ended = ended
        process.terminationHandler = { _ in ended.append(true) }
        try process.run()
    }

    deinit { try? input.close() }

    public func say(_ words: String...) throws {
        try input.write(contentsOf: Data((words.joined(separator: " ") + "\n").utf8))
    }

    /// What it has told so far is of no interest any more.
    public func forget() { tape.takeAll() }

    /// Waits for a line that begins with `words` and returns what follows.
    @discardableResult
    public func wait(for words: String, within limit: Duration = patience) async throws -> String {
        let hit = await tape.first(within: limit) { line in
            line == words || line.hasPrefix(words + " ") ? String(line.dropFirst(words.count + 1)) : nil
        }
        guard let hit else { throw Failure(description: "\(name): no \"\(words)\" but \(tape.elements)") }
        return hit.found
    }

    /// Ends the helper and all that it has started, and waits for it.
    public func end() async {
        try? input.close()
        if await ended.first(within: Self.patience, { $0 }) == nil { process.terminate() }
    }
}

/// Bytes in, lines out. Only ever called by one reading handler at a time.
private final class LineSplitter: Sendable {
    private let rest = Mutex<[UInt8]>([])
    private let tell: @Sendable (String) -> Void

    init(_ tell: @escaping @Sendable (String) -> Void) { self.tell = tell }

    func take(_ data: Data) {
        rest.withLock { rest in
            rest += data
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                tell(String(decoding: rest[..<end], as: UTF8.self))
                rest.removeSubrange(...end)
            }
        }
    }
}
