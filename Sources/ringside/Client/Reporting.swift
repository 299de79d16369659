import ArgumentParser
import Foundation

/// Writes a line for people to standard error.
func say(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
}

/// Does something at a server for an agent; says what went wrong, and ends with the code that belongs to it.
func atServer(_ options: ServerOptions, _ body: (APIClient) async throws -> Void) async throws {
    let access = try options.resolve()
    do {
        try await APIClient.with(access, body)
    } catch let failure as ClientFailure {
        say("ringside: \(failure.description.printable)")
        throw failure.exitCode
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
