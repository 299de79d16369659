import Foundation

/// What a configuration file may refer to outside itself.
public struct ConfigurationSources: Sendable {
    /// Relative paths in the file begin here.
    public var directory: String
    public var environment: [String: String]
    /// Reads a small file; nil if that is not possible.
    public var read: @Sendable (String) -> String?

    public init(
        directory: String = ".", environment: [String: String] = [:], read: @escaping @Sendable (String) -> String?
    ) {
        self.directory = directory
        self.environment = environment
        self.read = read
    }

    func resolve(_ path: String) -> String {
        path.hasPrefix("/") || directory == "." ? path : directory + "/" + path
    }
}

extension ServerConfiguration {
    /// A configuration for some ten thousand agents, written out one by one, has a few megabytes.
    static let maximumFileBytes = 8 << 20

    /// Reads a configuration file. Relative paths in it are relative to its folder.
    ///
    /// - Parameter environment: for passwords; nil: the process's.
    /// - Throws: ``ConfigurationError`` with all that is wrong, also if the file cannot be read.
    public static func load(
        file: String, environment: [String: String]? = nil
    ) throws(ConfigurationError) -> ServerConfiguration {
        guard let text = Self.text(ofFile: file) else {
            throw ConfigurationError(
                file: file,
                problems: [
                    ConfigurationProblem(
                        line: 0, path: "", what: "this file cannot be read",
                        remedy: "It has to be there, readable, in UTF-8 and at most \(maximumFileBytes >> 20) MB long")
                ])
        }
        let directory = file.contains("/") ? (file as NSString).deletingLastPathComponent : "."
        let sources = ConfigurationSources(
            directory: directory, environment: environment ?? ProcessInfo.processInfo.environment
        ) { Self.text(ofFile: $0) }
        return try parse(text, file: file, sources: sources)
    }

    private static func text(ofFile path: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: maximumFileBytes + 1), data.count <= maximumFileBytes else {
            return nil
        }
        return String(data: data, encoding: .utf8)
    }
}
