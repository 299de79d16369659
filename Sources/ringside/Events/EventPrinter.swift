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

    /// - Throws: ExitCode when nobody reads any more.
    func print(_ event: Event) throws {
        if isJSON { try print(json: event.json) } else { try write(EventLine(event: event, isColored: isColored).text) }
    }

    /// An event's JSON, as one line.
    func print(json text: String) throws { try write(text.split(whereSeparator: \.isNewline).joined(separator: " ")) }

    private func write(_ line: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
        } catch {
            // The reader of the pipe has gone: that is how `| head` ends.
            throw ExitCode.success
        }
    }
}
