import Foundation

/// A folder that is not there yet, and goes with its owner.
final class TemporaryFolder: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "ringside-\(UUID().uuidString)").path

    func bytes(_ file: String) -> [UInt8]? {
        FileManager.default.contents(atPath: "\(path)/\(file)").map { [UInt8]($0) }
    }

    var files: [String] {
        let enumerator = FileManager.default.enumerator(atPath: path)
        return (enumerator?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".wav") }.sorted()
    }

    func put(_ bytes: [UInt8], into file: String) throws {
        let url = URL(fileURLWithPath: path).appending(path: file)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    func link(_ file: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: "\(path)/\(file)", withDestinationPath: "\(path)/\(target)")
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    deinit { remove() }
}
