import ArgumentParser
import CSTA
import Foundation

/// How events are written.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print each event as it came: a JSON object a line, for pipes.")
    var json = false

    @Option(help: "Colours: auto (on a terminal, unless NO_COLOR is set), always or never.")
    var color = ColorMode.auto

    enum ColorMode: String, ExpressibleByArgument, CaseIterable {
        case auto, always, never
    }

    var isColored: Bool {
        let environment = ProcessInfo.processInfo.environment
        return switch color {
        case .always: true
        case .never: false
        case .auto:
            isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        }
    }
}

/// Writes events to standard output, each at once and whole.
struct EventPrinter: Sendable {
    let isJSON: Bool
    let isColored: Bool

    init(_ options: OutputOptions) {
        isJSON = options.json
        isColored = !options.json && options.isColored
    }

    /// - Parameter text: an event's JSON.
    /// - Throws: ``EventError`` for what is no event; ExitCode when nobody reads any more.
    func print(_ text: String) throws {
        if isJSON {
            try write(text.split(whereSeparator: \.isNewline).joined(separator: " "))
        } else {
            try write(EventLine(event: try Event(json: text.utf8), isColored: isColored).text)
        }
    }

    private func write(_ line: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
        } catch {
            // The reader of the pipe has gone: that is how `| head` ends.
            throw ExitCode.success
        }
    }
}
