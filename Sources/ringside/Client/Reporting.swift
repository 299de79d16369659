import ArgumentParser
import Foundation
import RingsideClient

/// Writes a line for people to standard error.
func say(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
}

/// Nothing to act on, in words for people.
struct NothingToDo: Error {
    let what: String
    init(_ what: String) { self.what = what }
}

/// Does something at a server for an agent; says what went wrong, and ends with the code that belongs to it.
///
/// - Parameter settings: of a command that stays.
func atServer(
    _ options: ServerOptions, _ settings: ClientSettings = .command, _ body: (Client, ServerAccess) async throws -> Void
) async throws {
    let access = try options.resolve()
    do {
        let client = try Client(
            url: access.url, as: .account(access.agent, password: access.password), settings: settings)
        let result: Result<Void, any Error>
        do { result = .success(try await body(client, access)) } catch { result = .failure(error) }
        await client.close()
        try result.get()
    } catch let error as ClientError {
        say("ringside: \(error.description.printable)")
        throw error.exitCode
    } catch let nothing as NothingToDo {
        say("ringside: \(nothing.what.printable)")
        throw ExitCode.failure
    }
}

extension ClientSettings {
    /// A command is no desktop: it keeps nobody logged in unless it is told to.
    static var command: ClientSettings {
        var settings = ClientSettings()
        settings.sendsHeartbeats = false
        return settings
    }
}

extension ClientError {
    /// 1: refused; 69 (EX_UNAVAILABLE): no server; 76 (EX_PROTOCOL): something else answers; 77 (EX_NOPERM): not logged
    /// in.
    fileprivate var exitCode: ExitCode {
        switch self {
        case .unreachable: ExitCode(69)
        case .unintelligible: ExitCode(76)
        case .refused where isUnauthorized: ExitCode(77)
        case .refused, .invalid, .closed: .failure
        }
    }
}

extension String {
    /// Without control characters: what comes from a server shall not steer the terminal.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}
