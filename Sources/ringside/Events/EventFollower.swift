import ArgumentParser
import CSTA

/// Follows events through whatever happens to the connection: nothing twice, and what is missed is said.
struct EventFollower: Sendable {
    /// Pauses between attempts to reconnect: they double, and begin anew with an event.
    struct BackOff: Sendable {
        static let firstMilliseconds = 500
        static let longestMilliseconds = 30_000

        private var next = Self.firstMilliseconds

        /// The pause, varied by a quarter so that many clients do not come at once.
        mutating func pause() -> Duration {
            defer { next = min(2 * next, Self.longestMilliseconds) }
            return .milliseconds(next * Int.random(in: 75...125) / 100)
        }

        mutating func reset() { self = BackOff() }
    }

    let client: APIClient
    let filter: [(name: String, value: String)]
    let printer: EventPrinter

    /// Returns only with an error that waiting does not mend.
    ///
    /// - Parameter start: the serial after which to begin; nil: what comes from now on.
    func run(after start: Int64?) async throws {
        var after: Int64
        if let start { after = start } else { after = try await client.clientState().serial }
        var backOff = BackOff()
        say("Following the events after \(after).")
        while true {
            let position = Position(after)
            var trouble = "the server ended the stream"
            do {
                try await client.events(matching: filter, after: after) { event in
                    if let serial = Int64(event.id) {
                        guard await position.advance(to: serial) else { return }
                    }
                    do {
                        try printer.print(event.data)
                    } catch let error as EventError {
                        say("An event that cannot be read (\(error)): \(event.data.printable)")
                    }
                }
            } catch ClientFailure.refused(410, _, let message) {
                let snapshot = try await client.clientState()
                say(
                    "Events after \(await position.serial) cannot be had: \(message.printable). What happened until "
                        + "\(snapshot.serial) is lost here: look at calls and states afresh. Going on after \(snapshot.serial)."
                )
                after = snapshot.serial
                try await Task.sleep(for: backOff.pause())
                continue
            } catch let failure as ClientFailure {
                guard failure.mayPass else { throw failure }
                trouble = failure.description.printable
            }
            if await position.serial != after { backOff.reset() }
            after = await position.serial
            let pause = backOff.pause()
            say("Reconnecting in \(pause.seconds) s, from \(after) on: \(trouble).")
            try await Task.sleep(for: pause)
        }
    }

    /// How far the events have come.
    private actor Position {
        private(set) var serial: Int64
        init(_ serial: Int64) { self.serial = serial }

        /// False for what was here before.
        func advance(to next: Int64) -> Bool {
            guard next > serial else { return false }
            serial = next
            return true
        }
    }
}

extension ClientFailure {
    /// Whether trying again later may help.
    var mayPass: Bool {
        switch self {
        case .unreachable: true
        case .refused(let status, _, _): status == 429 || status >= 500
        case .unintelligible, .nothingToDo: false
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
