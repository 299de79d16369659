public import CSTA
import Foundation
import NIOPosix

/// The folder in which the switch leaves recordings, as this server sees it.
///
/// Files are named by events alone (E18), and nothing outside the folder is ever touched, wherever links may lead.
public struct RecordingFolder: Hashable, Sendable {
    public enum Failure: Error, Hashable, Sendable {
        /// The folder itself is not there: perhaps it is not mounted.
        case noRoot
        case notThere
        /// The name, or a link, leads out of the folder, or it is no name of a recording of the namespace.
        case outside
        /// In the words of the system.
        case system(String)
    }

    /// `namespace/yyyy/MMdd/device/file.wav`
    private static let nameParts = 5

    public let root: String

    public init(root: String) { self.root = root }

    /// Opens a recording's file for reading.
    func open(_ fileName: String, in namespace: Namespace) async throws(Failure) -> RecordingFile {
        try await Self.blocking { () throws(Failure) in
            let path = try resolved(directory: relativePath(fileName, in: namespace), isLastFollowed: true)
            // It may have been replaced since it was looked up: no link is followed here.
            let descriptor = Foundation.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            guard descriptor >= 0 else { throw Failure(errno) }
            return try RecordingFile(descriptor: descriptor)
        }
    }

    /// Deletes a recording's file, and the folders above it that this leaves empty, up to the namespace's.
    public func delete(_ fileName: String, in namespace: Namespace) async throws(Failure) {
        try await Self.blocking { () throws(Failure) in
            let path = try resolved(directory: relativePath(fileName, in: namespace), isLastFollowed: false)
            // Of a link the link itself goes.
            guard unlink(path) == 0 else { throw Failure(errno) }
            var directory = (path as NSString).deletingLastPathComponent
            for _ in 0..<Self.nameParts - 2 {
                guard rmdir(directory) == 0 else { return }
                directory = (directory as NSString).deletingLastPathComponent
            }
        }
    }

    /// What stands below the root, whatever the root was called when the event was written.
    private func relativePath(_ fileName: String, in namespace: Namespace) throws(Failure) -> [String] {
        let parts = fileName.split(separator: "/", omittingEmptySubsequences: false).suffix(Self.nameParts)
            .map(String.init)
        guard parts.count == Self.nameParts, parts[0] == namespace.name,
            parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) })
        else { throw .outside }
        return parts
    }

    /// The path without links, which has to lie below the root.
    private func resolved(directory parts: [String], isLastFollowed: Bool) throws(Failure) -> String {
        guard let realRoot = Self.realPath(root) else { throw .noRoot }
        let followed = isLastFollowed ? parts : parts.dropLast()
        guard let path = Self.realPath(([realRoot] + followed).joined(separator: "/")) else { throw Failure(errno) }
        guard path.hasPrefix(realRoot.hasSuffix("/") ? realRoot : realRoot + "/") else { throw .outside }
        return isLastFollowed ? path : "\(path)/\(parts[parts.count - 1])"
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Off the event loops: a disk, or a network behind it, may be slow.
    fileprivate static func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure>
        do {
            result = try await NIOThreadPool.singleton.runIfActive { () -> Result<Value, Failure> in
                do throws(Failure) {
                    return .success(try body())
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw .system("\(error)")
        }
        return try result.get()
    }
}

extension RecordingFolder.Failure {
    fileprivate init(_ code: CInt) {
        switch code {
        case ENOENT, ENOTDIR: self = .notThere
        // What was a file has become a link.
        case ELOOP: self = .outside
        default: self = .system(String(cString: strerror(code)))
        }
    }
}

/// An open file, closed when nobody has it any more.
final class RecordingFile: Sendable {
    private let descriptor: CInt
    let byteCount: Int64

    fileprivate init(descriptor: CInt) throws(RecordingFolder.Failure) {
        self.descriptor = descriptor
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw RecordingFolder.Failure(errno) }
        // A folder or a device is no recording.
        guard status.st_mode & S_IFMT == S_IFREG else { throw .outside }
        byteCount = Int64(status.st_size)
    }

    deinit { close(descriptor) }

    /// Reads some bytes from an offset on; none at the end.
    func read(_ count: Int, from offset: Int64) async throws(RecordingFolder.Failure) -> [UInt8] {
        try await RecordingFolder.blocking { () throws(RecordingFolder.Failure) in
            var bytes = [UInt8](repeating: 0, count: count)
            let found = bytes.withUnsafeMutableBytes { buffer in
                pread(self.descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            }
            guard found >= 0 else { throw RecordingFolder.Failure(errno) }
            bytes.removeLast(count - found)
            return bytes
        }
    }
}
