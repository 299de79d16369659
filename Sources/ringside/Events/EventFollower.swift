import CSTA
import RingsideClient

/// Prints events as they come, and says on standard error what happens to the connection.
struct EventFollower: Sendable {
    let client: Client
    let filter: EventFilter
    let printer: EventPrinter

    /// Returns only with an error that waiting does not mend.
    ///
    /// - Parameter start: the serial after which to begin; nil: what comes from now on.
    func run(after start: Serial?) async throws {
        var last = start ?? Serial(0)
        if let start { say("Following the events after \(start).") }
        for try await followed in client.events(after: start, matching: filter) {
            switch followed {
            case .snapshot(let snapshot):
                last = snapshot.serial
                say("Following the events after \(last).")
            case .connected, .measures: break
            case .event(let event):
                last = event.serial
                try printer.print(event)
            case .unreadable(let text, let error):
                if printer.isJSON {
                    try printer.print(json: text)
                } else {
                    say("An event that cannot be read (\(error)): \(text.printable)")
                }
            case .messagesLost(let after, let reason, let snapshot):
                last = snapshot.serial
                say(
                    "Events after \(after) cannot be had: \(reason.printable). What happened until \(last) is lost here: "
                        + "look at calls and states afresh. Going on after \(last).")
            case .disconnected(let reason, let pause):
                let trouble = reason?.description.printable ?? "the server ended the stream"
                say("Reconnecting in \(pause.seconds) s, from \(last) on: \(trouble).")
            }
        }
    }
}

extension Duration {
    /// With one digit behind the point.
    fileprivate var seconds: String {
        let tenths = components.seconds * 10 + components.attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
