/// One mistake in a configuration file.
public struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1. 0: the file as a whole.
    public var line: Int
    /// `tenants[0].agents[2].role`; empty: the whole file.
    public var path: String
    /// What is wrong. Never holds a secret.
    public var what: String
    /// How to mend it.
    public var remedy: String

    public init(line: Int, path: String, what: String, remedy: String) {
        self.line = line
        self.path = path
        self.what = what
        self.remedy = remedy
    }

    /// `12: tenants[0].agents[2].role: "boss" is no role. Use agent, supervisor or admin.`
    public var description: String {
        (line > 0 ? "\(line): " : "") + (path.isEmpty ? "" : "\(path): ") + "\(what). \(remedy)."
    }
}

/// Everything that is wrong with a configuration file, in the order of its lines.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    public var problems: [ConfigurationProblem]
    /// Problems that were found beyond ``ProblemList/maximumProblems``.
    public var unlisted: Int

    public init(file: String, problems: [ConfigurationProblem], unlisted: Int = 0) {
        self.file = file
        self.problems = problems
        self.unlisted = unlisted
    }

    /// A line for each problem, as compilers write them: `FILE:LINE: PATH: WHAT. REMEDY.`
    public var description: String {
        var lines = problems.map { "\(file):\($0.line > 0 ? "" : " ")\($0)" }
        if unlisted > 0 { lines.append("\(file): and \(unlisted) more.") }
        return lines.joined(separator: "\n")
    }
}

/// Collects the problems while a file is read, so that all are told at once.
final class ProblemList {
    /// Who has a hundred mistakes has made one mistake a hundred times.
    static let maximumProblems = 100

    private(set) var problems: [ConfigurationProblem] = []
    private(set) var unlisted = 0

    func report(line: Int, path: String, _ what: String, _ remedy: String) {
        guard problems.count < Self.maximumProblems else {
            unlisted += 1
            return
        }
        problems.append(ConfigurationProblem(line: line, path: path, what: what, remedy: remedy))
    }

    /// - Throws: ``ConfigurationError`` if anything was reported.
    func throwIfAny(file: String) throws(ConfigurationError) {
        guard !problems.isEmpty else { return }
        let ordered = problems.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
        throw ConfigurationError(file: file, problems: ordered.map(\.element), unlisted: unlisted)
    }
}
